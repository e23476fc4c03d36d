"""The catalogue's door to the workbench: the queue, its leases, answers, drafts and questions.

Every method is one transaction and knows nothing of what a field says: people's data come and go sealed. Two people
never hold one item; whoever answers first counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.catalogue import review_answers as answers
from pipeline.catalogue import review_queue as queue
from pipeline.review.rows import State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime, timedelta

    from pipeline.catalogue.session import Database
    from pipeline.review.rows import Answer, Clerk, Item, Kept, Question, Result, Standing, Wanted, Wish


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """Every method is one transaction; all raise `CatalogueUnreachableError`."""

    database: Database
    clock: Callable[[], datetime]

    def stale(self, limit: int = 200, since: datetime | None = None) -> list[str]:
        """Ids of dossiers, saved after `since`, whose questions are not those of their present state."""
        with self.database.reading() as connection:
            return queue.stale(connection, limit, since)

    def followed_version(self, dossier: str) -> int | None:
        """The version of a dossier whose questions these are; None for one that was never followed."""
        with self.database.reading() as connection:
            return queue.followed_version(connection, dossier)

    def follow(self, about: Mapping[str, Any], version: int, wanted: Sequence[Wanted]) -> None:
        """Makes the questions of a dossier those of its version; `about` as `review_queue.follow` says."""
        with self.database.writing() as connection:
            queue.follow(connection, about, version, wanted, self.clock())

    def take(self, who: str, wish: Wish, count: int, ttl: timedelta, but: Sequence[str] = ()) -> list[Item]:
        """Up to `count` items, now this person's: those they hold first, then the next of the queue."""
        with self.database.writing() as connection:
            return queue.take(connection, who, wish, count, ttl=ttl, now=self.clock(), but=but)

    def keep(self, who: str, names: Sequence[str], ttl: timedelta) -> list[str]:
        """Heartbeat: lengthens the leases; returns which items are still this person's."""
        with self.database.writing() as connection:
            return queue.keep(connection, who, names, ttl, self.clock())

    def release(self, who: str, names: Sequence[str]) -> None:
        """Gives items back."""
        with self.database.writing() as connection:
            queue.release(connection, who, names)

    def find(self, name: str) -> Item | None:
        """The item, or None."""
        with self.database.reading() as connection:
            return queue.find(connection, name)

    def of_dossier(self, dossier: str) -> list[Item]:
        """All items of a dossier in its own order."""
        with self.database.reading() as connection:
            return answers.item_rows(connection, dossier)

    def standings(self, agency: str, state: State = State.OPEN) -> list[Standing]:
        """What waits, by lane and kind."""
        with self.database.reading() as connection:
            return queue.standings(connection, agency, state)

    def answer(self, said: Answer, clerk: Clerk, note: bytes | None = None) -> tuple[Result, Item | None]:
        """Takes an answer in, once; the item is as it stands afterwards."""
        with self.database.writing() as connection:
            return answers.answer(connection, said, clerk, self.clock(), note=note)

    def last_of(self, who: str, since: datetime) -> Kept | None:
        """The newest act of somebody that was not taken back."""
        with self.database.reading() as connection:
            return answers.last_of(connection, who, since)

    def undo(self, kept: Kept, ttl: timedelta) -> Item | None:
        """Takes an act back; None where somebody else has the item by now."""
        with self.database.writing() as connection:
            return answers.undo(connection, kept, ttl, self.clock())

    def ready(self, before: datetime, limit: int = 50) -> list[str]:
        """Dossiers whose answers can become decisions."""
        with self.database.reading() as connection:
            return answers.ready(connection, before, limit)

    def to_pass(self, dossier: str) -> list[Kept]:
        """Answers of a dossier that are no decisions yet."""
        with self.database.reading() as connection:
            return answers.to_pass(connection, dossier)

    def passed(self, dossier: str, names: Sequence[int]) -> None:
        """These answers are decisions from now on."""
        with self.database.writing() as connection:
            answers.passed(connection, dossier, names, self.clock())

    def refused(self, dossier: str, names: Sequence[int]) -> None:
        """These answers are not taken by the dossier; their clerks will be told."""
        with self.database.writing() as connection:
            answers.refused(connection, dossier, names, self.clock())

    def untold(self, who: str) -> list[Kept]:
        """Answers that were taken back because the dossier changed; each is told once."""
        with self.database.writing() as connection:
            return answers.untold(connection, who, self.clock())

    def put_draft(self, name: str, who: str, revision: int, sealed: bytes) -> bool:
        """Keeps what somebody is typing; False where the item is not theirs."""
        with self.database.writing() as connection:
            return answers.put_draft(connection, name, who, revision, sealed=sealed, now=self.clock())

    def drafts_of(self, who: str, items: Sequence[Item]) -> dict[str, bytes]:
        """What somebody was typing, by item."""
        with self.database.reading() as connection:
            return answers.drafts_of(connection, who, items)

    def questions_of(self, names: Sequence[str]) -> dict[str, Question]:
        """The last question on each item."""
        with self.database.reading() as connection:
            return answers.questions_of(connection, names)

    def reply(self, name: str, clerk: Clerk, note: bytes) -> bool:
        """A colleague's answer in words: the item goes back to whoever asked."""
        with self.database.writing() as connection:
            return answers.reply(connection, name, clerk, note, self.clock())
