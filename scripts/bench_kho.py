"""Search over citizens' data stores, measured: p50, p95 and slowest answers at N papers, by kind of query.

    .venv/bin/python scripts/bench_kho.py --papers 100000 [--url postgresql://...] [--queries 100]

Invented people and papers, sealed and indexed by the product's own code, lie in a folder of their own that is removed
at the end (SQLite), or in the database given, which must be empty. Journal and objects are left out: they are not part
of a search. Queries are drawn from the same people, a fifth of them from nobody.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import insert

from pipeline.access.principal import Principal
from pipeline.catalogue import tables_owners as t
from pipeline.composition import House, build_house
from pipeline.kho import sealed
from pipeline.kho.sealed import PaperFacts, Person
from pipeline.kho.search import Query, owners, papers
from pipeline.kho.text import tokens
from pipeline.settings import Settings
from pipeline.vault.settings import VaultSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Table

FAMILY = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Huỳnh",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
)
SHARE = (38, 11, 10, 7, 5, 5, 5, 4, 4, 2, 2, 1, 1, 1, 1)
MIDDLE = ("Văn", "Thị", "Đức", "Minh", "Ngọc", "Thanh", "Hữu", "Quang", "Thu", "Xuân")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hoà", "Hùng", "Hương", "Khánh", "Lan", "Linh", "Mai", "Nam",
         "Oanh", "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Thuý", "Tuấn", "Uyên", "Vinh", "Yến")  # fmt: skip
WARDS = (
    "Tây Hồ",
    "Hồng Hà",
    "Cửa Nam",
    "Hoàn Kiếm",
    "Giảng Võ",
    "Ngọc Hà",
    "Thanh Xuân",
    "Khương Đình",
    "Láng",
    "Đống Đa",
)
TYPES = ("cccd", "giay_khai_sinh", "to_khai_khai_sinh", "ct01", "giay_xac_nhan_tinh_trang_hon_nhan", "giay_chung_sinh")
AGENCIES = tuple(f"H26.{number}" for number in range(30, 40))
AT = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 500


def person(chance: random.Random) -> Person:
    """Somebody invented."""
    name = f"{chance.choices(FAMILY, SHARE)[0]} {chance.choice(MIDDLE)} {chance.choice(GIVEN)} {chance.choice(GIVEN)}"
    born = date(1950, 1, 1) + timedelta(days=chance.randrange(27_000))
    return Person(name=name, number=f"001{chance.randrange(10**9):09d}", born=born.isoformat())


def fill(house: House, count: int, chance: random.Random) -> list[Person]:
    """Puts papers into the catalogue, as acts of filing do, but many at once: three to an owner on average."""
    people: list[tuple[str, Person]] = []
    blind, made = lru_cache(1 << 20)(house.tools.vault.blind), 0
    while made < count:
        rows: dict[Table, list[dict[str, Any]]] = {t.owners: [], t.owner_words: [], t.papers: [], t.words: []}
        for _ in range(min(_BATCH, count - made)):
            made += 1
            if not people or chance.random() < 1 / 3:
                who, owner_id = person(chance), str(UUID(int=chance.getrandbits(128), version=4))
                people.append((owner_id, who))
                rows[t.owners].append(_owner(house, owner_id, who))
                rows[t.owner_words] += [{"token": one, "owner_id": owner_id} for one in tokens((who.name,), blind)]
            row, facts = _paper(house, chance, chance.choice(people), made)
            rows[t.papers].append(row)
            rows[t.words] += [{"token": one, "paper": made} for one in tokens(facts.searched(), blind)]
        with house.catalogue.owners().acting() as desk:
            for table, some in rows.items():
                if some:
                    desk.connection.execute(insert(table), some)
    return [who for _, who in people]


def _owner(house: House, owner_id: str, who: Person) -> dict[str, Any]:
    vault = house.tools.vault
    return {
        "id": owner_id,
        "kind": "citizen",
        "number_index": sealed.number_index(vault, who.number or ""),
        "name_index": sealed.name_index(vault, who.name),
        # One key for all: a key of each owner would measure the making of keys.
        "sealed": sealed.seal_person(vault, "house/bench", who),
        "merged_into": None,
        "created_at": AT,
    }


def _paper(
    house: House, chance: random.Random, owner: tuple[str, Person], number: int
) -> tuple[dict[str, Any], PaperFacts]:
    owner_id, who = owner
    vault, kind = house.tools.vault, chance.choice(TYPES)
    issued = date(2015, 1, 1) + timedelta(days=chance.randrange(4200))
    ward, other = chance.choice(WARDS), person(chance)
    texts: tuple[str, ...] = (
        who.name,
        who.number or "",
        who.born or "",
        f"Phường {ward}, thành phố Hà Nội",
        other.name,
    )
    texts += (other.number or "", f"Số {chance.randrange(400)} phố {chance.choice(WARDS)}", "Kinh", "Việt Nam")
    facts = PaperFacts(
        title=kind.replace("_", " "), symbol=f"{number}/2026", issuer=f"UBND phường {ward}", person=who, texts=texts
    )
    row = {
        "number": number,
        "id": str(UUID(int=chance.getrandbits(128), version=4)),
        "owner_id": owner_id,
        "linked_id": owner_id,
        "state": "linked",
        "candidate_id": None,
        "reason": "new",
        "confidence": 0.99,
        "agency": AGENCIES[0] if chance.random() < 0.3 else chance.choice(AGENCIES),
        "dossier_id": f"hs-260101-{number}",
        "document_id": "d1",
        "procedure": "1.001193",
        "type": kind,
        "component": None,
        "issued_on": issued.isoformat(),
        "valid_until": None,
        "permanent": True,
        "symbol_index": sealed.symbol_index(vault, facts.symbol),
        "code_index": None,
        "identity_index": vault.blind("kho.identity", str(number)),
        "sealed": sealed.seal_paper(vault, "house/bench", facts),
        "filed_at": AT + timedelta(seconds=number),
    }
    return row, facts


def measure(house: House, people: list[Person], queries: int, chance: random.Random) -> dict[str, dict[str, float]]:
    """Milliseconds of each kind of query; `cpu95` is the work of this process alone, at p95."""
    from extractors.text import fold

    who = Principal("bench", "bench", AGENCIES[0], frozenset())
    strangers = [person(chance) for _ in people[:queries]]

    def somebody() -> Person:
        return chance.choice(strangers if chance.random() < 0.2 else people)

    def ask(query: Query) -> object:
        return papers(house.tools, who, query)

    first = date(2015, 1, 1)
    kinds: dict[str, Callable[[], object]] = {
        "full name with marks": lambda: ask(Query(text=somebody().name)),
        "full name without marks": lambda: ask(Query(text=fold(somebody().name))),
        "phrase without marks": lambda: ask(Query(text=f'"{fold(somebody().name)}"')),
        "one frequent word": lambda: ask(Query(text="nguyen")),
        "words and a ward": lambda: ask(Query(text=f"{fold(somebody().name)} {chance.choice(WARDS)}")),
        "personal number": lambda: ask(Query(text=somebody().number or "")),
        "số ký hiệu": lambda: ask(Query(symbol=f"{chance.randrange(len(people))}/2026")),
        "type and days": lambda: ask(
            Query(type=chance.choice(TYPES), issued_from=first + timedelta(days=chance.randrange(3000)))
        ),
        "owner by name": lambda: owners(house.tools, who, fold(somebody().name)),
        "owner by number": lambda: owners(house.tools, who, somebody().number or ""),
    }
    figures = {}
    for name, run in kinds.items():
        run()
        taken, worked = [], []
        for _ in range(queries):
            started, before = time.perf_counter(), time.process_time()
            run()
            taken.append((time.perf_counter() - started) * 1000)
            worked.append((time.process_time() - before) * 1000)
        cuts, cpu = statistics.quantiles(taken, n=20), statistics.quantiles(worked, n=20)
        figures[name] = {"p50": cuts[9], "p95": cuts[18], "max": max(taken), "cpu95": cpu[18]}
    return figures


def main() -> None:
    """See the module's first lines."""
    parser = argparse.ArgumentParser(description="Search over citizens' data stores, measured.")
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--url", default="", help="empty PostgreSQL database; default: SQLite in a folder of its own")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        vault = VaultSettings(ring_url=f"sqlite:///{home / 'ring.sqlite3'}")
        with build_house(Settings(home=home, cores=1, catalogue_url=asked.url, vault=vault)) as house:
            chance = random.Random(asked.seed)  # noqa: S311 - the same people every time, not a secret
            started = time.perf_counter()
            people = fill(house, asked.papers, chance)
            filled = time.perf_counter() - started
            figures = measure(house, people, asked.queries, chance)
            size = sum(path.stat().st_size for path in home.glob("catalogue.sqlite3*"))
    print(json.dumps({"papers": asked.papers, "owners": len(people), "fill_s": round(filled), "bytes": size}))
    for name, row in figures.items():
        print(f"| {name} | " + " | ".join(f"{value:.1f}" for value in row.values()) + " |")


if __name__ == "__main__":
    main()
