"""Measures signatures a second with each kind of key against stock pyHanko, in one process and one run.

One PDF of a given size is signed B-B, invisibly, RSA-2048 and P-256: by pyHanko's `SimpleSigner` as its manual has it
and by this project with a key in a file, in a SoftHSM token, behind a CSC server on this machine (one by one, and ten
documents to an authorisation) and with a person (hash out, signature back at once). Ours include the check of what
was made. Variants take turns, so that a busy machine troubles all alike; figures are medians. The comparison is of
this process's processor time, which others' work on the machine changes least.
Usage: scripts/bench_keys.py [--rounds 15] [--kilobytes 1700]. Needs SoftHSM and the dev extra. Prints one table.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pikepdf
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "signing"))  # its services are real ones

from csc_service import csc_server
from key_samples import SoftToken, issue, make_key, module
from signing_samples import make_request

from signing.devpki import DevelopmentPki
from signing.factory import SigningOptions, build_signer
from signing.interrupted import finish, prepare, sign_batch
from signing.key_secrets import Secret
from signing.keys import CscKey, Pkcs12Key, SigningKey, load_key, sign_raw
from signing.signer import SignedPdf

if TYPE_CHECKING:
    from collections.abc import Callable

    from key_samples import PrivateKey

    from signing.keys import Signer
    from signing.signer import PdfSigner

BATCH = 10


def main() -> None:
    """Makes keys, signs in turns, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kilobytes", type=int, default=1700)
    chosen = parser.parse_args()
    library = module()
    if library is None:
        sys.exit("SoftHSM (softhsm2) is not installed")
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        pki = DevelopmentPki.ensure(folder / "pki")
        (folder / "tokens").mkdir()
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
        os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
        token = SoftToken.make(folder / "tokens", "bench", library)
        (folder / "csc").mkdir()
        url = stack.enter_context(csc_server(pki, folder / "csc"))
        pdf = _pdf(chosen.kilobytes)
        print(
            "| key | where | documents a second | ms of processor here | x `SimpleSigner` | raw signatures a second |"
        )
        print("|---|---|---|---|---|---|")
        for number, kind in enumerate(("rsa", "ec"), start=1):
            key = make_key(kind)
            token.add(key, bytes([number]), kind, issue(pki, key))
            variants, raw = _variants(pki, folder, key, token.options(key_label=kind), CscKey(url, f"hoso/{kind}"), pdf)
            _measure("RSA-2048" if kind == "rsa" else "P-256", variants, raw, chosen.rounds)


def _pdf(kilobytes: int) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.attachments["noise"] = pikepdf.AttachedFileSpec(pdf, os.urandom(kilobytes * 1000), filename="noise")
    out = BytesIO()
    pdf.save(out)
    return out.getvalue()


def _variants(  # noqa: PLR0917 - called once
    pki: DevelopmentPki, folder: Path, key: PrivateKey, token: object, remote: CscKey, pdf: bytes
) -> tuple[dict[str, Callable[[], int]], dict[str, Signer]]:
    """(what signs some documents and says how many, the keys below)."""
    path = folder / f"{id(key)}.p12"
    own = issue(pki, key)
    how = serialization.BestAvailableEncryption(b"x")
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"k", key, own, pki.certificates(), how))
    sources = {"file": Pkcs12Key(path, passphrase=Secret("x")), "token": token, "service": remote}
    signers = {
        name: build_signer(SigningOptions(pki=pki.folder, key=source, level="B-B"))  # type: ignore[arg-type]
        for name, source in sources.items()
    }

    def one(signer: PdfSigner) -> Callable[[], int]:
        return lambda: len([signer.sign(pdf, make_request())])

    def batch() -> int:
        return sum(isinstance(r, SignedPdf) for r in sign_batch(signers["service"], [(pdf, make_request())] * BATCH))

    def person() -> int:
        prepared = prepare(signers["file"], pdf, make_request())
        return len([finish(signers["file"], prepared, sign_raw(phone, prepared.attributes))])

    phone = SigningKey(key, own, ())
    signing_keys = {name: load_key(source, pki.folder) for name, source in sources.items()}  # type: ignore[arg-type]
    return {
        "stock pyHanko, `SimpleSigner`": _stock(path, pdf),
        "file": one(signers["file"]),
        "token": one(signers["token"]),
        "service": one(signers["service"]),
        f"service, {BATCH} to an authorisation": batch,
        "person": person,
    }, signing_keys


def _stock(path: Path, pdf: bytes) -> Callable[[], int]:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer = signers.SimpleSigner.load_pkcs12(path, passphrase=b"x")
    meta = signers.PdfSignatureMetadata(field_name="Signature", subfilter=fields.SigSeedSubFilter.PADES)

    def sign() -> int:
        signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), meta, signer=signer)
        return 1

    return sign


def _measure(name: str, variants: dict[str, Callable[[], int]], raw: dict[str, Signer], rounds: int) -> None:
    times: dict[str, list[float]] = {variant: [] for variant in variants}
    own: dict[str, list[float]] = {variant: [] for variant in variants}
    bare: dict[str, list[float]] = {place: [] for place in raw}
    for round_ in range(rounds + 1):
        for variant, sign in variants.items():
            begun, worked = time.perf_counter(), time.process_time()
            count = sign()
            if round_:  # the first warms up
                times[variant].append((time.perf_counter() - begun) / count)
                own[variant].append((time.process_time() - worked) / count)
        for place, key in raw.items():
            begun = time.perf_counter()
            sign_raw(key, b"attributes")
            bare[place].append(time.perf_counter() - begun)
    stock = statistics.median(next(iter(own.values())))
    for variant, taken in times.items():
        middle, worked = statistics.median(taken), statistics.median(own[variant])
        below = f"{1 / statistics.median(bare[variant]):.0f}" if variant in bare else ""
        row = (name, variant, f"{1 / middle:.1f}", f"{worked * 1000:.1f}", f"{stock / worked:.2f}", below)
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
