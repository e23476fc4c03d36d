"""`hoso bench fields` on invented dossiers: fields that are right, fields that a person must look at, faults found.

Dossiers are made in memory from held-out templates; where they are kept out of training, figures are honest ones.
Pictures take seconds a page; typed words leave reading out, and the output says so.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.commands.common import open_settings
from pipeline.errors import Exit, HosoError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from models.reading import PageReader


class TrialsError(HosoError):
    """The generator cannot make dossiers here, or was asked for something that there is not."""

    code = "trials_impossible"
    exit_code = Exit.REFUSED
    message_vi = "Không tạo được hồ sơ thử để đo."
    remedy_vi = "Hãy cài phông chữ và gói nêu trong chi tiết (xem docs/generator.md), hoặc sửa tùy chọn."


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller asked for."""

    dossiers: int
    seed: int
    typed_words: bool
    qualities: Sequence[str]
    procedures: Sequence[str]
    training: bool
    out: Path | None
    faults: Sequence[str] = ()
    """Kinds to plant, one in every dossier; `all`, or `none` for clean dossiers only."""


def run(request: Request, *, as_json: bool) -> int:
    """Makes the dossiers, runs them, prints the figures; with `out`, results are kept there and gone on with."""
    from models.synthesis.errors import SynthesisError
    from pipeline.clock import now
    from pipeline.composition import build_house
    from pipeline.trials.bench import Trials, run_trials
    from pipeline.trials.course import QUALITIES
    from pipeline.trials.faults import FAULTS
    from pipeline.trials.words import markdown
    from pipeline.trust import Earned, table_of

    unknown = [quality for quality in request.qualities if quality not in QUALITIES]
    if unknown:
        raise TrialsError(None, f"{', '.join(unknown)}: {', '.join(QUALITIES)}")
    if wrong := [kind for kind in request.faults if kind not in {*FAULTS, "all", "none"}]:
        raise TrialsError(None, f"{', '.join(wrong)}: all, none, {', '.join(FAULTS)}")
    planted = FAULTS if "all" in request.faults else tuple(kind for kind in request.faults if kind != "none")
    default = ("office",) if request.typed_words else tuple(QUALITIES)
    trials = Trials(
        mode="typed-words" if request.typed_words else "picture",
        dossiers=request.dossiers,
        seed=request.seed,
        qualities=tuple(request.qualities) or default,
        procedures=tuple(request.procedures),
        held_out=not request.training,
        clean_only="none" in request.faults,
        faults=planted,
    )
    settings = open_settings()
    if request.out is not None:
        request.out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hoso-bench-")))
        house = stack.enter_context(build_house(settings.model_copy(update={"home": home})))
        reader = None if request.typed_words else _reader(settings.reader.model_dump())
        kept = None if request.out is None else request.out / "fields.state.json"
        try:
            report = run_trials(
                house, trials, now().date(), reader=reader, kept=kept, on_done=_progress(request.dossiers)
            )
        except SynthesisError as error:
            raise TrialsError(None, f"{error.message_vi} {error.detail}") from error
    text = markdown(report)
    if request.out is not None:
        (request.out / "fields.md").write_text(text, encoding="utf-8")
        measured = report["qualities"].get("office") or next(iter(report["qualities"].values()), None)
        if measured is not None:
            earned = json.dumps(table_of(Earned(**row) for row in measured["earned"]), indent=1)
            (request.out / "trust.json").write_text(earned, encoding="utf-8")
        (request.out / "fields.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n" if as_json else text)
    return 0


def _reader(options: dict[str, Any]) -> PageReader:
    """The product's reader in this process, on one thread: its time is the whole time of reading."""
    from models.serving import build_alone

    known = ("backend", "detector", "detector_side", "recogniser", "second_look")
    return build_alone(**{name: options[name] for name in known if name in options})


def _progress(total: int) -> Callable[[int], None]:
    def tell(number: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number + 1}/{total}")
            sys.stderr.flush()

    return tell
