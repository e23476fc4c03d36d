"""`hoso keep ...`: names and options of keeping; the work is in `api.commands.keep`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable

Login = Annotated[str, typer.Option("--as", help="Tên đăng nhập của người làm, có quyền lưu trữ.", show_default=False)]
Why = Annotated[str, typer.Option("--reason", "-r", help="Lý do, số văn bản.", show_default=False)]
RequestId = Annotated[str, typer.Argument(help="Mã yêu cầu.", show_default=False)]


def add(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the commands; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    keep = typer.Typer(no_args_is_help=True, help="Lưu trữ: thời hạn, phong tỏa, hủy, yêu cầu của công dân về dữ liệu.")

    def run(work: Callable[[Any], int], *, as_json: bool, debug: bool) -> None:
        leave(lambda: work(command("keep")), as_json=as_json, debug=debug)

    _records(keep, run)
    _holds(keep, run)
    _requests(keep, run)
    _answers(keep, run)
    app.add_typer(keep, name="keep")


def _records(keep: typer.Typer, run: Callable[..., None]) -> None:
    @keep.command("list")
    def listed(login: Login, *, as_json: Json = False, debug: Debug = False) -> None:
        """Hồ sơ đang lưu, thời hạn và căn cứ. Mã thoát: 0, 4."""
        run(lambda keep: keep.listed(login, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("due")
    def due(login: Login, *, as_json: Json = False, debug: Debug = False) -> None:
        """Hồ sơ hết thời hạn, không bị phong tỏa: được phép hủy. Không tự hủy. Mã thoát: 0, 4."""
        run(lambda keep: keep.due(login, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("destroy")
    def destroy(
        dossier: Annotated[str, typer.Argument(help="Mã hồ sơ.", show_default=False)],
        login: Login,
        reason: Why,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Hủy một hồ sơ hết thời hạn: hủy khóa, xóa đối tượng; ghi nhật ký. Mã thoát: 0; 4 không được hủy."""
        run(lambda keep: keep.destroy(login, dossier, reason, as_json=as_json), as_json=as_json, debug=debug)


def _holds(keep: typer.Typer, run: Callable[..., None]) -> None:
    @keep.command("hold")
    def hold(
        login: Login,
        reason: Why,
        dossier: Annotated[str | None, typer.Option("--dossier", help="Mã hồ sơ.")] = None,
        owner: Annotated[str | None, typer.Option("--owner", help="Mã chủ giấy tờ (không phải số định danh).")] = None,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Phong tỏa một hồ sơ, hoặc mọi giấy tờ của một người. Mã thoát: 0, 4."""
        run(lambda keep: keep.hold(login, dossier, owner, reason, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("lift")
    def lift(
        hold_id: Annotated[str, typer.Argument(help="Mã lệnh phong tỏa.", show_default=False)],
        login: Login,
        reason: Why,
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Gỡ một lệnh phong tỏa. Mã thoát: 0, 4."""
        run(lambda keep: keep.lift(login, hold_id, reason, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("holds")
    def holds(
        login: Login,
        *,
        lifted: Annotated[bool, typer.Option("--lifted", help="Cả lệnh đã gỡ.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Các lệnh phong tỏa. Mã thoát: 0, 4."""
        run(lambda keep: keep.holds(login, lifted=lifted, as_json=as_json), as_json=as_json, debug=debug)


def _requests(keep: typer.Typer, run: Callable[..., None]) -> None:
    @keep.command("request")
    def request(
        kind: Annotated[str, typer.Argument(help="export, correction hoặc erasure.", show_default=False)],
        login: Login,
        owner: Annotated[str, typer.Option("--owner", help="Mã chủ giấy tờ.", show_default=False)],
        note: Annotated[str, typer.Option("--note", help="Công dân yêu cầu gì.", show_default=False)],
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Ghi nhận yêu cầu của công dân về dữ liệu của họ; trả lời trong hai ngày làm việc. Mã thoát: 0, 4."""
        run(lambda keep: keep.request(login, kind, owner, note, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("requests")
    def requests(
        login: Login,
        *,
        answered: Annotated[bool, typer.Option("--answered", help="Cả yêu cầu đã trả lời.")] = False,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Các yêu cầu, gần hạn trước. Mã thoát: 0, 4."""
        run(lambda keep: keep.requests(login, answered=answered, as_json=as_json), as_json=as_json, debug=debug)


def _answers(keep: typer.Typer, run: Callable[..., None]) -> None:
    @keep.command("export")
    def export(
        request_id: RequestId,
        login: Login,
        out: Annotated[Path, typer.Option("--out", "-o", help="Thư mục nhận tệp zip.")] = Path(),
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Trả lời yêu cầu sao dữ liệu: một tệp zip với mọi thứ đang giữ của người đó. Mã thoát: 0, 4, 5."""
        run(lambda keep: keep.export(login, request_id, out, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("correct")
    def correct(
        request_id: RequestId,
        login: Login,
        reason: Why,
        place: Annotated[str, typer.Option("--field", help="HỒ-SƠ/GIẤY/TRƯỜNG, ví dụ hs-…/d1/ngay_cap.")],
        value: Annotated[str, typer.Option("--value", help="Giá trị đúng.", show_default=False)],
        *,
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Ghi giá trị đúng bên cạnh giá trị đã lưu; bản đã ký không đổi. Xong thì `answer`. Mã thoát: 0, 4."""
        said = {"place": place, "value": value, "reason": reason}
        run(lambda keep: keep.correct(login, request_id, **said, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("answer")
    def answer(request_id: RequestId, login: Login, *, as_json: Json = False, debug: Debug = False) -> None:
        """Trả lời yêu cầu đính chính bằng những gì đã ghi. Mã thoát: 0, 4."""
        run(lambda keep: keep.answer(login, request_id, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("erase")
    def erase(request_id: RequestId, login: Login, *, as_json: Json = False, debug: Debug = False) -> None:
        """Trả lời yêu cầu xóa: hủy khóa của người đó, hoặc nêu căn cứ không được xóa. Mã thoát: 0 đã xóa; 3 từ chối."""
        run(lambda keep: keep.erase(login, request_id, as_json=as_json), as_json=as_json, debug=debug)

    @keep.command("refuse")
    def refuse(
        request_id: RequestId, login: Login, reason: Why, *, as_json: Json = False, debug: Debug = False
    ) -> None:
        """Từ chối một yêu cầu, kèm lý do. Mã thoát: 0, 4."""
        run(lambda keep: keep.refuse(login, request_id, reason, as_json=as_json), as_json=as_json, debug=debug)
