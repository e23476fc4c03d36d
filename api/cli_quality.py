"""`hoso bench quality` and `hoso quality`: options and help; the work is in `api.commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable


def add(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the commands."""
    bench = next(group.typer_instance for group in app.registered_groups if group.name == "bench")
    if bench is None:
        raise LookupError("bench")

    @bench.command("quality")
    def quality(  # noqa: PLR0917 - options of a command
        runs: Annotated[int, typer.Option("--runs", min=10, max=100_000)] = 1000,
        changed: Annotated[float, typer.Option("--changed", min=0.0, max=1.0, help="Tỉ lệ giá trị bị đổi.")] = 0.02,
        kind: Annotated[
            str, typer.Option("--kind", help="place, name!, ... hoặc all; dấu ! là trường khóa.")
        ] = "place",
        sees: Annotated[float, typer.Option("--sees", min=0.0, max=1.0, help="Người kiểm thấy lỗi.")] = 0.97,
        slips: Annotated[float, typer.Option("--slips", min=0.0, max=1.0, help="Người kiểm sửa nhầm.")] = 0.005,
        seed: Annotated[int, typer.Option("--seed")] = 1,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Đổi ngầm giá trị rồi lấy mẫu: sau bao nhiêu mẫu thì phát hiện, và báo nhầm bao nhiêu lần."""
        run = command("bench_quality").run
        leave(lambda: run(runs, changed, kind, (sees, slips), seed, as_json=as_json), as_json=as_json, debug=debug)
