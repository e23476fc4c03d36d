"""Files that are broken, hostile or not to be read: a problem with file, line and remedy, quickly, and nothing else."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from small_procedure import SMALL

from pipeline.procedures.book import check
from pipeline.procedures.yaml_file import MAX_BYTES

if TYPE_CHECKING:
    from pathlib import Path

BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 10)}]" for n in range(20)
)

HOSTILE = {
    "bomb": (BOMB, 5, "neo"),
    "cycle": ("a: 1\nb: &b [*b]\n", 2, "chính nó"),
    "deep brackets": ("a: " + "[" * 100_000 + "]" * 100_000, 1, "tầng"),
    "deep dashes": ("- " * 100_000, 1, "tầng"),
    "deep questions": ("? " * 50_000, 1, "tầng"),
    "deep indent": ("\n".join(" " * depth + "a:" for depth in range(400)), 41, "tầng"),
    "too large": ("a: " + "x" * MAX_BYTES, 1, "quá lớn"),
    "doubled key": (SMALL + "fee: {amount_vnd: 5}\n", SMALL.count("\n") + 1, "hai lần"),
    "no such day": (SMALL.replace("2025-07-01", "2025-02-31"), 4, "lịch"),
    "code of a program": ("code: !!python/object/apply:os.system ['true']\n", 1, "YAML"),
    "tab": ("code:\n\t- a\n", 2, "YAML"),
    "zero byte": ("code: \x00\n", 1, "YAML"),
    "two documents": (SMALL + "---\na: 1\n", SMALL.count("\n") + 1, "YAML"),
    "huge number": ("code: " + "9" * 5000, 1, "digits"),
    "a list": ("- a\n- b\n", 1, "không mô tả"),
    "nothing": ("", 1, "không mô tả"),
    "a number for a text": (SMALL.replace("code: small_one", "code: 1.5"), 1, "phải là chữ"),
    "a text for a list": (SMALL.replace("types: [don_thu]", "types: don_thu"), 8, "danh sách"),
    "a block that is none": (
        SMALL.replace("      - {key: co_con,", "      - {block: nguoii, prefix: a}\n      - {key: co_con,"),
        22,
        "nguoi",
    ),
    "a code list that is none": (SMALL.replace("kind: sex}", "kind: sex, codes: gioi_tin}"), 21, "gioi_tinh"),
    "a type that is none": (
        SMALL.replace("types: [giay_chung_sinh]", "types: [giay_chung_sin]"),
        12,
        "giay_chung_sinh",
    ),
    "a condition on no field": (SMALL.replace("key: co_con, among", "key: co_conn, among"), 1, "co_conn"),
    "a table without columns": (
        SMALL.replace("        columns:\n", "").split("          - {key: ho_ten")[0],
        23,
        "columns",
    ),
    "a wrong parameter": (SMALL.replace("key: ho_ten}}", "key: ho_tenn}}"), 31, "ho_tenn"),
    "a spelling in the head": (SMALL.replace("results:", "result:"), 34, "không có mục"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_a_problem_with_its_line_and_a_remedy(name: str, tmp_path: Path) -> None:
    text, line, what = HOSTILE[name]
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    started = time.process_time()
    problems = check(tmp_path)
    assert time.process_time() - started < 5
    assert problems
    assert all(problem.file == "a.yaml" and problem.remedy for problem in problems), [str(p) for p in problems]
    assert any(problem.line == line and what in str(problem) for problem in problems), [str(p) for p in problems]


def test_what_is_no_utf8_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"code: small_one\nname: \xff\xfe\n")
    assert [(p.line, "UTF-8" in p.what) for p in check(tmp_path)] == [(2, True)]


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")  # opening it would wait for ever
    (tmp_path / "b.yaml").mkdir()
    (tmp_path / "c.yaml").symlink_to("/dev/zero")
    (tmp_path / "d.yaml").symlink_to(tmp_path / "nowhere")
    assert [problem.file for problem in check(tmp_path)] == ["a.yaml", "b.yaml", "c.yaml", "d.yaml"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL, encoding="utf-8")
    (tmp_path / "a.yaml").chmod(0)
    assert "quyền" in check(tmp_path)[0].remedy


def test_a_mistake_in_a_shared_paper_is_named_there(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "mine.yaml").write_text(
        "- type: giay_a\n  name: A\n- type: giay_b\n  name: B\n  fields:\n    - {key: x, label: X, kind: datee}\n",
        encoding="utf-8",
    )
    (tmp_path / "a.yaml").write_text(SMALL, encoding="utf-8")
    assert [(p.file, p.line) for p in check(tmp_path)] == [("papers/mine.yaml", 6)]
