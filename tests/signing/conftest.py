"""One development PKI and one signed file a session: making them anew for each test would cost seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from signing_samples import make_pdf, make_request

from signing.devpki import DevelopmentPki
from signing.factory import SigningOptions, build_signer
from signing.keys import DevelopmentKey
from signing.trust import Trust, TrustMaterial, load
from signing.validation import validate

if TYPE_CHECKING:
    from pathlib import Path

    from signing.signer import PdfSigner, SignedPdf
    from signing.verdict import PdfVerdict


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> DevelopmentPki:
    return DevelopmentPki.ensure(tmp_path_factory.mktemp("signing") / "pki")


@pytest.fixture(scope="session")
def plain_pdf() -> bytes:
    return make_pdf()


@pytest.fixture(scope="session")
def signer(pki: DevelopmentPki) -> PdfSigner:
    return build_signer(SigningOptions(pki=pki.folder))


@pytest.fixture(scope="session")
def seal(pki: DevelopmentPki) -> PdfSigner:
    return build_signer(SigningOptions(pki=pki.folder, key=DevelopmentKey("agency")))


@pytest.fixture(scope="session")
def signed(signer: PdfSigner, plain_pdf: bytes) -> SignedPdf:
    return signer.sign(plain_pdf, make_request())


@pytest.fixture(scope="session")
def signed_early(pki: DevelopmentPki, plain_pdf: bytes) -> SignedPdf:
    """B-T: one revision on top of the plain file."""
    return build_signer(SigningOptions(pki=pki.folder, level="B-T")).sign(plain_pdf, make_request())


@pytest.fixture(scope="session")
def material(pki: DevelopmentPki) -> TrustMaterial:
    return load(Trust(development=pki.folder))


@pytest.fixture(scope="session")
def judge(material: TrustMaterial):
    """Judges in this process: the child process has tests of its own."""

    def run(data: bytes, now: datetime | None = None) -> PdfVerdict:
        return validate(data, material, now or datetime.now(UTC))

    return run


@pytest.fixture
def signed_file(tmp_path: Path, signed: SignedPdf) -> Path:
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed.data)
    return path
