"""XML written and read: the same tree is the same bytes, and what comes from outside is parsed with everything off.

Written: UTF-8, two spaces, namespaces declared once at the root, no time of its own. Read: no entities, no DOCTYPE,
no network, no huge trees, a limit on bytes and depth; a broken file is `MarkupError`, which names the file.
"""

from __future__ import annotations

import io
import re
import unicodedata
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 16 << 20
"""Parsed, a document takes some ten times its size. Of a dossier of 300 pages with images PREMIS has 3 MB."""
MAX_DEPTH: Final = 64
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class MarkupError(ValueError):
    """Not XML that may be read here; the text says why."""


class Writer:
    """Makes elements of one namespace: `writer("file", {"ID": "x"}, child, "text")`."""

    def __init__(self, namespace: str, prefixes: dict[str | None, str]) -> None:
        self._namespace = namespace
        self._prefixes = prefixes

    def __call__(self, name: str, attributes: dict[str, str] | None = None, *content: Any) -> Any:
        """An element; content is elements, texts and Nones, which are left out."""
        made = etree.Element(f"{{{self._namespace}}}{name}", nsmap=self._prefixes)
        for key, value in (attributes or {}).items():
            made.set(key, clean(value))
        for item in content:
            if item is None:
                continue
            if isinstance(item, str):
                made.text = clean(item)
            else:
                made.append(item)
        return made


def clean(text: str) -> str:
    """NFC, without the characters that XML 1.0 does not allow."""
    return _FORBIDDEN.sub("", unicodedata.normalize("NFC", text))


def to_bytes(root: Any) -> bytes:
    """The document as a file."""
    tree = etree.ElementTree(root)
    etree.indent(tree, space="  ")
    etree.cleanup_namespaces(tree, keep_ns_prefixes=[prefix for prefix in root.nsmap if prefix])
    out = io.BytesIO()
    tree.write(out, xml_declaration=True, encoding="UTF-8")
    return out.getvalue() + b"\n"


def read(path: Path) -> Any:
    """The root element of a file from outside. Raises `MarkupError`."""
    if path.stat().st_size > MAX_BYTES:
        raise MarkupError(f"larger than {MAX_BYTES >> 20} MB")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, recover=False
    )
    try:
        with path.open("rb") as stream:
            tree = etree.parse(stream, parser)
    except (etree.XMLSyntaxError, OSError, ValueError) as error:
        raise MarkupError(str(error)[:200]) from error
    if tree.docinfo.doctype:
        raise MarkupError("a DOCTYPE is not allowed")
    if any(sum(1 for _ in element.iterancestors()) > MAX_DEPTH for element in tree.iter() if not len(element)):
        raise MarkupError(f"deeper than {MAX_DEPTH} levels")
    return tree.getroot()


def schema_faults(root: Any, name: str) -> list[str]:
    """What the profile's own schema says against a document: empty when it is valid."""
    folder = resources.files("pipeline.package") / "schemas"
    with resources.as_file(folder) as place:
        schema = etree.XMLSchema(etree.parse(str(place / name)))
    if schema.validate(root):
        return []
    return [f"line {entry.line}: {entry.message}"[:300] for entry in schema.error_log][:20]
