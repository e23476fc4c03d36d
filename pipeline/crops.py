"""What a person is shown of a field: the piece of the page image on which its words, its ink or its seal lie.

Cut from the stored page when it is asked for, so there is one copy of every picture and it is the page's own pixels;
a little of the paper round the box is kept, because a box is tight round the ink. PNG, without loss: handwriting is
judged by thin strokes. The name of a crop is its document and key, never what is written there.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pipeline.errors import HosoError
from pipeline.intake.images import decode
from pipeline.keys import page_key

if TYPE_CHECKING:
    from pipeline.record import Dossier
    from pipeline.tools import Tools

_MARGIN = 0.35
"""Of the box's height, kept round it; never less than `_LEAST` pixels."""
_LEAST = 12


class UnknownFieldError(HosoError):
    """The dossier has no such field, or the field has no place on a page."""

    code = "field_unknown"
    message_vi = "Hồ sơ không có mục này, hoặc mục không có chỗ trên trang nào."
    remedy_vi = "Hãy xem cả trang."


def field_image(tools: Tools, dossier: Dossier, document: str, key: str) -> bytes:
    """PNG of the place of a field on its page, with some paper round it. Raises `UnknownFieldError`."""
    fields = next((one.fields for one in dossier.documents if one.id == document), {})
    field = fields.get(key)
    page = next((one for one in dossier.pages if field is not None and one.number == field.page), None)
    if field is None or field.box is None or page is None or not page.image_sha256:
        raise UnknownFieldError(dossier.id, f"{document}, {key}")
    from PIL import Image

    image = decode(tools.reading().get(page_key(page.image_sha256, page.media_type)))
    x0, y0, x1, y1 = field.box
    margin = max(_LEAST, round(_MARGIN * (y1 - y0)))
    piece = image[max(0, y0 - margin) : y1 + margin, max(0, x0 - margin) : x1 + margin]
    if piece.size == 0:
        raise UnknownFieldError(dossier.id, f"{document}, {key}")
    stream = io.BytesIO()
    Image.fromarray(piece).save(stream, "PNG")
    return stream.getvalue()
