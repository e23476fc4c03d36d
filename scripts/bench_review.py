"""How fast the workbench is with a long queue: taking the next items, and the next field in a real Chromium.

    .venv/bin/python scripts/bench_review.py --items 100000 --fields 300

makes a house in a scratch folder (SQLite, or `--url postgresql://...`), fills its queue with invented dossiers of five
doubtful fields each, serves it on a port of this machine, and lets Chromium press Enter on `--fields` items, `--pause`
seconds apart (0: as fast as fields come). Told are, in milliseconds, from the key to the next field painted with its
picture (`review.next`, the page's own measure), and of the server's statements. Pages are drawn for the first dossiers
of the queue only, where the clerk gets; the rest is there to be long.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from sqlalchemy import insert, select

from api.access.cookies import LOCAL
from api.app import build_app
from pipeline.access.principal import Principal
from pipeline.access.records import Account
from pipeline.access.roles import Role, rights_of
from pipeline.access.sessions import Sessions
from pipeline.catalogue import review_queue
from pipeline.catalogue import tables as t
from pipeline.composition import build_house
from pipeline.review.asking import wanted
from pipeline.review.rows import Wish
from pipeline.review.workbench import Workbench
from pipeline.settings import Settings
from pipeline.trials.review_items import drawn, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.composition import House

FIELDS = 5
DRAWN = 80
BATCH = 500


def main() -> int:
    """Runs the measure and prints one JSON object."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--items", type=int, default=100_000)
    options.add_argument("--fields", type=int, default=300)
    options.add_argument("--pause", type=float, default=0.25)
    options.add_argument("--url", default="", help="of the catalogue; default: SQLite")
    options.add_argument("--home", type=Path, help="folder of the house; kept")
    said = options.parse_args()
    folder = said.home or Path(tempfile.mkdtemp(prefix="hoso-review-"))
    try:
        with build_house(Settings(home=folder, catalogue_url=said.url)) as house:
            began = time.perf_counter()
            filled(house, said.items)
            found = {"items": said.items, "filled_s": round(time.perf_counter() - began, 1)}
            found |= {"take_ms": taking(house), "browser_ms": in_browser(house, said.fields, said.pause)}
    finally:
        if said.home is None:
            shutil.rmtree(folder, ignore_errors=True)
    json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
    return 0


def filled(house: House, items: int) -> None:
    """A queue of that many items: drawn dossiers first, then rows without a record, which nobody gets to."""
    now = house.tools.clock() - timedelta(days=2)
    made = [drawn(seed + 1, now, fields=FIELDS) for seed in range(min(DRAWN, items // FIELDS))]
    for one in made:
        stored(house.tools, one)
    bench = Workbench(house.tools)
    bench.follow(len(made))
    questions = wanted(made[0].dossier, None)
    with house.catalogue.review().database.writing() as connection:
        row = dict(connection.execute(select(t.dossiers).limit(1)).mappings().one())
        for start in range(len(made), items // FIELDS, BATCH):
            names = [f"hs-bulk-{number:08d}" for number in range(start, min(start + BATCH, items // FIELDS))]
            connection.execute(insert(t.dossiers), [row | {"id": name, "code": None} for name in names])
            for number, name in enumerate(names, start):
                about = {"dossier_id": name, "agency": house.settings.agency_code, "lane": 1}
                at = {"queued_at": now + timedelta(days=1, seconds=number)}
                review_queue.follow(connection, about | at, row["version"], questions, now)


def taking(house: House) -> dict[str, float]:
    """Milliseconds of taking ten items from the queue and showing them, and of the statements alone."""
    clerk = Principal("u-bench", "Đo", house.settings.agency_code, rights_of([Role.VERIFIER]))
    bench = Workbench(house.tools)
    bench.take(clerk, 1)
    whole, alone = [], []
    queue = house.catalogue.review()
    wish = Wish(house.settings.agency_code)
    for _ in range(40):
        began = time.perf_counter()
        items = queue.take(clerk.id, wish, 10, timedelta(minutes=5))
        alone.append(time.perf_counter() - began)
        queue.release(clerk.id, [item.id for item in items])
        began = time.perf_counter()
        shown = bench.take(clerk, 10)
        whole.append(time.perf_counter() - began)
        bench.release(clerk, [item.id for item in shown])
    return {f"ten_{name}": value for name, value in (*told(alone, "statements"), *told(whole, "shown"))}


def in_browser(house: House, fields: int, pause: float) -> dict[str, float]:
    """Milliseconds from Enter to the next field, in Chromium."""
    from playwright.sync_api import sync_playwright

    chromium = next(
        found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))
    )
    with served(house) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1366, "height": 768})
        context.add_cookies([{"name": LOCAL, "value": session(house), "url": address}])
        page = context.new_page()
        page.goto(f"{address}/kiem-du-lieu")
        page.locator("#item").wait_for()
        time.sleep(3)
        for _ in range(fields):
            before = page.get_attribute("#item", "data-item")
            page.keyboard.press("Enter")
            until = time.monotonic() + 20
            while page.get_attribute("#item", "data-item") == before and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(pause)
        measured = page.evaluate("performance.getEntriesByName('review.next').map((one) => one.duration / 1000)")
        browser.close()
    return dict(told(measured, "next_field")) | {"fields": len(measured)}


def told(seconds: list[float], name: str) -> list[tuple[str, float]]:
    """Median, 95th of a hundred, and the longest, in milliseconds."""
    row = sorted(seconds)
    places = {"median": len(row) // 2, "p95": int(0.95 * len(row)), "longest": len(row) - 1}
    return [(f"{name}_{which}", round(1000 * row[at], 1)) for which, at in places.items()]


def session(house: House) -> str:
    """A signed-in verifier."""
    now = house.tools.clock()
    account = Account(
        id="u-browser",
        login="u-browser",
        name="Đo",
        agency=house.settings.agency_code,
        roles=(Role.VERIFIER,),
        created_at=now,
        changed_at=now,
    )
    house.catalogue.access().put_account(account)
    return Sessions(house.catalogue.access(), house.settings.access, house.tools.clock).begin(account)


@contextmanager
def served(house: House) -> Iterator[str]:
    """The app's address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(build_app(house), log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


if __name__ == "__main__":
    sys.exit(main())
