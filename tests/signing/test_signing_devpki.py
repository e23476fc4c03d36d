"""The development PKI: made once, by whoever comes first, closed to others, and recognisable everywhere."""

from __future__ import annotations

import multiprocessing
import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from signing.devpki import MARK, ROLES, DevelopmentPki


def _ensure(folder: str, results) -> None:
    results.put(DevelopmentPki.ensure(Path(folder)).root_file.read_bytes())


def test_processes_that_start_together_get_one_pki(tmp_path):
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    workers = [context.Process(target=_ensure, args=(str(tmp_path / "home" / "pki"), results)) for _ in range(6)]
    for worker in workers:
        worker.start()
    roots = {results.get(timeout=20) for _ in workers}
    for worker in workers:
        worker.join(20)
    assert len(roots) == 1
    assert [p.name for p in (tmp_path / "home").iterdir()] == ["pki"]  # no drafts are left


def test_keys_are_for_the_owner_only(pki):
    for path in [*pki.folder.glob("*.key"), *pki.folder.glob("*.p12"), pki.passphrase_file]:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert stat.S_IMODE(pki.folder.stat().st_mode) == 0o700


def test_every_subject_says_development(pki):
    for path in pki.folder.glob("*.crt"):
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        for name in (certificate.subject, certificate.issuer):
            assert MARK in {attribute.value for attribute in name}


def test_timestamp_purpose_is_critical_and_alone(pki):
    extension = pki.key("tsa").certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert extension.critical
    assert list(extension.value) == [x509.ExtendedKeyUsageOID.TIME_STAMPING]


def test_second_opening_changes_nothing(pki):
    before = {p.name: p.read_bytes() for p in pki.folder.iterdir()}
    DevelopmentPki.ensure(pki.folder)
    assert {p.name: p.read_bytes() for p in pki.folder.iterdir()} == before


def test_lists_are_renewed_before_they_end_and_keep_what_was_revoked(tmp_path):
    pki = DevelopmentPki.ensure(tmp_path / "pki")
    serial = pki.key("officer").certificate.serial_number
    pki.revoke("officer")
    later = datetime.now(UTC) + timedelta(days=20)
    DevelopmentPki.ensure(pki.folder, now=later)
    for der in pki.crls():
        crl = x509.load_der_x509_crl(der)
        assert crl.next_update_utc > later + timedelta(days=10)
    assert x509.load_der_x509_crl(pki.crls()[1]).get_revoked_certificate_by_serial_number(serial) is not None


def test_leaves_are_renewed_before_they_end(tmp_path):
    pki = DevelopmentPki.ensure(tmp_path / "pki")
    old = pki.key("officer").certificate
    DevelopmentPki.ensure(pki.folder, now=old.not_valid_after_utc - timedelta(days=10))
    assert pki.key("officer").certificate.not_valid_after_utc > old.not_valid_after_utc
    assert pki.key("officer").certificate.issuer == old.issuer


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize("role", ROLES)
def test_openssl_accepts_chain_and_list(pki, tmp_path, role):
    crls = [x509.load_der_x509_crl(der) for der in pki.crls()]
    from cryptography.hazmat.primitives.serialization import Encoding

    (tmp_path / "crls.pem").write_bytes(b"".join(crl.public_bytes(Encoding.PEM) for crl in crls))
    command = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CRLfile", str(tmp_path / "crls.pem")]
    command += ["-CAfile", str(pki.root_file), "-untrusted", str(pki.folder / "issuing.crt")]
    subprocess.run([*command, str(pki.folder / f"{role}.crt")], check=True, capture_output=True)


def test_a_folder_from_before_there_was_a_role_gets_its_key(tmp_path):
    pki = DevelopmentPki.ensure(tmp_path / "pki")
    for role in ("leader", "ocsp"):
        for suffix in ("crt", "p12"):
            (pki.folder / f"{role}.{suffix}").unlink()
    before = pki.key("officer").certificate
    again = DevelopmentPki.ensure(tmp_path / "pki")
    assert again.key("leader").certificate.issuer == again.certificates()[1].subject
    assert again.key("ocsp").certificate.issuer == again.certificates()[1].subject
    assert again.key("officer").certificate == before
