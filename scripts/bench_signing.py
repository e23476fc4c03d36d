"""Signatures a second, one process, beside stock pyHanko in the same run.

    python scripts/bench_signing.py [--seconds 6] [--pdf FILE...]

B-B with a loaded key against pyHanko's `SimpleSigner` as its manual shows it, for RSA-2048 and P-256; then every level
with the development PKI and its timestamp authority in this process, without and with a stamp, with one signature and
two, and in a batch whose states are kept in a ledger. Ours is always measured with its check of its own output,
pyHanko has none. Variants take turns, so that whatever else the machine does hits all of them alike; time is that of
the processor. The table goes to stdout.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from signing.factory import SigningOptions, build_signer
from signing.keys import DevelopmentKey, Pkcs12Key
from signing.signer import SignRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from signing.keys import PrivateKey

PASSPHRASE = b"bench"


def make_key(folder: Path, name: str, key: PrivateKey) -> Path:
    """A PKCS#12 file with a self-signed certificate, which is also among the roots of `folder`."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Bench {name}")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 7, now - timedelta(1), now + timedelta(30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    path = folder / f"{name}.p12"
    encryption = serialization.BestAvailableEncryption(PASSPHRASE)
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, certificate, None, encryption))
    return path


def small_pdf() -> bytes:
    """Two pages of vectors with an attachment."""
    import pikepdf

    pdf = pikepdf.new()
    for number in range(2):
        pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[-1].Contents = pdf.make_stream(b"0.2 g 100 %d 200 50 re f" % (100 + 60 * number))
    pdf.attachments["data.json"] = pikepdf.AttachedFileSpec(pdf, b'{"a": 1}', filename="data.json")
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def request(**changes: Any) -> SignRequest:
    """A signature as the pipeline asks for it."""
    values: dict[str, Any] = {
        "reason": "Số hóa hồ sơ",
        "agency": "Ủy ban nhân dân xã Đăk Blô",
        "dossier_code": "hs-261122-bench001",
        "signed_at": datetime.now(UTC),
    }
    return SignRequest(**(values | changes))


def stock(path: Path) -> Callable[[bytes], object]:
    """The signer of pyHanko over a PKCS#12 file that is opened once."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    from pyhanko.sign.fields import SigSeedSubFilter

    signer = signers.SimpleSigner.load_pkcs12(str(path), passphrase=PASSPHRASE)
    meta = signers.PdfSignatureMetadata(field_name="S", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256")
    return lambda pdf: signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), meta, signer=signer)


def ours(scratch: Path, *requests: SignRequest, **options: Any) -> Callable[[bytes], object]:
    """Our signer; what it needs to open is opened before it is measured."""
    signer = build_signer(SigningOptions(pki=scratch / "pki", keys={"agency": DevelopmentKey("agency")}, **options))
    return lambda pdf: signer.sign(pdf, *requests)


def with_ledger(scratch: Path) -> Callable[[bytes], object]:
    """Two signers as the pipeline runs them: every state kept in SQLite, which reaches the disk each time."""
    import secrets

    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.stages.sign import LedgerJournal

    signer = build_signer(SigningOptions(pki=scratch / "pki", keys={"agency": DevelopmentKey("agency")}))
    catalogue = Catalogue.in_file(scratch / "catalogue.sqlite3")
    catalogue.migrate()
    plan = (request(), request(role="agency", appearance="digitised_paper"))
    return lambda pdf: signer.sign(pdf, *plan, journal=LedgerJournal(catalogue, secrets.token_hex(32)))


def variants(scratch: Path) -> dict[str, Callable[[bytes], object]]:
    """Name to work on one PDF."""
    made: dict[str, Callable[[bytes], object]] = {}
    for name, key in (
        ("RSA-2048", rsa.generate_private_key(65537, 2048)),
        ("P-256", ec.generate_private_key(ec.SECP256R1())),
    ):
        path = make_key(scratch, name, key)
        (scratch / "pass").write_bytes(PASSPHRASE)
        source = Pkcs12Key(path, scratch / "pass")
        made[f"{name} B-B, pyHanko SimpleSigner"] = stock(path)
        made[f"{name} B-B, ours"] = ours(scratch, request(), key=source, level="B-B", roots=scratch)
    seal = request(role="agency", appearance="digitised_paper")
    for level in ("B-B", "B-T", "B-LT", "B-LTA"):
        made[f"{level}, one signature"] = ours(scratch, request(), level=level)
    made["B-LTA, one signature with stamp"] = ours(scratch, request(appearance="digitised_paper"))
    made["B-LTA, two signatures with stamp"] = ours(scratch, request(), seal)
    made["B-LTA, two signatures with stamp, states kept"] = with_ledger(scratch)
    return made


def measure(work: dict[str, Callable[[bytes], object]], pdf: bytes, seconds: float) -> dict[str, list[float]]:
    """Processor seconds of each run of each variant, taken in turns."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for run in work.values():
        run(pdf)
    until = time.monotonic() + seconds * len(work)
    while time.monotonic() < until or min(map(len, times.values())) < 5:
        for name, run in work.items():
            started = time.process_time()
            run(pdf)
            times[name].append(time.process_time() - started)
    return times


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=6.0, help="of each variant and file")
    parser.add_argument("--pdf", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    logging.disable(logging.ERROR)
    files = {"small": small_pdf()} | {path.name: path.read_bytes() for path in options.pdf}
    with tempfile.TemporaryDirectory() as scratch:
        work = variants(Path(scratch))
        for name, pdf in files.items():
            times = measure(work, pdf, options.seconds)
            print(
                f"\n{name}, {len(pdf) / 1e6:.2f} MB\n\n"
                "| variant | ms, median | a second | x pyHanko |\n|---|---|---|---|"
            )
            for variant, runs in times.items():
                median = sorted(runs)[len(runs) // 2]
                beside = times.get(variant.partition(",")[0] + ", pyHanko SimpleSigner")
                ratio = f"{sorted(beside)[len(beside) // 2] / median:.1f}" if beside else ""
                print(f"| {variant} | {median * 1000:.1f} | {1 / median:.1f} | {ratio} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
