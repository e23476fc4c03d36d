"""Blank forms that no office ever issued, drawn by chance from wordings of labels: something to learn layouts from.

A plan has a title, two to four sections about people, one about the case, at times a table of people, and places to
sign. Its keys say what is asked (`me_ho_ten`), so that a learner may tell kinds of fields and their persons apart.
The wordings are data (`inventory.yaml`); which of them are kept for measuring is decided by `forms.layouts.wordings`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from models.synthesis.forms.plan import Ask, FormPlan, Row, Section, Signer, Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random


def _split(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split("|") if part.strip())


@cache
def _wordings() -> Mapping[str, Any]:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("inventory.yaml").read_text(encoding="utf-8"))
    return data


def _row(key: str, described: list[str], rng: Random) -> Row:
    kind, labels, *choices = described
    if kind == "date" and rng.random() < 0.3:
        kind = "partial_date"
    filling = "tick" if choices and rng.random() < 0.5 else "line"
    ask = Ask(key, kind, _split(choices[0]) if choices else (), "tick" if filling == "tick" else "line")
    return Row(_split(labels), (ask,))


def _identity(prefix: str, rng: Random) -> Row:
    """Number, issuer and day of an identity paper as one running text."""
    labels = _split("Giấy tờ tùy thân | Số định danh cá nhân | CCCD/Hộ chiếu | Giấy tờ tùy thân kèm theo")
    asks = [Ask(f"{prefix}_so_dinh_danh", "id_number"), Ask(f"{prefix}_ngay_cap", "date")]
    if rng.random() < 0.7:
        asks.append(Ask(f"{prefix}_noi_cap", "issuer"))
    return Row(labels, tuple(asks))


def _person(prefix: str, described: Mapping[str, list[str]], rng: Random) -> tuple[Row, ...]:
    together = rng.random() < 0.35
    rows = []
    for key, about in described.items():
        if together and key in {"so_dinh_danh", "ngay_cap", "noi_cap"}:
            if key == "so_dinh_danh":
                rows.append(_identity(prefix, rng))
            continue
        if key == "ho_ten" or rng.random() < 0.62:
            rows.append(_row(f"{prefix}_{key}", about, rng))
    return tuple(rows)


def _table(rng: Random) -> Table:
    described = dict(_wordings()["table"])
    labels = _split(described.pop("labels"))
    columns = [
        _row(key, about, rng)
        for key, about in described.items()
        if key in {"ho_ten", "so_dinh_danh"} or rng.random() < 0.75
    ]
    return Table("thanh_vien", labels, tuple(columns))


def make_plan(rng: Random) -> FormPlan:
    """A blank form that never was."""
    words = _wordings()
    heads: Mapping[str, str] = words["sections"]
    people = ["nyc", *rng.sample([role for role in heads if role != "nyc"], rng.randint(1, 3))]
    headed = rng.random() < 0.85
    sections = [
        Section(_person(role, words["person"], rng), _split(heads[role]) if headed or number else ())
        for number, role in enumerate(people)
    ]
    described: Mapping[str, list[str]] = words["case"]
    chosen = [key for key in described if rng.random() < 0.4] or ["noi_dung"]
    case: list[Row | Table] = [_row(key, described[key], rng) for key in chosen]
    if rng.random() < 0.35:
        case.append(_table(rng))
    headings = _split("Nội dung | Thông tin hồ sơ | Phần đề nghị | Nội dung đề nghị giải quyết")
    sections.append(Section(tuple(case), headings if headed else ()))
    issued = rng.random() < 0.2
    places = rng.sample(_split(words["signers"]), rng.choice((1, 1, 2, 2, 3)))
    signers = tuple(
        Signer((place,), _split("(Ký, ghi rõ họ tên) | (Ký và ghi rõ họ tên) | (Ký, ghi rõ họ, chữ đệm, tên)"),
               name="nguoi_ky" if number == len(places) - 1 else None, sealed=issued and number == len(places) - 1)
        for number, place in enumerate(places)
    )  # fmt: skip
    addressed = Row(("Kính gửi",), (Ask("kinh_gui", "text"),)) if rng.random() < 0.7 and not issued else None
    notes = _split(words["notes"])
    return FormPlan(
        "form",
        (rng.choice(_split(words["titles"])),),
        tuple(sections),
        issued=issued,
        number=Ask("so", "code") if issued else None,
        addressed=addressed,
        dated=(Ask("noi_lap", "place"), Ask("ngay_lap", "date")),
        dated_label=("Làm tại",) if rng.random() < 0.3 else (),
        signers=signers,
        notes=tuple(rng.sample(notes, rng.randint(2, 4))) if rng.random() < 0.4 else (),
        code=rng.choice(_split(words["codes"])) if rng.random() < 0.3 else "",
    )
