"""`hoso kho check | backup | restore | rebuild`: the kho seen whole. The work is the pipeline's; here it is shown."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.commands.common import open_house, open_settings, print_facts, print_json
from pipeline.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pipeline.fixity import FixityReport

_FAULTS_SHOWN = 20


def check(*, as_json: bool) -> int:
    """Hashes everything again; 2 where something is missing or altered, 5 where the store did not answer."""
    from pipeline.fixity import check as run

    with open_house() as house, _counting(as_json=as_json) as count:
        report = run(house.tools, count)
    _show_fixity(report, as_json=as_json)
    return _verdict(report)


def backup(target: Path, *, as_json: bool) -> int:
    """Adds a backup to a folder."""
    from pipeline.backup import back_up

    with open_house() as house, _counting(as_json=as_json) as count:
        manifest = back_up(house.tools, target.absolute(), count)
    if as_json:
        print_json(manifest)
    else:
        print_facts(
            ("Sao lưu lúc", f"{manifest.made_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Đối tượng", f"{manifest.object_count} ({_size(manifest.object_bytes)}), mới thêm {manifest.added}"),
            ("Thư mục", str(target)),
        )
    return Exit.FILED


def restore(source: Path, *, as_json: bool) -> int:
    """Brings the newest backup of a folder into an empty place, then checks it."""
    from pipeline import backup as backups
    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.composition import store_options
    from pipeline.fixity import check as run
    from pipeline.store.factory import opened_store

    settings = open_settings()
    with (
        Catalogue(settings.database) as catalogue,
        opened_store(store_options(settings)) as store,
        _counting(as_json=as_json) as count,
    ):
        restored = backups.restore(source.absolute(), settings, catalogue, store, count)
    with open_house() as house:
        report = run(house.tools)
    if not as_json:
        print_facts(
            ("Bản sao lưu lúc", f"{restored.made_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Đã khôi phục", f"{restored.objects} đối tượng, {restored.rows['dossiers']} hồ sơ"),
        )
    _show_fixity(report, as_json=as_json)
    return _verdict(report)


def rebuild(*, as_json: bool) -> int:
    """Makes the catalogue again out of the store; 2 where something could not be put back."""
    from pipeline.recovery import rebuild as run

    with open_house() as house, _counting(as_json=as_json) as count:
        report = run(house.tools, count)
    if as_json:
        print_json(report)
    else:
        print_facts(
            ("Hồ sơ trong kho", str(report.dossiers)),
            ("Thêm vào sổ", str(report.added)),
            ("Đưa tới lúc đã lưu", str(report.brought_forward)),
            ("Bổ sung quyết định, bản lưu", str(report.completed)),
            ("Giữ nguyên", str(report.unchanged)),
            ("Việc đã ghi, trong đó bổ sung vào sổ", f"{report.acts}, {report.acts_added}"),
            *((f"Không dựng lại được {item.dossier}", item.reason) for item in report.unrecovered),
            *((f"Phiên bản này không biết loại việc {kind}", str(n)) for kind, n in report.unknown_acts.items()),
        )
    return Exit.INVALID if report.unrecovered or report.unknown_acts else Exit.FILED


def _verdict(report: FixityReport) -> int:
    from pipeline.fixity import ObjectFault

    if report.whole:
        return Exit.FILED
    lost = any(fault.fault is not ObjectFault.OUT_OF_REACH for fault in report.faults)
    return Exit.INVALID if lost else Exit.HELD


_FAULTS = {"missing": "không còn trong kho", "altered": "nội dung bị đổi", "out_of_reach": "kho chưa với tới"}
_KINDS = {"original": "bản gốc", "page": "trang ảnh", "archive_pdf": "PDF đã ký", "data_json": "dữ liệu"}


def _show_fixity(report: FixityReport, *, as_json: bool) -> None:
    if as_json:
        print_json(report)
        return
    shown = report.faults[:_FAULTS_SHOWN]
    more = len(report.faults) - len(shown)
    print_facts(
        ("Hồ sơ", str(report.dossiers)),
        ("Đối tượng", f"{report.objects} ({_size(report.bytes)})"),
        ("Nguyên vẹn", str(report.sound)),
        ("Không thuộc hồ sơ nào", "chưa rõ" if report.unclaimed is None else str(report.unclaimed)),
        *((f"✗ {f.dossier}", f"{_KINDS.get(f.kind, f.kind)}: {_FAULTS[f.fault]} ({f.key})") for f in shown),
        *([("", f"và {more} đối tượng nữa; xem --json")] if more else []),
    )
    if not report.whole:
        print_facts(("Cần làm", "khôi phục các đối tượng này từ bản sao lưu; hồ sơ liên quan chưa nên giao đi."))


def _size(count: int) -> str:
    return f"{count / (1 << 20):.1f} MB".replace(".", ",")


@contextmanager
def _counting(*, as_json: bool) -> Iterator[Callable[[int], None]]:
    """A counter on the terminal's error stream; silent for scripts."""
    alive = sys.stderr.isatty() and not as_json

    def count(number: int) -> None:
        if alive and number % 25 == 0:
            sys.stderr.write(f"\r{number} ")
            sys.stderr.flush()

    yield count
    if alive:
        sys.stderr.write("\r        \r")
