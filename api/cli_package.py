"""`hoso export`, `hoso package ...`, `hoso keys`: names and options; the work is in `api.commands.package`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable

PACKAGES = ("bagit",)
Dossiers = Annotated[list[str], typer.Argument(help="Mã hồ sơ; nhiều mã cho cả lô.", show_default=False)]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Thư mục nhận kết quả; mặc định HOSO_HOME/out.")]
Zip = Annotated[bool, typer.Option("--zip", help="Mỗi gói là một tệp .zip thay cho thư mục.")]
Images = Annotated[bool, typer.Option("--images", help="Thêm ảnh trang để xem.")]


def add_package_commands(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the commands; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    package = typer.Typer(no_args_is_help=True, help="Gói tin hồ sơ (BagIt, METS, PREMIS): đóng gói, kiểm tra.")

    @app.command()
    def export(
        dossiers: Dossiers,
        form: Annotated[
            str | None, typer.Option("--package", help="bagit: gói tin lưu trữ; bỏ trống: PDF, JSON và văn bản.")
        ] = None,
        out: Out = None,
        *,
        zipped: Zip = False,
        images: Images = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Xuất một hay nhiều hồ sơ ra thư mục, thành tệp rời hoặc gói tin. Mã thoát: 0, hoặc của lỗi nặng nhất."""
        if form is not None and form not in PACKAGES:
            raise typer.BadParameter(f"chọn một trong: {', '.join(PACKAGES)}", param_hint="--package")
        leave(
            lambda: command("package").export(dossiers, form, out, zipped=zipped, images=images, as_json=as_json),
            as_json=as_json,
            debug=debug,
        )

    @package.command("make")
    def make(
        dossiers: Dossiers,
        out: Out = None,
        *,
        zipped: Zip = False,
        images: Images = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Đóng gói hồ sơ đã lưu để nộp lưu trữ (như export --package bagit). Mã thoát: 0, 4."""
        leave(
            lambda: command("package").export(dossiers, "bagit", out, zipped=zipped, images=images, as_json=as_json),
            as_json=as_json,
            debug=debug,
        )

    @package.command("check")
    def check(
        path: Annotated[Path, typer.Argument(help="Thư mục hoặc tệp .zip của gói.", show_default=False)],
        *,
        quick: Annotated[bool, typer.Option("--quick", help="Không xét chữ ký: chỉ tệp, METS, PREMIS.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Kiểm tra một gói: đủ tệp, METS, PREMIS, PDF đã ký, dữ liệu đã ký. Mã thoát: 0 hợp lệ, 2 không, 3 chưa rõ."""
        leave(lambda: command("package").check(path, quick=quick, as_json=as_json), as_json=as_json, debug=debug)

    @app.command()
    def keys(*, debug: Debug = False) -> None:
        """In các khóa công khai đã và đang ký dữ liệu (JWKS, RFC 7517), để hệ thống nhận kiểm tra data.jws."""
        leave(lambda: command("package").keys(), debug=debug)

    app.add_typer(package, name="package")
