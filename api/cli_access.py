"""Commands of access: people's accounts and machines' keys. The work is in `api.commands.access`.

For an operator on the machine itself: no sign-in is asked for, and every change is on record as the operator's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable

Login = Annotated[str, typer.Argument(help="Tên đăng nhập.", show_default=False)]
Agency = Annotated[str | None, typer.Option("--agency", help="Mã cơ quan; mặc định: của máy này.")]
Roles = Annotated[list[str], typer.Option("--role", "-r", help="Vai trò; lặp lại được.", show_default=False)]


def add(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the commands; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    access = typer.Typer(no_args_is_help=True, help="Tài khoản của người và khóa API của máy: cấp, đổi, thu hồi.")
    key = typer.Typer(no_args_is_help=True, help="Khóa API cho máy: cấp (chỉ hiện một lần), liệt kê, thu hồi.")
    access.add_typer(key, name="key")
    app.add_typer(access, name="access")

    @access.command("add")
    def add_account(
        login: Login,
        roles: Roles,
        name: Annotated[str, typer.Option("--name", help="Họ và tên, như ghi dưới quyết định.")] = "",
        agency: Agency = None,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Tạo tài khoản; in mật khẩu dùng một lần, phải đổi khi đăng nhập lần đầu. Mã thoát: 0, 4."""
        leave(lambda: command("access").add(login, name, roles, agency, as_json=as_json), as_json=as_json, debug=debug)

    @access.command("list")
    def listed(*, as_json: Json = False, debug: Debug = False) -> None:
        """Các tài khoản, vai trò và cơ quan."""
        leave(lambda: command("access").listed(as_json=as_json), as_json=as_json, debug=debug)

    @access.command("roles")
    def roles_of(
        login: Login,
        roles: Annotated[list[str], typer.Argument(help="Vai trò từ nay; thay cho vai trò cũ.", show_default=False)],
        *,
        debug: Debug = False,
    ) -> None:
        """Đổi vai trò của một tài khoản; có hiệu lực ngay. Mã thoát: 0, 4."""
        leave(lambda: command("access").roles(login, roles), debug=debug)

    @access.command("disable")
    def disable(login: Login, *, debug: Debug = False) -> None:
        """Khóa một tài khoản; các phiên đang mở kết thúc ngay. Mã thoát: 0, 4."""
        leave(lambda: command("access").disable(login, disabled=True), debug=debug)

    @access.command("enable")
    def enable(login: Login, *, debug: Debug = False) -> None:
        """Mở lại một tài khoản đã khóa. Mã thoát: 0, 4."""
        leave(lambda: command("access").disable(login, disabled=False), debug=debug)

    @access.command("reset")
    def reset(login: Login, *, as_json: Json = False, debug: Debug = False) -> None:
        """Cấp lại mật khẩu dùng một lần; các phiên đang mở kết thúc ngay. Mã thoát: 0, 4."""
        leave(lambda: command("access").reset(login, as_json=as_json), as_json=as_json, debug=debug)

    @key.command("add")
    def add_key(
        name: Annotated[str, typer.Argument(help="Máy nào dùng khóa này.", show_default=False)],
        rights: Annotated[
            list[str], typer.Option("--right", help="Quyền, ví dụ results.pull; lặp lại được.", show_default=False)
        ],
        agency: Agency = None,
        days: Annotated[int | None, typer.Option("--days", min=1, help="Hết hạn sau số ngày này.")] = None,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Cấp khóa; khóa chỉ hiện một lần. Mã thoát: 0, 4."""
        leave(
            lambda: command("access").add_key(name, rights, agency, days, as_json=as_json),
            as_json=as_json,
            debug=debug,
        )

    @key.command("list")
    def list_keys(*, as_json: Json = False, debug: Debug = False) -> None:
        """Các khóa đã cấp, không có phần bí mật."""
        leave(lambda: command("access").list_keys(as_json=as_json), as_json=as_json, debug=debug)

    @key.command("revoke")
    def revoke(
        key_id: Annotated[str, typer.Argument(help="Mã khóa, k-...", show_default=False)], *, debug: Debug = False
    ) -> None:
        """Thu hồi một khóa; có hiệu lực ngay. Mã thoát: 0, 4."""
        leave(lambda: command("access").revoke(key_id), debug=debug)
