"""Whether the colour profile that came with an image may stand in a PDF/A (ISO 19005-3, 6.2.4.2).

Scanners and phones write odd ones: cut short, of another colour space than the image, of a version to come. Such a
profile is left out, and the image is taken for sRGB or grey as viewers do; nothing is refused for its profile.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import ImageCms

if TYPE_CHECKING:
    from PIL import Image

_SPACES = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
_CLASSES = frozenset({b"scnr", b"mntr", b"prtr", b"spac"})
_VERSIONS = frozenset({2, 4})
_HEADER = 128


def usable_profile(profile: bytes | None, colours: int) -> bytes | None:
    """The profile, where it is whole, fits an image of so many components and can be calculated with; else None."""
    if profile is None or len(profile) < _HEADER or profile[36:40] != b"acsp":
        return None
    if int.from_bytes(profile[:4], "big") != len(profile) or profile[8] not in _VERSIONS:
        return None
    if profile[12:16] not in _CLASSES or _SPACES.get(profile[16:20]) != colours:
        return None
    try:
        mode = {1: "L", 3: "RGB", 4: "CMYK"}[colours]
        ImageCms.buildTransform(BytesIO(profile), ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
    return profile


def as_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """The picture in sRGB, or as it is where the profile cannot be calculated with."""
    try:
        turned = ImageCms.profileToProfile(picture, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return picture
    return turned or picture
