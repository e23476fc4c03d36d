"""What a visible stamp says and how it looks; two profiles, both the appearance of the signature field itself.

`digitised_paper`: a red frame with a small round seal, for papers turned electronic (Circular 01/2019, Decree
137/2024). `nd30_copy`: black upright text without any picture, for copies (Decree 30/2020, Appendix I). Both
name the agency, the time in ISO 8601 with +07:00 and the dossier code; a development key adds that the stamp is a
sample. A personal number is refused: a stamp is read by everybody who holds the page.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from signing.appearance import PROFILES, Profile, SealPicture
from signing.errors import StampRefusedError
from signing.stamp_place import Place, find_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signing.signer import SignRequest
    from signing.stamp_font import StampFont

_VIETNAM: Final = timezone(timedelta(hours=7))
_PERSONAL_NUMBER: Final = re.compile(r"(?<!\d)(?:\d{9}|\d{12})(?!\d)")
"""Citizen number (12 digits) and old identity card (9 digits)."""
_DEVELOPMENT_TEXT: Final = "MẪU PHÁT TRIỂN – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
_MAX_LINES_OF_AGENCY: Final = 2
_LEADING: Final = 1.34
"""Line height in em: capitals with two marks reach far up."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A pyHanko stamp style and the signature field's box on the page, in points."""

    style: Any
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that a stamp's appearance is drawn from. `size`: width and height in points."""

    lines: list[tuple[str, float]]
    profile: Profile
    font: StampFont
    seal: SealPicture | None
    size: tuple[float, float]
    place: Place


def build_stamp(
    pdf: bytes,
    request: SignRequest,
    font: StampFont,
    *,
    development: bool,
    taken: Sequence[tuple[int, int, int, int]] = (),
    seal: SealPicture | None = None,
) -> Stamp:
    """The stamp for `request` on page 1 of `pdf`, beside the boxes that are `taken`; raises StampRefusedError.

    `seal` takes the place of the drawn one in profiles that have a seal.
    The style serves one signature.
    """
    profile = PROFILES[request.appearance]
    lines = _lines(request, profile, font, development=development)
    height = 2 * profile.padding + max(profile.seal, sum(size * _LEADING for _, size in lines))
    offset = profile.seal + profile.padding if profile.seal else 0.0
    width = 2 * profile.padding + offset + max(font.width(text) * size for text, size in lines)
    width, height = math.ceil(width), math.ceil(height)
    place = find_place(pdf, width, height, taken)
    x0, y0 = round(place.box[0]), round(place.box[1])
    turned = place.rotation % 180 == 90
    box = (x0, y0, x0 + (height if turned else width), y0 + (width if turned else height))
    drawn = Drawing(lines, profile, font, seal if profile.seal else None, (width, height), place)
    return Stamp(_style(drawn), box)


def _lines(request: SignRequest, profile: Profile, font: StampFont, *, development: bool) -> list[tuple[str, float]]:
    """(text, size in points) from top to bottom."""
    moment = request.signed_at.astimezone(_VIETNAM).isoformat(timespec="seconds")
    title = profile.title or request.copy_kind
    agency = _clean(request.agency)
    code = _clean(request.dossier_code)
    for text in (agency, code):
        if _PERSONAL_NUMBER.search(text):
            raise StampRefusedError("the stamp's text holds what looks like a personal number")
    if not agency:
        raise StampRefusedError("the stamp needs the agency's name")
    lines: list[tuple[str, float]] = [(title, profile.size)]
    for shown in profile.shows:
        if shown == "agency":
            lines += [(line, profile.size) for line in _wrapped(agency, profile, font)]
        elif shown == "time":
            lines.append((moment, profile.small))
        elif code:
            lines.append((f"Mã hồ sơ: {code}", profile.small))
    if development:
        lines.append((_DEVELOPMENT_TEXT, profile.small))
    limit = profile.text_width * 1.4
    for text, size in lines:
        if font.width(text) * size > limit:
            raise StampRefusedError(f"this does not fit on the stamp: {text}")
    return lines


def _wrapped(text: str, profile: Profile, font: StampFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and font.width(f"{lines[-1]} {word}") * profile.size <= profile.text_width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > _MAX_LINES_OF_AGENCY:
        raise StampRefusedError(f"the agency's name is too long for the stamp: {text}")
    return lines


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _style(drawing: Drawing) -> Any:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.content import ResourceType
    from pyhanko.pdf_utils.layout import BoxConstraints
    from pyhanko.stamp.base import BaseStamp, BaseStampStyle

    lines, profile, font, place = drawing.lines, drawing.profile, drawing.font, drawing.place
    width, height = drawing.size

    class PaperStamp(BaseStamp):  # type: ignore[misc] # pyHanko is untyped here
        def _render_inner_content(self) -> list[bytes]:
            embedded = font.embedded(text for text, _ in lines)
            self.set_resource(ResourceType.FONT, generic.pdf_name("/F1"), embedded.written(self.writer))
            commands = [_frame(profile, width, height)]
            if drawing.seal is not None:
                self.set_resource(ResourceType.XOBJECT, generic.pdf_name("/Seal"), drawing.seal.written(self.writer))
                commands.append(_pictured(profile, drawing.seal.ratio, height))
            elif profile.seal:
                commands.append(_drawn_seal(profile, height))
            left = profile.padding + (profile.seal + profile.padding if profile.seal else 0.0)
            baseline = height - (height - sum(s * _LEADING for _, s in lines)) / 2
            for text, points in lines:
                baseline -= points * _LEADING
                commands.append(
                    b"BT %s rg /F1 %.2f Tf 1 0 0 1 %.2f %.2f Tm %s ET"
                    % (profile.colour, points, left, baseline + points * 0.28, embedded.show(text))
                )
            return commands

        def as_form_xobject(self) -> Any:
            stream = super().as_form_xobject()
            if place.rotation:  # the reader turns the page clockwise: turn the stamp the other way
                quarter = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}[place.rotation]
                numbers = [generic.NumberObject(n) for n in (*quarter, 0, 0)]
                stream[generic.pdf_name("/Matrix")] = generic.ArrayObject(numbers)
            return stream

    @dataclass(frozen=True)
    class PaperStampStyle(BaseStampStyle):  # type: ignore[misc] # pyHanko is untyped here
        def create_stamp(self, writer: Any, box: Any, text_params: Any) -> PaperStamp:  # noqa: ARG002 - the base class's signature
            return PaperStamp(writer, self, BoxConstraints(width=width, height=height))

    return PaperStampStyle(border_width=0)


def _frame(profile: Profile, width: float, height: float) -> bytes:
    if not profile.frame:
        return b""
    half = profile.frame / 2
    return b"%s RG %.2f w %.2f %.2f %.2f %.2f re S" % (
        profile.colour, profile.frame, half, half, width - profile.frame, height - profile.frame
    )  # fmt: skip


def _pictured(profile: Profile, ratio: float, height: float) -> bytes:
    """The seal's picture in the round seal's square, its proportions kept."""
    wide, high = (profile.seal, profile.seal / ratio) if ratio >= 1 else (profile.seal * ratio, profile.seal)
    left = profile.padding + (profile.seal - wide) / 2
    return b"q %.2f 0 0 %.2f %.2f %.2f cm /Seal Do Q" % (wide, high, left, (height - high) / 2)


def _drawn_seal(profile: Profile, height: float) -> bytes:
    radius = profile.seal / 2
    x, y = profile.padding + radius, height / 2
    outer = b"%s RG 1.1 w %s S" % (profile.colour, _circle(x, y, radius - 0.6))
    inner = b"0.5 w %s S" % _circle(x, y, radius * 0.72)
    return b" ".join((outer, inner, b"%s rg %s f" % (profile.colour, _star(x, y, radius * 0.45))))


def _circle(x: float, y: float, radius: float) -> bytes:
    """Four Bézier arcs; the constant makes them round to a thousandth."""
    k = 0.5523 * radius
    points = [
        (x + radius, y + k, x + k, y + radius, x, y + radius),
        (x - k, y + radius, x - radius, y + k, x - radius, y),
        (x - radius, y - k, x - k, y - radius, x, y - radius),
        (x + k, y - radius, x + radius, y - k, x + radius, y),
    ]
    return b"%.2f %.2f m " % (x + radius, y) + b" ".join(b"%.2f %.2f %.2f %.2f %.2f %.2f c" % p for p in points)


def _star(x: float, y: float, radius: float) -> bytes:
    corners = []
    for step in range(10):
        reach = radius if step % 2 == 0 else radius * 0.382
        angle = math.pi / 2 + step * math.pi / 5
        corners.append(b"%.2f %.2f" % (x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return corners[0] + b" m " + b" ".join(corner + b" l" for corner in corners[1:]) + b" h"
