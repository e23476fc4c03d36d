"""PaddleOCR as the line detector: the same PP-OCRv6 weights behind the `paddleocr` package.

An alternative for those who run PaddleOCR anyway; the bare runtime is lighter and does the same (docs/benchmarks.md).
The package is no dependency: it brings `opencv-contrib-python`, which owns the same `cv2` folder as our
`opencv-python-headless`, so it is installed by hand, in an environment of its own, as `hoso[paddle]` says.
Weights are the checked ones of the rapidocr wheel, laid out as PaddleX wants them; nothing is downloaded: the model
host check is switched off, and PaddleX finds every file it asks for. A Paddle predictor is not thread-safe: one lock.
"""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.detector import as_corners, clockwise_from_start, roomier
from models.errors import EngineMissingError
from models.images import as_rgb
from models.reading import DetectedLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.reading import Image


_CONFIGURATION = """\
Global:
  model_name: PP-OCRv6_small_det
PreProcess:
  transform_ops:
  - DecodeImage: {channel_first: false, img_mode: BGR}
  - DetResizeForTest: {resize_long: 1280}
  - NormalizeImage: {mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], scale: 1./255., order: hwc}
  - ToCHWImage: null
PostProcess: {name: DBPostProcess, thresh: 0.3, box_thresh: 0.5, unclip_ratio: 1.6, max_candidates: 3000}
"""


class PaddleDetector:
    """PP-OCRv6-small through `paddleocr.TextDetection(engine="onnxruntime")`."""

    def __init__(self, graph: Path, *, side: int = 1280, threads: int = 1) -> None:
        """`graph` is `PP-OCRv6_det_small.onnx`. Raises `EngineMissingError`."""
        # Read once, when the package is imported: without it PaddleX asks four hosts which one answers.
        os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
        try:
            import paddleocr
        except ImportError as error:
            raise EngineMissingError("paddleocr is not installed: pip install 'hoso[paddle]'") from error
        self.name = f"paddleocr-{paddleocr.__version__}-ppocrv6-small@{side}"
        self._lock = threading.Lock()
        # PaddleX takes a folder of fixed file names; the graph is linked there, the folder lives as long as this.
        self._folder = tempfile.TemporaryDirectory(prefix="hoso-paddle-")
        folder = Path(self._folder.name)
        (folder / "inference.onnx").symlink_to(graph.resolve())
        (folder / "inference.yml").write_text(_CONFIGURATION, encoding="utf-8")
        self._predictor: Any = paddleocr.TextDetection(
            model_name="PP-OCRv6_small_det",
            model_dir=str(folder),
            engine="onnxruntime",
            engine_config={"intra_op_num_threads": threads, "inter_op_num_threads": 1},
            device="cpu",
            limit_side_len=side,
            limit_type="max",
        )

    def detect(self, image: Image) -> Sequence[DetectedLine]:
        """Lines in pixels of `image`, unordered."""
        with self._lock:
            (found,) = self._predictor.predict(np.ascontiguousarray(as_rgb(image)[:, :, ::-1]), batch_size=1)
        bounds = np.array([image.shape[1], image.shape[0]], np.float32)
        lines = []
        for polygon, score in zip(found["dt_polys"], found["dt_scores"], strict=True):
            corners = roomier(clockwise_from_start(np.asarray(polygon, np.float32))).clip(0, bounds)
            lines.append(DetectedLine(as_corners(corners), float(score)))
        return lines
