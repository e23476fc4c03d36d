"""The pages that the head of every page leads to, and the rights that open them. One line a page; order is as shown.

A link is shown to whoever has one of its rights; none at all means everybody who has signed in. The words are in
`api/texts`. A link to a page that this version does not have is a defect: a test follows each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.access.roles import Right

if TYPE_CHECKING:
    from pipeline.access.principal import Principal


class Link(NamedTuple):
    """A page in the navigation."""

    words: str
    """Key of its name in `api/texts`."""
    href: str
    rights: frozenset[Right] = frozenset()


LINKS: Final = (
    Link("navigation.desk", "/quay", frozenset({Right.DOSSIER_RECEIVE})),
    Link("navigation.supplements", "/bo-sung", frozenset({Right.DOSSIER_RECEIVE})),
    Link("navigation.dossiers", "/", frozenset({Right.DOSSIER_READ})),
    Link("review.title", "/kiem-du-lieu", frozenset({Right.REVIEW_WORK, Right.REVIEW_LEAD})),
    Link("navigation.kho", "/kho", frozenset({Right.KHO_SEARCH})),
    Link("navigation.verify", "/kiem-tra"),
)


def links_for(who: Principal | None) -> list[Link]:
    """What somebody may go to."""
    if who is None:
        return []
    return [link for link in LINKS if not link.rights or any(who.may(right) for right in link.rights)]
