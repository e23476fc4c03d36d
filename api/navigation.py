"""The pages that the head of every page leads to, the rights that open them, and the page where somebody begins.

One line a page; order is as shown.

A link is shown to whoever has one of its rights; none at all means everybody who has signed in. The words are in
`api/texts`. A link to a page that this version does not have is a defect: a test follows each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.access.roles import Right
from pipeline.steps.table import RIGHT_OF

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
    Link("navigation.dossiers", "/ho-so", frozenset({Right.DOSSIER_READ})),
    Link("steps.title", "/xu-ly", frozenset(RIGHT_OF.values())),
    Link("steps.copies", "/chung-thuc", frozenset({Right.COPY_CERTIFY})),
    Link("review.title", "/kiem-du-lieu", frozenset({Right.REVIEW_WORK, Right.REVIEW_LEAD})),
    Link("quality.title", "/chat-luong", frozenset({Right.QUALITY_READ})),
    Link("navigation.kho", "/kho", frozenset({Right.KHO_SEARCH})),
    Link("navigation.overview", "/tong-quan", frozenset({Right.OVERVIEW_READ})),
    Link("navigation.verify", "/kiem-tra"),
)
STARTS: Final = (
    (Right.DOSSIER_RECEIVE, "/quay"),
    (Right.REVIEW_WORK, "/kiem-du-lieu"),
    (Right.DOSSIER_APPRAISE, "/xu-ly"),
    (Right.DOSSIER_APPROVE, "/xu-ly"),
    (Right.DOSSIER_SEAL, "/xu-ly"),
    (Right.OVERVIEW_READ, "/tong-quan"),
    (Right.DOSSIER_READ, "/ho-so"),
)
"""Where somebody's day begins: the page of the first right that they have."""


def links_for(who: Principal | None) -> list[Link]:
    """What somebody may go to."""
    if who is None:
        return []
    return [link for link in LINKS if not link.rights or any(who.may(right) for right in link.rights)]


def start_of(who: Principal) -> str:
    """The page that somebody sees first; one's own account where there is nothing to do."""
    return next((href for right, href in STARTS if who.may(right)), "/tai-khoan")
