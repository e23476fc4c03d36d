"""Reads a line crop with a CTC recogniser of the PP-OCRv6 kind: any ONNX graph and the alphabet beside it.

Input (1, 3, height, width): (value / 255 - mean) / scale, the crop scaled to the network's height and never squeezed
to a greatest width, so that long lines stay whole. Output (1, steps, classes): chances, class 0 the blank.
The JSON beside the graph: `name`, `alphabet` (index 0 = blank), `height`; optionally `input`, `colour_order`, `mean`,
`scale`, the graph's `sha256`, and `calibration`. What does not fit together is refused before the first page.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from models.alphabet import check_alphabet
from models.decoder import Decoder
from models.errors import WeightsError
from models.images import as_rgb
from models.reading import RecognisedLine
from models.weights import load_json

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from models.language import Language
    from models.reading import Image
    from models.runtime import Network

_BUCKET = 128
"""Widths are padded to this multiple: every shape has kernels of its own, 150 MB more with multiples of 32."""
_LEAST_WIDTH = 48


@dataclass(frozen=True, slots=True)
class CtcModel:
    """A graph's bytes and what its JSON says about them."""

    graph: bytes
    name: str
    digest: str
    """The graph's SHA-256, hex."""
    alphabet: tuple[str, ...]
    """Class by class; index 0 is the blank."""
    height: int
    input_name: str
    bgr: bool
    mean: float
    scale: float
    calibration: dict[str, Any] | None


def load_ctc_model(graph: Path, alphabet: Path) -> CtcModel:
    """Reads a model and checks it. Raises `WeightsError` naming the file, `AlphabetError`."""
    try:
        content = graph.read_bytes()
        meta = load_json(alphabet.read_bytes(), alphabet.name)
    except OSError as error:
        raise WeightsError(f"{error.filename}: {error.strerror}") from error
    letters, name, height = meta.get("alphabet"), meta.get("name"), meta.get("height", 48)
    if not isinstance(letters, list) or not isinstance(name, str) or not isinstance(height, int):
        raise WeightsError(f"{alphabet.name}: needs name (text), alphabet (list) and height (whole number)")
    expected, digest = meta.get("sha256"), hashlib.sha256(content).hexdigest()
    if expected is not None and digest != expected:
        raise WeightsError(f"{graph.name}: its SHA-256 is not the one that {alphabet.name} names")
    check_alphabet(letters[1:])
    return CtcModel(
        graph=content,
        name=name,
        digest=digest,
        alphabet=tuple(str(letter) for letter in letters),
        height=height,
        input_name=str(meta.get("input", "x")),
        bgr=meta.get("colour_order", "BGR") != "RGB",
        mean=float(meta.get("mean", 0.5)),
        scale=float(meta.get("scale", 0.5)),
        calibration=meta.get("calibration"),
    )


class CtcRecogniser:
    """A CTC recogniser over an opened graph; with a language, doubtful words are weighed (`models.decoder`)."""

    def __init__(self, network: Network, model: CtcModel, language: Language | None = None) -> None:
        check_alphabet(model.alphabet[1:])
        # Training keeps a model's name while its weights change; what is read changes with the weights.
        self.name = f"{model.name}@{model.digest[:8]}"
        self.alphabet = frozenset(model.alphabet[1:])
        self._network = network
        self._charset = model.alphabet[1:]
        self._model = model
        self._decoder = Decoder(self._charset, language)
        self._normal = ((np.arange(256) / 255 - model.mean) / model.scale).astype(np.float32)
        """A grey level 0..255 as the network takes it."""

    def with_language(self, language: Language | None) -> CtcRecogniser:
        """The same recogniser over the same network with another language, or with none."""
        return CtcRecogniser(self._network, self._model, language)

    def recognise(self, crop: Image) -> RecognisedLine:
        """Reads one straightened line."""
        tensor, columns = self._tensor(as_rgb(crop))
        chances = self._network.run({self._model.input_name: tensor})[0][0]
        if chances.shape[1] != len(self._charset) + 1:
            raise WeightsError(f"{self.name}: {chances.shape[1]} classes, but {len(self._charset) + 1} in its alphabet")
        stride = tensor.shape[3] / chances.shape[0]
        steps = min(chances.shape[0], math.ceil(columns / stride))
        read = self._decoder.decode(chances[:steps])
        places = tuple(float(min(1.0, place * stride / columns)) for place in read.places)
        return RecognisedLine(read.text, read.sureness(), places)

    def _tensor(self, crop: Image) -> tuple[NDArray[np.float32], int]:
        """The network's input, and how many of its columns show the crop; the rest is ground."""
        height, width = crop.shape[:2]
        model = self._model
        columns = max(1, round(width * model.height / height))
        how = cv2.INTER_AREA if height > model.height else cv2.INTER_LINEAR
        scaled = cv2.resize(crop, (columns, model.height), interpolation=how)
        padded = -(-max(columns, _LEAST_WIDTH) // _BUCKET) * _BUCKET
        tensor = np.empty((1, 3, model.height, padded), np.float32)
        # The line's own ground goes on to the right: training crops never end in a strange colour.
        ground = np.median(scaled[:, -model.height :], axis=(0, 1))
        for plane, channel in enumerate((2, 1, 0) if model.bgr else (0, 1, 2)):
            tensor[0, plane, :, :columns] = cv2.LUT(cv2.extractChannel(scaled, channel), self._normal)
            tensor[0, plane, :, columns:] = (ground[channel] / 255 - model.mean) / model.scale
        return tensor, columns
