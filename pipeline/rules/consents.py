"""Rules on who agreed and who may act: signatures, consents, powers of attorney, foreign papers.

R16, R17 and R18 of the rule book. Ink in its place is presence, not proof; where a machine cannot tell, a person looks.
A box that is empty altogether blocks; a box in which something stands is a person's to judge.
Sources: Circular 53/2025/TT-BCA (CT01); Circular 04/2020/TT-BTP art. 2; Decree 111/2011/NĐ-CP on legalisation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from extractors.text import fold, key
from pipeline.record import FieldRef, Finding, Severity
from pipeline.rules.ages import days_meant, years_between
from pipeline.rules.context import Reading, reading_of
from pipeline.rules.parameters import Params, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.record import DocumentRecord
    from pipeline.rules.context import RuleContext


class SignaturePresent(Params):
    """Parameters of `signature_present`."""

    type: str = Field(description="type of paper")
    key: str = Field(description="key of the signature")
    who: str = Field(default="người yêu cầu", description="whose signature, in Vietnamese")

    def fields(self) -> Iterable[Place]:
        """The signature."""
        return ((self.type, self.key),)


def signature_present(context: RuleContext, params: SignaturePresent) -> list[Finding]:
    """R16: there is ink where a signature belongs; no ink asks, and so does a place that was not found."""
    findings = []
    for document in context.papers(params.type):
        field = document.fields.get(params.key)
        where = f"{document.title} (trang {field.page if field else document.pages[-1]})"
        if field is None or field.value is None:
            message = f"{where}: hệ thống chưa xác định được chữ ký; hãy xem tận mắt."
            refs = (FieldRef(document=document.id, key=params.key),)
            findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
        elif field.value is False:
            refs = (FieldRef(document=document.id, key=params.key),)
            message = f"{where}: chưa thấy chữ ký của {params.who}."
            findings.append(Finding(rule=context.rule, severity=Severity.CONFIRM, message=message, fields=refs))
    return findings


class Consent(Params):
    """One person's consent on a form, and when it is needed; all conditions given must hold."""

    who: str = Field(description="whose consent, in Vietnamese: `chủ hộ`, `chủ sở hữu chỗ ở hợp pháp`, `cha, mẹ`")
    signature: str = Field(description="key of the signature")
    name: str | None = Field(default=None, description="key of the name written there")
    agrees: str | None = Field(default=None, description="key of the tick box or words of consent")
    unless_same: tuple[str, str] | None = Field(
        default=None, description="two keys (names or numbers); where they agree it is one person and none is needed"
    )
    if_minor: str | None = Field(default=None, description="key of a date of birth; needed only under `minor_years`")
    if_paper: tuple[str, ...] = Field(default=(), description="types of paper; needed only where one is there")


class ConsentPresent(Params):
    """Parameters of `consent_present`."""

    type: str = Field(description="type of paper, such as `ct01`")
    consents: tuple[Consent, ...] = Field(min_length=1, description="the consents that the form has room for")
    minor_years: int = Field(default=18, description="full age")

    def fields(self) -> Iterable[Place]:
        """Every key named."""
        for one in self.consents:
            for name in (one.signature, one.name, one.agrees, one.if_minor, *(one.unless_same or ())):
                if name is not None:
                    yield self.type, name


def consent_present(context: RuleContext, params: ConsentPresent) -> list[Finding]:
    """R16: the consents that a form needs are there: owner of the dwelling, householder, parents of a minor."""
    findings = []
    for document in context.papers(params.type):
        for consent in params.consents:
            needed = _needed(context, document, consent, params.minor_years)
            if needed is not False:
                findings += _missing(context, document, consent, doubt=needed is None)
    return findings


def _needed(context: RuleContext, document: DocumentRecord, consent: Consent, minor: int) -> bool | None:
    """Whether a consent is needed; None where that cannot be told."""
    answer: bool | None = True
    if consent.if_paper and not any(context.has(doc_type) for doc_type in consent.if_paper):
        return False
    if consent.unless_same:
        left, right = (reading_of(document, name) for name in consent.unless_same)
        if left and right and key(left.text) == key(right.text):
            return False
        if left is None or right is None:
            answer = None
    if consent.if_minor:
        born = reading_of(document, consent.if_minor)
        if born is None or days_meant(born.text) is None:
            return None
        least, greatest = years_between(born.text, context.today)
        if least >= minor:
            return False
        if greatest >= minor:
            answer = None
    return answer


def _missing(context: RuleContext, document: DocumentRecord, consent: Consent, *, doubt: bool) -> list[Finding]:
    ink = reading_of(document, consent.signature)
    agrees = reading_of(document, consent.agrees) if consent.agrees else None
    name = reading_of(document, consent.name) if consent.name else None
    where = f"{document.title} (trang {ink.field.page if ink else document.pages[-1]})"
    refs = [reading for reading in (ink, agrees, name) if reading is not None]
    if agrees is not None and (agrees.field.value is False or fold(agrees.text).startswith("khong")):
        message = f"{where}: {consent.who} ghi không đồng ý (“{agrees.field.raw}”)."
        return [context.finding(Severity.CONFIRM if doubt else Severity.BLOCK, message, refs)]
    if ink is not None and ink.field.value is True:
        return []
    if ink is None:
        message = f"{where}: chưa xác định được ý kiến và chữ ký của {consent.who}; hãy xem tận mắt."
        return [context.finding(Severity.INFO if doubt else Severity.CONFIRM, message, refs)]
    empty = agrees is None and name is None
    what = "chưa có ý kiến và chữ ký" if empty else "chưa thấy chữ ký"
    when = " (chưa rõ có cần hay không)" if doubt else ""
    severity = Severity.BLOCK if empty and not doubt else Severity.CONFIRM
    return [context.finding(severity, f"{where}: {what} của {consent.who}{when}.", refs)]


RELATIVES = (
    "ông", "ông nội", "ông ngoại", "bà", "bà nội", "bà ngoại", "cha", "cha đẻ", "cha ruột", "cha nuôi", "bố", "bố đẻ",
    "bố ruột", "bố nuôi", "ba", "ba ruột", "mẹ", "mẹ đẻ", "mẹ ruột", "mẹ nuôi", "má", "má ruột", "con", "con đẻ",
    "con ruột", "con nuôi", "con trai", "con gái", "vợ", "chồng", "anh ruột", "chị ruột", "em ruột", "anh trai",
    "chị gái", "em trai", "em gái",
)  # fmt: skip
"""Relations by which a power of attorney needs no certification: grandparents, parents, children, spouses, sisters and
brothers (Circular 04/2020/TT-BTP art. 2). `Anh`, `chị`, `em` alone may be a cousin and are asked about."""


class AuthorizationCertified(Params):
    """Parameters of `authorization_certified`."""

    type: str = Field(description="type of paper: the power of attorney")
    certified: tuple[str, ...] = Field(
        min_length=1, description="keys that show certification (number, certifier, seal); one that is there is enough"
    )
    relationship: Place | None = Field(
        default=None, description="[type, key] of how the person who acts is related to the one who gave the power"
    )
    exempt: tuple[str, ...] = Field(default=RELATIVES, description="relations that need none, as written")

    def fields(self) -> Iterable[Place]:
        """Where certification and relation stand."""
        own = tuple((self.type, name) for name in self.certified)
        return (*own, self.relationship) if self.relationship else own


def authorization_certified(context: RuleContext, params: AuthorizationCertified) -> list[Finding]:
    """R17: a power of attorney is certified, unless it was given to a grandparent, parent, child, spouse or sibling."""
    findings = []
    relation = context.reading(*params.relationship) if params.relationship else None
    exempt = {key(word) for word in params.exempt}
    close = relation is not None and key(relation.text.strip(" .,;")) in exempt
    for document in context.papers(params.type):
        shown = [r for name in params.certified if (r := reading_of(document, name)) and r.field.value is not False]
        if shown or close:
            continue
        looked = [document.fields[name] for name in params.certified if name in document.fields]
        what = "chưa thấy chứng thực" if looked else "chưa xác định được đã chứng thực hay chưa"
        said = f"; quan hệ: {relation}" if relation else "; chưa rõ quan hệ với người ủy quyền"
        message = f"{document.title} (trang {document.pages[0]}): {what}{said}."
        refs = [relation] if relation else []
        findings.append(context.finding(Severity.CONFIRM, message, refs))
    return findings


class ForeignPaperLegalised(Params):
    """Parameters of `foreign_paper_legalised`."""

    types: tuple[str, ...] = Field(min_length=1, description="types of paper that a foreign body may have issued")
    country: str | None = Field(
        default=None, description="key of the issuing country; none: papers of these types are foreign by kind"
    )
    legalised: tuple[str, ...] = Field(description="keys that show consular legalisation (number, seal)")
    translated: tuple[str, ...] = Field(default=(), description="keys that show a certified translation")
    exempt: tuple[str, ...] = Field(default=(), description="countries whose papers need no legalisation, by treaty")

    def fields(self) -> Iterable[Place]:
        """Every key on every type."""
        names = (*((self.country,) if self.country else ()), *self.legalised, *self.translated)
        return tuple((doc_type, name) for doc_type in self.types for name in names)


def foreign_paper_legalised(context: RuleContext, params: ForeignPaperLegalised) -> list[Finding]:
    """R18: a foreign paper is legalised, unless a treaty exempts its country, and translated into Vietnamese."""
    findings = []
    exempt = {key(country) for country in params.exempt}
    for document in (one for doc_type in params.types for one in context.papers(doc_type)):
        country = reading_of(document, params.country) if params.country else None
        if params.country and (country is None or fold(country.text) in {"viet nam", "vietnam"}):
            continue
        where = f"{document.title} (trang {document.pages[0]})" + (f", {country.text}" if country else "")
        refs = [country] if country else []
        if not _shown(document, params.legalised):
            if country is not None and key(country.text) in exempt:
                message = f"{where}: được miễn hợp pháp hóa lãnh sự theo điều ước; hãy đối chiếu."
                findings.append(context.finding(Severity.INFO, message, refs))
            else:
                message = f"{where}: chưa thấy dấu hợp pháp hóa lãnh sự."
                findings.append(context.finding(Severity.CONFIRM, message, refs))
        if params.translated and not _shown(document, params.translated):
            message = f"{where}: chưa thấy bản dịch tiếng Việt có chứng thực."
            findings.append(context.finding(Severity.CONFIRM, message, refs))
    return findings


def _shown(document: DocumentRecord, keys: tuple[str, ...]) -> bool:
    readings: list[Reading | None] = [reading_of(document, name) for name in keys]
    return any(reading is not None and reading.field.value is not False for reading in readings)
