"""How YAML files say it: papers by name with changes, and blocks of fields that repeat for each person.

A file is validated as it is written (`ProcedureFile`, `PaperFile`), so that an error points at its line; then names
are looked up in the library and blocks are written out, which gives the `Procedure` that the rest of the house knows.
What cannot be found is a `LookupFailedError` error with the nearest names.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationError

from pipeline.procedures.paper import (
    KEY,
    TYPE,
    DocumentSchema,
    FieldRule,
    Mark,
    Option,
    Part,
    Recognition,
    Validity,
    changed,
)
from pipeline.procedures.schema import Head, Procedure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class LookupFailedError(ValueError):
    """A name that nothing has. `path` leads to it from the top of the file."""

    def __init__(self, path: Sequence[str | int], what: str, remedy: str) -> None:
        self.path = tuple(path)
        self.what = what
        self.remedy = remedy
        super().__init__(what)


class BlockUse(Part):
    """A block of fields, written out for one person or event."""

    block: str
    """Name of a block in `shared/*.yaml`."""
    prefix: str = Field(default="", pattern=r"^[a-z0-9_]{0,30}$")
    """Goes before every key of the block: `me` makes `me_ho_ten`."""
    of: str = ""
    """Vietnamese, goes behind every label: `của mẹ`."""
    section: tuple[str, ...] = ()
    """Printed headings under which the labels stand."""
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    """Keys of the block that this form has, or lacks."""
    change: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By key of the block: what differs on this form, such as `{ho_ten: {required: true}}`."""


def _entry(value: Any) -> str:
    return "block" if "block" in (value if isinstance(value, dict) else vars(value)) else "field"


Entry = Annotated[
    Annotated[FieldRule, Tag("field")] | Annotated[BlockUse, Tag("block")],
    Discriminator(_entry),
]


class PaperFile(Part):
    """A document type as a file describes it."""

    type: str = Field(pattern=TYPE)
    name: str
    fields: tuple[Entry, ...] = ()
    recognise: Recognition = Recognition()
    marks: tuple[Mark, ...] = ()
    validity: Validity | None = None
    basis: tuple[str, ...] = ()


class DocumentUse(Part):
    """A document type in a procedure's file: new, or one of the library with changes."""

    type: str = Field(pattern=TYPE)
    name: str | None = None
    fields: tuple[Entry, ...] = ()
    """A field whose key the library's paper has takes its place; others come at the end."""
    without: tuple[str, ...] = ()
    """Keys of the library's paper that this procedure does not want."""
    alone: bool = False
    """Nothing is taken from the library's paper of this type."""
    recognise: Recognition | None = None
    marks: tuple[Mark, ...] | None = None
    validity: Validity | None = None
    basis: tuple[str, ...] = ()


class ProcedureFile(Head):
    """A procedure as its file says it. Papers of the library that components name need no entry in `documents`."""

    documents: tuple[DocumentUse, ...] = ()


class SharedFile(Part):
    """Blocks of fields and code lists that papers refer to by name."""

    blocks: dict[str, tuple[FieldRule, ...]] = Field(default_factory=dict)
    codes: dict[str, tuple[Option, ...]] = Field(default_factory=dict)


class Library:
    """Papers, blocks and code lists by name. Immutable once made; `over` makes one with other papers on top."""

    def __init__(
        self,
        blocks: Mapping[str, tuple[FieldRule, ...]],
        codes: Mapping[str, tuple[Option, ...]],
        papers: Mapping[str, DocumentSchema],
    ) -> None:
        self.blocks = dict(blocks)
        self.codes = dict(codes)
        self.papers = dict(papers)

    def over(self, shared: Iterable[SharedFile] = (), papers: Iterable[DocumentSchema] = ()) -> Library:
        """The same library with more, or other, blocks, lists and papers."""
        made = Library(self.blocks, self.codes, self.papers)
        for one in shared:
            made.blocks |= one.blocks
            made.codes |= one.codes
        made.papers |= {paper.type: paper for paper in papers}
        return made

    def paper(self, file: PaperFile) -> DocumentSchema:
        """A described paper, with its blocks written out. Raises `LookupFailedError` and `ValidationError`."""
        fields = self.written_out(file.fields, ("fields",))
        return DocumentSchema.model_validate({**dict(file), "fields": fields})

    def procedure(self, file: ProcedureFile) -> Procedure:
        """A procedure with all its papers described. Raises `LookupFailedError` and `ValidationError`."""
        described: dict[str, DocumentSchema] = {}
        for index, use in enumerate(file.documents):
            if use.type in described:
                raise LookupFailedError(
                    ("documents", index), f"loại giấy tờ `{use.type}` được mô tả hai lần", "gộp hai mục lại"
                )
            described[use.type] = self._document(use, ("documents", index))
        named = [doc_type for component in file.components for doc_type in component.types]
        named += [result.type for result in file.results if result.type]
        named += [telling.type for telling in file.detect]
        for doc_type in named:
            if doc_type not in described and doc_type in self.papers:
                described[doc_type] = self.papers[doc_type]
        return Procedure.model_validate({**dict(file), "documents": tuple(described.values())})

    def _document(self, use: DocumentUse, path: tuple[str | int, ...]) -> DocumentSchema:
        base = None if use.alone else self.papers.get(use.type)
        fields = self.written_out(use.fields, (*path, "fields"))
        if base is None:
            if use.name is None:
                near = _near(use.type, self.papers)
                raise LookupFailedError(
                    path, f"thư viện không có giấy tờ `{use.type}`{near}", "sửa tên, hoặc thêm `name` và `fields`"
                )
            said = {"name": use.name, "recognise": use.recognise or Recognition(), "marks": use.marks or ()}
            rest = {"type": use.type, "fields": fields, "validity": use.validity, "basis": use.basis}
            return DocumentSchema.model_validate({**said, **rest})
        for key in use.without:
            if base.field(key) is None:
                near = _near(key, [rule.key for rule in base.fields])
                raise LookupFailedError(
                    (*path, "without"), f"`{use.type}` không có trường `{key}`{near}", "sửa tên trường"
                )
        new = {rule.key: rule for rule in fields}
        kept = [new.pop(rule.key, rule) for rule in base.fields if rule.key not in use.without]
        change: dict[str, Any] = {"fields": (*kept, *new.values()), "basis": use.basis or base.basis}
        for name in ("name", "recognise", "marks", "validity"):
            if getattr(use, name) is not None:
                change[name] = getattr(use, name)
        return DocumentSchema.model_validate({**dict(base), **change})

    def written_out(
        self, entries: Sequence[FieldRule | BlockUse], path: tuple[str | int, ...]
    ) -> tuple[FieldRule, ...]:
        """Fields in order, blocks written out, code lists filled in. Raises `LookupFailedError`."""
        made: list[FieldRule] = []
        for index, entry in enumerate(entries):
            here = (*path, index)
            rules = self._block(entry, here) if isinstance(entry, BlockUse) else [entry]
            made += [self._with_codes(rule, here) for rule in rules]
        return tuple(made)

    def _block(self, use: BlockUse, path: tuple[str | int, ...]) -> list[FieldRule]:
        block = self.blocks.get(use.block)
        if block is None:
            raise LookupFailedError(
                (*path, "block"), f"không có khối `{use.block}`{_near(use.block, self.blocks)}", "sửa tên khối"
            )
        known = {rule.key for rule in block}
        for word, keys in (("only", use.only), ("without", use.without), ("change", use.change)):
            for key in keys:
                if key not in known:
                    what = f"khối `{use.block}` không có trường `{key}`{_near(key, known)}"
                    raise LookupFailedError((*path, word), what, "sửa tên trường")
        made = []
        for rule in block:
            if (use.only and rule.key not in use.only) or rule.key in use.without:
                continue
            boundary = "_" * rule.key.startswith("_")
            own = {
                "key": f"{boundary}{use.prefix}_{rule.key.removeprefix('_')}" if use.prefix else rule.key,
                "label": f"{rule.label} {use.of}".strip(),
                "spellings": rule.spellings or (rule.label,),
                "section": use.section or rule.section,
            }
            try:
                made.append(changed(rule, {**own, **use.change.get(rule.key, {})}))
            except ValidationError as error:
                said = error.errors()[0]
                where = ".".join(map(str, said["loc"]))
                what = f"change.{rule.key}.{where}: {said['msg']}"
                raise LookupFailedError((*path, "change", rule.key), what, "sửa giá trị cho đúng kiểu") from None
        return made

    def _with_codes(self, rule: FieldRule, path: tuple[str | int, ...]) -> FieldRule:
        change: dict[str, Any] = {}
        if rule.codes and not rule.options:
            if rule.codes not in self.codes:
                near = _near(rule.codes, self.codes)
                raise LookupFailedError(
                    path, f"không có danh mục `{rule.codes}`{near}", "sửa tên danh mục, hoặc thêm vào shared/"
                )
            change["options"] = self.codes[rule.codes]
        if rule.columns:
            change["columns"] = tuple(self._with_codes(column, path) for column in rule.columns)
        return rule.model_copy(update=change) if change else rule


def _near(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), n=3, cutoff=0.5)
    return f"; gần giống: {', '.join(close)}" if close else ""


__all__ = ["KEY", "BlockUse", "DocumentUse", "Library", "LookupFailedError", "PaperFile", "ProcedureFile", "SharedFile"]
