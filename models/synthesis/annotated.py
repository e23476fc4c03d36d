"""Pages of forms as words with their boxes and roles, without pixels: what a tagger learns from.

`annotated_pages(seed)` yields pages for ever, each of another form in another layout and typeface. `held_out=False`
uses the layouts, typefaces and wordings meant for training and no others; `held_out=True` only those kept back.
Every word says whether it is a label, a value, a heading or anything else; values name their field, labels and
headings the fields that they stand for. Boxes are pixels at `DPI` as a reader gives them: a little loose.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from models.reading import Box
from models.synthesis.cast import Cast
from models.synthesis.forms.drawn_form import draw_form
from models.synthesis.forms.filling import draw_hand, fill
from models.synthesis.forms.inventory import make_plan
from models.synthesis.forms.layouts import Layout, layouts
from models.synthesis.people import seeded
from models.synthesis.story import Story
from models.synthesis.typefaces import books, weight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from random import Random

    from models.synthesis.fonts import FontBook
    from models.synthesis.forms.paper import Paper
    from models.synthesis.forms.plan import FormPlan
    from models.synthesis.typesetter import Part, Sheet

DPI = 200
"""Pixels per inch of the boxes."""


@dataclass(frozen=True, slots=True)
class AnnotatedWord:
    """A word of a page."""

    text: str
    box: Box
    part: Part
    """`label`, `value`, `heading` or `other`."""
    field: str | None
    """Key of the field whose value the word is a part of."""
    of: tuple[str, ...]
    """Keys of the fields that a label's or heading's word stands for."""
    line: int
    """Printed line, counted from the top in the order in which the form was set."""


@dataclass(frozen=True, slots=True)
class AnnotatedPage:
    """One page of a filled form."""

    width: int
    height: int
    """Pixels."""
    words: tuple[AnnotatedWord, ...]
    """In the order in which a person reads."""
    kinds: Mapping[str, str]
    """Kind of every field of the form by key (`name`, `date`, ...), those of other pages included."""
    links: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    """Label words and value words (indices into `words`) of each field that has both on this page."""
    layout: str
    typeface: str


def draw_paper(
    plan: FormPlan, story: Story, rng: Random, known: Mapping[str, FontBook], *, held_out: bool,
    facts: Mapping[str, str] | None = None, owner: str = "", layout: Layout | None = None, blanks: Sequence[str] = (),
) -> tuple[Paper, str, str]:  # fmt: skip
    """A plan filled in and drawn in some layout of one side; the paper, its layout and its typeface."""
    chosen = layout or rng.choice(layouts(held_out=held_out))
    names = sorted(known)
    typeface = rng.choices(names, [weight(name) for name in names])[0]
    hand = draw_hand(rng)
    filled = fill(plan, story, hand, rng, facts=facts, owner=owner, blanks=blanks, rows=rng.randint(1, 4))
    return draw_form(known[typeface], filled, chosen, hand, rng), chosen.name, typeface


def annotated_pages(
    seed: int, *, held_out: bool = False, plans: Sequence[FormPlan] = (), known: Mapping[str, FontBook] | None = None
) -> Iterator[AnnotatedPage]:
    """Pages without end; the same for the same seed and fonts.

    `plans` are blank forms to draw besides the invented ones, half of the time; `known` are opened typefaces, by
    default those of the side that are installed. Raises `FontMissingError` where there are none.
    """
    rng = seeded(seed)
    faces = books(held_out=held_out) if known is None else known
    while True:
        plan = rng.choice(plans) if plans and rng.random() < 0.5 else make_plan(rng)
        story = Story(Cast(rng, date(2026, 1, 5) + timedelta(days=rng.randrange(300))), rng)
        keys = [ask.key for row in plan.rows() for ask in row.asks]
        blanks = [key for key in keys if rng.random() < 0.08]
        paper, layout, typeface = draw_paper(plan, story, rng, faces, held_out=held_out, blanks=blanks)
        kinds = {ask.key: ask.kind for row in plan.rows() for ask in row.asks}
        for sheet in paper.sheets:
            yield page_of(sheet, kinds, layout, typeface)


def page_of(sheet: Sheet, kinds: Mapping[str, str], layout: str, typeface: str) -> AnnotatedPage:
    """A drawn sheet as words. A cell of a table has the key `table.row.column`; its label stands for the column."""
    scale = DPI / 25.4
    words: list[AnnotatedWord] = []
    for number, line in enumerate(sheet.lines):
        for word in line.words:
            box = Box(
                int(word.box.x0 * scale) - 2,
                int(word.box.y0 * scale) - 2,
                int(word.box.x1 * scale) + 3,
                int(word.box.y1 * scale) + 3,
            )
            words.append(AnnotatedWord(word.text, box, word.part, word.field, word.of, number))
    labels: dict[str, list[int]] = {}
    values: dict[str, list[int]] = {}
    for index, said in enumerate(words):
        if said.part == "label":
            for key in said.of:
                labels.setdefault(key, []).append(index)
        if said.field is not None:
            values.setdefault(said.field, []).append(index)
    links = []
    for key, found in values.items():
        table, _, column = key.partition(".")
        label = labels.get(key) or labels.get(f"{table}.{column.partition('.')[2]}")
        if label:
            links.append((tuple(label), tuple(found)))
    size = (round(sheet.width * scale), round(sheet.height * scale))
    return AnnotatedPage(*size, tuple(words), kinds, tuple(links), layout, typeface)
