"""`hoso quality ...`: how promises stand, and corrections as training data, in the name of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from api.commands.common import open_house
from pipeline.errors import InputRefusedError
from pipeline.quality.export import ANONYMISED, CONSENT
from pipeline.quality.export import export as written
from pipeline.quality.figures import overview

if TYPE_CHECKING:
    from pathlib import Path


class LeadUnknownError(InputRefusedError):
    """No account has this name, or it is closed."""

    code = "quality_account_unknown"
    message_vi = "Không có tài khoản nào mang tên này, hoặc tài khoản đã khóa."
    remedy_vi = "Hãy dùng tên đăng nhập của lãnh đạo (hoso access list)."


class FolderTakenError(InputRefusedError):
    """The folder is there."""

    code = "quality_folder_taken"
    message_vi = "Thư mục đích đã có."
    remedy_vi = "Hãy chọn một thư mục mới."


def show() -> int:
    """A line for each kind of field."""
    with open_house() as house:
        for one in overview(house.tools, house.settings.agency_code).kinds:
            state = "kiểm tra toàn bộ" if one.full else "lấy mẫu"
            typer.echo(
                f"{one.kind.code:<16} {state:<17} cam kết {one.promise:.2%}  sai {one.wrong}/{one.samples}  "
                f"cận trên {one.bound:.2%}  tối đa {one.announced} mẫu"
            )
    return 0


def export(out: Path, login: str, basis: str, reason: str) -> int:
    """Writes corrections and their crops."""
    if basis not in {CONSENT, ANONYMISED}:
        raise typer.BadParameter(f"{CONSENT}, {ANONYMISED}", param_hint="--basis")
    with open_house() as house:
        account = house.catalogue.access().account_by_login(login.strip().lower())
        if account is None or account.disabled:
            raise LeadUnknownError(None)
        try:
            done = written(house.tools, account.principal(), out, basis=basis, reason=reason)
        except FileExistsError as error:
            raise FolderTakenError(out.name) from error
    typer.echo(f"{out}: {done.lines} giá trị đã sửa, bỏ qua {done.left_out}. Dữ liệu cá nhân: giữ trên ổ đĩa mã hóa.")
    return 0
