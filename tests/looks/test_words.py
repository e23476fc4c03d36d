"""All words for people are in the catalogue, all keys of the catalogue are used, and no page asks for one that is not.

Fast and without a browser: sources are read (`page_words.py`). Whether pages are whole in both languages when they are
looked at is seen by the walk over every page.
"""

import re

import pytest
from page_words import (
    MODULES,
    PYTHON,
    TEMPLATES,
    asked,
    is_vietnamese,
    literals,
    words_of_module,
    words_of_python,
    words_of_template,
)

from api.i18n import FOLDER, entries, load_texts
from api.problems import _STATUS
from api.words import FIELD, SEVERITY, SOURCE, STAGE, STATUS
from extractors.fields import FieldStatus, Source
from pipeline.access.roles import Role
from pipeline.errors import HosoError
from pipeline.record import ComponentState, Severity, Status
from pipeline.stages import STAGES

# Families that the command line shows by tables of `api/words.py`.
TERMINAL = {"next_step", "held_cause", "files", "outcome", "part", "ledger"}


def test_templates_modules_and_python_of_pages_have_no_words_of_their_own() -> None:
    found = [word for path in TEMPLATES for word in words_of_template(path)]
    found += [word for path in MODULES for word in words_of_module(path)]
    found += [word for path in PYTHON for word in words_of_python(path)]
    assert found == []


def test_a_word_in_a_page_is_found(tmp_path) -> None:
    page = tmp_path / "a.html"
    page.write_text('<p title="Xin chào">{{ t("a.b") }}</p>\n<b>Save all</b>{{ "Có lỗi" }}<i>SHA-256</i>')
    assert [(w.line, w.said) for w in words_of_template(page)] == [(1, "Xin chào"), (2, "Save all"), (2, "Có lỗi")]
    module = tmp_path / "a.js"
    module.write_text('// Có lỗi\nbox.textContent = "Saved";\nconst a = "div.b", b = t("a.b");\nsay(`Đã lưu ${n}`);')
    assert [(w.line, w.said) for w in words_of_module(module)] == [(2, "Saved"), (4, "Đã lưu ")]
    code = tmp_path / "a.py"
    code.write_text('"""Có."""\nclass A:\n    message_vi = "Có lỗi"\nx = "Không"\n')
    assert [(w.line, w.said) for w in words_of_python(code)] == [(4, "Không")]


def test_no_key_is_unused() -> None:
    whole, begun = literals()
    unused = [
        key
        for key in load_texts().of("vi")
        if key not in whole
        and key.partition(".")[0] not in TERMINAL
        and not any(key.startswith(beginning) for beginning in begun)
    ]
    assert unused == []


def test_no_key_is_missing() -> None:
    words = load_texts().of("vi")
    missing = [
        (file, key)
        for file, key, goes_on in asked()
        if (not any(one.startswith(key) for one in words) if goes_on else key not in words)
    ]
    assert missing == []


def test_codes_of_the_record_all_have_words() -> None:
    for table, codes in (
        (STATUS, Status), (STAGE, STAGES), (SEVERITY, Severity), (FIELD, FieldStatus), (SOURCE, Source),
    ):  # fmt: skip
        assert {str(getattr(code, "value", code)) for code in codes} <= set(table)
    texts = load_texts()
    assert all(texts.has(f"component.{state.value}") for state in ComponentState)
    assert all(texts.has(f"role.{role.value}") for role in Role)


def test_english_is_english() -> None:
    names = {"Hồ Sơ Số", "Tiếng Việt"}
    for path in FOLDER.glob("*.yaml"):
        for key, said in entries(path).items():
            rest = said["en"]
            for name in names:
                rest = rest.replace(name, "")
            # What is quoted is a Vietnamese word that people see on paper.
            rest = re.sub(r"“[^”]*”|\([^)]*\)|\"[^\"]*\"", "", rest)
            assert not is_vietnamese(rest), f"{path.name}: {key}"


def _said(base: type[HosoError], found: dict[str, list[tuple[str, str]]]) -> dict[str, list[tuple[str, str]]]:
    for kind in (base, *base.__subclasses__()):
        if kind is not base:
            _said(kind, found)
        if "code" in vars(kind):
            found.setdefault(kind.code, []).append((kind.message_vi, kind.remedy_vi))
    return found


def test_errors_that_have_english_say_the_same_in_vietnamese() -> None:
    import api.app  # noqa: F401 - all errors of pages are known then

    known = _said(HosoError, {})
    words = load_texts().of("vi")
    said = {key.removeprefix("error.said."): words[key] for key in words if key.startswith("error.said.")}
    assert said.keys() <= known.keys()
    for code, vietnamese in said.items():
        assert (vietnamese, words[f"error.do.{code}"]) in known[code], code


@pytest.mark.parametrize("code", ["dossier_unknown", "not_allowed", "too_many_requests"])
def test_errors_of_pages_have_english(code: str) -> None:
    assert code in _STATUS
    assert load_texts().has(f"error.said.{code}")
