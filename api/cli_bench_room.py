"""`hoso bench kill | machines | backlog | desk | load`: options and help; the work is in `api.commands.bench_room`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable

STACKS = ("embedded", "full")
Out = Annotated[Path, typer.Option("--out", "-o", help="Nơi ghi report.json và nhật ký.")]
Seed = Annotated[int, typer.Option("--seed", help="Hạt giống: cùng số thì cùng hồ sơ và cùng thứ tự.")]
StackKind = Annotated[str, typer.Option("--stack", help="embedded hoặc full (SeaweedFS, PostgreSQL, TSA, 2 worker).")]


def add(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the commands to `hoso bench`."""
    bench = next(group.typer_instance for group in app.registered_groups if group.name == "bench")
    if bench is None:
        raise LookupError("bench")

    def room() -> Any:
        return command("bench_room")

    @bench.command("kill")
    def kill(  # noqa: PLR0917 - options of a command
        dossiers: Annotated[int, typer.Option("--dossiers", min=1)] = 200,
        pages: Annotated[int, typer.Option("--pages", min=1, help="Số trang mỗi hồ sơ.")] = 5,
        minutes: Annotated[float, typer.Option("--minutes", min=0.1)] = 30.0,
        stack: StackKind = "full",
        seed: Seed = 1,
        settle: Annotated[float, typer.Option("--settle", help="Số phút chờ sau lần phá cuối; 0: tự tính.")] = 0.0,
        out: Out = Path("bench-kill"),
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Giết tiến trình mỗi 10 giây: có gì mất, có gì làm hai lần không? Mã thoát: 0 đạt, 1 không."""
        kind = _stack(stack)

        def work() -> int:
            test = room().asked("kill").KillTest(dossiers, pages, minutes, kind, seed, settle)
            return int(room().kill(test, out, as_json=as_json))

        leave(work, as_json=as_json, debug=debug)

    @bench.command("load")
    def load(
        clients: Annotated[int, typer.Option("--clients", min=1)] = 50,
        minutes: Annotated[float, typer.Option("--minutes", min=0.05)] = 5.0,
        stack: StackKind = "embedded",
        seed: Seed = 1,
        out: Out = Path("bench-load"),
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Nhiều máy khách cùng nộp và xem: lỗi nào, có mất tệp nào không? Mã thoát: 0 đạt, 1 không."""
        kind = _stack(stack)

        def work() -> int:
            return int(room().load(room().asked("load").LoadTest(clients, minutes, kind, seed), out, as_json=as_json))

        leave(work, as_json=as_json, debug=debug)

    @bench.command("desk")
    def desk(
        dossiers: Annotated[int, typer.Option("--dossiers", min=1)] = 20,
        backlog: Annotated[int, typer.Option("--backlog", min=3, help="Hồ sơ tồn, mỗi hồ sơ 10 trang.")] = 30,
        cores: Annotated[int, typer.Option("--cores", min=1)] = 2,
        seed: Seed = 1,
        out: Out = Path("bench-desk"),
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Người dân ngồi chờ bao lâu khi máy đang làm hồ sơ tồn? Mã thoát: 0 đạt 8 s và 12 s, 1 không."""

        def work() -> int:
            test = room().asked("latency").DeskTest(dossiers=dossiers, backlog=backlog, cores=cores, seed=seed)
            return int(room().desk(test, out, as_json=as_json))

        leave(work, as_json=as_json, debug=debug)

    @bench.command("backlog")
    def backlog(  # noqa: PLR0917 - options of a command
        data: Annotated[list[Path] | None, typer.Argument(help="Thư mục PDF quét thật.", show_default=False)] = None,
        pages: Annotated[int, typer.Option("--pages", min=10)] = 1000,
        replay: Annotated[int, typer.Option("--replay", min=0, help="Thêm ngần này trang đã đọc trước đó.")] = 0,
        peer: Annotated[str, typer.Option("--peer", help="ocrmypdf hoặc none.")] = "ocrmypdf",
        cores: Annotated[int, typer.Option("--cores", min=1)] = 2,
        chunk: Annotated[int, typer.Option("--chunk", min=1, help="Hồ sơ mỗi lượt, mỗi hồ sơ 10 trang.")] = 5,
        hours: Annotated[
            float, typer.Option("--hours", min=0.01, help="Dừng sau ngần này giờ; chạy lại thì tiếp.")
        ] = 6,
        seed: Seed = 1,
        out: Out = Path("bench-backlog"),
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Trang mỗi phút qua cả quy trình, cạnh OCRmyPDF + Tesseract, xen kẽ trong cùng một lần chạy."""
        if peer not in {"ocrmypdf", "none"}:
            raise typer.BadParameter("chọn ocrmypdf hoặc none", param_hint="--peer")

        def work() -> int:
            test = (
                room()
                .asked("backlog")
                .BacklogTest(
                    tuple(data or ()),
                    pages,
                    chunk=chunk,
                    cores=cores,
                    peer=peer != "none",
                    replay=replay,
                    seed=seed,
                    hours=hours,
                )
            )
            return int(room().backlog(test, out, as_json=as_json))

        leave(work, as_json=as_json, debug=debug)

    @bench.command("machines")
    def machines(
        dossiers: Annotated[int, typer.Option("--dossiers", min=4)] = 24,
        pages: Annotated[int, typer.Option("--pages", min=1)] = 5,
        seed: Seed = 1,
        out: Out = Path("bench-machines"),
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Nhiều máy (không gian mạng riêng): worker thứ hai thêm bao nhiêu, đứt mạng thì sao? Cần quyền root."""

        def work() -> int:
            return int(
                room().machines(room().asked("machines").MachinesTest(dossiers, pages, seed), out, as_json=as_json)
            )

        leave(work, as_json=as_json, debug=debug)


def _stack(name: str) -> str:
    if name not in STACKS:
        raise typer.BadParameter(f"chọn một trong: {', '.join(STACKS)}", param_hint="--stack")
    return name
