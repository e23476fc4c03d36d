"""Commands of the queue: what stands where, what was set aside put back, backlogs in bulk, repair; several machines.

The work is in `api.commands.queue` and `api.commands.backlog`.
"""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when the commands are made
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
        dead: Annotated[bool, typer.Option("--dead", help="Chỉ hồ sơ đã bỏ sau nhiều lần, kèm lý do.")] = False,
        workers: Annotated[bool, typer.Option("--workers", help="Các bộ xử lý và việc định kỳ.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Hồ sơ mới nhất và chỗ đứng của chúng; hồ sơ lỗi hoặc bị giữ kèm lý do. Mã thoát: 0, 4."""
        if workers:
            leave(lambda: command("queue").workers(as_json=as_json), as_json=as_json, debug=debug)
        chosen = "fault" if dead else status
        leave(lambda: command("queue").listed(chosen, limit, as_json=as_json), as_json=as_json, debug=debug)

    @app.command("retry")
    def retry(
        dossiers: Annotated[list[str] | None, typer.Argument(help="Mã hồ sơ.", show_default=False)] = None,
        *,
        every: Annotated[bool, typer.Option("--all", help="Mọi hồ sơ đang lỗi hoặc bị giữ.")] = False,
        debug: Debug = False,
    ) -> None:
        """Đưa hồ sơ lỗi hoặc bị giữ trở lại hàng đợi; bộ xử lý (hoso up) sẽ làm tiếp. Mã thoát: 0, 4."""
        leave(lambda: command("queue").retry(dossiers or [], every=every), debug=debug)

    @app.command("backlog")
    def backlog(
        paths: Annotated[
            list[Path] | None,
            typer.Argument(help="Thư mục: mỗi mục con là một hồ sơ. Bỏ trống: tình trạng.", show_default=False),
        ] = None,
        procedure: Annotated[str | None, typer.Option("--procedure", "-p", help="Mã thủ tục cho mọi hồ sơ.")] = None,
        batch: Annotated[str, typer.Option("--batch", "-b", help="Tên lô, ví dụ tên tủ hồ sơ.")] = "",
        *,
        run: Annotated[bool, typer.Option("--run", help="Làm ngay trong lệnh này cho tới khi hết hàng đợi.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Nộp hồ sơ theo lô: chờ sau hồ sơ tại quầy, bộ xử lý (hoso up, hoso worker) làm dần. Mã thoát: 0, 4, 5."""
        leave(
            lambda: command("backlog").run(paths or [], procedure, batch, work=run, as_json=as_json),
            as_json=as_json,
            debug=debug,
        )

    @app.command("reconcile")
    def reconcile(
        *,
        once: Annotated[bool, typer.Option("--once", help="Một lượt rồi thôi.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Dọn những gì tiến trình chết để lại: quyền giữ hồ sơ, lượt chạy Prefect, bản nháp. Mã thoát: 0, 5."""
        leave(lambda: command("backlog").reconcile(once=once, as_json=as_json), as_json=as_json, debug=debug)

    @app.command("deploy")
    def deploy(
        pool: Annotated[str, typer.Option("--pool", help="Tên nhóm xử lý (work pool) của Prefect.")] = "hoso",
        *,
        every: Annotated[float, typer.Option("--every", help="Cứ bao nhiêu giây mở một lượt; 0: không hẹn.")] = 0.0,
        debug: Debug = False,
    ) -> None:
        """Đăng ký quy trình với máy chủ Prefect để `prefect worker start --type process` chạy được. Mã thoát: 0, 5."""
        leave(lambda: command("backlog").deploy(pool, every), debug=debug)
