"""Signatures over HTTP: a program between this house and a signing service takes hashes and brings signatures back."""

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from starlette.testclient import TestClient

from pipeline.composition import House, build_house
from pipeline.keys import prepared_key
from pipeline.record import Dossier, Status
from pipeline.settings import Settings, SigningSettings
from pipeline.stages import Outcome, archive, sign
from signing.devpki import DevelopmentPki

API = "/api/v1"


@pytest.fixture
def pki(tmp_path: Path) -> DevelopmentPki:
    return DevelopmentPki.ensure(tmp_path / "home" / "pki")


@pytest.fixture
def house(tmp_path: Path, pki: DevelopmentPki) -> Iterator[House]:
    """The officer's key is with the officer."""
    own = {"awaited": {"certificate": pki.folder / "officer.crt", "chain": pki.folder / "issuing.crt"}}
    settings = Settings(home=tmp_path / "home", signing=SigningSettings(**own))  # type: ignore[arg-type]
    with build_house(settings) as built:
        yield built


@pytest.fixture
def held(house: House) -> str:
    """A dossier that is held with its hash out."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    digest = hashlib.sha256(out.getvalue()).hexdigest()
    dossier = Dossier(id="hs-1", procedure=None, status=Status.PROCESSING, received_at=house.tools.clock())
    house.catalogue.create_dossier(dossier)
    key = prepared_key(dossier.id, digest)
    house.store.put_new(key, out.getvalue(), "application/pdf")
    made = json.dumps({"key": key, "sha256": digest}).encode()
    house.catalogue.remember_step(archive.record_hash(dossier), archive.STEP, archive.VERSION, made, 0.0)
    assert house.conductor.run_stage(dossier.id, sign.STEP) is Outcome.HELD
    return dossier.id


def _waiting(client: TestClient) -> list[dict[str, str]]:
    return client.get(f"{API}/signatures/waiting").json()["waiting"]


def test_hash_out_and_signature_back(client: TestClient, house: House, pki: DevelopmentPki, held: str) -> None:
    (row,) = _waiting(client)
    assert row["dossier"] == held
    assert hashlib.sha256(base64.b64decode(row["attributes"])).hexdigest() == row["digest"]
    value = pki.key("officer").key.sign(bytes.fromhex(row["digest"]), ec.ECDSA(Prehashed(hashes.SHA256())))
    answer = client.post(f"{API}/dossiers/{held}/signature", content=base64.b64encode(value))
    assert answer.status_code == 202
    assert answer.json()["status"] != "held"
    assert _waiting(client) == []
    assert house.conductor.run_stage(held, sign.STEP) is Outcome.CONTINUE
    again = client.post(f"{API}/dossiers/{held}/signature", content=value)
    assert (again.status_code, again.json()["code"]) == (409, "no_signature_awaited")


def test_what_does_not_fit_is_refused_and_changes_nothing(client: TestClient, held: str, pki: DevelopmentPki) -> None:
    (before,) = _waiting(client)
    strange = pki.key("agency").key.sign(bytes.fromhex(before["digest"]), ec.ECDSA(Prehashed(hashes.SHA256())))
    answer = client.post(f"{API}/dossiers/{held}/signature", content=strange)
    assert (answer.status_code, answer.json()["code"]) == (422, "signature_wrong")
    assert answer.json()["remedy"]
    large = client.post(f"{API}/dossiers/{held}/signature", content=bytes(2 << 20))
    assert large.status_code == 413
    assert client.post(f"{API}/dossiers/hs-none/signature", content=b"AAAA").status_code == 404
    assert _waiting(client) == [before]
