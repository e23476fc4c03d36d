"""The shipped sample, digitised for real, handed over, and judged elsewhere by somebody who has only the roots."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from package_samples import codes

from pipeline.composition import build_house
from pipeline.decisions import Decision
from pipeline.package.check import check_package
from pipeline.package.make import make_package
from pipeline.record import Dossier, Severity, Status
from pipeline.settings import Settings, SigningSettings

if TYPE_CHECKING:
    from pipeline.conductor import Conductor

SAMPLE = Path(__file__).parents[2] / "samples" / "birth_registration"
FIELDS_A_CLERK_CONFIRMS = {"doubtful"}


def agreed(conductor: Conductor, dossier: Dossier) -> Dossier:
    """What a clerk would do who agrees with everything."""
    for _ in range(3):
        if dossier.status is Status.FILED:
            break
        decisions = [
            Decision(kind="confirm", document=document.id, key=key)
            for document in dossier.documents
            for key, field in document.fields.items()
            if field.status.value in FIELDS_A_CLERK_CONFIRMS
        ]
        decisions += [
            Decision(kind="accept_finding", finding=finding.id)
            for finding in dossier.findings
            if finding.severity is not Severity.INFO and finding.confirmed_by is None
        ]
        conductor.decide(dossier.id, decisions, "Nguyễn Thị Hoa")
        dossier = conductor.run(dossier.id, start="validate")
    return dossier


@pytest.mark.slow
def test_digitised_handed_over_and_judged_elsewhere(tmp_path: Path):
    with build_house(Settings(home=tmp_path / "home", cores=2)) as house:
        received = house.conductor.receive([SAMPLE], "1.001193")
        dossier = agreed(house.conductor, house.conductor.run(received.dossier_id))
        assert dossier.status is Status.FILED
        made = make_package(house.tools, dossier, tmp_path / "out", images=True)
        packed = make_package(house.tools, dossier, tmp_path / "out", zipped=True)
        roots = tmp_path / "roots"
        roots.mkdir()
        for name in ("root.crt", "issuing.crt", "root.crl", "issuing.crl"):
            shutil.copy(house.settings.pki / name, roots / name)
    for number, original in enumerate(sorted(SAMPLE.iterdir()), start=1):
        (copy,) = (made / "data/representations/rep2/data").glob(f"original-{number:03d}.*")
        assert copy.read_bytes() == original.read_bytes()
    elsewhere = Settings(home=tmp_path / "elsewhere", cores=1, signing=SigningSettings(trust_folder=roots))
    with build_house(elsewhere) as stranger:
        for package in (made, packed):
            report = check_package(stranger.tools, package)
            assert report.outcome == "valid", report.reasons
            assert report.dossier == dossier.id
        record = made / "data/representations/rep1/data/data.json"
        record.write_bytes(record.read_bytes().replace("Nguyễn".encode(), "Nguyên".encode(), 1))
        spoiled = check_package(stranger.tools, made)
    assert spoiled.outcome == "invalid"
    assert {"checksum_wrong", "mets_differs", "premis_differs", "data_not_as_signed"} <= codes(spoiled)
