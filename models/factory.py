"""Builds a page reader from options: the only place that knows which parts there are.

Heavy libraries are imported by the parts when they are built, so importing this module is cheap. Every part checks
its weights (`WeightsError`) and every recogniser its alphabet (`AlphabetError`) before a reader exists.
`recogniser="auto"` takes our own weights where they are installed and trueocr's otherwise; the reader's name says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from models import weights
from models.calibration import from_json, load_calibration
from models.core_detector import CoreDetector
from models.ctc import CtcRecogniser, load_ctc_model
from models.detector import DbnetDetector, input_size
from models.fixed_shapes import open_fixed_shapes
from models.handwriting import NetworkJudge, load_handwriting_model
from models.language import load_language
from models.leader_eraser import LeaderEraser, load_eraser_model
from models.orientation import NetworkOrienter, ReadingOrienter
from models.page_reader import ComposedReader
from models.quick_detector import PATCH, Deferred, QuickDetector, load_quick_model
from models.recogniser import TrueocrRecogniser
from models.runtime import open_network
from models.second_look import SecondLook

if TYPE_CHECKING:
    from models.calibration import Calibration
    from models.reading import HandwritingJudge, LineDetector, LineRecogniser, PageReader
    from models.runtime import Backend, Network, Precision

VERSION = "reader-7"
"""Changes whenever the code round the weights changes what is read."""

OWN_WEIGHTS = Path(__file__).with_name("weights_hoso")
_CORE_SIDE = 1024
_A4 = (3508, 2480)
"""Height and width of the page that nearly all are like, in pixels at 300 dpi."""
_ORIENTATION_INPUT = (1, 1, 768, 768)
_PAD_X = 0.1
"""White at a crop's ends in line heights; both detectors already leave 0.2 of the 0.3 that trueocr was trained with."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """What may be chosen about a reader."""

    threads: int = 1
    """Cores that all streams may use together."""
    streams: int = 1
    """Pages read at once; more callers wait. At most `threads` of them run."""
    backend: Backend = "auto"
    precision: Precision = "native"
    """`native` is faster on CPUs with bf16, `f32` answers alike on every machine."""
    detector: Literal["quick", "ppocr", "trueocr", "paddleocr"] = "ppocr"
    """`quick` is our own small network, and `ppocr` where that leaves doubt: a sixth of the cost."""
    detector_side: int = 1280
    """Long side of the page that `ppocr` and `paddleocr` see, in pixels."""
    recogniser: Literal["auto", "trueocr", "hoso"] = "auto"
    weights: Path = OWN_WEIGHTS
    """Folder of `reader.onnx` and `reader.json`, our own recogniser, and of `whole.onnx` and `whole.json`, its larger
    sibling, which looks again at lines that leave doubt; without these two nobody does."""
    second_look: bool = True
    """Whether the larger sibling is asked at all."""
    kept: tuple[Path, ...] = ()
    """Folders of compiled networks, which spare most of a start (`models.compiled`); none: compiled every time."""


def build_reader(options: ReaderOptions | None = None) -> PageReader:
    """A reader for these options. Raises `WeightsError`, `AlphabetError`."""
    options = options or ReaderOptions()
    recogniser, calibration = build_recogniser(options)
    orientation = _open_fixed(weights.TRUEOCR_ORIENTATION.load(), _ORIENTATION_INPUT, options)
    detector = build_detector(options)
    return ComposedReader(
        orienter=ReadingOrienter(NetworkOrienter(orientation), detector, recogniser),
        detector=detector,
        recogniser=recogniser,
        calibration=calibration,
        judge=build_judge(options),
        eraser=build_eraser(options),
        version=f"{VERSION}/{orientation.precision}",
    )


def build_judge(options: ReaderOptions) -> HandwritingJudge:
    """The judge of handwriting alone. Raises `WeightsError`."""
    model = load_handwriting_model()
    return NetworkJudge(_open(model.graph, options), model)


def build_eraser(options: ReaderOptions) -> LeaderEraser:
    """What takes leaders from under text; its network is opened when a page first needs it. Raises `WeightsError`."""
    model = load_eraser_model()
    return LeaderEraser(lambda: _open(model.graph, options), model)


def build_recogniser(options: ReaderOptions) -> tuple[LineRecogniser, Calibration]:
    """The recogniser alone, and the calibration that goes with it. Raises `WeightsError`, `AlphabetError`."""
    graph, alphabet = (options.weights / name for name in ("reader.onnx", "reader.json"))
    if options.recogniser == "hoso" or (options.recogniser == "auto" and graph.is_file() and alphabet.is_file()):
        model = load_ctc_model(graph, alphabet)
        own = model.calibration
        calibration = load_calibration(model.name) if own is None else from_json(own)
        language = load_language()
        fast = CtcRecogniser(_open(model.graph, options), model, language)
        graph, alphabet = (options.weights / name for name in ("whole.onnx", "whole.json"))
        if not (options.second_look and graph.is_file()):
            return fast, calibration
        larger = load_ctc_model(graph, alphabet)
        return SecondLook(fast, CtcRecogniser(_open(larger.graph, options), larger, language)), calibration
    meta = weights.load_json(weights.TRUEOCR_META.load(), weights.TRUEOCR_META.name)
    network = _open(weights.TRUEOCR_RECOGNISER.load(), options)
    recogniser = TrueocrRecogniser(network, meta["name"], meta["charset"], pad_y=meta["pad_y"], pad_x=_PAD_X)
    return recogniser, load_calibration(recogniser.name)


def _open(graph: bytes, options: ReaderOptions) -> Network:
    return open_network(
        graph,
        threads=options.threads,
        streams=options.streams,
        backend=options.backend,
        precision=options.precision,
        kept=options.kept,
    )


def _open_fixed(graph: bytes, shape: tuple[int, ...], options: ReaderOptions) -> Network:
    return open_fixed_shapes(
        graph,
        shape,
        threads=options.threads,
        streams=options.streams,
        backend=options.backend,
        precision=options.precision,
        kept=options.kept,
    )


def build_detector(options: ReaderOptions) -> LineDetector:
    """The line detector alone. Raises `WeightsError`, `EngineMissingError`."""
    if options.detector == "paddleocr":
        from models.paddle import PaddleDetector

        return PaddleDetector(weights.PPOCR_DETECTOR.locate(), side=options.detector_side, threads=options.threads)
    if options.detector == "trueocr":
        return CoreDetector(_open(weights.TRUEOCR_DETECTOR.load(), options), "trueocr-det", side=_CORE_SIDE)
    graph, side = weights.PPOCR_DETECTOR.load(), options.detector_side

    def thorough(shape: tuple[int, int]) -> DbnetDetector:
        return DbnetDetector(_open_fixed(graph, (1, 3, *shape), options), "ppocrv6-small", side=side)

    if options.detector == "ppocr":
        return thorough(input_size(_A4, side))
    model = load_quick_model()
    later = Deferred(f"ppocrv6-small@{side}", lambda: thorough(PATCH))
    return QuickDetector(_open(model.graph, options), model, later, thorough_side=side)
