"""The figures of a trial as a table for documents, and as a few lines for a screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MODES = {
    "picture": "Pictures: every sheet was drawn, scanned and read by the product's reader.",
    "typed-words": "Typed words: the generator's own words and boxes stood in for reading. These figures are of "
    "separation, extraction and rules alone and say nothing of reading.",
}
"""What a mode's figures are worth; printed above every table."""


def percent(share: float, digits: int = 2) -> str:
    """`98.50 %`."""
    return f"{100 * share:.{digits}f} %"


def markdown(report: Mapping[str, Any]) -> str:
    """Tables for docs/benchmarks.md."""
    way = report["way"]
    side = "held-out" if way["held_out"] else "training"
    parts = [f"{MODES[way['mode']]} Templates: {side}. Engine: `{way['engine']}`."]
    for quality, told in report["qualities"].items():
        parts.append(_quality(quality, told))
    return "\n\n".join(parts) + "\n"


def _quality(quality: str, told: Mapping[str, Any]) -> str:
    papers, clean = told["papers"], told["clean"]
    head = (
        f"**{quality}**: {told['pages']} pages, {papers['papers']} papers: type right {percent(papers['type_right'])}, "
        f"borders {percent(papers['border_right'])}, order {percent(papers['order_right'])}; "
        f"{clean['dossiers']} clean dossiers: {clean['false_blocks_per_100']:.1f} false blocks in 100, a rule asked in "
        f"{clean['asked_per_100']:.1f} of 100, untouched by people {percent(clean['untouched'], 1)}. "
        f"After reading: {told['seconds_after_a_page']:.3f} s a page"
    )
    share = told["after_share_of_reading"]
    head += "." if share is None else f", {percent(share, 1)} of {told['seconds_reading_a_page']:.2f} s of reading."
    fields = table(
        ("field kind", "fields", "exact", "accepted", "wrong among accepted", "at most (95 %)", "asked", "not found"),
        [
            (row["kind"], row["fields"], percent(row["exact"]), percent(row["accepted"], 1), row["wrong_accepted"],
             percent(row["upper_95"]), row["asked"], row["not_found"])
            for row in told["fields"]
        ],
    )  # fmt: skip
    faults = table(
        ("planted fault", "dossiers", "found", "at least (95 %)", "asked without the reason", "missed"),
        [
            (kind, counts["planted"], percent(counts["share"], 1), percent(counts["lower_95"], 1),
             counts.get("asked", 0), counts.get("missed", 0))
            for kind, counts in told["faults"].items()
        ],
    )  # fmt: skip
    earned = table(
        ("field kind", "key field", "limit earned", "at or above it", "wrong", "at most (95 %)"),
        [
            (row["kind"], "yes" if row["key_field"] else "", "none: always asked" if row["limit"] is None else
             row["limit"], row["accepted"], row["wrong"], percent(row["bound"]))
            for row in told["earned"]
        ],
    )  # fmt: skip
    return "\n\n".join(part for part in (head, fields, faults if told["faults"] else "", earned) if part)


def table(names: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    """A table in Markdown."""
    rows = [names, ["---"] * len(names), *lines]
    return "\n".join("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)
