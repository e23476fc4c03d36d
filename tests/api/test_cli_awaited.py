"""`hoso sign waiting` and `hoso sign hand-in`: a clerk, or a program, between a dossier and a signing service."""

import hashlib
import io
import json
import sys
from pathlib import Path

import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "signing"))  # its remote service is a real one

from csc_service import csc_server

from api.cli import app
from pipeline.composition import build_house
from pipeline.keys import prepared_key
from pipeline.record import Dossier, Status
from pipeline.settings import load_settings
from pipeline.stages import archive, sign
from signing.devpki import DevelopmentPki

pytestmark = pytest.mark.usefixtures("quiet_logging")


@pytest.fixture
def pki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DevelopmentPki:
    """Settings in the environment, as an installation has them: the officer's key is with the officer."""
    made = DevelopmentPki.ensure(tmp_path / "home" / "pki")
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOSO_SIGNING__AWAITED__CERTIFICATE", str(made.folder / "officer.crt"))
    monkeypatch.setenv("HOSO_SIGNING__AWAITED__CHAIN", str(made.folder / "issuing.crt"))
    return made


@pytest.fixture
def held(pki: DevelopmentPki) -> str:
    """A dossier that is held with its hash out."""
    return _held()


def _held() -> str:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    digest = hashlib.sha256(out.getvalue()).hexdigest()
    with build_house(load_settings()) as house:
        dossier = Dossier(id="hs-1", procedure=None, status=Status.PROCESSING, received_at=house.tools.clock())
        house.catalogue.create_dossier(dossier)
        key = prepared_key(dossier.id, digest)
        house.store.put_new(key, out.getvalue(), "application/pdf")
        made = json.dumps({"key": key, "sha256": digest}).encode()
        house.catalogue.remember_step(archive.record_hash(dossier), archive.STEP, archive.VERSION, made, 0.0)
        house.conductor.run_stage(dossier.id, sign.STEP)
    return dossier.id


def _run(*words: str, stdin: bytes | None = None):
    return CliRunner().invoke(app, list(words), input=stdin)


def _waiting() -> list[dict[str, str]]:
    answer = _run("sign", "waiting", "--json")
    assert answer.exit_code == 0
    return json.loads(answer.stdout)["waiting"]


def test_hash_out_signature_back(held: str, pki: DevelopmentPki, tmp_path: Path) -> None:
    (row,) = _waiting()
    assert (row["dossier"], row["role"], row["number"]) == (held, "officer", 1)
    lines = [line.strip() for line in _run("sign", "waiting").stdout.splitlines()]
    assert {row["digest"], row["document_digest"]} <= set(lines)
    value = pki.key("officer").key.sign(bytes.fromhex(row["digest"]), ec.ECDSA(Prehashed(hashes.SHA256())))
    (tmp_path / "signature.bin").write_bytes(value)
    _run("sign", "hand-in", held, str(tmp_path / "signature.bin"), "--json")
    with build_house(load_settings()) as house:
        signed = sign.signed_output(house.tools, house.conductor.dossier(held))
    assert signed is not None
    assert signed["level"] == "B-LTA"
    assert _waiting() == []
    assert "Không có hồ sơ nào" in _run("sign", "waiting").stdout


def test_wrong_signature_leaves_the_dossier_as_it_was(held: str) -> None:
    (before,) = _waiting()
    answer = _run("sign", "hand-in", held, "-", "--json", stdin=b"AAAA")
    assert answer.exit_code == 4
    assert json.loads(answer.stdout)["error"]["code"] == "signature_wrong"
    assert _waiting() == [before]


def test_nothing_to_hand_in(held: str, tmp_path: Path) -> None:
    answer = _run("sign", "hand-in", held, str(tmp_path / "none.bin"), "--json")
    assert (answer.exit_code, json.loads(answer.stdout)["error"]["code"]) == (4, "signature_file_unreadable")
    answer = _run("sign", "hand-in", "hs-none", "-", "--json", stdin=b"AAAA")
    assert json.loads(answer.stdout)["error"]["code"] == "dossier_unknown"


def test_all_that_wait_are_confirmed_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a remote service: nothing is signed before `confirm`."""
    pki = DevelopmentPki.ensure(tmp_path / "home" / "pki")
    (tmp_path / "csc").mkdir()
    monkeypatch.setenv("HOSO_HOME", str(tmp_path / "home"))
    with csc_server(pki, tmp_path / "csc") as url:
        for name, value in {"URL": url, "CREDENTIAL": "hoso/rsa", "GATHER": "true"}.items():
            monkeypatch.setenv(f"HOSO_SIGNING__CSC__{name}", value)
        assert _run("sign", "confirm").exit_code == 4
        held = _held()
        (row,) = _waiting()
        assert row["dossier"] == held
        assert _run("sign", "confirm", "--role", "leader").exit_code != 0
        assert _run("sign", "confirm").stdout.startswith(f"{held}\t")
    with build_house(load_settings()) as house:
        signed = sign.signed_output(house.tools, house.conductor.dossier(held))
    assert signed is not None
    assert signed["level"] == "B-LTA"


def test_a_phone_alone_confirms_nothing_here(held: str) -> None:
    assert _run("sign", "confirm").exit_code == 4
