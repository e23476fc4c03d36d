"""What changed between the revision a signature covers and the file as it is now.

A difference policy first decides whether the later revisions hold nothing but signatures, timestamps and validation
data. It is pyHanko's standard one without the rule for ordinary form fields: with that rule a known attack (a value
swapped behind the signature) counts as form filling. What the policy refuses is then compared by content, because
many honest files fail it: only a page, annotation or attachment that really differs is proof of harm.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

_MAX_OBJECTS: Final = 200_000
"""Objects hashed per revision; real files of a hundred pages have a few thousand."""


class TooManyObjectsError(Exception):
    """The comparison was given up."""


def strict_policy() -> Any:
    """The difference policy (pyHanko `DiffPolicy`)."""
    from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY
    from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
    from pyhanko.sign.diff_analysis.policies import StandardDiffPolicy
    from pyhanko.sign.diff_analysis.rules.form_field_rules import SigFieldCreationRule, SigFieldModificationRule

    rules = FormUpdatingRule(field_rules=[SigFieldCreationRule(), SigFieldModificationRule()])
    return StandardDiffPolicy(global_rules=DEFAULT_DIFF_POLICY.global_rules, form_rule=rules)


def harmful_changes(reader: Any, signed_revision: int) -> tuple[str, ...]:
    """Reason codes of content that differs between `signed_revision` and the last revision; empty: none was found.

    Compared: number of pages, boxes, rotation, content and resources of each page; its annotations other than form
    fields; the document's attachments. Raises TooManyObjectsError on a file that is too large to compare.
    """
    before = _Fingerprint(reader.get_historical_resolver(signed_revision)).parts()
    after = _Fingerprint(reader.get_historical_resolver(reader.xrefs.total_revisions - 1)).parts()
    return tuple(code for code in before if before[code] != after[code])


class _Fingerprint:
    """Hashes by value: object numbers and encodings of numbers don't count, contents do."""

    def __init__(self, resolver: Any) -> None:
        self._resolver = resolver
        self._left = _MAX_OBJECTS

    def parts(self) -> dict[str, bytes]:
        root = self._get(self._resolver.trailer_view, "/Root")
        pages = self._pages(root)
        names = self._get(root, "/Names")
        files = self._get(names, "/EmbeddedFiles") if names is not None else None
        return {
            "content_changed_after_signing": self._hash([self._page_content(page) for page in pages]),
            "annotation_changed_after_signing": self._hash([self._annotations(page) for page in pages]),
            "attachment_changed_after_signing": self._hash([self._value(files), self._value(self._get(root, "/AF"))]),
        }

    def _pages(self, root: Any) -> list[Any]:
        from pyhanko.pdf_utils import generic

        found: list[Any] = []
        seen: set[int] = set()
        stack: list[tuple[Any, dict[str, Any]]] = [(self._get(root, "/Pages"), {})]
        while stack:
            node, inherited = stack.pop()
            self._count()
            if not isinstance(node, generic.DictionaryObject) or id(node) in seen:
                continue
            seen.add(id(node))
            here = {k: node.raw_get(k) for k in ("/MediaBox", "/CropBox", "/Rotate", "/Resources") if k in node}
            kids = self._get(node, "/Kids")
            if isinstance(kids, generic.ArrayObject):
                stack.extend((self._resolve(kid), inherited | here) for kid in reversed(list(kids)))
            else:
                found.append((node, inherited | here))
        return found

    def _page_content(self, page: tuple[Any, dict[str, Any]]) -> bytes:
        node, inherited = page
        parts = [self._value(inherited.get(key)) for key in ("/MediaBox", "/CropBox", "/Rotate", "/Resources")]
        return self._hash([*parts, self._value(self._get(node, "/Contents"))])

    def _annotations(self, page: tuple[Any, dict[str, Any]]) -> bytes:
        from pyhanko.pdf_utils import generic

        annotations = self._get(page[0], "/Annots")
        if not isinstance(annotations, generic.ArrayObject):
            return self._hash([])
        kept = []
        for entry in annotations:
            annotation = self._resolve(entry)
            if isinstance(annotation, generic.DictionaryObject) and annotation.get("/Subtype") != "/Widget":
                kept.append(self._value(annotation))
        return self._hash(kept)

    def _value(self, value: Any, depth: int = 0, seen: frozenset[Any] = frozenset()) -> bytes:
        from pyhanko.pdf_utils import generic

        self._count()
        if depth > 60:
            raise TooManyObjectsError("nested too deeply")
        if isinstance(value, generic.IndirectObject):
            if value.reference in seen:
                return b"cycle"
            seen |= {value.reference}
            value = self._resolve(value)
        if isinstance(value, generic.StreamObject):
            body = hashlib.sha256(value.encoded_data).digest()
            return self._hash([b"stream", body, self._dictionary(value, depth, seen)])
        if isinstance(value, generic.DictionaryObject):
            return self._dictionary(value, depth, seen)
        if isinstance(value, generic.ArrayObject):
            return self._hash([b"array", *(self._value(entry, depth + 1, seen) for entry in list(value))])
        return self._hash([type(value).__name__.encode(), repr(value).encode("utf-8", "backslashreplace")])

    def _dictionary(self, value: Any, depth: int, seen: frozenset[Any]) -> bytes:
        parts = [b"dictionary"]
        # links upwards lead back to the page tree, and a stream's length says nothing about what it shows
        for key in sorted(k for k in value if k not in {"/Parent", "/P", "/Length", "/StructParent", "/StructParents"}):
            parts += [key.encode("utf-8", "backslashreplace"), self._value(value.raw_get(key), depth + 1, seen)]
        return self._hash(parts)

    def _get(self, dictionary: Any, key: str) -> Any:
        try:
            return self._resolve(dictionary.raw_get(key))
        except (KeyError, AttributeError):
            return None

    def _resolve(self, value: Any) -> Any:
        from pyhanko.pdf_utils import generic

        for _ in range(10):
            if not isinstance(value, generic.IndirectObject):
                return value
            value = self._resolver.get_object(value.reference)
        return None

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise TooManyObjectsError("too many objects to compare")

    @staticmethod
    def _hash(parts: list[bytes]) -> bytes:
        digest = hashlib.sha256()
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.digest()
