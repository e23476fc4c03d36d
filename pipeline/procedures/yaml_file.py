"""YAML as strangers may write it: read with limits, and every mistake has a file, a line and a remedy.

A file is judged before its data is built: size, depth, doubled keys, cycles, and how large it grows when anchors are
written out (a few lines can stand for a billion). The C parser does the work where there is one. Nothing here raises
for what stands in a file; `Problem`s come back instead.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

MAX_BYTES = 512 * 1024
MAX_DEPTH = 40
MAX_NODES = 60_000
"""Of a file with all its anchors written out; the largest that ships has about 3,000."""

Model = TypeVar("Model", bound=BaseModel)


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


class Broken(Exception):  # noqa: N818 - carries problems to the reader of a file, who lists them
    """A file cannot be used."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(map(str, problems)))


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A file's data and its tree, which knows lines."""

    name: str
    node: yaml.Node | None
    data: Any

    def line(self, path: Sequence[Any]) -> int:
        """Line of what a path leads to, or of the nearest thing above it; steps that the tree lacks are passed over."""
        node = self.node
        line = node.start_mark.line + 1 if node else 1
        for step in path:
            if isinstance(node, yaml.MappingNode):
                found = [(k, v) for k, v in node.value if k.value == str(step)]
                if found:
                    line, node = found[0][0].start_mark.line + 1, found[0][1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
        return line

    def problem(self, path: Sequence[Any], what: str, remedy: str) -> Problem:
        """A problem at a path."""
        return Problem(self.name, self.line(path), what, remedy)

    def as_model(self, model: type[Model], data: Any = None) -> Model:
        """The data as a model. Raises `Broken` with every mistake."""
        try:
            return model.model_validate(self.data if data is None else data)
        except ValidationError as error:
            raise Broken(*problems_of(self, error)) from None


def problems_of(file: YamlFile, error: ValidationError) -> list[Problem]:
    """A model's complaints as problems of its file, in Vietnamese."""
    return [_said(file, item) for item in error.errors()]


_WORDS = {
    "missing": ("thiếu mục này", "thêm mục còn thiếu"),
    "extra_forbidden": ("không có mục nào tên như vậy", "xóa mục này hoặc sửa chính tả; xem một tệp có sẵn làm mẫu"),
    "string_type": ("phải là chữ", 'đặt giá trị trong dấu nháy kép, ví dụ "1.001193"'),
    "int_type": ("phải là số nguyên", "viết số không có nháy"),
    "int_parsing": ("phải là số nguyên", "viết số không có nháy"),
    "float_parsing": ("phải là số", "viết số không có nháy, ví dụ 0.3"),
    "bool_parsing": ("phải là true hoặc false", "viết true hoặc false"),
    "tuple_type": ("phải là danh sách", "viết dạng [a, b] hoặc mỗi dòng một mục bắt đầu bằng dấu gạch"),
    "dict_type": ("phải là các cặp `tên: giá trị`", "viết dạng {tên: giá trị}"),
    "model_type": ("phải là các cặp `tên: giá trị`", "viết dạng {tên: giá trị}; kiểm tra thụt lề"),
    "model_attributes_type": ("phải là các cặp `tên: giá trị`", "viết dạng {tên: giá trị}; kiểm tra thụt lề"),
    "date_type": ("phải là ngày", "viết ngày theo dạng 2026-01-31"),
    "date_parsing": ("phải là ngày", "viết ngày theo dạng 2026-01-31"),
    "date_from_datetime_parsing": ("phải là ngày", "viết ngày theo dạng 2026-01-31"),
}  # fmt: skip


def _said(file: YamlFile, item: ErrorDetails) -> Problem:
    path = item["loc"]
    where = ".".join(str(step) for step in path)
    kind, context = item["type"], item.get("ctx") or {}
    if kind in _WORDS:
        what, remedy = _WORDS[kind]
    elif kind in {"literal_error", "enum"}:
        what, remedy = f"phải là một trong: {context.get('expected')}", "chọn một giá trị được nêu"
    elif kind == "string_pattern_mismatch":
        what, remedy = f"“{item['input']}” không đúng dạng {context.get('pattern')}", "sửa giá trị theo dạng được nêu"
    elif kind == "value_error":
        what, remedy = str(context.get("error", item["msg"])), "sửa giá trị theo lời báo"
    else:
        what, remedy = item["msg"], "sửa giá trị cho đúng kiểu"
    return file.problem(path, f"{where}: {what}" if where else what, remedy)


def read_yaml(path: Path, name: str | None = None) -> YamlFile:
    """Reads one file. Raises `Broken`."""
    name = name or path.name
    text = _text(path, name)
    try:
        node = _tree(text)
        _judge(name, node)
        return YamlFile(name, node, _built(node))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"YAML không đọc được: {getattr(error, 'problem', None) or 'lỗi cú pháp'}"
        remedy = "sửa cú pháp: thụt lề bằng dấu cách, dấu hai chấm, dấu nháy"
        raise Broken(Problem(name, mark.line + 1 if mark else 1, what, remedy)) from None


def _text(path: Path, name: str) -> str:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise Broken(Problem(name, 1, "không phải là tệp thường", "thay bằng một tệp văn bản"))
        if about.st_size > MAX_BYTES:
            what = f"tệp quá lớn ({about.st_size // 1024} KB; tối đa {MAX_BYTES // 1024} KB)"
            raise Broken(Problem(name, 1, what, "tách thành nhiều tệp"))
        data = path.read_bytes()[: MAX_BYTES + 1]
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Broken(Problem(name, line, "tệp không phải UTF-8", "lưu lại tệp với mã hóa UTF-8")) from None
    except OSError as error:
        what = f"không mở được tệp ({error.strerror or type(error).__name__})"
        raise Broken(Problem(name, 1, what, "kiểm tra quyền đọc của tài khoản chạy dịch vụ")) from None


def _tree(text: str) -> yaml.Node | None:
    deep = _may_be_deep(text) and _too_deep(text)
    if deep:
        raise yaml.MarkedYAMLError(problem=f"lồng nhau quá {MAX_DEPTH} tầng", problem_mark=deep)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


_STEEP = re.compile(r"^ {40,}\S|(?:[-?][ \t]+){6}", re.MULTILINE)


def _may_be_deep(text: str) -> bool:
    """A quick look at brackets, indents and rows of dashes; the C parser would crash on what lies very deep."""
    depth = 0
    for sign in re.findall(r"[\[\]{}]", text):
        depth += 1 if sign in "[{" else -1
        if depth > MAX_DEPTH // 2:
            return True
    return _STEEP.search(text) is not None


def _too_deep(text: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    # Events come one by one, so that a file too deep for any parser is turned away before a tree is built of it.
    try:
        depth = 0
        while loader.check_event():
            event = loader.get_event()
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    return event.start_mark
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
        return None
    finally:
        loader.dispose()


def _judge(name: str, node: yaml.Node | None) -> None:
    """Doubled keys, cycles, and the size with anchors written out. The tree is not deep: recursion is safe."""
    sizes: dict[int, int] = {}
    doubled: list[Problem] = []

    def size(one: yaml.Node) -> int:
        known = sizes.get(id(one))
        if known == 0:
            line = one.start_mark.line + 1
            raise Broken(Problem(name, line, "neo (&) chứa chính nó", "bỏ dấu * trỏ ngược lên trên"))
        if known is not None:
            return known
        sizes[id(one)] = 0
        total = 1
        if isinstance(one, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in one.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen and key.value != "<<":
                        what = f"mục `{key.value}` được viết hai lần"
                        doubled.append(Problem(name, key.start_mark.line + 1, what, "giữ một, xóa một"))
                    seen.add(key.value)
                total += size(key) + size(value)
        elif isinstance(one, yaml.SequenceNode):
            total += sum(size(item) for item in one.value)
        if total > MAX_NODES:
            line = one.start_mark.line + 1
            what = f"quá lớn khi các neo (&, *) được viết ra: hơn {MAX_NODES} mục"
            raise Broken(Problem(name, line, what, "bỏ bớt neo lồng nhau, hoặc tách tệp"))
        sizes[id(one)] = total
        return total

    if node is not None:
        size(node)
    if doubled:
        raise Broken(*doubled)


def _built(node: yaml.Node | None) -> Any:
    builder = yaml.SafeLoader("")
    try:
        return None if node is None else builder.construct_document(node)
    except (ValueError, OverflowError) as error:
        # 2026-02-31 looks like a date to YAML, and is none.
        bad = _not_a_date(node)
        mark = (bad or node).start_mark if node else None
        what = f"ngày không có trong lịch ({error})" if bad is not None else str(error)
        raise yaml.MarkedYAMLError(problem=what, problem_mark=mark) from None
    finally:
        builder.dispose()


def _not_a_date(node: yaml.Node | None) -> yaml.Node | None:
    from datetime import date

    if isinstance(node, yaml.ScalarNode) and node.tag.endswith(":timestamp"):
        try:
            date.fromisoformat(str(node.value)[:10])
        except ValueError:
            return node
    if isinstance(node, yaml.MappingNode):
        parts = [part for pair in node.value for part in pair]
    else:
        parts = node.value if isinstance(node, yaml.SequenceNode) else []
    return next((bad for part in parts if (bad := _not_a_date(part)) is not None), None)
