"""Makes the plan of a blank form from a document schema, so that the generator draws papers it knows nothing of.

Rows follow the schema's order; fields that share a label and a section are one running text; headings are the
schema's sections, unless a section is opened by a label of its own. Boundary keys (`_…`) become what they stand for
on paper: an oath, titles above signatures, notes. A field of the kind `signature`, `seal` or `signer` becomes a place
to sign. Nothing is guessed about looks: those are the generator's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from extractors.fields import Filled
from extractors.text import fold
from models.synthesis.forms.filling import HOLDER
from models.synthesis.forms.plan import Ask, Filling, FormPlan, Row, Section, Signer, Table

if TYPE_CHECKING:
    from extractors.fields import FieldSpec
    from pipeline.procedures.schema import DocumentSchema, FieldRule

DATED = "@dated"
_FILLING: dict[Filled, Filling] = {Filled.LINE: "line", Filled.COMB: "comb", Filled.TICK: "tick"}
_APPLICANT = Signer(("Người yêu cầu", "Người đề nghị", "Người khai"), ("(Ký, ghi rõ họ, chữ đệm, tên)",))
_OFFICER = Signer(
    ("CHỦ TỊCH", "KT. CHỦ TỊCH - PHÓ CHỦ TỊCH", "NGƯỜI KÝ"), ("(Ký, ghi rõ họ tên, đóng dấu)",), sealed=True
)
_ASKED = ("to_khai", "giay_de_nghi", "giay_uy_quyen", "giay_cam_doan", "de_nghi", "don_", "phieu_de_nghi", "ct01")
"""Beginnings of types that citizens write themselves."""
_GIVEN = ("giay_", "trich_luc", "quyet_dinh", "ban_sao", "thong_bao", "ket_qua", "ban_an")


def issued(schema: DocumentSchema) -> bool:
    """Whether a paper comes from an agency: it bears a seal, or its type says so."""
    if schema.type.startswith(_ASKED):
        return False
    return schema.type.startswith(_GIVEN) or any(mark.kind == "seal" and mark.required for mark in schema.marks)


def plan_of(schema: DocumentSchema) -> FormPlan:
    """The blank form of a document type; its titles are those that tell the type, else its name."""
    builder = _Builder(agency=issued(schema))
    for rule in schema.fields:
        builder.take(rule)
    return builder.plan(schema.type, schema.recognise.titles or (schema.name,))


class _Builder:
    """Collects rows, sections and what stands below them."""

    def __init__(self, *, agency: bool) -> None:
        self.issued = agency
        self.requester = ""
        self.sections: list[tuple[tuple[str, ...], list[Row | Table]]] = []
        self.current: list[Row | Table] | None = None
        self.dated: list[Ask] = []
        self.dated_label: tuple[str, ...] = ()
        self.signers: list[Signer] = []
        self.oath = False
        self.notes = False
        self.number: Ask | None = None
        self.addressed: Row | None = None

    def take(self, rule: FieldRule) -> None:
        """One field of the schema, in order."""
        spec, mask = rule.spec(), rule.mask or ""
        if spec.key.startswith("nyc_"):
            self.requester = "nyc"
        if spec.key.startswith("_"):
            self._boundary(spec)
        elif spec.kind in {"signature", "seal", "signer"}:
            self._signer(spec)
        elif DATED in spec.labels or (spec.labels and fold(spec.labels[0]).startswith(("lam tai", "lap tai"))):
            self.dated.append(Ask(spec.key, spec.kind))
            if DATED not in spec.labels:
                self.dated_label = spec.labels
        elif fold(spec.labels[0]) == "kinh gui" and self.addressed is None:
            self.addressed = Row(spec.labels, (Ask(spec.key, spec.kind),))
        elif self.issued and not self.sections and fold(spec.labels[0]) == "so" and self.number is None:
            self.number = Ask(spec.key, spec.kind, mask=mask)
        elif spec.columns:
            told = [(column.spec(), column.mask or "") for column in rule.columns]
            columns = tuple(Row(column.labels, (self._ask(column, form),)) for column, form in told)
            self._rows(spec.section).append(Table(spec.key, spec.labels, columns))
        else:
            self._row(spec, mask)

    def _ask(self, spec: FieldSpec, mask: str = "") -> Ask:
        return Ask(spec.key, spec.kind, spec.choices, _FILLING[spec.filled], mask)

    def _row(self, spec: FieldSpec, mask: str) -> None:
        rows = self._rows(spec.section)
        for index, row in enumerate(rows):
            same = isinstance(row, Row) and row.labels[0] == spec.labels[0]
            if same and isinstance(row, Row) and all(ask.kind != spec.kind for ask in row.asks):
                rows[index] = Row(row.labels, (*row.asks, self._ask(spec, mask)))
                return
        rows.append(Row(spec.labels, (self._ask(spec, mask),)))

    def _rows(self, section: tuple[str, ...]) -> list[Row | Table]:
        """The rows of a section; a field without one stands where the field before it does."""
        if not section and self.current is not None:
            return self.current
        known = next((rows for heading, rows in self.sections if heading == section), None)
        if known is None:
            known = []
            self.sections.append((section, known))
        self.current = known
        return known

    def _boundary(self, spec: FieldSpec) -> None:
        said = fold(" ".join(spec.labels))
        if "cam doan" in said:
            self.oath = True
        elif "chu thich" in said or "ghi chu" in said:
            self.notes = True
        elif any(word in said for word in ("ky", "nguoi ", "chu tich")):
            titles = tuple(label for label in spec.labels if not fold(label).startswith(("ky", "da ky")))
            base = _OFFICER if self.issued else _APPLICANT
            if titles and not self.signers:
                self.signers.append(Signer(titles))
            elif titles and self.signers[0].titles == base.titles:
                # A signature that was described by its hint alone: here is what stands above it.
                self.signers[0] = replace(self.signers[0], titles=titles)

    def _signer(self, spec: FieldSpec) -> None:
        hints = tuple(f"({label})" for label in spec.labels if fold(label).startswith("ky"))
        # What is told by its hint alone stands under the heading of its column.
        titles = tuple(label for label in spec.labels if not fold(label).startswith("ky")) or spec.section
        base = _OFFICER if self.issued else _APPLICANT
        name = spec.key if spec.kind == "signer" else None
        signature = spec.key if spec.kind == "signature" else None
        seal = spec.key if spec.kind == "seal" else None
        for index, known in enumerate(self.signers):
            # An agency's paper has one officer: a hint without a title is his.
            part = {"signer": known.name, "signature": known.signature}.get(spec.kind, known.seal)
            own = self.issued and not titles and part is None
            if own or set(titles) & set(known.titles):
                self.signers[index] = replace(
                    known,
                    hints=hints or known.hints,
                    name=name or known.name,
                    signature=signature or known.signature,
                    seal=seal or known.seal,
                    sealed=bool(known.sealed or seal),
                )
                return
        self.signers.append(
            Signer(titles or base.titles, hints or base.hints, name, signature, seal, base.sealed or seal is not None)
        )

    def _with_role(self, signer: Signer) -> Signer:
        """Who signs a declaration: the requester, or the person it is about; the head of household as such."""
        said = fold(" ".join(signer.titles))
        if self.issued:
            return signer
        if "chu ho" in said:
            return replace(signer, role="chu_ho")
        if len(self.signers) < 2 or any(word in said for word in ("yeu cau", "de nghi", "khai", "lam don")):
            return replace(signer, role=self.requester or HOLDER)
        return signer

    def _with_opinion(self, signer: Signer) -> Signer:
        """A text that stands under the same title is written above the signature."""
        for _, rows in self.sections:
            for row in rows:
                if isinstance(row, Row) and row.asks[0].kind == "text" and set(row.labels) & set(signer.titles):
                    rows.remove(row)
                    return replace(signer, opinion=row.asks[0])
        return signer

    def plan(self, doc_type: str, titles: tuple[str, ...]) -> FormPlan:
        """Everything that was taken."""
        base = _OFFICER if self.issued else _APPLICANT
        signers = [self._with_role(signer) for signer in self.signers or [base]]
        signers = [self._with_opinion(signer) for signer in signers]
        opened = [row.labels[0] for _, rows in self.sections for row in rows if isinstance(row, Row)]
        sections = tuple(_section(heading, rows, opened) for heading, rows in self.sections if rows)
        return FormPlan(
            doc_type,
            titles,
            sections,
            issued=self.issued,
            number=self.number,
            addressed=self.addressed,
            dated=tuple(self.dated),
            dated_label=self.dated_label,
            signers=tuple(signers),
        )


def _section(heading: tuple[str, ...], rows: list[Row | Table], opened: list[str]) -> Section:
    """A section; where the label of one of its rows opens it there is no other heading, and the row says so."""
    if not any(label in heading for label in opened):
        return Section(tuple(rows), heading)
    said: list[Row | Table] = []
    for row in rows:
        own = tuple(label for label in row.labels if label in heading)
        said.append(replace(row, labels=own) if isinstance(row, Row) and own else row)
    return Section(tuple(said), ())
