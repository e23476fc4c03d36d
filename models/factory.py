"""Builds a page reader from options: the only place that knows which parts there are.

Heavy libraries are imported by the parts when they are built, so importing this module is cheap. Every part checks
its weights (`WeightsError`) and every recogniser its alphabet (`AlphabetError`) before a reader exists.
`recogniser="auto"` takes our own weights where they are installed and trueocr's otherwise; the reader's name says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from models import weights
from models.calibration import load_calibration
from models.core_detector import CoreDetector
from models.detector import DbnetDetector
from models.orientation import NetworkOrienter
from models.page_reader import ComposedReader
from models.recogniser import TrueocrRecogniser
from models.runtime import open_network

if TYPE_CHECKING:
    from models.reading import LineDetector, LineRecogniser, PageReader
    from models.runtime import Backend, Network

VERSION = "hoso-reader-1"
"""Changes whenever the code round the weights changes what is read."""

_CORE_SIDE = 1024
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
    detector: Literal["ppocr", "trueocr", "paddleocr"] = "ppocr"
    detector_side: int = 1280
    """Long side of the page the detector sees, in pixels."""
    recogniser: Literal["auto", "trueocr", "hoso"] = "auto"


def build_reader(options: ReaderOptions | None = None) -> PageReader:
    """A reader for these options. Raises `WeightsError`, `AlphabetError`."""
    options = options or ReaderOptions()
    recogniser = _recogniser(options)
    return ComposedReader(
        orienter=NetworkOrienter(_open(weights.TRUEOCR_ORIENTATION.load(), options)),
        detector=_detector(options),
        recogniser=recogniser,
        calibration=load_calibration(recogniser.name),
        version=VERSION,
    )


def _open(graph: bytes, options: ReaderOptions) -> Network:
    return open_network(graph, threads=options.threads, streams=options.streams, backend=options.backend)


def _detector(options: ReaderOptions) -> LineDetector:
    if options.detector == "trueocr":
        network = _open(weights.TRUEOCR_DETECTOR.load(), options)
        return CoreDetector(network, "trueocr-det", side=_CORE_SIDE)
    network = _open(weights.PPOCR_DETECTOR.load(), options)
    return DbnetDetector(network, "ppocrv6-small", side=options.detector_side)


def _recogniser(options: ReaderOptions) -> LineRecogniser:
    meta = weights.load_json(weights.TRUEOCR_META.load(), weights.TRUEOCR_META.name)
    network = _open(weights.TRUEOCR_RECOGNISER.load(), options)
    return TrueocrRecogniser(network, meta["name"], meta["charset"], pad_y=meta["pad_y"], pad_x=_PAD_X)
