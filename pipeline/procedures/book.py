"""All procedures of an installation: the packaged ones, with an agency's own folder on top.

A dossier keeps the version of its day of receipt, so `get` always asks for a day; where both folders have a version
for it, the agency's counts. Which procedure a stack of papers is for is told by its papers, and by what they say where
several procedures take the same form; none or several is an answer. Immutable; `shelf.py` gives a new one on changes.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from extractors.doctypes import type_names
from extractors.text import fold
from pipeline.errors import Exit, HosoError
from pipeline.procedures.loading import PACKAGED, load_folder, packaged
from pipeline.procedures.yaml_file import Problem

if TYPE_CHECKING:
    from builtins import list as List  # noqa: N812 - a method of the book is called list, too
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from extractors.doctypes import DocType
    from pipeline.procedures.files import Library
    from pipeline.procedures.paper import DocumentSchema
    from pipeline.procedures.schema import Procedure, Telling

__all__ = ["PACKAGED", "Candidate", "Problem", "ProcedureBook", "ProcedureFileError", "UnknownProcedureError", "check"]


_MOST_TYPES = 5
"""A procedure that more types of paper tell is a catch-all."""


class ProcedureFileError(HosoError):
    """A schema file is broken."""

    code = "procedure_file"
    message_vi = "Tệp mô tả thủ tục có lỗi."
    remedy_vi = "Hãy sửa tệp theo dòng được nêu rồi chạy `hoso procedures check`."

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(problems[0].file, "; ".join(str(problem) for problem in problems))


class UnknownProcedureError(HosoError):
    """No procedure has this code on this day."""

    code = "procedure_unknown"
    exit_code = Exit.REFUSED
    message_vi = "Không có thủ tục mang mã này vào ngày tiếp nhận."
    remedy_vi = "Hãy xem danh sách bằng `hoso procedures list`."

    def __init__(self, wanted: str, near: Sequence[str], on: date | None = None) -> None:
        self.wanted = wanted
        self.near = tuple(near)
        hint = f"gần giống: {', '.join(near)}" if near else "không có mã nào gần giống"
        super().__init__(None, f"{wanted}{f' ({on.isoformat()})' if on else ''}; {hint}")
        if near:
            self.remedy_vi = f"Có phải {', '.join(near)}? Xem danh sách bằng `hoso procedures list`."


def check(folder: Path | None = None) -> list[Problem]:
    """Lints every file of a folder (the packaged one by default); empty when all is well."""
    if folder is None or folder.resolve() == PACKAGED.resolve():
        return list(packaged().problems)
    return list(load_folder(folder, packaged().library).problems)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A procedure that a stack of papers may be for."""

    procedure: Procedure
    strength: int
    """How many signs tell it; 0 where its papers are there but what they say could not be read."""

    @property
    def rank(self) -> tuple[int, bool]:
        """Less is better; candidates of one rank cannot be told apart."""
        return -self.strength, len(self.procedure.telling_types) > _MOST_TYPES


class ProcedureBook:
    """The procedures of an installation. Immutable; safe in several threads."""

    def __init__(
        self,
        procedures: Iterable[Procedure],
        library: Library | None = None,
        *,
        own: Iterable[Procedure] = (),
        problems: Iterable[Problem] = (),
    ) -> None:
        mine = sorted(own, key=lambda p: (p.code, p.effective_from))
        self._own = frozenset(map(id, mine))
        self._all = tuple(sorted((*mine, *procedures), key=lambda p: (p.code, p.effective_from)))
        self.papers: Mapping[str, DocumentSchema] = dict(library.papers) if library else {}
        """Every described paper, also those of no procedure."""
        self.problems = tuple(problems)
        """What is wrong in the files as they lie there now, where this book is an older, good one."""
        described = dict(self.papers)
        for procedure in self._all:
            described |= {d.type: d for d in procedure.documents if d.type not in self.papers or d.recognise.titles}
        self._types = tuple(document.doc_type() for document in described.values())

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """The packaged procedures, with a folder on top where one is given. Raises `ProcedureFileError`."""
        ours = packaged()
        own = load_folder(folder, ours.library) if folder else None
        problems = (*ours.problems, *(own.problems if own else ()))
        if problems:
            raise ProcedureFileError(problems)
        return cls(ours.procedures, (own or ours).library, own=own.procedures if own else ())

    def with_problems(self, problems: Iterable[Problem]) -> ProcedureBook:
        """The same book, with what is wrong in the files that came after it."""
        made = ProcedureBook.__new__(ProcedureBook)
        made.__dict__ |= self.__dict__ | {"problems": tuple(problems)}
        return made

    def is_own(self, procedure: Procedure) -> bool:
        """Whether a procedure of this book comes from the agency's folder."""
        return id(procedure) in self._own

    @property
    def doc_types(self) -> tuple[DocType, ...]:
        """What the judge of types is to tell apart."""
        return self._types

    @property
    def type_names(self) -> dict[str, str]:
        """Vietnamese name of every type of paper, letters included; `unknown` has one too."""
        return type_names() | {kind.type: kind.name for kind in self._types}

    def list(self) -> tuple[Procedure, ...]:
        """Every version of every procedure, by code and day."""
        return self._all

    def in_force(self, on: date) -> tuple[Procedure, ...]:
        """One version of each procedure that counts on a day, by code."""
        best: dict[str, Procedure] = {}
        for procedure in self._all:
            if procedure.in_force(on) and (procedure.code not in best or id(procedure) in self._own):
                best[procedure.code] = procedure
        return tuple(best.values())

    def last_days(self) -> dict[str, date]:
        """The last day of each procedure that no version follows, by code; what has no end is left out."""
        ends: dict[str, List[date | None]] = {}
        for procedure in self._all:
            ends.setdefault(procedure.code, []).append(procedure.effective_to)
        return {code: max(day for day in days if day) for code, days in ends.items() if None not in days}

    def get(self, code: str, on: date) -> Procedure:
        """The version of a procedure that counts on a day. Raises `UnknownProcedureError` naming near codes."""
        for procedure in self.in_force(on):
            if procedure.code == code:
                return procedure
        codes = sorted({procedure.code for procedure in self._all})
        near = [code] if code in codes else difflib.get_close_matches(code, codes, n=3, cutoff=0.4)
        raise UnknownProcedureError(code, near, on if code in codes else None)

    def search(self, text: str, on: date) -> List[Procedure]:
        """Procedures in force whose code, name or keywords hold every word of `text`, with or without marks.

        Best first: whole words before parts of words, the name before other words, short names before long ones.
        """
        words = fold(text).casefold().split()
        found = []
        for procedure in self.in_force(on):
            name = fold(procedure.name).casefold()
            whole = f"{procedure.code} {name} {' '.join(fold(word).casefold() for word in procedure.keywords)}"
            if all(word in whole for word in words):
                parts = set(whole.split())
                rank = (-sum(word in parts for word in words), -sum(word in name for word in words), len(name))
                found.append((rank, procedure.code, procedure))
        return [procedure for *_, procedure in sorted(found, key=lambda one: one[:2])]

    def candidates(
        self, types: Sequence[str], on: date | None = None, said: Callable[[str, str], Sequence[str]] | None = None
    ) -> List[Candidate]:
        """Procedures that a stack may be for, the best first. `said(type, key)` gives what papers of a type say.

        A catch-all, which many types tell, stands behind the others.
        """
        book = self.in_force(on) if on else tuple({p.code: p for p in self._all}.values())
        found = []
        for procedure in book:
            told = [strength for one in procedure.detect if (strength := _strength(one, types, said)) is not None]
            if told:
                found.append(Candidate(procedure, max(told)))
        return sorted(found, key=lambda c: (*c.rank, c.procedure.code))

    def detect(
        self, types: Sequence[str], on: date | None = None, said: Callable[[str, str], Sequence[str]] | None = None
    ) -> Procedure | None:
        """The one procedure that these types of paper tell; None where none or several fit."""
        fits = [candidate for candidate in self.candidates(types, on, said) if candidate.strength]
        if not fits:
            return None
        first, *others = fits
        return None if any(other.rank == first.rank for other in others) else first.procedure


def _strength(
    telling: Telling, types: Sequence[str], said: Callable[[str, str], Sequence[str]] | None
) -> int | None:  # fmt: skip
    """Signs that hold; None where one is missing, 0 where what the paper says is not known."""
    if telling.type not in types or any(other not in types for other in telling.beside):
        return None
    if telling.key is None:
        return 1 + 2 * len(telling.beside)
    texts = [_plain(text) for text in said(telling.type, telling.key)] if said else []
    if not any(texts):
        return 0
    if any(_plain(word) in text for word in telling.silent for text in texts):
        return None
    if telling.says and not any(_plain(word) in text for word in telling.says for text in texts):
        return None
    return 2 + 2 * len(telling.beside)


def _plain(text: str) -> str:
    return " ".join(fold(text).casefold().split())
