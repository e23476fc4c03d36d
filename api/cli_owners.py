"""`hoso owners`: find an owner, show a store, record and revoke shares, tell downstream systems; work elsewhere.

The work is in `api.commands.owners`. A personal number is asked for on standard input, never as an argument: other
users of the machine can read those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli_options import Debug, Json  # noqa: TC001 - typer reads the annotations when the commands are made

if TYPE_CHECKING:
    from collections.abc import Callable

Owner = Annotated[str, typer.Argument(help="Mã chủ giấy tờ (UUID).", show_default=False)]
Agency = Annotated[str, typer.Option("--agency", help="Mã cơ quan đang xem; mặc định: của cài đặt này.")]


def add(app: typer.Typer, command: Callable[[str], Any], leave: Callable[..., None]) -> None:
    """Adds the group; `command` imports a module of `api.commands`, `leave` runs the work and ends the program."""
    owners = typer.Typer(
        no_args_is_help=True, help="Kho dữ liệu công dân: tìm, xem, chia sẻ, thu hồi, báo hệ thống khác."
    )
    app.add_typer(owners, name="owners")

    @owners.command("find")
    def find(
        text: Annotated[str, typer.Argument(help="Họ tên, có hoặc không dấu; `-`: đọc số định danh từ bàn phím.")],
        *,
        agency: Agency = "",
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Tìm chủ giấy tờ và giấy tờ. Mã thoát: 0, 4."""
        leave(lambda: command("owners").find(text, agency, as_json=as_json), as_json=as_json, debug=debug)

    @owners.command("show")
    def show(owner: Owner, *, agency: Agency = "", as_json: Json = False, debug: Debug = False) -> None:
        """Giấy tờ, phiên bản, chia sẻ và lịch sử xem của một chủ. Mã thoát: 0, 4."""
        leave(lambda: command("owners").show(owner, agency, as_json=as_json), as_json=as_json, debug=debug)

    @owners.command("share")
    def share(
        owner: Owner,
        *,
        to: Annotated[str, typer.Option("--to", help="Mã cơ quan được xem.")],
        purpose: Annotated[str, typer.Option("--purpose", help="Để làm gì: mã thủ tục, hoặc lời.")],
        until: Annotated[str, typer.Option("--until", help="Ngày cuối, dạng 2026-12-31.")],
        consent: Annotated[str, typer.Option("--consent", help="signed_paper, in_person hoặc vneid.")],
        evidence: Annotated[str, typer.Option("--evidence", help="Đồng ý được lưu ở đâu.")],
        paper: Annotated[str, typer.Option("--paper", help="Chỉ giấy tờ này (UUID).")] = "",
        agency: Agency = "",
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Ghi một đồng ý chia sẻ của công dân. Mã thoát: 0, 4."""
        asked = {"recipient": to, "purpose": purpose, "until": until, "consent": consent, "evidence": evidence}
        asked["paper"] = paper
        leave(lambda: command("owners").share(owner, asked, agency, as_json=as_json), as_json=as_json, debug=debug)

    @owners.command("revoke")
    def revoke(
        share: Annotated[str, typer.Argument(help="Mã việc chia sẻ (UUID).", show_default=False)],
        *,
        agency: Agency = "",
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Thu hồi một việc chia sẻ ngay. Mã thoát: 0, 4."""
        leave(lambda: command("owners").revoke(share, agency, as_json=as_json), as_json=as_json, debug=debug)

    @owners.command("feed")
    def feed(*, as_json: Json = False, debug: Debug = False) -> None:
        """Đưa các hồ sơ đã lưu từ trước vào kho của công dân; chạy lại không thêm gì. Mã thoát: 0."""
        leave(lambda: command("owners").feed(as_json=as_json), as_json=as_json, debug=debug)

    @owners.command("relay")
    def relay(
        *,
        retry: Annotated[bool, typer.Option("--retry", help="Gửi lại cả những gì đã bỏ cuộc.")] = False,
        since: Annotated[str, typer.Option("--since", help="Gửi lại mọi sự kiện từ ngày này.")] = "",
        as_json: Json = False,
        debug: Debug = False,
    ) -> None:
        """Gửi sự kiện cho các hệ thống đăng ký nhận. Mã thoát: 0 gửi hết, 5 còn lại hoặc bỏ cuộc, 4 cấu hình sai."""
        leave(lambda: command("owners").relay(since, retry=retry, as_json=as_json), as_json=as_json, debug=debug)
