"""The looks of visible signatures, as data: `appearances.yaml`, and the agency's own seal as a picture.

A profile says what stands in a stamp and how large; `signing.stamp` draws it. A seal picture is a PNG or JPEG, its
transparency kept; it is made a PDF image once and written into every file of a batch.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from signing.errors import StampRefusedError

_LONGEST_SIDE: Final = 600
"""Pixels: a seal of 30 points needs no more, even in print."""

Shown = Literal["agency", "time", "code"]


@dataclass(frozen=True, slots=True)
class Profile:
    """One look. Sizes in points."""

    size: float
    small: float
    """For lines below the agency's name."""
    text_width: float
    seal: float
    """Diameter; 0: none."""
    padding: float
    frame: float
    colour: bytes
    """Operands of `rg`."""
    shows: tuple[Shown, ...]
    title: str = ""
    """Empty: the kind of copy."""


def _profile(entry: dict[str, Any]) -> Profile:
    colour = b" ".join(f"{value:.2f}".encode() for value in entry["colour"])
    return Profile(**{**entry, "colour": colour, "shows": tuple(entry["shows"])})


PROFILES: Final = {
    name: _profile(entry)
    for name, entry in yaml.safe_load(Path(__file__).with_name("appearances.yaml").read_text(encoding="utf-8")).items()
}
"""All profiles by name."""


class SealPicture:
    """The agency's seal. Read on first use; may be shared by threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._image: tuple[int, int, bytes, bytes] | None = None

    def check(self) -> None:
        """Read the picture; raises StampRefusedError."""
        self._read()

    @property
    def ratio(self) -> float:
        """Width by height."""
        width, height, *_ = self._read()
        return width / height

    def written(self, writer: Any) -> Any:
        """A reference to the picture as an image of a pyHanko writer; raises StampRefusedError."""
        from pyhanko.pdf_utils import generic

        width, height, colours, mask = self._read()

        def image(data: bytes, space: str, **more: Any) -> Any:
            entries = {
                "/Type": generic.pdf_name("/XObject"),
                "/Subtype": generic.pdf_name("/Image"),
                "/Width": generic.NumberObject(width),
                "/Height": generic.NumberObject(height),
                "/ColorSpace": generic.pdf_name(space),
                "/BitsPerComponent": generic.NumberObject(8),
                "/Filter": generic.pdf_name("/FlateDecode"),
                **{f"/{key}": value for key, value in more.items()},
            }
            named = {generic.pdf_name(key): value for key, value in entries.items()}
            return writer.add_object(generic.StreamObject(named, encoded_data=data))

        return image(colours, "/DeviceRGB", SMask=image(mask, "/DeviceGray"))

    def _read(self) -> tuple[int, int, bytes, bytes]:
        if self._image is None:
            from PIL import Image, UnidentifiedImageError

            try:
                with Image.open(self._path) as opened:
                    picture = opened.convert("RGBA")
            except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
                raise StampRefusedError(f"the seal's picture {self._path.name} cannot be read") from error
            picture.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
            out = BytesIO(picture.convert("RGB").tobytes())
            mask = picture.getchannel("A").tobytes()
            self._image = (*picture.size, zlib.compress(out.getvalue(), 9), zlib.compress(mask, 9))
        return self._image
