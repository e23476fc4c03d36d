"""A package as it is made: complete, described, the same bytes again, good for others' programs, nothing personal."""

from __future__ import annotations

import gc
import json
import logging
import re
import shutil
import subprocess
import warnings
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bagit
import jwt
import pytest
from lxml import etree
from package_samples import METS, NUMBER, PREMIS

from pipeline.keys import original_key
from pipeline.package.errors import NotFiledYetError, PackageExistsError, PackageFaultError, PackageNotWrittenError
from pipeline.package.make import make_package
from pipeline.record import Dossier, Status
from pipeline.signed_data import published_keys

if TYPE_CHECKING:
    from pipeline.composition import House


RECORD = "data/representations/rep1/data"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_is_in_it(package: Path):
    assert names(package) == {
        "bagit.txt", "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt",
        "data/METS.xml", "data/metadata/descriptive/EAD.xml", "data/metadata/preservation/PREMIS.xml",
        "data/documentation/DOC-TRUOC.txt", "data/representations/rep1/METS.xml",
        *(f"data/schemas/hoso-{name}.xsd" for name in ("mets", "premis", "ead", "xlink", "csip")),
        *(f"data/representations/rep1/data/{n}" for n in ("archive.pdf", "data.json", "data.jws", "data.jws.tst")),
        "data/representations/rep2/METS.xml",
        "data/representations/rep2/data/original-001.png", "data/representations/rep2/data/original-002.jpg",
        "data/representations/rep3/METS.xml",
        "data/representations/rep3/data/page-0001.png", "data/representations/rep3/data/page-0002.jpg",
    }  # fmt: skip


def test_originals_are_in_it_bit_for_bit(house: House, filed: Dossier, package: Path):
    for number, original in enumerate(filed.originals, start=1):
        (copy,) = (package / "data/representations/rep2/data").glob(f"original-{number:03d}.*")
        assert copy.read_bytes() == house.store.get(original_key(original.sha256))


def test_others_programs_find_the_bag_whole(package: Path):
    logging.getLogger("bagit").setLevel(logging.CRITICAL)
    assert bagit.Bag(str(package)).validate()
    for manifest in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        result = subprocess.run(["sha256sum", "-c", "--quiet", manifest], cwd=package, capture_output=True, check=False)
        assert result.returncode == 0, result.stderr


def test_no_personal_number_is_in_any_name(package: Path):
    assert not [name for name in names(package) if NUMBER in name or re.search(r"\d{9}", name)]
    premis = (package / "data/metadata/preservation/PREMIS.xml").read_text("utf-8")
    assert f"CCCD {NUMBER} trang 1.png" in premis, "the name that people gave stays known, inside"


def test_the_same_dossier_packed_at_the_same_moment_is_the_same_bytes(house: House, filed: Dossier, tmp_path: Path):
    moment = house.tools.clock()
    made = [
        make_package(house.tools, filed, tmp_path / str(n), zipped=True, packed_at=moment).read_bytes() for n in (1, 2)
    ]
    assert made[0] == made[1]


def test_packed_later_it_differs_in_the_declared_dates_only(house: House, filed: Dossier, tmp_path: Path):
    moment = house.tools.clock()
    one = make_package(house.tools, filed, tmp_path / "1", packed_at=moment)
    two = make_package(house.tools, filed, tmp_path / "2", packed_at=moment + timedelta(days=3))
    differing = {name for name in names(one) if (one / name).read_bytes() != (two / name).read_bytes()}
    assert differing == {
        "bag-info.txt", "manifest-sha256.txt", "tagmanifest-sha256.txt", "data/METS.xml",
        "data/metadata/preservation/PREMIS.xml",
    }  # fmt: skip
    lines = [
        (a, b)
        for a, b in zip(
            (one / "data/metadata/preservation/PREMIS.xml").read_text("utf-8").splitlines(),
            (two / "data/metadata/preservation/PREMIS.xml").read_text("utf-8").splitlines(),
            strict=True,
        )
        if a != b
    ]
    assert len(lines) == 1
    assert "eventDateTime" in lines[0][0]


def test_events_tell_the_dossiers_history(filed: Dossier, package: Path):
    root = etree.parse(str(package / "data/metadata/preservation/PREMIS.xml")).getroot()
    events = {
        event.findtext(f"{PREMIS}eventIdentifier/{PREMIS}eventIdentifierValue").rpartition("/")[2]: event
        for event in root.iter(f"{PREMIS}event")
    }
    assert {
        "received", "intake", "read", "separate", "extract", "validate", "decided-1", "archive", "pdf-HSS-Signature-1",
        "pdf-HSS-Timestamp-1", "data-signed", "data-timestamped", "filed", "packed",
    } <= set(events)  # fmt: skip
    moments = [event.findtext(f"{PREMIS}eventDateTime") for event in root.iter(f"{PREMIS}event")]
    assert moments == sorted(moments)
    assert all(moment.endswith("+07:00") for moment in moments)
    agents = {
        agent.findtext(f"{PREMIS}agentIdentifier/{PREMIS}agentIdentifierValue"): agent.findtext(f"{PREMIS}agentName")
        for agent in root.iter(f"{PREMIS}agent")
    }

    def doers(name: str) -> set[str | None]:
        return {agents[value.text] for value in events[name].iter(f"{PREMIS}linkingAgentIdentifierValue")}

    assert filed.engine in doers("read")
    assert "Nguyễn Thị Hoa" in doers("decided-1")
    assert "Cán bộ tiếp nhận (PHÁT TRIỂN)" in doers("pdf-HSS-Signature-1") & doers("data-signed")


def test_a_page_image_comes_from_its_own_original_and_the_pdf_from_all(package: Path):
    root = etree.parse(str(package / "data/metadata/preservation/PREMIS.xml")).getroot()
    sources = {
        thing.findtext(f"{PREMIS}objectIdentifier/{PREMIS}objectIdentifierValue").rpartition("/")[2]: [
            related.findtext(f"{PREMIS}relatedObjectIdentifier/{PREMIS}relatedObjectIdentifierValue").rpartition("/")[2]
            for related in thing.iter(f"{PREMIS}relationship")
            if related.findtext(f"{PREMIS}relationshipSubType") == "has source"
        ]
        for thing in root.iter(f"{PREMIS}object")
    }
    assert sources["page-0001.png"] == ["original-001.png"]
    assert sources["page-0002.jpg"] == ["original-002.jpg"]
    assert sources["archive.pdf"] == ["original-001.png", "original-002.jpg"]


def test_formats_are_those_of_pronom(package: Path):
    root = etree.parse(str(package / "data/metadata/preservation/PREMIS.xml")).getroot()
    found = {
        thing.findtext(f"{PREMIS}objectIdentifier/{PREMIS}objectIdentifierValue").rpartition("/")[2]: thing.findtext(
            f"{PREMIS}objectCharacteristics/{PREMIS}format/{PREMIS}formatRegistry/{PREMIS}formatRegistryKey"
        )
        for thing in root.iter(f"{PREMIS}object")
        if thing.get("{http://www.w3.org/2001/XMLSchema-instance}type") == "premis:file"
    }
    assert found["archive.pdf"] == "fmt/481"
    assert found["data.json"] == "fmt/817"
    assert found["original-001.png"] == "fmt/11"
    assert found["original-002.jpg"] == "fmt/43"
    assert found["data.jws"] is None, "the register has no such format"


def test_mets_lists_every_file_of_the_payload(package: Path):
    listed = {"METS.xml"}
    for path in (package / "data").rglob("METS.xml"):
        base = path.parent.relative_to(package / "data").as_posix()
        root = etree.parse(str(path)).getroot()
        for element in [*root.iter(f"{METS}FLocat"), *root.iter(f"{METS}mdRef")]:
            href = element.get("{http://www.w3.org/1999/xlink}href")
            listed.add(href if base == "." else f"{base}/{href}")
    assert listed == names(package / "data")


def test_the_manuals_own_lines_verify_the_record(
    house: House, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The Python of docs/package.md, run as it stands, on files out of a package and the published keys."""
    manual = (Path(__file__).parents[2] / "docs" / "package.md").read_text("utf-8")
    lines = re.search(r"```python\n(.*?)```", manual, re.DOTALL)
    assert lines is not None
    for name in ("data.json", "data.jws", "archive.pdf"):
        shutil.copy(package / RECORD / name, tmp_path)
    (tmp_path / "keys.json").write_text(json.dumps(published_keys(house.tools)))
    monkeypatch.chdir(tmp_path)

    def run() -> dict[str, Any]:
        found: dict[str, Any] = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # the manual's lines leave closing to the interpreter
            exec(lines[1], found)  # noqa: S102 - our own manual
            gc.collect()
        return found

    assert json.loads(run()["found"]["payload"])["id"] == json.loads((tmp_path / "data.json").read_bytes())["id"]
    (tmp_path / "archive.pdf").write_bytes((tmp_path / "archive.pdf").read_bytes()[:-9])
    with pytest.raises(AssertionError):
        run()
    (tmp_path / "data.json").write_bytes(b"{}")
    with pytest.raises(jwt.InvalidSignatureError):
        run()


def test_openssl_verifies_the_timestamp_of_the_signature(package: Path, roots: Path):
    chain = ["-CAfile", str(roots / "root.crt"), "-untrusted", str(roots / "issuing.crt")]
    result = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "data.jws", "-in", "data.jws.tst", "-token_in", *chain],
        cwd=package / "data/representations/rep1/data", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def test_a_zip_holds_the_same_files_under_the_dossiers_name(house: House, filed: Dossier, tmp_path: Path):
    moment = house.tools.clock()
    folder = make_package(house.tools, filed, tmp_path / "folder", packed_at=moment)
    packed = make_package(house.tools, filed, tmp_path / "zip", zipped=True, packed_at=moment)
    with zipfile.ZipFile(packed) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {filed.id}
        content = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert content == {name: (folder / name).read_bytes() for name in names(folder)}


def test_nothing_is_overwritten_and_nothing_half_made_is_left(house: House, filed: Dossier, tmp_path: Path):
    made = make_package(house.tools, filed, tmp_path)
    before = (made / "bag-info.txt").read_bytes()
    with pytest.raises(PackageExistsError):
        make_package(house.tools, filed, tmp_path)
    assert (made / "bag-info.txt").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [filed.id]
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(PackageNotWrittenError):
        make_package(house.tools, filed, file / "below")


def test_a_dossier_that_is_not_filed_has_no_package(house: House, filed: Dossier, tmp_path: Path):
    waiting = filed.model_copy(update={"id": "hs-261121-waiting0", "status": Status.WAITS, "files": {}})
    with pytest.raises(NotFiledYetError):
        make_package(house.tools, waiting, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_pdf_whose_signatures_cannot_be_listed_gives_no_package(house: House, tmp_path: Path):
    """Better none than one that says nothing of its signatures; and nothing of it is remembered."""
    record = json.dumps({"id": "hs-261121-unlisted"}).encode()
    keys = {
        "archive_pdf": "filed/hs-261121-unlisted/0/archive.pdf",
        "data_json": "filed/hs-261121-unlisted/0/data.json",
    }
    for key, content in zip(keys.values(), (b"%PDF-1.7 no signature", record), strict=True):
        house.store.put_new(key, content)
    dossier = Dossier(
        id="hs-261121-unlisted", procedure=None, status=Status.FILED, received_at=house.tools.clock(), files=keys
    )
    house.catalogue.create_dossier(dossier)
    stat = house.store.stat(keys["archive_pdf"])
    assert stat is not None
    house.catalogue.record_filing(dossier.id, "archive_pdf", stat.key, stat.sha256, stat.size)
    for _ in range(2):
        with pytest.raises(PackageFaultError):
            make_package(house.tools, dossier, tmp_path)
    assert not list(tmp_path.iterdir())
