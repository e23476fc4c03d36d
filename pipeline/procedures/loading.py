"""Folders of YAML into procedures: `shared/` (blocks, code lists), then `papers/`, then one file a procedure.

A folder of an agency lies on top of the packaged one: it may change a paper for all procedures, replace a procedure
for some days, or bring new ones. Everything wrong is collected, never the first mistake alone; a file with a mistake
gives nothing. Within one folder two versions of a procedure must not count on the same day.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from pipeline.procedures.files import Library, LookupFailedError, PaperFile, ProcedureFile, SharedFile
from pipeline.procedures.yaml_file import Broken, Problem, YamlFile, problems_of, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.procedures.paper import DocumentSchema
    from pipeline.procedures.schema import Procedure

T = TypeVar("T")

PACKAGED = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder gives, and what is wrong in it."""

    library: Library
    procedures: tuple[Procedure, ...]
    problems: tuple[Problem, ...]


@cache
def packaged() -> Loaded:
    """What the program brings along; its files change with the program only."""
    return load_folder(PACKAGED)


def files_of(folder: Path) -> list[Path]:
    """Every file that a folder's procedures depend on, in the order in which they are read."""
    return [path for pattern in ("shared/*.yaml", "papers/*.yaml", "*.yaml") for path in sorted(folder.glob(pattern))]


def load_folder(folder: Path, base: Library | None = None) -> Loaded:
    """Reads a folder on top of a library. Raises nothing for what stands in files."""
    library = base or Library({}, {}, {})
    problems: list[Problem] = []
    try:
        listed = files_of(folder) if folder.is_dir() else []
    except OSError:
        listed = []
    if not listed:
        what = "thư mục không có tệp .yaml nào" if folder.is_dir() else "không có thư mục này, hoặc không được đọc"
        return Loaded(library, (), (Problem(str(folder), 1, what, "đặt ít nhất một tệp mô tả thủ tục vào thư mục"),))
    for path in listed:
        if path.parent.name == "shared" and path.parent != folder:
            shared = _kept(problems, lambda path=path: _shared(path))  # type: ignore[misc]
            library = library.over(shared=[shared]) if shared else library
    for path in listed:
        if path.parent.name == "papers" and path.parent != folder:
            papers = _kept(problems, lambda path=path, library=library: _papers(path, library))  # type: ignore[misc]
            library = library.over(papers=papers or ())
    made: list[tuple[str, Procedure]] = []
    for path in listed:
        if path.parent == folder:
            procedure = _kept(problems, lambda path=path, library=library: _procedure(path, library))  # type: ignore[misc]
            if procedure is not None:
                problems += [
                    _overlapping(path.name, procedure, name) for name, other in made if _both(procedure, other)
                ]
                made.append((path.name, procedure))
    return Loaded(library, tuple(procedure for _, procedure in made), tuple(problems))


def _kept(problems: list[Problem], read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Broken as broken:
        problems += broken.problems
        return None


def _shared(path: Path) -> SharedFile:
    return read_yaml(path, f"shared/{path.name}").as_model(SharedFile)


def _papers(path: Path, library: Library) -> list[DocumentSchema]:
    """A file describes one paper, or a list of them."""
    file = read_yaml(path, f"papers/{path.name}")
    if not isinstance(file.data, list):
        return [_resolved(file, (), lambda: library.paper(file.as_model(PaperFile)))]
    made = []
    for index, data in enumerate(file.data):
        part = YamlFile(file.name, file.node.value[index] if file.node else None, data)
        made.append(_resolved(part, (), lambda part=part: library.paper(part.as_model(PaperFile))))  # type: ignore[misc]
    return made


def _procedure(path: Path, library: Library) -> Procedure:
    file = read_yaml(path)
    if not isinstance(file.data, dict):
        raise Broken(Problem(path.name, 1, "tệp không mô tả thủ tục nào", "bắt đầu bằng `code:` và `name:`"))
    procedure = _resolved(file, (), lambda: library.procedure(file.as_model(ProcedureFile)))
    wrong = [*_unknown_types(file, procedure, library), *_wrong_rules(file, procedure)]
    if wrong:
        raise Broken(*wrong)
    return procedure


def _resolved(file: YamlFile, path: tuple[str | int, ...], make: Callable[[], T]) -> T:
    try:
        return make()
    except LookupFailedError as missing:
        raise Broken(file.problem((*path, *missing.path), missing.what, missing.remedy)) from None
    except ValidationError as error:
        raise Broken(*problems_of(file, error)) from None


def _unknown_types(file: YamlFile, procedure: Procedure, library: Library) -> list[Problem]:
    """Components whose papers nothing describes: a slip of the pen far more often than a paper without a name."""
    from extractors.doctypes import type_names

    known = {*library.papers, *type_names(), *(document.type for document in procedure.documents)}
    named: list[tuple[tuple[str | int, ...], str]] = [
        (("components", index, "types"), doc_type)
        for index, component in enumerate(procedure.components)
        for doc_type in component.types
    ]
    named += [(("detect", index), telling.type) for index, telling in enumerate(procedure.detect)]
    named += [(("results", index), result.type) for index, result in enumerate(procedure.results) if result.type]
    return [
        file.problem(
            path, f"không có loại giấy tờ `{doc_type}`{near}", "sửa tên, hoặc mô tả loại này trong `documents`"
        )
        for path, doc_type in named
        if doc_type not in known and (near := _near(doc_type, known)) is not None
    ]


def _near(name: str, names: set[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, sorted(names), n=3, cutoff=0.6)
    return f"; gần giống: {', '.join(close)}" if close else ""


def _wrong_rules(file: YamlFile, procedure: Procedure) -> list[Problem]:
    from pipeline.rules import UnknownRuleError, rule_named

    problems = []
    for index, use in enumerate(procedure.rules):
        path = ("rules", index)
        try:
            said = rule_named(use.rule).check(use.params, procedure)
        except UnknownRuleError as error:
            problems.append(file.problem(path, error.detail, "dùng tên luật có sẵn"))
            continue
        problems += [file.problem(path, f"{use.rule}: {what}", "sửa tham số của luật") for what in said]
    return problems


def _both(one: Procedure, other: Procedure) -> bool:
    """Whether two versions of a procedure count on the same day."""
    first, second = sorted((one, other), key=lambda p: p.effective_from)
    return one.code == other.code and (first.effective_to is None or first.effective_to >= second.effective_from)


def _overlapping(name: str, procedure: Procedure, other: str) -> Problem:
    what = f"{procedure.code}: hiệu lực trùng với phiên bản trong {other}"
    return Problem(name, 1, what, "sửa effective_from, effective_to để mỗi ngày chỉ có một phiên bản")
