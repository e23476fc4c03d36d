"""`hoso bench quality` and `hoso quality`: options and help; the work is in `api.commands`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer evaluates annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable


def add(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the commands."""
    group = typer.Typer(
        no_args_is_help=True, help="Chất lượng: cam kết theo loại trường; dữ liệu đã sửa để huấn luyện."
    )
    app.add_typer(group, name="quality")

    @group.command("show")
    def show(*, debug: Debug = False) -> None:
        """Cam kết và sai số đo được của từng loại trường."""
        leave(command("quality").show, debug=debug)

    @group.command("export")
    def export(
        out: Annotated[Path, typer.Option("--out", "-o", help="Thư mục mới sẽ ghi.", show_default=False)],
        login: Annotated[str, typer.Option("--as", help="Tên đăng nhập của lãnh đạo.", show_default=False)],
        basis: Annotated[str, typer.Option("--basis", help="consent (có đồng ý) hoặc anonymised (ẩn danh).")],
        reason: Annotated[str, typer.Option("--reason", help="Để làm gì; căn cứ đồng ý lưu ở đâu.")],
        *,
        debug: Debug = False,
    ) -> None:
        """Ghi các giá trị người đã sửa cùng ảnh cắt (JSONL + PNG). Là dữ liệu cá nhân; ghi vào sổ ai đã lấy."""
        leave(lambda: command("quality").export(out, login, basis, reason), debug=debug)

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
