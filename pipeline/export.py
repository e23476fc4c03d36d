"""A dossier as files in a folder: what a person opens and what a script picks up.

A filed dossier gives its signed PDF; one that waits gives an unsigned preview under another name, so that nobody
takes the one for the other.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import HosoError
from pipeline.stages import silent
from pipeline.stages.archive import canonical_record, prepare
from pipeline.stages.read import read_of

if TYPE_CHECKING:
    from pipeline.record import Dossier
    from pipeline.tools import Tools


class ExportError(HosoError):
    """The folder cannot be written."""

    code = "export_failed"
    message_vi = "Không ghi được kết quả vào thư mục đã chọn."
    remedy_vi = "Hãy kiểm tra quyền ghi và dung lượng đĩa; hồ sơ vẫn an toàn trong kho."


def export(tools: Tools, dossier: Dossier, out: Path) -> dict[str, Path]:
    """Writes `ID.pdf` or `ID.preview.pdf`, `ID.json` and `ID.txt`; returns their paths by name.

    Where the record was signed, `ID.jws` and its timestamp `ID.jws.tst` lie beside the JSON that they are about.
    """
    made: dict[str, Path] = {}
    try:
        out.mkdir(parents=True, exist_ok=True)
        if key := dossier.files.get("archive_pdf"):
            made["archive_pdf"] = _write(out / f"{dossier.id}.pdf", tools.reading().get(key))
        elif any(page.image_sha256 for page in dossier.pages):
            made["preview_pdf"] = _write(out / f"{dossier.id}.preview.pdf", prepare(tools, dossier, silent))
        made["data_json"] = _write(out / f"{dossier.id}.json", canonical_record(dossier))
        for name, ending in (("data_jws", "jws"), ("data_jws_tst", "jws.tst")):
            if key := dossier.files.get(name):
                made[name] = _write(out / f"{dossier.id}.{ending}", tools.reading().get(key))
        text = "\f".join(read_of(tools, dossier, page).text for page in dossier.pages)
        made["text"] = _write(out / f"{dossier.id}.txt", text.encode())
    except OSError as error:
        raise ExportError(str(out), str(error)) from error
    return made


def _write(path: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".hoso-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    Path(name).chmod(0o644)
    Path(name).replace(path)
    return path
