"""The published weights that training starts from: PP-OCRv6-small's recogniser, Apache-2.0, inside the rapidocr wheel.

Nothing is downloaded: the file travels in a pinned wheel, and its bytes are checked before they are used.
"""

from __future__ import annotations

from models.weights import WheelFile

START = WheelFile(
    "rapidocr",
    "rapidocr/models/PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)
