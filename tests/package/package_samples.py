"""A small dossier really archived, signed and filed, and a copy of its package to be tampered with.

`Tampered.repair` puts manifests, METS and PREMIS right again after a change, as an attacker would who knows the
formats: what is then noticed is noticed by what nobody but the signer can make.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree
from PIL import Image, ImageDraw

from extractors.fields import FieldStatus, Source
from pipeline.decisions import Decision
from pipeline.keys import original_key, page_key
from pipeline.record import DocumentRecord, Dossier, Event, FieldRecord, OriginalRecord, PageRecord, Status
from pipeline.stages import STAGES

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.composition import House
    from pipeline.package.report import PackageReport

METS = "{http://www.loc.gov/METS/}"
PREMIS = "{http://www.loc.gov/premis/v3}"
HREF = "{http://www.w3.org/1999/xlink}href"
NUMBER = "079204001234"
"""A personal number in the name of an original; it must be in no file name."""


def sheet(mark: str, kind: str) -> bytes:
    picture = Image.new("RGB", (420, 594), "white")
    ImageDraw.Draw(picture).text((40, 60), mark, fill="black")
    out = io.BytesIO()
    picture.save(out, kind, dpi=(72, 72))
    return out.getvalue()


def file_dossier(house: House, dossier_id: str, mark: str, stages: tuple[str, ...] = STAGES[5:]) -> Dossier:
    """Two originals, two pages, one paper; through the last stages, or some of them."""
    images = [(f"{mark} {number}", kind) for number, kind in ((1, "PNG"), (2, "JPEG"))]
    originals, pages = [], []
    now = house.tools.clock()
    for number, (text, kind) in enumerate(images, start=1):
        data = sheet(text, kind)
        digest, media_type = hashlib.sha256(data).hexdigest(), f"image/{kind.lower()}"
        house.store.put_new(original_key(digest), data, media_type)
        house.store.put_new(page_key(digest, media_type), data, media_type)
        name = f"CCCD {NUMBER} trang {number}.{kind.lower()}"
        originals.append(OriginalRecord(name=name, sha256=digest, size=len(data), media_type=media_type, pages=1))
        pages.append(
            PageRecord(
                number=number,
                file=name,
                file_page=1,
                width=420,
                height=594,
                dpi=72,
                media_type=media_type,
                image_sha256=digest,
                blank=True,
            )
        )
    field = FieldRecord(
        value="12/UBND-VP", raw="12/UBND-VP", probability=0.99, source=Source.LABEL, page=1, box=(40, 60, 200, 80),
        status=FieldStatus.CONFIRMED, label="Số, ký hiệu",
    )  # fmt: skip
    paper = DocumentRecord(
        id="d1", type="cong_van", title="Công văn", component=None, pages=(1, 2), probability=0.99,
        fields={"so_ky_hieu": field},
    )  # fmt: skip
    dossier = Dossier(
        id=dossier_id, procedure="cong_van_den", procedure_name="Công văn đến", status=Status.PROCESSING,
        received_at=now, originals=tuple(originals), pages=tuple(pages), documents=(paper,), engine="known-words 1",
        events=tuple(Event(stage=stage, at=now, seconds=0.1) for stage in STAGES[:5]),
    )  # fmt: skip
    house.catalogue.create_dossier(dossier)
    decision = Decision(kind="confirm", document="d1", key="so_ky_hieu", who="Nguyễn Thị Hoa")
    house.catalogue.add_decisions(dossier_id, [decision.row()])
    for stage in stages:
        house.conductor.run_stage(dossier_id, stage)
    return house.conductor.dossier(dossier_id)


@dataclass(frozen=True)
class Tampered:
    """A copy of the package to be changed."""

    folder: Path

    @property
    def data(self) -> Path:
        """The information package."""
        return self.folder / "data"

    @property
    def archive(self) -> Path:
        """Files of the archive representation."""
        return self.data / "representations" / "rep1" / "data"

    @property
    def originals(self) -> Path:
        """Files as they came in."""
        return self.data / "representations" / "rep2" / "data"

    def flip(self, path: Path) -> None:
        """One bit of one byte in the middle."""
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces text in a file of the information package."""
        path = self.data / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def repair(self, *, premis: bool = True, mets: bool = True) -> Tampered:
        """Makes the descriptions agree with the files again: PREMIS, both levels of METS, then the bag."""
        if premis:
            self._repair_premis()
        if mets:
            for path in sorted(self.data.rglob("METS.xml"), key=lambda path: -len(path.parts)):
                self._repair_mets(path)
        files = sorted(path for path in self.data.rglob("*") if path.is_file())
        oxum = f"{sum(path.stat().st_size for path in files)}.{len(files)}"
        info = self.folder / "bag-info.txt"
        kept = [line for line in info.read_text("utf-8").splitlines() if not line.startswith("Payload-Oxum")]
        info.write_text("\n".join([*kept, f"Payload-Oxum: {oxum}", ""]), "utf-8")
        self._manifest("manifest-sha256.txt", files)
        tags = [self.folder / name for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")]
        self._manifest("tagmanifest-sha256.txt", tags)
        return self

    def _manifest(self, name: str, files: list[Path]) -> None:
        lines = [f"{_digest(path)}  {path.relative_to(self.folder).as_posix()}\n" for path in files]
        (self.folder / name).write_text("".join(lines), "utf-8")

    def _repair_premis(self) -> None:
        path = self.data / "metadata" / "preservation" / "PREMIS.xml"
        tree = etree.parse(str(path))
        for thing in tree.iter(f"{PREMIS}object"):
            target = self.data / thing.findtext(f"{PREMIS}objectIdentifier/{PREMIS}objectIdentifierValue", "")
            if target.is_file():
                next(thing.iter(f"{PREMIS}messageDigest")).text = _digest(target)
                next(thing.iter(f"{PREMIS}size")).text = str(target.stat().st_size)
        tree.write(str(path), xml_declaration=True, encoding="UTF-8")

    def _repair_mets(self, path: Path) -> None:
        tree = etree.parse(str(path))
        for entry in [*tree.iter(f"{METS}file"), *tree.iter(f"{METS}mdRef")]:
            location = entry if entry.tag == f"{METS}mdRef" else next(entry.iter(f"{METS}FLocat"))
            target = path.parent / location.get(HREF, "")
            if target.is_file():
                entry.set("CHECKSUM", _digest(target))
                entry.set("SIZE", str(target.stat().st_size))
        tree.write(str(path), xml_declaration=True, encoding="UTF-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def codes(report: PackageReport) -> set[str]:
    return {reason.code for reason in report.reasons}
