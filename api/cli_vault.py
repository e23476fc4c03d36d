"""`hoso vault`: how the keys stand, a new master, the end of an owner's key, the ring brought back from a copy.

The work is in `api.commands.vault`.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when the commands are made
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable


def add(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the group; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    vault = typer.Typer(no_args_is_help=True, help="Khóa mã hóa: tình trạng, đổi khóa chủ, hủy khóa của một chủ.")
    app.add_typer(vault, name="vault")

    @vault.command("status")
    def status(
        *,
        quick: Annotated[bool, typer.Option("--quick", help="Không đếm từng đối tượng trong kho.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Khóa chủ, vòng khóa, và bao nhiêu đối tượng trong kho còn chưa mã hóa. Mã thoát: 0, 5."""
        leave(lambda: command("vault").status(quick=quick, as_json=as_json), as_json=as_json, debug=debug)

    @vault.command("rotate")
    def rotate(
        *,
        prepare: Annotated[
            bool, typer.Option("--prepare", help="Chỉ tạo khóa chủ mới, để chép sang các máy khác trước.")
        ] = False,
        remove_old: Annotated[
            bool, typer.Option("--remove-old", help="Xóa khóa chủ cũ sau khi xong; bản sao vòng khóa cũ hết tác dụng.")
        ] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Đổi khóa chủ: bọc lại các khóa, không đụng tới đối tượng; bị ngắt thì chạy lại. Mã thoát: 0, 5."""
        leave(
            lambda: command("vault").rotate(prepare_only=prepare, remove_old=remove_old, as_json=as_json),
            as_json=as_json,
            debug=debug,
        )

    @vault.command("destroy")
    def destroy(
        name: Annotated[str, typer.Argument(help="Mã hồ sơ hoặc mã chủ dữ liệu (không phải số định danh).")],
        reason: Annotated[str, typer.Option("--reason", "-r", help="Căn cứ: quyết định, yêu cầu số mấy.")],
        *,
        yes: Annotated[bool, typer.Option("--yes", help="Không hỏi lại.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Hủy khóa: mọi thứ của chủ này không ai đọc được nữa, kể cả trên kho không xóa được. Mã thoát: 0, 4."""
        leave(lambda: command("vault").destroy(name, reason, yes=yes, as_json=as_json), as_json=as_json, debug=debug)

    @vault.command("restore-ring")
    def restore_ring(
        copy: Annotated[Path, typer.Argument(help="Tệp ring-*.jsonl.gz trong thư mục sao lưu.")],
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Ghép vòng khóa từ bản sao lưu; khóa nào nhật ký ghi đã hủy thì hủy lại. Mã thoát: 0, 4, 5."""
        leave(lambda: command("vault").restore_ring(copy, as_json=as_json), as_json=as_json, debug=debug)

    @vault.command("sweep")
    def sweep(
        days: Annotated[int, typer.Option("--days", min=1, help="Chỉ nội dung đến trước chừng này ngày.")] = 7,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Hủy khóa của nội dung không hồ sơ nào nhận (lần nhận bị ngắt giữa chừng). Mã thoát: 0."""
        leave(lambda: command("vault").sweep(days, as_json=as_json), as_json=as_json, debug=debug)
