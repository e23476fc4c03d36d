"""`hoso kho ...`, `hoso ledger ...`: names and options; the work is in `api.commands.kho` and `api.commands.ledger`."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads the annotations when the commands are made
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable


def build_kho(command: Callable[[str], Any], leave: Callable[..., None]) -> typer.Typer:
    """The commands; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    kho = typer.Typer(no_args_is_help=True, help="Kho: kiểm tra toàn vẹn, sao lưu, khôi phục, dựng lại sổ.")

    @kho.command("check")
    def check(*, as_json: Json = False, debug: Debug = False) -> None:
        """Đọc lại, băm lại mọi bản gốc, trang ảnh, tệp đã lưu. Mã thoát: 0 đủ, 2 thiếu hoặc sai, 5 kho chưa với tới."""
        leave(lambda: command("kho").check(as_json=as_json), as_json=as_json, debug=debug)

    @kho.command("backup")
    def backup(
        target: Annotated[Path, typer.Argument(help="Thư mục sao lưu; các lần sau chỉ thêm phần mới.")],
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Sao lưu sổ, mọi đối tượng trong kho và PKI phát triển vào một thư mục. Không gồm khóa ký thật."""
        leave(lambda: command("kho").backup(target, as_json=as_json), as_json=as_json, debug=debug)

    @kho.command("restore")
    def restore(
        source: Annotated[Path, typer.Argument(help="Thư mục sao lưu.", exists=True, file_okay=False)],
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Khôi phục bản sao lưu mới nhất vào nơi trống, rồi kiểm tra toàn vẹn. Mã thoát như `check`."""
        leave(lambda: command("kho").restore(source, as_json=as_json), as_json=as_json, debug=debug)

    @kho.command("rebuild")
    def rebuild(*, as_json: Json = False, debug: Debug = False) -> None:
        """Dựng lại sổ chỉ từ kho; phần sổ đã có được giữ nguyên. Mã thoát: 0 đủ, 2 có hồ sơ không dựng lại được."""
        leave(lambda: command("kho").rebuild(as_json=as_json), as_json=as_json, debug=debug)

    return kho


def build_ledger(command: Callable[[str], Any], leave: Callable[..., None]) -> typer.Typer:
    """As `build_kho`, for the audit ledger."""
    ledger = typer.Typer(no_args_is_help=True, help="Nhật ký kiểm toán: niêm phong, xuất, kiểm tra, chứng minh.")

    @ledger.command("seal")
    def seal(*, as_json: Json = False, debug: Debug = False) -> None:
        """Niêm phong các mục mới bằng dấu thời gian. Mã thoát: 0; 5 chưa có dấu thời gian."""
        leave(lambda: command("ledger").seal(as_json=as_json), as_json=as_json, debug=debug)

    @ledger.command("export")
    def export(
        out: Annotated[Path, typer.Argument(help="Tệp sẽ ghi (JSON từng dòng).", dir_okay=False)],
        *,
        debug: Debug = False,
    ) -> None:
        """Xuất toàn bộ nhật ký và niêm phong cho kiểm toán viên."""
        leave(lambda: command("ledger").export(out), debug=debug)

    @ledger.command("check")
    def check(
        file: Annotated[Path, typer.Argument(help="Tệp đã xuất.", show_default=False)],
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Kiểm tra tệp nhật ký, không cần máy chủ. Mã thoát: 0 nguyên vẹn, 2 bị sửa, 3 chưa niêm phong, 4 không đọc."""
        leave(lambda: command("ledger").check(file, as_json=as_json), as_json=as_json, debug=debug)

    @ledger.command("prove")
    def prove(
        dossier: Annotated[str, typer.Argument(help="Mã hồ sơ.", show_default=False)], *, debug: Debug = False
    ) -> None:
        """In các mục của một hồ sơ kèm chứng minh có mặt trong nhật ký đã niêm phong."""
        leave(lambda: command("ledger").prove(dossier), debug=debug)

    return ledger
