"""Programs that are not ours, and not pyHanko, agree: the signed bytes and the tokens are what they should be."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader


def _parts(data: bytes, index: int = 0) -> tuple[bytes, bytes]:
    """(CMS object, the bytes it covers) of a signature."""
    from io import BytesIO

    embedded = PdfFileReader(BytesIO(data)).embedded_signatures[index]
    a, b, c, d = (int(n) for n in embedded.byte_range)
    return embedded.pkcs7_content, data[a : a + b] + data[c : c + d]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_verifies_the_signature_as_cades(signed, pki, tmp_path):
    container, content = _parts(signed.data)
    (tmp_path / "sig.der").write_bytes(cms.ContentInfo.load(container).dump())  # without the padding
    (tmp_path / "content").write_bytes(content)
    command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", str(tmp_path / "sig.der")]
    command += ["-content", str(tmp_path / "content"), "-CAfile", str(pki.root_file), "-purpose", "any"]
    subprocess.run([*command, "-out", "/dev/null"], check=True, capture_output=True)
    (tmp_path / "content").write_bytes(content[:-1] + b"x")
    assert subprocess.run([*command, "-out", "/dev/null"], check=False, capture_output=True).returncode != 0


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_verifies_both_timestamps(signed, pki, tmp_path):
    container, _ = _parts(signed.data)
    info = cms.ContentInfo.load(container)["content"]["signer_infos"][0]
    (tmp_path / "value").write_bytes(info["signature"].native)
    (tmp_path / "token.der").write_bytes(info["unsigned_attrs"][0]["values"][0].dump())
    stamp, content = _parts(signed.data, 1)
    (tmp_path / "content").write_bytes(content)
    (tmp_path / "stamp.der").write_bytes(cms.ContentInfo.load(stamp).dump())
    for data, token in (("value", "token.der"), ("content", "stamp.der")):
        command = ["openssl", "ts", "-verify", "-token_in", "-in", str(tmp_path / token), "-data", str(tmp_path / data)]
        command += ["-CAfile", str(pki.root_file), "-untrusted", str(pki.folder / "issuing.crt")]
        result = subprocess.run(command, check=False, capture_output=True)
        assert b"Verification: OK" in result.stdout + result.stderr


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig (poppler-utils) is not installed")
def test_pdfsig_finds_the_signature_intact(signed_file, signed):
    output = subprocess.run(["pdfsig", "-nocert", str(signed_file)], check=False, capture_output=True, text=True).stdout
    assert "Signature is Valid" in output
    assert "ETSI.CAdES.detached" in output
    changed = signed.data.replace(b"re f", b"rE f", 1)
    signed_file.write_bytes(changed)
    output = subprocess.run(["pdfsig", "-nocert", str(signed_file)], check=False, capture_output=True, text=True).stdout
    assert "Digest Mismatch" in output


def test_signature_leaves_pages_and_attachment_as_they_were(signed, plain_pdf):
    """pikepdf, another PDF library altogether, reads the same pages and attachment as before."""
    from io import BytesIO

    import pikepdf

    with pikepdf.open(BytesIO(signed.data)) as after, pikepdf.open(BytesIO(plain_pdf)) as before:
        assert len(after.pages) == len(before.pages)
        assert after.attachments["data.json"].get_file().read_bytes() == b'{"a": 1}'
        for old, new in zip(before.pages, after.pages, strict=True):
            assert old.Contents.read_bytes() == new.Contents.read_bytes()
