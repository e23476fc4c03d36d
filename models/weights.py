"""Where the weights of the learned models come from, and the check that they are the ones meant.

Weights travel inside pinned wheels (`rapidocr`, `trueocr`, both Apache-2.0) or beside this module; nothing is ever
downloaded. The wheels' own code is not imported: files are found through the installed distribution's metadata.
A file is read once, its SHA-256 is compared with the constant here, and those very bytes are handed on, so that
what was checked is what runs. A missing or different file is a `WeightsError` that names it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from models.errors import WeightsError


@dataclass(frozen=True, slots=True)
class WheelFile:
    """One file inside an installed distribution, and the SHA-256 it must have."""

    distribution: str
    path: str
    sha256: str

    @property
    def name(self) -> str:
        """File name without folders: short enough for an engine's name."""
        return Path(self.path).name

    def locate(self) -> Path:
        """The file on this machine. Raises `WeightsError` where the distribution or the file is missing."""
        try:
            installed = metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError as error:
            raise WeightsError(f"{self.distribution} is not installed, so {self.path} is missing") from error
        path = Path(str(installed.locate_file(self.path)))
        if not path.is_file():
            raise WeightsError(f"{self.distribution} {installed.version} has no {self.path}")
        return path

    def load(self) -> bytes:
        """The file's bytes, checked. Raises `WeightsError`."""
        return load_checked(self.locate(), self.sha256)


PPOCR_DETECTOR = WheelFile(
    "rapidocr",
    "rapidocr/models/PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
TRUEOCR_DETECTOR = WheelFile(
    "trueocr", "trueocr/models/det.onnx", "f2bd4cba23e9c328cf7ec824634e423e191a2c6aacbbf35c62bd79dd70f62f59"
)
TRUEOCR_RECOGNISER = WheelFile(
    "trueocr", "trueocr/models/rec.onnx", "360b800dcbebd1099270f703ac35a43a6c86b40de049c4be78a130184b3bfef0"
)
TRUEOCR_ORIENTATION = WheelFile(
    "trueocr", "trueocr/models/orient.onnx", "20eaf670f55a7cf9facfe1bdd6c7b8e40be75bbf4d48a3df43f66aa3bbd874fd"
)
TRUEOCR_ORDER = WheelFile(
    "trueocr", "trueocr/models/order.onnx", "a42db2e8b536ad3d84045a4b7f9b0a72667cf8be4aa02d63f7b38004719fb180"
)
TRUEOCR_META = WheelFile(
    "trueocr", "trueocr/models/meta.json", "934c619f2b8579aa0fa0ead0ec20afc79fd92966be0255ebaf821142fe8740cd"
)


def load_checked(path: Path, sha256: str) -> bytes:
    """The bytes of a file whose SHA-256 (hex) must be `sha256`. Raises `WeightsError` naming the file."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path.name}: {error.strerror or error}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise WeightsError(f"{path.name}: SHA-256 is {found}, expected {sha256}")
    return content


def load_json(content: bytes, name: str) -> dict[str, Any]:
    """A JSON object from weights metadata. Raises `WeightsError` naming the file."""
    try:
        loaded = json.loads(content)
    except ValueError as error:
        raise WeightsError(f"{name}: not JSON ({error})") from error
    if not isinstance(loaded, dict):
        raise WeightsError(f"{name}: not a JSON object")
    return loaded


def load_described(folder: Path, stem: str) -> tuple[bytes, str]:
    """A graph of our own, `STEM.onnx`, and its name, which stands with its SHA-256 in `STEM.json`.

    Raises `WeightsError` naming the file.
    """
    described = folder / f"{stem}.json"
    try:
        meta = load_json(described.read_bytes(), described.name)
    except OSError as error:
        raise WeightsError(f"{described.name}: {error.strerror or error}") from error
    name, digest = meta.get("name"), meta.get("sha256")
    if not (isinstance(name, str) and isinstance(digest, str)):
        raise WeightsError(f"{described.name}: needs name and sha256 (text)")
    return load_checked(folder / f"{stem}.onnx", digest), f"{name}@{digest[:8]}"
