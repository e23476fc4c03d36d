"""`hoso bench load`: many clients at once hand in dossiers and look at them; what they were told, and what was kept.

Every client is its own connection and does what a counter's computer does: opens a dossier, sends its file, starts it,
lists, looks at the dossier and at a page. Errors are counted by status; 429 and 503 are honest where they say when to
come again. Afterwards each acknowledged file is compared with the store, bit for bit. Nothing waits for processing.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx

from pipeline.trials.machine_room.desk import API, HONEST, sign_in
from pipeline.trials.machine_room.pages import invented
from pipeline.trials.machine_room.stack import Plan, Stack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.trials.machine_room.stack import Kind

PATIENCE_S: Final = 60.0
POOL: Final = 8
_READS: Final = 3


@dataclass(frozen=True, slots=True)
class LoadTest:
    """What to run."""

    clients: int = 50
    minutes: float = 5.0
    kind: Kind = "embedded"
    seed: int = 1
    pages: int = 2


@dataclass(slots=True)
class Seen:
    """What the clients saw, all together."""

    answers: Counter[str] = field(default_factory=Counter)
    dishonest: Counter[str] = field(default_factory=Counter)
    """Errors that are none of the client's: 5xx, lost connections, 429 and 503 without Retry-After."""
    seconds: dict[str, list[float]] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)
    """SHA-256 of each acknowledged file, by the dossier's id."""


def run(test: LoadTest, out: Path, pool: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Runs the test; the report, in which `ok` is the verdict."""
    out.mkdir(parents=True, exist_ok=True)
    bases = [invented(pool, test.seed, number, test.pages).files[0][1] for number in range(POOL)]
    seen = Seen()
    with Stack(Plan(kind=test.kind, workers=1, cores=1), test.minutes * 60 + 1200, keep=out) as stack:
        say(f"{test.kind} stack at {stack.url}, {test.clients} clients")
        started = time.monotonic()
        asyncio.run(_clients(stack, test, bases, seen))
        seconds = time.monotonic() - started
        say(f"{len(seen.taken)} dossiers acknowledged in {seconds:.0f} s; comparing them with the store")
        lost = _lost(stack, seen)
    asked = sum(seen.answers.values())
    return {
        "ok": not lost and not seen.dishonest and bool(seen.taken),
        "stack": test.kind,
        "clients": test.clients,
        "seconds": round(seconds, 1),
        "requests": asked,
        "requests_per_second": round(asked / seconds, 1),
        "acknowledged": len(seen.taken),
        "lost": lost[:10],
        "lost_count": len(lost),
        "dishonest": dict(seen.dishonest),
        "answers": dict(seen.answers.most_common()),
        "latency_s": {what: _spread(values) for what, values in sorted(seen.seconds.items())},
    }


async def _clients(stack: Stack, test: LoadTest, bases: list[bytes], seen: Seen) -> None:
    until = time.monotonic() + test.minutes * 60
    await asyncio.gather(*(_client(stack, test, n, bases, seen, until) for n in range(test.clients)))


async def _client(  # noqa: PLR0917 - what all clients share, handed on
    stack: Stack, test: LoadTest, mine: int, bases: list[bytes], seen: Seen, until: float
) -> None:
    rng = random.Random(test.seed * 1000 + mine)  # noqa: S311 - an order, not a secret
    headers = sign_in(stack.credentials)
    async with httpx.AsyncClient(
        base_url=stack.url + API, headers=headers, timeout=PATIENCE_S, trust_env=False
    ) as http:
        turn = 0
        while time.monotonic() < until:
            turn += 1
            # Bytes after its end do not change what a PDF says, and make it another file.
            data = rng.choice(bases) + f"\n% {test.seed} {mine} {turn}\n".encode()
            await _hand_in(http, data, seen, until)
            for _ in range(_READS):
                await _look(http, rng, seen)


async def _hand_in(http: httpx.AsyncClient, data: bytes, seen: Seen, until: float) -> None:
    opened = await _asked(http, seen, "open", "POST", "/dossiers", until, json={})
    if opened is None:
        return
    draft = opened.json()["id"]
    head = {"Content-Disposition": 'attachment; filename="ho-so.pdf"', "Content-Type": "application/octet-stream"}
    path = f"/dossiers/{draft}/files"
    sent = await _asked(http, seen, "upload", "PUT", path, until, content=data, headers=head)
    if sent is None:
        return
    sha256 = hashlib.sha256(data).hexdigest()
    if sent.json()["sha256"] != sha256:
        seen.dishonest["another SHA-256 acknowledged"] += 1
    begun = await _asked(http, seen, "start", "POST", f"/dossiers/{draft}/start", until)
    if begun is not None:
        seen.taken[begun.json()["id"]] = sha256


async def _look(http: httpx.AsyncClient, rng: random.Random, seen: Seen) -> None:
    if not seen.taken or rng.random() < 0.3:
        await _asked(http, seen, "list", "GET", "/dossiers?limit=50", 0.0)
        return
    dossier = rng.choice(list(seen.taken))
    answer = await _asked(http, seen, "dossier", "GET", f"/dossiers/{dossier}", 0.0)
    if answer is not None and answer.json()["pages"]:
        await _asked(http, seen, "page", "GET", f"/dossiers/{dossier}/pages/1/image", 0.0)


async def _asked(  # noqa: PLR0917 - one request in words
    http: httpx.AsyncClient, seen: Seen, what: str, method: str, path: str, until: float, **arguments: Any
) -> httpx.Response | None:
    """One request; where the server says that it cannot just now, again after the time that it names, until `until`."""
    while True:
        started = time.monotonic()
        try:
            answer = await http.request(method, path, **arguments)
        except httpx.HTTPError as error:
            seen.answers[type(error).__name__] += 1
            seen.dishonest[f"{what}: {type(error).__name__}"] += 1
            return None
        seen.answers[str(answer.status_code)] += 1
        seen.seconds.setdefault(what, []).append(time.monotonic() - started)
        if answer.is_success:
            return answer
        after = answer.headers.get("Retry-After", "")
        if answer.status_code not in HONEST or not after.isdecimal():
            seen.dishonest[f"{what}: {answer.status_code} {answer.text[:120]}"] += 1
            return None
        if time.monotonic() + float(after) > until:
            return None
        await asyncio.sleep(float(after))


def _lost(stack: Stack, seen: Seen) -> list[str]:
    from pipeline.composition import build_house
    from pipeline.errors import HosoError
    from pipeline.keys import original_key

    lost: list[str] = []
    with build_house(stack.settings) as house:
        for dossier_id, sha256 in seen.taken.items():
            try:
                dossier = house.catalogue.load(dossier_id)
                whole = hashlib.sha256(house.store.get(original_key(sha256))).hexdigest() == sha256
            except HosoError as error:
                lost.append(f"{dossier_id}: {error.code}")
                continue
            if dossier is None or not whole or sha256 not in {one.sha256 for one in dossier.originals}:
                lost.append(f"{dossier_id}: not as acknowledged")
    return lost


def _spread(values: list[float]) -> dict[str, float | int]:
    ordered = sorted(values)
    return {
        "count": len(ordered),
        "median": round(ordered[len(ordered) // 2], 3),
        "p95": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3),
        "most": round(ordered[-1], 3),
    }
