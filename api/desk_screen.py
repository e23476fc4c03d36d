"""What a citizen's screen may see and say: the request of the dossier that its officer shows, and nothing of others.

A screen is known by a secret of its own and speaks for nobody. An answer counts for an item as it was shown; answers to
anything else are dropped.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.catalogue.desk_door import Answer
from pipeline.desk.citizen import items_of
from pipeline.errors import Exit, HosoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.desk import Desk
    from pipeline.access.principal import Principal
    from pipeline.catalogue.desk_door import Screen
    from pipeline.composition import House
    from pipeline.desk.citizen import Item

LASTS = timedelta(hours=12)


class ScreenClosedError(HosoError):
    """The screen was opened anew elsewhere, has ended, or was never opened."""

    code = "screen_closed"
    exit_code = Exit.REFUSED
    message_vi = "Màn hình này đã đóng."
    remedy_vi = "Cán bộ tại quầy mở lại màn hình khi cần."


class Screens:
    """The citizens' screens of one house."""

    def __init__(self, house: House, desk: Desk) -> None:
        self._house = house
        self._desk = desk

    def open(self, secret: str, who: Principal) -> None:
        """A screen beside this officer's desk; the one before it ends."""
        self._desk.door.open_screen(secret, who.id, who.agency, LASTS)

    def show(self, dossier_id: str | None, who: Principal) -> None:
        """What this officer's screen shows. Raises `ScreenClosedError` where there is none."""
        dossier = self._desk.dossier(dossier_id, who) if dossier_id else None
        if dossier is not None:
            self._desk.look(dossier, who, "citizen_screen")
        if not self._desk.door.show(who.id, dossier.id if dossier else None):
            raise ScreenClosedError

    def screen(self, secret: str) -> Screen:
        """The screen with this secret. Raises `ScreenClosedError`."""
        screen = self._desk.door.screen(secret) if secret else None
        if screen is None:
            raise ScreenClosedError
        return screen

    def asked(self, secret: str) -> tuple[str, list[Item]]:
        """Name of the procedure and the items that a screen asks about."""
        screen = self.screen(secret)
        dossier = self._house.catalogue.load(screen.dossier) if screen.dossier else None
        if dossier is None or (dossier.agency or self._desk.home) != screen.agency:
            return "", []
        procedure = self._desk.procedure(dossier)
        telling = procedure.telling_types if procedure else ()
        return dossier.procedure_name, items_of(dossier, telling, self._desk.door.answers(dossier.id))

    def told(self, secret: str, said: Sequence[tuple[str, str, str, bool]]) -> None:
        """What the citizen answered: document, key, SHA-256 of the value that was shown, right; others are dropped."""
        screen = self.screen(secret)
        asked = {(item.document, item.key, item.shown) for item in self.asked(secret)[1]}
        now = self._house.tools.clock()
        known = [
            Answer(document, key, right=right, shown=shown, at=now)
            for document, key, shown, right in said
            if (document, key, shown) in asked
        ]
        if screen.dossier and known:
            self._desk.door.answer(screen.dossier, known)
