"""`hoso list` and `hoso retry`: what stands where, what was set aside put back; the work is in `api.commands.queue`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable


def add_queue(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the commands; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""

    @app.command("list")
    def listed(
        status: Annotated[str | None, typer.Option("--status", "-s", help="received, held, fault, filed, ...")] = None,
        limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=500)] = 30,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Hồ sơ mới nhất và chỗ đứng của chúng; hồ sơ lỗi hoặc bị giữ kèm lý do. Mã thoát: 0, 4."""
        leave(lambda: command("queue").listed(status, limit, as_json=as_json), as_json=as_json, debug=debug)

    @app.command("retry")
    def retry(
        dossiers: Annotated[list[str] | None, typer.Argument(help="Mã hồ sơ.", show_default=False)] = None,
        *,
        every: Annotated[bool, typer.Option("--all", help="Mọi hồ sơ đang lỗi hoặc bị giữ.")] = False,
        debug: Debug = False,
    ) -> None:
        """Đưa hồ sơ lỗi hoặc bị giữ trở lại hàng đợi; bộ xử lý (hoso up) sẽ làm tiếp. Mã thoát: 0, 4."""
        leave(lambda: command("queue").retry(dossiers or [], every=every), debug=debug)
