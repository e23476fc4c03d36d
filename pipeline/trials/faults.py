"""Faults planted in a dossier, each with the rules that ought to find it: data beside the truth.

A fault is planted into drafts before they are drawn, so the papers themselves say what is wrong; or into the stack,
where sheets lie wrongly. `plant` answers None where a dossier has no place for a fault: it is then left out of the
count, never counted as found.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from extractors.seals import ANYWHERE
from models.synthesis.forms.filling import printed
from models.synthesis.forms.plan import Ask, Entry
from models.synthesis.people import make_name
from models.synthesis.story import parts_of
from models.synthesis.wording import date_in_words, letter_date
from pipeline.rules import RULES
from pipeline.trials.dossiers import Planted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from models.synthesis.forms.filling import Hand
    from models.synthesis.story import Story
    from pipeline.procedures.schema import Procedure
    from pipeline.trials.dossiers import Draft

    Planter = Callable[[list[Draft], Story, Hand, Random], Planted | None]


def _forms(drafts: list[Draft]) -> Iterator[tuple[Draft, dict[str, Entry], dict[str, Ask]]]:
    for draft in drafts:
        if draft.filled is not None:
            plan = draft.filled.plan
            asks = {ask.key: ask for row in plan.rows() for ask in row.asks} | {ask.key: ask for ask in plan.dated}
            yield draft, draft.filled.entries, asks


def _signed(draft: Draft) -> dict[int, str]:
    return draft.filled.signed if draft.filled else {}


def _change(entries: dict[str, Entry], ask: Ask, value: str, hand: Hand) -> None:
    entries[ask.key] = Entry(printed(ask, value, hand), value, entries[ask.key].who)


def missing_paper(drafts: list[Draft], _story: Story, _hand: Hand, rng: Random) -> Planted | None:
    """A required paper is not there."""
    wanted = [draft for draft in drafts if draft.required and draft.filled is not None]
    if len(wanted) < 2:
        return None
    gone = rng.choice(wanted[1:])
    drafts.remove(gone)
    return Planted("missing_paper", ("components",), paper=gone.type, component=gone.component)


def wrong_person(drafts: list[Draft], story: Story, _hand: Hand, _rng: Random) -> Planted | None:
    """The card is somebody else's."""
    card = next((draft for draft in drafts if draft.person is not None), None)
    if card is None:
        return None
    card.person = story.cast.stranger(story.cast.who("nyc")).person
    return Planted("wrong_person", ("same_person",), ("ho_ten", "so_dinh_danh"))


def future_date(drafts: list[Draft], story: Story, hand: Hand, rng: Random) -> Planted | None:
    """A day that has not come yet."""
    places = [
        (entries, ask, draft.type)
        for draft, entries, asks in _forms(drafts)
        for key, ask in asks.items()
        if ask.kind == "date" and key in entries and "den_ngay" not in key and "het_han" not in key
    ]
    if not places:
        return None
    entries, ask, kind = rng.choice(places)
    day = story.cast.day + timedelta(days=rng.randint(40, 400))
    _change(entries, ask, day.isoformat(), hand)
    if entries[ask.key].raw and ask.key.startswith("ngay_lap"):
        entries[ask.key] = Entry(letter_date(day), day.isoformat())
    return Planted("future_date", ("dates_not_future",), (ask.key,), kind)


def expired_card(drafts: list[Draft], story: Story, _hand: Hand, _rng: Random) -> Planted | None:
    """A card that no longer counts."""
    card = next((draft for draft in drafts if draft.person is not None), None)
    if card is None or card.person is None:
        return None
    day = story.cast.day - timedelta(days=90)
    card.person = replace(card.person, card=replace(card.person.card, issued=date(2021, 3, 9), expires=day))
    return Planted("expired_card", ("components", "card_dates"), ("ngay_het_han",), card.type)


def unsigned(drafts: list[Draft], _story: Story, _hand: Hand, rng: Random) -> Planted | None:
    """A declaration that nobody signed."""
    places = [
        (draft, index, signer)
        for draft, _, _ in _forms(drafts)
        for index, signer in enumerate(draft.filled.plan.signers if draft.filled else ())
        if signer.signature is not None and signer.signature not in draft.free and index in _signed(draft)
    ]
    if not places:
        return None
    draft, index, signer = rng.choice(places)
    if draft.filled is not None:
        draft.filled.signed.pop(index, None)
        draft.filled.entries.pop(signer.name or "", None)
    rules = ("signature_present", "consent_present")
    return Planted("unsigned", rules, (signer.signature or "",), draft.type)


def unsealed(drafts: list[Draft], _story: Story, _hand: Hand, rng: Random) -> Planted | None:
    """A certificate without its seal."""
    places = [
        (draft, signer.seal or ANYWHERE)
        for draft, _, _ in _forms(drafts)
        for signer in (draft.filled.plan.signers if draft.filled else ())
        if signer.sealed
    ]
    if not places:
        return None
    draft, key = rng.choice(places)
    if draft.filled is not None:
        draft.filled = replace(draft.filled, sealed=False)
    return Planted("unsealed", (), (key,), draft.type)


def words_against_digits(drafts: list[Draft], _story: Story, _hand: Hand, rng: Random) -> Planted | None:
    """A date whose words say another day than its digits."""
    for draft, entries, asks in _forms(drafts):
        for key, ask in asks.items():
            if ask.kind == "date_words" and key in entries and key.removesuffix("_bang_chu") in entries:
                # The digits may tell the hour too: a certificate of birth does.
                said = date.fromisoformat(str(entries[key.removesuffix("_bang_chu")].value)[:10])
                other = date_in_words(said - timedelta(days=rng.choice((1, 10, 31))))
                entries[key] = Entry(other, other, entries[key].who)
                return Planted("words_against_digits", ("words_equal_digits",), (key,), draft.type)
    return None


def foreign_surname(drafts: list[Draft], _story: Story, hand: Hand, rng: Random) -> Planted | None:
    """A child with a surname that neither parent has."""
    for draft, entries, asks in _forms(drafts):
        if {"nks_ho_ten", "cha_ho_ten", "me_ho_ten"} <= entries.keys():
            parents = {str(entries[key].value).split()[0].casefold() for key in ("cha_ho_ten", "me_ho_ten")}
            name = make_name(rng, "Nam")
            while name.split()[0].casefold() in parents:
                name = make_name(rng, "Nam")
            raw = printed(asks["nks_ho_ten"], name, hand)
            for _, others, other_asks in _forms(drafts):
                for key in ("nks_ho_ten", "du_dinh_dat_ten"):
                    if key in others and key in other_asks:
                        others[key] = Entry(raw, raw, others[key].who)
            return Planted("foreign_surname", ("child_follows_parents",), ("nks_ho_ten",), draft.type)
    return None


def one_digit(drafts: list[Draft], _story: Story, _hand: Hand, rng: Random) -> Planted | None:
    """A personal number with one digit changed on one paper, where another paper has the right one."""
    carded = {draft.person.number for draft in drafts if draft.person is not None}
    counts: dict[str, int] = {}
    for _, entries, asks in _forms(drafts):
        for number in {
            str(entries[key].value) for key, ask in asks.items() if ask.kind == "id_number" and key in entries
        }:
            counts[number] = counts.get(number, 0) + 1
    for draft, entries, asks in _forms(drafts):
        for key, ask in asks.items():
            number = str(entries[key].value) if key in entries else ""
            elsewhere = number in carded or counts.get(number, 0) > 1
            if ask.kind == "id_number" and len(number) == 12 and elsewhere and parts_of(key)[1] == "so_dinh_danh":
                place = rng.randrange(7, 12)
                digit = str((int(number[place]) + rng.randint(1, 9)) % 10)
                changed = number[:place] + digit + number[place + 1 :]
                entries[key] = Entry(changed, changed, entries[key].who)
                return Planted("one_digit", ("same_person", "near_numbers", "papers_agree"), (key,), draft.type)
    return None


def other_sex(drafts: list[Draft], _story: Story, _hand: Hand, rng: Random) -> Planted | None:
    """A sex that contradicts another paper, or the personal number beside it."""
    places = []
    for draft, entries, asks in _forms(drafts):
        for key, ask in asks.items():
            prefix = key.removesuffix("gioi_tinh")
            checked = f"{prefix}so_dinh_danh" in entries or key in {"gioi_tinh", "nks_gioi_tinh"}
            if ask.kind == "sex" and key in entries and checked:
                places.append((entries, key, draft.type))
    if not places:
        return None
    entries, key, kind = rng.choice(places)
    said = "Nữ" if entries[key].value == "Nam" else "Nam"
    entries[key] = Entry(said, said, entries[key].who)
    return Planted("other_sex", ("papers_agree", "personal_numbers", "marriage_ages"), (key,), kind)


def watched(planted: Planted, procedure: Procedure) -> bool:
    """Whether the procedure claims to look for a fault at all: what no rule and no mark of it is about is no fault.

    Rules that look at every field of a kind watch all of them; the others watch the fields that they are given.
    """
    if planted.kind in {"missing_paper", "expired_card", "one_digit", *STACK_FAULTS}:
        return True
    if planted.kind in {"unsigned", "unsealed"}:
        marked = {
            (doc_type, mark.key or ANYWHERE)
            for component in procedure.components
            for doc_type in component.types
            for mark in procedure.marks_of(component, doc_type)
            if mark.required and (mark.key or mark.kind == "seal")
        }
        ruled = {(use.params["type"], use.params["key"]) for use in procedure.rules if use.rule == "signature_present"}
        return (planted.paper, planted.keys[0]) in marked | (ruled if planted.kind == "unsigned" else set())
    uses = [use for use in procedure.rules if use.rule in planted.rules]
    places = [set(RULES[use.rule].params.model_validate(use.params).fields()) for use in uses]
    return any(not some or not planted.paper or any((planted.paper, key) in some for key in planted.keys)
               for some in places)  # fmt: skip


DRAFT_FAULTS: dict[str, Planter] = {
    "missing_paper": missing_paper,
    "wrong_person": wrong_person,
    "future_date": future_date,
    "expired_card": expired_card,
    "unsigned": unsigned,
    "unsealed": unsealed,
    "words_against_digits": words_against_digits,
    "foreign_surname": foreign_surname,
    "one_digit": one_digit,
    "other_sex": other_sex,
}
"""Faults that are in what papers say."""
STACK_FAULTS = ("swapped_pages", "two_dossiers")
"""Faults that are in how sheets lie."""
FAULTS = (*DRAFT_FAULTS, *STACK_FAULTS)


def swap_pages(stack: list[tuple[int, int]], rng: Random) -> Planted | None:
    """The second page of a paper lies before its first."""
    starts = [i for i in range(len(stack) - 1) if stack[i][0] == stack[i + 1][0] and stack[i][1] == 0]
    if not starts:
        return None
    at = rng.choice(starts)
    stack[at], stack[at + 1] = stack[at + 1], stack[at]
    return Planted("swapped_pages", ())
