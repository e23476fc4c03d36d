"""Signs one PDF at a time, PAdES B-B to B-LTA, with one signature or several, and lets nothing out unverified.

The way of a job is `signing.sequence`: signatures in order, their timestamps, validation data (DSS), a document
timestamp. Then the result is opened again and judged by the same code that judges other people's files, and its level
is read from what is there. Without a timestamp or revocation data the job is held; with a journal what was made
so far is kept and taken up again. Every revision is appended: what was signed before stays as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from signing.authorities import TimestampAuthorities
from signing.errors import KeyUnavailableError, TimestampUnavailableError
from signing.evidence import EvidenceShelf
from signing.keys import Signer, check_key
from signing.running import run_to_end
from signing.states import Journal, MemoryJournal, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from signing.appearance import SealPicture
    from signing.evidence import RevocationSource
    from signing.preflight import Preflight
    from signing.self_check import Made
    from signing.stamp_font import StampFont
    from signing.timestamps import TimestampSource
    from signing.trust import TrustMaterial
    from signing.verdict import PdfVerdict

Level = Literal["B-B", "B-T", "B-LT", "B-LTA"]
Appearance = Literal["invisible", "digitised_paper", "nd30_copy"]
CopyKind = Literal["SAO Y", "SAO LỤC", "TRÍCH SAO"]


@dataclass(frozen=True, slots=True)
class SignRequest:
    """What one signature says. Texts are NFC; none may hold a personal number."""

    reason: str
    agency: str
    dossier_code: str
    signed_at: datetime
    """Aware; shown on the stamp and claimed in the signature. The timestamps prove it, or the lack of it."""
    appearance: Appearance = "invisible"
    copy_kind: CopyKind = "SAO Y"
    """Only for `nd30_copy` (Decree 30/2020, Appendix I)."""
    location: str = ""
    role: str = ""
    """Whose key signs: one of the signer's `keys`; empty: its own."""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A signed file. `sha256` and `size` go to the ledger: validators accept a file whose last revision was cut."""

    data: bytes
    level: str
    sha256: str
    size: int
    signer: str
    """Common name of the (last) signer's certificate."""
    field: str
    """Name of the (last) signature field that was added."""
    development: bool
    verdict: PdfVerdict


def _unwatched(_state: State, _index: int) -> None:
    """For those who do not follow a job."""


@dataclass(slots=True)
class PdfSigner:
    """Made by `signing.factory.build_signer`; may be shared by threads, and is worth keeping for a batch."""

    key: Signer
    sources: tuple[TimestampSource, ...]
    material: Callable[[datetime], TrustMaterial]
    """Trust anchors and revocation lists as of a moment."""
    level: Level
    font: StampFont
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    keys: Mapping[str, Callable[[], Signer]] = field(default_factory=dict)
    """Keys of further signers by role, opened when first asked for."""
    revocation: tuple[RevocationSource, ...] = ()
    """Who is asked about certificates beside the lists at hand."""
    seal: SealPicture | None = None
    """The agency's seal on visible stamps; default: a drawn one."""
    authorities: TimestampAuthorities = field(init=False)
    evidence: EvidenceShelf = field(init=False)
    templates: dict[bytes, bytes] = field(default_factory=dict, init=False)
    """Signed attributes of each certificate, without the digest: made once a batch."""
    _passed: dict[frozenset[str], datetime] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.authorities = TimestampAuthorities(self.sources, self.clock)
        self.evidence = EvidenceShelf(self.revocation)

    @property
    def long_term(self) -> bool:
        """Whether validation data goes into the file."""
        return self.level in {"B-LT", "B-LTA"}

    @property
    def development(self) -> bool:
        """Whether the key's certificate is a development one."""
        return self.is_development(self.key)

    @staticmethod
    def is_development(key: Signer) -> bool:
        """Whether the certificate of `key` is a development one."""
        from signing.devpki import MARK

        return any(a.value == MARK for a in key.certificate.subject)

    def key_of(self, role: str) -> Signer:
        """The key of a role; raises KeyUnavailableError."""
        if not role:
            return self.key
        if role not in self.keys:
            raise KeyUnavailableError(f"there is no key for the role {role}")
        return self.keys[role]()

    def sign(
        self,
        pdf: bytes,
        request: SignRequest,
        *more: SignRequest,
        journal: Journal | None = None,
        on_state: Callable[[State, int], None] = _unwatched,
    ) -> SignedPdf:
        """Append a signature for each request, in order; raises a SigningError, whose `retryable` says "try again".

        `pdf` is a whole file. Returns another whole file that begins with `pdf`, byte for byte. With a `journal` of
        this file the job goes on from where it was left, whichever process left it. `on_state` is told of each state
        once it is kept, with the number of the signature, from 0.
        """
        requests = (request, *more)
        if any(r.signed_at.tzinfo is None for r in requests):
            raise ValueError("signed_at must be an aware datetime")
        from signing.sequence import SigningJob

        for each in requests:
            check_key(self.key_of(each.role), self.clock())
        if self.level != "B-B" and not self.sources:
            raise TimestampUnavailableError("no timestamp authority is configured")
        kept = journal if journal is not None else MemoryJournal()
        job = SigningJob(self, pdf, requests, kept, on_state)
        data = run_to_end(job.run())
        signed = self._self_checked(pdf, data, job.made)
        kept.put("verified", f"{signed.sha256} {signed.size} {signed.level}".encode())
        on_state(State.VERIFIED, 0)
        return signed

    def preflight(self, roles: Sequence[str] = ("",), *, thorough: bool = False) -> Preflight:
        """Whether signers of these roles could sign now; nothing is signed.

        What passed counts for a minute, so that it may be asked with every document of a batch. `thorough` asks anew,
        and every authority.
        """
        from signing.preflight import HOLDS_FOR, Preflight, look

        wanted, now = frozenset(roles), self.clock()
        passed = self._passed.get(wanted)
        if passed is not None and not thorough and abs(now - passed) < HOLDS_FOR:
            return Preflight(())
        found = run_to_end(look(self, list(roles), every_authority=thorough))
        if found.ok:
            self._passed[wanted] = now
        return found

    def _self_checked(self, pdf: bytes, data: bytes, made: Sequence[Made]) -> SignedPdf:
        from signing.self_check import self_checked

        now = self.clock()
        names = [signature.field for signature in made]
        verdict = self_checked(pdf, data, made, self.level, self.material(now), now)
        mine = [s for s in verdict.signatures if s.field in names]
        last = next(s for s in mine if s.field == names[-1])
        development = any(s.development for s in mine)
        return SignedPdf(data, last.level, verdict.sha256, verdict.size, last.signer, last.field, development, verdict)
