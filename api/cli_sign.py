"""`hoso sign ...`: could documents be signed now, which wait for a signature, and one comes back.

Names and options; the work is in `api.commands.sign` and `api.commands.sign_awaited`.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable


def build_sign(command: Callable[[str], Any], leave: Callable[..., None]) -> typer.Typer:
    """The commands; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    sign = typer.Typer(no_args_is_help=True, help="Ký số: kiểm tra trước khi ký, danh sách chờ ký, nạp chữ ký.")

    @sign.command("doctor")
    def doctor(*, as_json: Json = False, debug: Debug = False) -> None:
        """Khóa, chứng thư, chuỗi tin cậy, thu hồi, dấu thời gian, đồng hồ. Mã thoát: 0 ký được, 5 sẽ phải giữ hồ sơ."""
        leave(lambda: command("sign").doctor(as_json=as_json), as_json=as_json, debug=debug)

    @sign.command("waiting")
    def waiting(*, as_json: Json = False, debug: Debug = False) -> None:
        """Hồ sơ chờ người ký xác nhận, kèm giá trị băm cần ký."""
        leave(lambda: command("sign_awaited").waiting(as_json=as_json), as_json=as_json, debug=debug)

    @sign.command("hand-in")
    def hand_in(
        dossier: Annotated[str, typer.Argument(help="Mã hồ sơ.", show_default=False)],
        file: Annotated[
            Path, typer.Argument(help="Tệp chữ ký: chữ ký thô hoặc CMS; nhị phân, base64 hay PEM; -: stdin.")
        ],
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Nạp chữ ký đã nhận được cho một hồ sơ rồi xử lý tiếp. Mã thoát như hoso digitize."""
        leave(lambda: command("sign_awaited").hand_in(dossier, file, as_json=as_json), as_json=as_json, debug=debug)

    @sign.command("confirm")
    def confirm(
        role: Annotated[str, typer.Option("--role", help="Vai trò trong kế hoạch ký, ví dụ leader.")] = "officer",
        code: Annotated[str | None, typer.Option("--code", help="Mã dùng một lần (OTP), nếu dịch vụ đòi hỏi.")] = None,
        *,
        debug: Debug = False,
    ) -> None:
        """Ký một lượt mọi hồ sơ đang chờ, bằng dịch vụ ký số từ xa, với một lần xác nhận. Mã thoát: 0, 4, 5."""
        leave(lambda: command("sign_awaited").confirm(role, code), debug=debug)

    return sign
