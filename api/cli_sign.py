"""`hoso sign ...`: could documents be signed now? Names and options; the work is in `api.commands.sign`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

Json = Annotated[bool, typer.Option("--json", help="In đúng một đối tượng JSON ra stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Khi lỗi, in cả dấu vết kỹ thuật ra stderr.")]


def build_sign(command: Callable[[str], Any], leave: Callable[..., None]) -> typer.Typer:
    """The commands; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    sign = typer.Typer(no_args_is_help=True, help="Ký số: kiểm tra trước khi ký.")

    @sign.callback()
    def group() -> None:
        """Keeps `doctor` a command of its own while it is the only one."""

    @sign.command("doctor")
    def doctor(*, as_json: Json = False, debug: Debug = False) -> None:
        """Khóa, chứng thư, chuỗi tin cậy, thu hồi, dấu thời gian, đồng hồ. Mã thoát: 0 ký được, 5 sẽ phải giữ hồ sơ."""
        leave(lambda: command("sign").doctor(as_json=as_json), as_json=as_json, debug=debug)

    return sign
