"""What commands share: settings read, the log opened, the house built, results written to stdout."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from pipeline.settings import load_settings
from pipeline.telemetry.logging import log_to_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from models.child_start import Spare
    from pipeline.composition import House
    from pipeline.record import Model
    from pipeline.settings import Settings


def open_settings(log: str = "hoso") -> Settings:
    """The settings, with this process's log opened under their home."""
    settings = load_settings()
    settings.home.mkdir(parents=True, exist_ok=True)
    log_to_file(settings.home, log, settings.telemetry)
    return settings


@contextlib.contextmanager
def open_house(spare: Spare | None = None) -> Iterator[House]:
    """The house of this command, closed at its end; its reader takes the `spare` process."""
    settings = open_settings()
    if spare is not None:
        from pipeline.reader import reader_task

        # It loads the models while this process imports the rest.
        spare.begin(reader_task(settings))
    # Here, so that `hoso up` and `hoso procedures` stay small.
    from pipeline.composition import build_house

    with build_house(settings, spare=spare) as house:
        yield house


def look(house: House, dossier_id: str, what: str) -> None:
    """Puts on record that whoever runs commands on this machine was shown `what` of a dossier."""
    import getpass

    from pipeline.access.people import OPERATOR
    from pipeline.access.principal import Principal, Purpose

    who = Principal(OPERATOR, getpass.getuser(), house.settings.agency_code, frozenset())
    house.catalogue.ledger().read(who, Purpose.OPERATION, dossier_id, what)


def print_json(value: Model) -> None:
    """One JSON object on stdout."""
    sys.stdout.write(value.model_dump_json() + "\n")


def print_screen(screen: RenderableType) -> None:
    """Something for people on stdout."""
    from api.screens import console

    out = console(sys.stdout)
    if out.is_terminal:
        out.print(screen)
        return
    with out.capture() as lines:
        out.print(screen)
    # Tables pad their cells; a file or a pipe need not keep that.
    sys.stdout.write("\n".join(line.rstrip() for line in lines.get().splitlines()) + "\n")


def print_facts(*rows: tuple[str, str]) -> None:
    """Names in bold, what is said of each beside it."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*row)
    print_screen(grid)
