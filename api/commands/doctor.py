"""`hoso doctor`: each part is built and used once, in order, and says how it is; nothing is changed or filed.

A part that fails says what to do next in the words of its own error; the others are still checked.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from api.commands import doctor_kho
from api.commands.common import open_settings, print_screen
from api.failures import failure_of
from pipeline.clock import local
from pipeline.errors import HosoError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.composition import House

_LOW_DISK = 2 << 30
_SEEN_AHEAD = timedelta(days=120)
"""A law that replaces another is known months before it applies; writing its procedures takes weeks."""


def run(*, as_json: bool) -> int:
    """Checks and prints; 1 where a part does not work."""
    from pipeline.composition import build_house

    settings = open_settings()
    results: list[dict[str, Any]] = []
    house: House | None = None

    def build() -> str:
        nonlocal house
        house = build_house(settings)
        return settings.database.split("@")[-1]

    _check(results, "Dữ liệu và kho", build)
    if house is not None:
        kept: House = house
        _check(results, "Kho lưu trữ", lambda: kept.store.capabilities().note_vi)
        _check(results, "Kho đã thử", lambda: _proofs(kept))
        _check(results, "Thủ tục", lambda: _procedures(kept))
        _check(results, "Bộ đọc", lambda: kept.reader().name)
        _check(results, "Bản lưu trữ", lambda: _profile(kept))
        _check(results, "Hàng đợi", lambda: _queue(kept))
        _check(results, "Yêu cầu của công dân", lambda: _citizens(kept))
        _check(results, "Két khóa", lambda: doctor_kho.vault(kept))
        _check(results, "Sổ kiểm toán", lambda: doctor_kho.ledger(kept))
        _check(results, "Thông báo ra ngoài", lambda: doctor_kho.outbox(kept))
        _check(results, "Đồng hồ", lambda: doctor_kho.clocks(kept))
        _check(results, "Lịch nghỉ lễ", lambda: doctor_kho.holidays(kept))
        _check(results, "Khóa ký", lambda: type(kept.tools.signer()).__name__)
        kept.close()
    _check(results, "Đĩa trống", lambda: _disk(str(settings.home)))
    ok = all(result["ok"] for result in results)
    if as_json:
        sys.stdout.write(
            json.dumps({"ok": ok, "home": str(settings.home), "checks": results}, ensure_ascii=False) + "\n"
        )
    else:
        _show(results)
    return 0 if ok else 1


def _check(results: list[dict[str, Any]], name: str, probe: Callable[[], str]) -> None:
    started = time.monotonic()
    try:
        found, ok = probe(), True
    except Exception as error:
        failure = failure_of(error)
        found, ok = f"{failure.title} [{failure.code}] {failure.remedy}", False
    results.append({"name": name, "ok": ok, "found": found, "seconds": round(time.monotonic() - started, 2)})


_PROOFS = {
    "conditional_put": "không ghi đè",
    "versioning": "giữ phiên bản",
    "retention": "thời hạn lưu giữ",
    "legal_hold": "phong tỏa",
    "separate_keys": "tách ba khóa",
    "encryption": "mã hóa khi lưu",
}


def _proofs(house: House) -> str:
    """What was tried out on the store: a line each, with the attempt and the server's answer."""
    proofs = house.store.capabilities().proofs
    return "\n".join(
        f"{'có' if proof.proved else 'chưa chứng minh'}: {_PROOFS[proof.capability]} ({proof.seen})" for proof in proofs
    )


class RequestsLateError(HosoError):
    """Citizens' requests about their data were not answered in time."""

    code = "keeping_requests_late"
    message_vi = "Có yêu cầu của công dân về dữ liệu đã quá hạn trả lời."
    remedy_vi = "Hãy xem và trả lời ngay: hoso keep requests."


def _citizens(house: House) -> str:
    """Requests that wait. Raises where some are late."""
    waiting, late = house.catalogue.keeping().open_requests(house.tools.clock().date())
    if late:
        raise RequestsLateError(None, str(late))
    return f"{waiting} yêu cầu đang chờ, không quá hạn"


def _procedures(house: House) -> str:
    """How many are in force, and which end without a version that follows, long enough before to see to it.

    Raises where a file is wrong and an older version stands in for it. That some have ended is no fault: an abolished
    procedure stays on the shelf for the dossiers that were handed in under it.
    """
    from pipeline.procedures.book import ProcedureFileError

    book = house.procedures()
    if book.problems:
        raise ProcedureFileError(book.problems)
    today = local(house.tools.clock()).date()
    ends = {code: last for code, last in book.last_days().items() if last <= today + _SEEN_AHEAD}
    said = [f"{len(book.list())} lược đồ, {len(book.in_force(today))} thủ tục đang có hiệu lực"]
    for last in sorted(set(ends.values())):
        codes = ", ".join(sorted(code for code, day in ends.items() if day == last))
        said.append(f"hết hiệu lực sau ngày {last:%d/%m/%Y}, chưa có bản kế tiếp: {codes}")
    return "\n".join(said)


def _profile(house: House) -> str:
    from pipeline.archive.profiles import load_profile

    settings = house.settings.archive
    return load_profile(settings.profile, settings.profiles).name


def _queue(house: House) -> str:
    """Who works, and what waits. Raises where a duty ended badly or something keeps the desk from being served."""
    from api.metrics_queue import queue_health
    from pipeline.catalogue.lanes import Lane

    health = queue_health(house)
    if why := health["stopped"].get(Lane.DESK.value):
        raise OSError(f"no room: {why}")
    if bad := [name for name, ok in health["duties"].items() if ok is False]:
        raise OSError(f"ended badly: {', '.join(bad)} (hoso list --workers)")
    desk, backlog = (house.catalogue.queue().stand(lane).count for lane in Lane)
    return f"{health['workers']} bộ xử lý; chờ: tại quầy {desk}, theo lô {backlog}"


def _disk(home: str) -> str:
    free = shutil.disk_usage(home).free
    if free < _LOW_DISK:
        raise OSError("disk nearly full")
    return f"{free / (1 << 30):.1f} GB".replace(".", ",")


def _show(results: list[dict[str, Any]]) -> None:
    from rich.table import Table
    from rich.text import Text

    rows = Table.grid(padding=(0, 2))
    rows.add_column()
    rows.add_column(style="bold", no_wrap=True)
    rows.add_column(overflow="fold")
    rows.add_column(style="dim", no_wrap=True, justify="right")
    for result in results:
        mark = Text("✓", style="green") if result["ok"] else Text("✗", style="red")
        rows.add_row(mark, result["name"], result["found"], f"{result['seconds']:.1f} s".replace(".", ","))
    print_screen(rows)
