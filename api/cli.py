"""The command line `hoso`: names, options and exit codes; the work is in `api.commands`, imported when asked for.

Importing this module loads neither models, Prefect nor a web framework, so that `hoso --help` answers at once.
Results go to stdout, everything else to stderr; with `--json` stdout is one JSON object and nothing else, also for an
error. Exit codes are scripts' contract: `pipeline.errors.Exit`.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from datetime import datetime  # noqa: TC003 - typer evaluates annotations
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli_kho import build_kho, build_ledger
from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made
from api.cli_package import add_package_commands
from api.cli_queue import add_queue
from api.cli_sign import build_sign

GROUPS: tuple[str, ...] = ("cli_access", "cli_bench_room", "cli_keep", "cli_owners", "cli_quality", "cli_vault")
"""Modules of further commands; each has `add(app, command, leave)`, with `_command` and `_exit` given to it."""

app = typer.Typer(
    name="hoso",
    help="Hồ Sơ Số: hồ sơ giấy thành hồ sơ số có chữ ký.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
procedures = typer.Typer(no_args_is_help=True, help="Thủ tục hành chính: danh sách, chi tiết, kiểm tra lược đồ.")
bench = typer.Typer(no_args_is_help=True, help="Đo chất lượng và tốc độ, so với công cụ khác trong cùng một lần chạy.")
app.add_typer(procedures, name="procedures")
app.add_typer(bench, name="bench")

LANES = ("desk", "backlog")
FORMATS = ("text", "json", "alto", "hocr")
SLIPS = ("receipt", "supplement", "refusal")


@app.command()
def digitize(
    paths: Annotated[list[Path], typer.Argument(help="Tệp hoặc thư mục của MỘT hồ sơ.", show_default=False)],
    procedure: Annotated[str | None, typer.Option("--procedure", "-p", help="Mã thủ tục, ví dụ 1.001193.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Thư mục nhận kết quả; mặc định HOSO_HOME/out.")
    ] = None,
    *,
    lane: Annotated[str, typer.Option("--lane", help="desk: tại quầy; backlog: theo lô, chờ sau quầy.")] = "desk",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Số hóa một hồ sơ: đọc, rút trường, kiểm tra, ký số, lưu kho. Mã thoát: 0 lưu, 3 chờ người, 4 từ chối, 5 giữ."""
    if lane not in LANES:
        raise typer.BadParameter(f"chọn một trong: {', '.join(LANES)}", param_hint="--lane")
    _exit(lambda: _reading("digitize", paths, procedure, out, lane=lane, as_json=as_json), as_json=as_json, debug=debug)


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="Tệp ảnh, PDF hoặc thư mục.", show_default=False)],
    form: Annotated[str, typer.Option("--format", "-f", help="text, json, alto hoặc hocr.")] = "text",
    *,
    debug: Debug = False,
) -> None:
    """Chỉ đọc chữ, theo thứ tự người đọc; các trang cách nhau bằng ký tự sang trang. Mã thoát: 0, 4."""
    if form not in FORMATS:
        raise typer.BadParameter(f"chọn một trong: {', '.join(FORMATS)}", param_hint="--format")
    _exit(lambda: _reading("read", files, form), debug=debug)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="Tệp PDF.", show_default=False)],
    page: Annotated[Path | None, typer.Option("--page", help="Ghi thêm kết quả thành một trang HTML in được.")] = None,
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Kiểm tra chữ ký, dấu thời gian, PDF/A, dữ liệu đính kèm và sổ kho. Mã thoát: 0 hợp lệ, 2 không, 3 chưa rõ."""
    _exit(lambda: _command("verify").run(file, as_json=as_json, page=page), as_json=as_json, debug=debug)


@app.command()
def renew(
    before: Annotated[
        datetime | None,
        typer.Option("--before", formats=["%Y-%m-%d"], help="Gia hạn nếu hết bền trước ngày này; mặc định 180 ngày."),
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ xem hồ sơ nào đến hạn; không thay đổi gì.")] = False,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Gia hạn dấu thời gian lưu trữ của cả kho trước khi hết bền. Mã thoát: 0 xong, 1 có tệp hỏng, 5 tạm giữ."""
    _exit(lambda: _command("renew").run(before, dry_run=dry_run, as_json=as_json), as_json=as_json, debug=debug)


@app.command()
def slip(
    dossier: Annotated[str, typer.Argument(help="Mã hồ sơ.", show_default=False)],
    form: Annotated[
        str | None, typer.Option("--form", "-f", help="receipt, supplement hoặc refusal; mặc định: theo hồ sơ.")
    ] = None,
    officer: Annotated[str, typer.Option("--officer", help="Họ tên người lập phiếu.")] = "",
    reasons: Annotated[list[str] | None, typer.Option("--reason", help="Lý do, nội dung; lặp lại được.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Tệp PDF; mặc định trong HOSO_HOME/out.")] = None,
    *,
    debug: Debug = False,
) -> None:
    """Giấy tiếp nhận, phiếu bổ sung hoặc phiếu từ chối của một hồ sơ, dạng PDF để in. Mã thoát: 0, 4."""
    if form is not None and form not in SLIPS:
        raise typer.BadParameter(f"chọn một trong: {', '.join(SLIPS)}", param_hint="--form")
    _exit(lambda: _command("slip").run(dossier, form, officer, reasons or [], out), debug=debug)


@app.command()
def separators(
    types: Annotated[
        list[str] | None, typer.Argument(help="Mã loại giấy tờ, mỗi mã một tờ; bỏ trống: tờ chung.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Tệp PDF sẽ ghi.")] = Path("phan-cach.pdf"),
    *,
    debug: Debug = False,
) -> None:
    """Tờ phân cách để in và đặt giữa các giấy tờ trong tập quét. Mã thoát: 0, 4."""
    _exit(lambda: _command("separators").run(types or [], out), debug=debug)


@procedures.command("list")
def procedures_list(
    words: Annotated[
        list[str] | None, typer.Argument(help="Tìm theo mã hoặc bất kỳ phần nào của tên, có dấu hay không.")
    ] = None,
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Các thủ tục mà hệ thống biết."""
    wanted = " ".join(words or ())
    _exit(lambda: _command("procedures").list_all(wanted, as_json=as_json), as_json=as_json, debug=debug)


@procedures.command("show")
def procedures_show(
    code: Annotated[str, typer.Argument(help="Mã thủ tục.", show_default=False)],
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Một thủ tục: thành phần hồ sơ, trường dữ liệu, quy tắc, thời hạn, lệ phí."""
    _exit(lambda: _command("procedures").show(code, as_json=as_json), as_json=as_json, debug=debug)


@procedures.command("check")
def procedures_check(
    folder: Annotated[Path | None, typer.Argument(help="Thư mục lược đồ; mặc định: đang dùng.")] = None,
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Soát lỗi các lược đồ thủ tục. Mã thoát: 0 không lỗi, 1 có lỗi."""
    _exit(lambda: _command("procedures").check(folder, as_json=as_json), as_json=as_json, debug=debug)


@app.command()
def up(
    port: Annotated[int | None, typer.Option("--port", help="Cổng HTTP; 0 để tự chọn cổng trống.")] = None,
    *,
    debug: Debug = False,
) -> None:
    """Chạy tất cả trên máy này: trang web, API, Prefect, bộ xử lý, kho. Ctrl-C để dừng."""
    _exit(lambda: _command("up").run(port), debug=debug)


@app.command()
def worker(*, debug: Debug = False) -> None:
    """Thêm một bộ xử lý cho hệ thống đang chạy (cùng cơ sở dữ liệu và kho). Ctrl-C để dừng."""
    _exit(lambda: _command("up").run_worker(), debug=debug)


@app.command(hidden=True)
def serve(descriptor: Annotated[int, typer.Option("--fd")], *, debug: Debug = False) -> None:
    """The HTTP API on a handed-down socket; `hoso up` starts it."""
    _exit(lambda: _command("up").run_api(descriptor), debug=debug)


@app.command(hidden=True)
def store(*, debug: Debug = False) -> None:
    """The SeaweedFS server of this home; `hoso up` starts it where the settings ask for it."""
    _exit(lambda: _command("up").run_store(), debug=debug)


@app.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="Thư mục mà máy quét ghi vào.", show_default=False)],
    *,
    quiet: Annotated[float, typer.Option("--quiet", min=0.1, help="Số giây không đổi thì coi là ghi xong.")] = 5.0,
    once: Annotated[bool, typer.Option("--once", help="Nhận hết những gì đang có rồi dừng.")] = False,
    debug: Debug = False,
) -> None:
    """Nhận hồ sơ từ thư mục máy quét: mỗi thư mục con hoặc tệp là một hồ sơ; chuyển chỗ, không xóa. Mã thoát: 0, 4."""
    _exit(lambda: _command("watch").run(folder, quiet, once=once), debug=debug)


@app.command()
def doctor(*, as_json: Json = False, debug: Debug = False) -> None:
    """Tự kiểm tra: dữ liệu, kho, mô hình đọc, khóa ký, thủ tục. Mã thoát: 0 tốt, 1 có phần hỏng."""
    _exit(lambda: _command("doctor").run(as_json=as_json), as_json=as_json, debug=debug)


@bench.command("read")
def bench_read(
    data: Annotated[list[Path], typer.Option("--data", help="Thư mục trang kèm đáp án NAME.gt.txt; lặp lại được.")],
    engines: Annotated[list[str] | None, typer.Option("--engine", "-e", help="Chỉ các bộ đọc này.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Nơi ghi bảng, số liệu, biểu đồ, bản đọc.")] = None,
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Đọc chữ: tỉ lệ sai ký tự, sai từ, giây mỗi trang; cạnh các bộ đọc khác có trên máy."""
    _exit(lambda: _command("bench").reading(data, engines, out, as_json=as_json), as_json=as_json, debug=debug)


@bench.command("fields")
def bench_fields(
    data: Annotated[Path | None, typer.Option("--data", help="Trang thật kèm đáp án NAME.fields.json.")] = None,
    *,
    dossiers: Annotated[int, typer.Option("--dossiers", "-n", min=1, help="Số hồ sơ tự tạo để đo.")] = 10,
    seed: Annotated[int, typer.Option("--seed", help="Hạt giống: cùng số thì cùng hồ sơ.")] = 1,
    quality: Annotated[list[str] | None, typer.Option("--quality", help="clean, office, bad; lặp lại được.")] = None,
    procedure: Annotated[list[str] | None, typer.Option("--procedure", "-p", help="Mã thủ tục; lặp lại được.")] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Nơi ghi bảng và số liệu; chạy tiếp từ đó.")] = None,
    typed_words: Annotated[bool, typer.Option("--typed-words", help="Không đọc ảnh: dùng chính chữ đã in.")] = False,
    training: Annotated[bool, typer.Option("--training", help="Dùng mẫu của phía huấn luyện.")] = False,
    faults: Annotated[
        list[str] | None, typer.Option(help="Mỗi hồ sơ một lỗi loại này; all: đủ loại; none: sạch.")
    ] = None,
    limit: int = 0,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Trường dữ liệu: đúng, sai, phải hỏi người; trên hồ sơ tự tạo, hoặc trên trang thật (--data)."""

    def work() -> int:
        if data is not None:
            return int(_command("bench").extracting(data, limit, as_json=as_json))
        command = _command("bench_fields")
        asked = command.Request(
            dossiers, seed, typed_words, quality or (), procedure or (), training, out, faults or ()
        )
        return int(command.run(asked, as_json=as_json))

    _exit(work, as_json=as_json, debug=debug)


@bench.command("dossier")
def bench_dossier(
    paths: Annotated[list[Path], typer.Argument(help="Tệp hoặc thư mục của một hồ sơ.", show_default=False)],
    procedure: Annotated[str | None, typer.Option("--procedure", "-p")] = None,
    *,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Cả hồ sơ: giây mỗi bước, chạy thẳng và chạy qua Prefect."""
    _exit(lambda: _command("bench").whole(paths, procedure, as_json=as_json), as_json=as_json, debug=debug)


def _command(name: str) -> Any:
    """The module of a command; imported inside `_exit`, so that a broken installation is an error like any other."""
    return importlib.import_module(f"api.commands.{name}")


def _reading(name: str, paths: list[Path], *arguments: Any, **options: Any) -> Any:
    """Runs a command that reads pages: its reading process starts before this one imports what the command needs."""
    if not all(path.exists() for path in paths):
        return _command(name).run(paths, *arguments, **options)
    from models.child_start import Spare

    with Spare() as spare:
        return _command(name).run(paths, *arguments, spare=spare, **options)


def _exit(work: Any, *, as_json: bool = False, debug: bool = False) -> None:
    """Runs the work and leaves with its exit code; an error is shown in three parts, its traceback only in the log."""
    try:
        code = work()
        sys.stdout.flush()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except BrokenPipeError:
        # The reader of our output left (`| head`): not an error. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(141) from None
    except Exception as error:
        raise typer.Exit(_show(error, as_json=as_json, debug=debug)) from None
    raise typer.Exit(int(code))


def _show(error: Exception, *, as_json: bool, debug: bool) -> int:
    import logging

    from api.failures import failure_of
    from api.screens import console, failure_screen

    failure = failure_of(error)
    if logging.getLogger().handlers:
        logging.getLogger("hoso").error("%s", failure.code, exc_info=error)
    if debug:
        import traceback

        traceback.print_exception(error)
    if as_json:
        sys.stdout.write(json.dumps(failure.as_dict(), ensure_ascii=False) + "\n")
    console(sys.stderr).print(failure_screen(failure))
    return failure.exit_code


add_package_commands(app, _command, _exit)
app.add_typer(build_kho(_command, _exit), name="kho")
app.add_typer(build_ledger(_command, _exit), name="ledger")
add_queue(app, _command, _exit)
app.add_typer(build_sign(_command, _exit), name="sign")
for _group in GROUPS:
    importlib.import_module(f"api.{_group}").add(app, _command, _exit)


def main() -> None:
    """Entry point of the `hoso` command."""
    from typing import TextIO, cast

    for stream in (sys.stdout, sys.stderr):
        # A machine without a Vietnamese locale must still print Vietnamese.
        cast("Any", cast("TextIO", stream)).reconfigure(encoding="utf-8", errors="replace")
    app()


if __name__ == "__main__":
    main()
