"""Roles of a one-stop desk, and the rights that each brings. Data, so that the whole table can be shown and tested.

A right is one kind of act; every door names the right that it asks for, never a role. A person may have several roles;
the rights add up. Machines have rights only, given to their key one by one (scopes). Roles follow the electronic
procedure of a one-stop desk (Decree 118/2025/NĐ-CP): receive, appraise, approve, seal, return are different people's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Role(StrEnum):
    """What somebody is at the agency. Stable codes; words live in the interface."""

    DESK_OFFICER = "desk_officer"
    """Cán bộ một cửa: receives dossiers, hands out results."""
    VERIFIER = "verifier"
    """Nhân viên kiểm tra dữ liệu: keys and settles doubtful fields."""
    APPRAISER = "appraiser"
    """Công chức thẩm định."""
    LEADER = "leader"
    """Lãnh đạo: approves and signs."""
    SEAL_KEEPER = "seal_keeper"
    """Văn thư: puts the agency's signature on, numbers what goes out."""
    AUDITOR = "auditor"
    """Kiểm toán: reads the ledger, the figures of quality, and dossiers; changes nothing."""
    ADMINISTRATOR = "administrator"
    """Quản trị: accounts, keys, the state of the system; sees no dossier by being one."""


class Right(StrEnum):
    """One kind of act."""

    DOSSIER_RECEIVE = "dossier.receive"
    """Opens dossiers, adds files, starts them, prints receipts."""
    DOSSIER_READ = "dossier.read"
    DOSSIER_DECIDE = "dossier.decide"
    """Answers on fields, findings and papers of a dossier; retries it."""
    PAGES_EDIT = "pages.edit"
    """Turns, splits, merges, moves, removes pages."""
    REVIEW_WORK = "review.work"
    """Takes items of the review queue."""
    REVIEW_LEAD = "review.lead"
    """Third key where two differ; thresholds, colleagues' questions."""
    QUALITY_READ = "quality.read"
    """Measured errors, promises; figures per clerk only with REVIEW_LEAD, or one's own."""
    DOSSIER_APPRAISE = "dossier.appraise"
    DOSSIER_APPROVE = "dossier.approve"
    DOSSIER_SEAL = "dossier.seal"
    DOSSIER_RETURN = "dossier.return"
    COPY_CERTIFY = "copy.certify"
    """Compares and signs certified electronic copies."""
    KHO_SEARCH = "kho.search"
    """Searches and reads citizens' data stores."""
    KHO_SHARE = "kho.share"
    """Records a citizen's consent, shares and revocations."""
    OVERVIEW_READ = "overview.read"
    LEDGER_READ = "ledger.read"
    RECORDS_KEEP = "records.keep"
    """Retention, legal hold, requests of citizens about their data."""
    RESULTS_PULL = "results.pull"
    """For downstream systems: structured results, packages, keys."""
    SYSTEM_OPERATE = "system.operate"
    ACCESS_MANAGE = "access.manage"
    """Accounts, roles, machines' keys."""


_READ: Final = {Right.DOSSIER_READ}
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    Role.DESK_OFFICER: frozenset(
        _READ
        | {
            Right.DOSSIER_RECEIVE,
            Right.DOSSIER_DECIDE,
            Right.DOSSIER_RETURN,
            Right.PAGES_EDIT,
            Right.KHO_SEARCH,
            Right.KHO_SHARE,
            Right.OVERVIEW_READ,
            Right.COPY_CERTIFY,
        }
    ),
    Role.VERIFIER: frozenset(_READ | {Right.REVIEW_WORK, Right.DOSSIER_DECIDE, Right.PAGES_EDIT, Right.QUALITY_READ}),
    Role.APPRAISER: frozenset(_READ | {Right.DOSSIER_APPRAISE, Right.DOSSIER_DECIDE, Right.KHO_SEARCH}),
    Role.LEADER: frozenset(
        _READ | {Right.DOSSIER_APPROVE, Right.OVERVIEW_READ, Right.QUALITY_READ, Right.REVIEW_LEAD, Right.KHO_SEARCH}
    ),
    Role.SEAL_KEEPER: frozenset(_READ | {Right.DOSSIER_SEAL, Right.RECORDS_KEEP, Right.COPY_CERTIFY}),
    Role.AUDITOR: frozenset(_READ | {Right.LEDGER_READ, Right.QUALITY_READ, Right.OVERVIEW_READ}),
    Role.ADMINISTRATOR: frozenset({Right.SYSTEM_OPERATE, Right.ACCESS_MANAGE, Right.OVERVIEW_READ}),
}


def rights_of(roles: Iterable[Role]) -> frozenset[Right]:
    """All rights of somebody with these roles."""
    return frozenset().union(*(RIGHTS[role] for role in roles))
