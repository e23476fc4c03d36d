"""Words in the sources of pages: every literal of templates, modules and Python, and which of them name a key.

The readers here are simple on purpose: a template is text between tags, a module is string literals, Python is its
syntax tree. What they can't tell, they call a word, and whoever wrote it gives it a key or names it in `NO_WORDS`.
"""

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

API = Path(__file__).parents[2] / "api"
TEMPLATES = sorted((API / "templates").glob("*.html"))
MODULES = sorted((API / "static").glob("*.js"))
# Doors that speak on a terminal have their words beside them; pages have none.
PYTHON = sorted(
    path
    for path in API.rglob("*.py")
    if "commands" not in path.parts and not path.name.startswith("cli") and not path.name.endswith("_screen.py")
    and path.name != "screens.py"
)  # fmt: skip
NO_WORDS = {
    "SHA-256", "PDF/A", "PDF/A-", "byte", "SHA", "CSV", "JSON", "PDF", "A4",
    "hòa", "hoà",  # samples of the two ways to put a tone
    "có", "không",  # what people type for yes and no
}  # fmt: skip
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SAID = r"(?:aria-label|title|placeholder|alt|aria-description|label)"
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')


class Found(NamedTuple):
    """A word where there should be a key."""

    file: str
    line: int
    said: str


def is_vietnamese(text: str) -> bool:
    """Whether a text has a letter that English has not."""
    return any(c in "đĐ" or len(unicodedata.normalize("NFD", c)) > 1 for c in text if c.isalpha())


def words_of_template(path: Path) -> Iterator[Found]:
    """Text between tags, attributes that are read out, and words inside expressions."""
    source = path.read_text(encoding="utf-8")
    # What is left out keeps its line breaks, so that lines can be named.
    bare = _JINJA.sub(lambda m: "\n" * m[0].count("\n"), source)
    bare = re.sub(
        r"<!--.*?-->|<(kbd|code|style|script)\b.*?</\1>", lambda m: "\n" * m[0].count("\n"), bare, flags=re.DOTALL
    )
    for attribute in re.finditer(rf'\s{_SAID}="([^"]*)"', bare):
        yield from _words(path, bare, attribute.start(1), attribute[1])
    for text in re.finditer(r"(?:^|>)([^<>]+)", re.sub(r"(?<=\s)[\w-]+=\"[^\"]*\"", lambda m: " " * len(m[0]), bare)):
        yield from _words(path, bare, text.start(1), text[1])
    for expression in _JINJA.finditer(source):
        for literal in _STRING.finditer(expression[0]):
            said = next(part for part in literal.groups() if part is not None)
            if is_vietnamese(said) and said not in NO_WORDS:
                yield Found(path.name, source.count("\n", 0, expression.start()) + 1, said)


def _words(path: Path, source: str, start: int, text: str) -> Iterator[Found]:
    said = re.sub(r"&\w+;", " ", text).strip()
    known = {*re.split(r"[\s·:,.()]+", said)} <= {*NO_WORDS, ""}
    if not known and said not in NO_WORDS and _LETTERS.search(said):
        yield Found(path.name, source.count("\n", 0, start) + 1, said)


def words_of_module(path: Path) -> Iterator[Found]:
    """Vietnamese in any literal, sentences, and whatever literal is put where people read it."""
    source = _uncommented(path)
    shown = r"(?:textContent|innerText|title|ariaLabel|placeholder|alt)\s*=\s*|(?:alert|confirm)\(\s*"
    for literal in _STRING.finditer(source):
        said = re.sub(r"\$\{[^}]*\}", "", next(part for part in literal.groups() if part is not None))
        seen = re.search(rf"(?:{shown})$", source[max(0, literal.start() - 40) : literal.start()])
        sentence = re.match(r"[A-Z][a-z]+ [a-z]+", said)
        if said in NO_WORDS or path.name == "typing.js":  # its tables are letters
            continue
        if is_vietnamese(said) or sentence or (seen and _LETTERS.search(said)):
            yield Found(path.name, source.count("\n", 0, literal.start()) + 1, said)


def words_of_python(path: Path) -> Iterator[Found]:
    """Vietnamese in any string that is not an error's own, a description for machines or a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(node.value)
        if isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id in {"message_vi", "remedy_vi", "model_config"} for t in node.targets
        ):
            left_out.update(inner for inner in ast.walk(node.value) if isinstance(inner, ast.Constant))
        if isinstance(node, ast.Call) and _name(node.func) in {"Failure", "Field", "FastAPI"}:
            left_out.update(inner for inner in ast.walk(node) if isinstance(inner, ast.Constant))
        if isinstance(node, ast.Call) and _name(node.func).endswith("Error"):
            left_out.update(inner for inner in ast.walk(node) if isinstance(inner, ast.Constant))
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and node not in left_out else None
        if isinstance(said, str) and is_vietnamese(said) and said not in NO_WORDS:
            yield Found(path.name, node.lineno, said)


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _uncommented(path: Path) -> str:
    source = path.read_text(encoding="utf-8")
    source = re.sub(r"/\*.*?\*/", lambda m: "\n" * m[0].count("\n"), source, flags=re.DOTALL)
    return re.sub(r"(^|[\s;{}(,])//[^\n]*", r"\1", source)


def literals() -> tuple[set[str], set[str]]:
    """Every literal of the pages' sources, and the beginnings of those that are put together."""
    whole: set[str] = set()
    begun: set[str] = set()
    for path in TEMPLATES:
        for expression in _JINJA.finditer(path.read_text(encoding="utf-8")):
            for literal in _STRING.finditer(expression[0]):
                said = next(part for part in literal.groups() if part is not None)
                whole.add(said)
                if re.match(r"\s*~", expression[0][literal.end() :]):
                    begun.add(said)
    for path in MODULES:
        source = _uncommented(path)
        for literal in _STRING.finditer(source):
            said = next(part for part in literal.groups() if part is not None)
            # A literal inside `${...}` of another one is one, too.
            whole.update(inner for group in _STRING.findall(said) for inner in group if inner)
            whole.add(said)
            if "${" in said:
                begun.add(said.partition("${")[0])
            if re.match(r"\s*\+", source[literal.end() :]):
                begun.add(said)
    for path in PYTHON:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                begun.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
    return whole, {said for said in begun if re.fullmatch(r"[a-z_]+\.[a-z_.]*", said)}


def asked() -> Iterator[tuple[str, str, bool]]:
    """(file, key, whether it goes on) of every `t("...")` in templates and modules."""
    for path in (*TEMPLATES, *MODULES):
        source = path.read_text(encoding="utf-8") if path.suffix == ".html" else _uncommented(path)
        for call in re.finditer(r"\b(?:t|both|row|say)\(\s*([\"'`])([a-z_]+\.[^\"'`]*)\1\s*(~|\+)?", source):
            said = call[2]
            goes_on = bool(call[3]) or "${" in said
            yield path.name, said.partition("${")[0], goes_on
