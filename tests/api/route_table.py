"""Every route of the app with what it asks for, and who of all that gets in: the table in `routes.tsv`.

One line a route: method, path, what opens it (`open`, `signed_in`, `first_password`, or rights; `local` adds programs
on the machine), then a cell for each kind of visitor, `+` let in, `-` refused. `HOSO_UPDATE_TABLE=1 pytest
tests/api/test_access_table.py` writes it anew; whoever adds a route reads the difference before it is committed.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.access.gate import Declared
from pipeline.access.roles import RIGHTS, Right, Role

TABLE = Path(__file__).with_name("routes.tsv")
MACHINE = "machine"
"""A key with the one right `results.pull`."""
NOBODY = "nobody"
VISITORS = (*(role.value for role in Role), MACHINE, NOBODY)


class Row(NamedTuple):
    method: str
    path: str
    opening: str
    cells: tuple[str, ...]

    def line(self) -> str:
        return "\t".join((self.method, self.path, self.opening, *self.cells))

    @property
    def parameters(self) -> list[str]:
        return [part.partition("}")[0].partition(":")[0] for part in self.path.split("{")[1:]]


HEADER = "\t".join(("method", "path", "opens", *VISITORS))


def rights_of_visitor(visitor: str) -> frozenset[Right]:
    if visitor == NOBODY:
        return frozenset()
    return frozenset({Right.RESULTS_PULL}) if visitor == MACHINE else RIGHTS[Role(visitor)]


def rows(app: FastAPI) -> Iterator[Row]:
    """Raises `AssertionError` for a route without a declaration."""
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is None:
            assert context.path == "/static", f"{context.path} is no route of ours"
            continue
        declared = [one.call for one in dependant.dependencies if isinstance(one.call, Declared)]
        assert len(declared) == 1, f"{context.path} needs one of gate.need(...), gate.signed_in(), gate.open()"
        asked = declared[0]
        named = " ".join(sorted(asked.rights))
        opening = {"right": named, "local": f"local {named}"}.get(asked.opening, asked.opening)
        cells = tuple("+" if _lets_in(asked, visitor) else "-" for visitor in VISITORS)
        for method in sorted(context.methods or ()):
            yield Row(method, context.path, opening, cells)


def _lets_in(asked: Declared, visitor: str) -> bool:
    if asked.opening == "open":
        return True
    if visitor == NOBODY:
        return False
    return not asked.rights or bool(asked.rights & rights_of_visitor(visitor))


def written() -> list[str]:
    return TABLE.read_text(encoding="utf-8").splitlines()
