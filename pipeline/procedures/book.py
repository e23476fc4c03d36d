"""All procedures of an installation: the packaged YAML files, or an agency's own folder.

A dossier keeps the version of its day of receipt, so `get` always asks for a day.
Files are read strictly; what is wrong is a `Problem` with file, line and remedy, never a half-loaded procedure.
Types of paper that belong to no procedure are still read: the catch-all schema of letters serves them.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import yaml
from pydantic import ValidationError

from pipeline.errors import Exit, HosoError
from pipeline.procedures.schema import Procedure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

PACKAGED = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, what, and what to do."""

    file: str
    line: int
    """1-based; 1 where the whole file is meant."""
    what: str
    remedy: str

    def __str__(self) -> str:
        """`file:line: what -> remedy`."""
        return f"{self.file}:{self.line}: {self.what} -> {self.remedy}"


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


def _line_of(node: yaml.Node | None, path: Sequence[Any]) -> int:
    """Line of the YAML node that a validation error points at, or of its nearest parent."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if k.value == str(step)]
            if not pairs:
                return line
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            return line
    return line


def _parse(text: str) -> tuple[yaml.Node | None, Any]:
    """The YAML tree, which knows lines, and its data; the C parser where there is one, it is ten times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    finally:
        loader.dispose()


_REMEDIES = {
    "missing": "thêm mục còn thiếu",
    "extra_forbidden": "xóa mục này hoặc sửa chính tả; xem một tệp có sẵn làm mẫu",
    "value_error": "sửa giá trị theo dạng được nêu",
    "string_pattern_mismatch": "sửa giá trị theo dạng được nêu",
    "date_from_datetime_parsing": "viết ngày theo dạng 2026-01-31",
}


def read_file(path: Path) -> tuple[Procedure | None, list[Problem]]:
    """One schema file: the procedure, or what is wrong with it."""
    name = path.name
    try:
        text = path.read_text(encoding="utf-8")
        node, data = _parse(text)
    except UnicodeDecodeError:
        return None, [Problem(name, 1, "tệp không phải UTF-8", "lưu lại tệp với mã hóa UTF-8")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"YAML không đọc được: {getattr(error, 'problem', None) or 'lỗi cú pháp'}"
        return None, [Problem(name, mark.line + 1 if mark else 1, what, "sửa cú pháp: thụt lề, dấu hai chấm, dấu nháy")]
    if not isinstance(data, dict):
        return None, [Problem(name, 1, "tệp không mô tả thủ tục nào", "bắt đầu bằng `code:` và `name:`")]
    try:
        return Procedure.model_validate(data), []
    except ValidationError as error:
        problems = []
        for item in error.errors():
            where = ".".join(str(step) for step in item["loc"])
            remedy = _REMEDIES.get(item["type"], "sửa giá trị cho đúng kiểu")
            problems.append(Problem(name, _line_of(node, item["loc"]), f"{where}: {item['msg']}".lstrip(": "), remedy))
        return None, problems


def _unknown_rules(path: Path, procedure: Procedure) -> list[Problem]:
    from pipeline.rules import UnknownRuleError, rule_named

    problems = []
    node, _ = _parse(path.read_text(encoding="utf-8"))
    for index, use in enumerate(procedure.rules):
        try:
            rule_named(use.rule)
        except UnknownRuleError as error:
            problems.append(Problem(path.name, _line_of(node, ("rules", index)), error.detail, "dùng tên luật có sẵn"))
    return problems


def check(folder: Path | None = None) -> list[Problem]:
    """Lints every schema file of a folder (the packaged ones by default); empty when all is well."""
    return _read_all(folder or PACKAGED)[1]


def _read_all(folder: Path) -> tuple[list[Procedure], list[Problem]]:
    procedures: list[Procedure] = []
    problems: list[Problem] = []
    files = sorted(folder.glob("*.yaml"))
    if not files:
        return [], [Problem(str(folder), 1, "thư mục không có tệp .yaml nào", "đặt ít nhất một tệp mô tả thủ tục")]
    for path in files:
        procedure, wrong = read_file(path)
        problems += wrong
        if procedure is None:
            continue
        problems += _unknown_rules(path, procedure)
        problems += [
            Problem(
                path.name,
                1,
                f"{procedure.code}: hiệu lực trùng với phiên bản {other.version}",
                "sửa effective_from/_to",
            )
            for other in procedures
            if other.code == procedure.code and _overlap(other, procedure)
        ]
        procedures.append(procedure)
    return procedures, problems


def _overlap(one: Procedure, other: Procedure) -> bool:
    first, second = sorted((one, other), key=lambda p: p.effective_from)
    return first.effective_to is None or first.effective_to >= second.effective_from


class ProcedureBook:
    """The procedures of an installation. Immutable; safe in several threads."""

    def __init__(self, procedures: Iterable[Procedure]) -> None:
        self._all = tuple(sorted(procedures, key=lambda p: (p.code, p.effective_from)))

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Reads a folder of schema files; the packaged ones by default. Raises `ProcedureFileError`."""
        procedures, problems = _read_all(folder or PACKAGED)
        if problems:
            raise ProcedureFileError(problems)
        return cls(procedures)

    def list(self) -> tuple[Procedure, ...]:
        """Every version of every procedure, by code and day."""
        return self._all

    def get(self, code: str, on: date) -> Procedure:
        """The version of a procedure that counts on a day. Raises `UnknownProcedureError` naming near codes."""
        versions = [procedure for procedure in self._all if procedure.code == code]
        for procedure in versions:
            if procedure.in_force(on):
                return procedure
        codes = sorted({procedure.code for procedure in self._all})
        near = [code] if versions else difflib.get_close_matches(code, codes, n=3, cutoff=0.4)
        raise UnknownProcedureError(code, near, on if versions else None)

    def detect(self, types: Sequence[str], on: date | None = None) -> Procedure | None:
        """The one procedure whose telling papers are among these types; None where none or several fit.

        A procedure whose telling paper is more specific (fewer types tell it) goes before a catch-all.
        """
        found = {
            procedure.code: procedure  # the newest version speaks for its code where no day is given
            for procedure in self._all
            if set(procedure.detect) & set(types) and (on is None or procedure.in_force(on))
        }
        fits = list(found.values())
        if not fits:
            return None
        fewest = min(len(procedure.detect) for procedure in fits)
        best = [procedure for procedure in fits if len(procedure.detect) == fewest]
        return best[0] if len(best) == 1 else None
