"""Signed data beside the PDF: made with every kind of key, verified by strangers' libraries, attacked by name."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from csc_service import csc_server
from joserfc import jws as joserfc_jws
from joserfc.jwk import KeySet
from key_samples import SoftToken, issue, make_key, module

from signing.authorities import TimestampAuthorities
from signing.certificate_trust import Evidence
from signing.devpki import DevelopmentPki
from signing.jws import FiledPair, encode, jwk, sign_detached
from signing.jws_reasons import JWS_CODES, jws_reason
from signing.jws_verify import NamedPdf, stated, verify_detached
from signing.keys import CscKey, SigningKey, load_key
from signing.timestamps import LocalAuthority
from signing.tokens import accepted_token
from signing.trust import Trust, load
from signing.tsa import TimestampAuthority
from signing.verdict import Outcome

DATA = '{"id":"hs-261121-abcdefgh","names":"Nguyễn Thị Ánh"}'.encode()
PDF = b"%PDF-1.7 a signed file"
PAIR = FiledPair("hs-261121-abcdefgh", 1, hashlib.sha256(PDF).hexdigest(), len(PDF))
NAMED = NamedPdf(PAIR.pdf_sha256, PAIR.pdf_size)


def token_over(data: bytes, sources: tuple[LocalAuthority, ...]) -> bytes:
    """A token of the first of these that gives one."""
    return accepted_token(data, TimestampAuthorities(sources, lambda: datetime.now(UTC)), lambda _: None)


@pytest.fixture(scope="module")
def key(pki) -> SigningKey:
    local = pki.key("officer")
    return SigningKey(local.key, local.certificate, local.chain)


@pytest.fixture(scope="module")
def made(key) -> bytes:
    return sign_detached(DATA, PAIR, key, datetime.now(UTC))


@pytest.fixture(scope="module")
def sources(pki):
    return (LocalAuthority(TimestampAuthority(pki.key("tsa"))),)


@pytest.fixture(scope="module")
def token(made, sources) -> bytes:
    return token_over(made, sources)


@pytest.fixture
def judged(material, token):
    def run(jws: bytes, data: bytes = DATA, **options):
        options = {"token": token, "pdf": NAMED} | options
        return verify_detached(jws, data, options.pop("material", material), datetime.now(UTC), **options)

    return run


def codes(verdict) -> set[str]:
    return {reason.code for reason in verdict.reasons}


def header_of(jws: bytes) -> dict:
    head = jws.split(b".")[0]
    return json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))


def with_header(jws: bytes, header: dict) -> bytes:
    return encode(json.dumps(header).encode()).encode() + b".." + jws.split(b".")[2]


def signed_with(key: ec.EllipticCurvePrivateKey, header: dict, data: bytes = DATA) -> bytes:
    """What somebody with a P-256 key of their own can make."""
    return joserfc_jws.detach_content(
        joserfc_jws.serialize_compact(header, data, _jose_key(key), registry=_Lenient(algorithms=["ES256"]))
    ).encode()


class _Lenient(joserfc_jws.JWSRegistry):
    max_header_length = 1 << 20

    def __init__(self, **options) -> None:
        super().__init__(strict_check_header=False, **options)

    def check_header(self, header) -> None:
        """An attacker checks nothing."""


def _jose_key(key):
    from joserfc.jwk import ECKey

    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ECKey.import_key(pem)


# What is made


def test_it_is_detached_and_names_signer_time_record_and_pdf(made, key):
    head, middle, _ = made.split(b".")
    assert middle == b""
    assert len(head) < 32_768
    header = header_of(made)
    assert header["alg"] == "ES256"
    assert header["kid"] == header["x5t#S256"] == encode(key.certificate.fingerprint(hashes.SHA256()))
    shown = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in header["x5c"]]
    assert shown[0] == key.certificate
    assert all(below.issuer == above.subject for below, above in itertools.pairwise(shown))
    assert not [one for one in shown if one.issuer == one.subject], "whom to trust is the verifier's to say"
    assert abs(header["iat"] - datetime.now(UTC).timestamp()) < 600
    assert header["hoso"]["data"] == {"sha256": hashlib.sha256(DATA).hexdigest(), "size": len(DATA)}
    said = stated(made)
    assert said is not None
    assert (said.pdf_sha256, said.pdf_size) == (PAIR.pdf_sha256, PAIR.pdf_size)
    assert stated(b"e30..") is None


def test_it_is_valid_with_its_timestamp(made, judged):
    verdict = judged(made)
    assert verdict.outcome is Outcome.VALID
    assert codes(verdict) == {"data_intact", "chain_trusted", "timestamped", "development_pki"}
    assert verdict.dossier == PAIR.dossier
    assert verdict.timestamp_at is not None


def test_pyjwt_verifies_it_with_the_published_key(made, key):
    """A downstream system with PyJWT and the JWKS, and nothing of ours: the payload is put back where it belongs."""
    published = jwt.PyJWKSet.from_dict({"keys": [jwk(key.certificate, key.chain)]})
    kid = jwt.get_unverified_header(made)["kid"]
    head, _, signature = made.decode().split(".")
    whole = f"{head}.{encode(DATA)}.{signature}"
    found = jwt.api_jws.PyJWS().decode_complete(whole, published[kid], algorithms=["ES256", "RS256"])
    assert found["payload"] == DATA
    altered = f"{head}.{encode(DATA + b' ')}.{signature}"
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.api_jws.PyJWS().decode_complete(altered, published[kid], algorithms=["ES256", "RS256"])


def test_joserfc_verifies_it_with_the_published_keys(made, key):
    class Registry(joserfc_jws.JWSRegistry):
        max_header_length = 32_768

    keys = KeySet.import_key_set({"keys": [jwk(key.certificate, key.chain)]})
    registry = Registry(algorithms=["ES256"], strict_check_header=False)
    assert joserfc_jws.deserialize_compact(made, keys, registry=registry, payload=DATA).payload == DATA


def test_openssl_verifies_signature_and_timestamp(made, token, pki, key, tmp_path):
    """No JOSE at all: the signing input by hand, the key out of the certificate."""
    head, _, signature = made.split(b".")
    raw = base64.urlsafe_b64decode(signature + b"=" * (-len(signature) % 4))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    names = {"input": head + b"." + encode(DATA).encode(), "signature": der, "jws": made, "token": token}
    names["key"] = key.certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)

    def openssl(*arguments: str) -> str:
        return subprocess.run(["openssl", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False).stdout

    assert "Verified OK" in openssl("dgst", "-sha256", "-verify", "key", "-signature", "signature", "input")
    chain = ["-CAfile", str(pki.root_file), "-untrusted", str(pki.folder / "issuing.crt")]
    result = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "jws", "-in", "token", "-token_in", *chain],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(("kind", "name"), [("rsa", "RS256"), ("ec", "ES256"), ("p384", "ES384")])
def test_any_key_in_a_file_signs(pki, material, kind, name):
    private = ec.generate_private_key(ec.SECP384R1()) if kind == "p384" else make_key(kind)
    certificate = issue(pki, private)
    own = SigningKey(private, certificate, pki.certificates()[::-1])
    made = sign_detached(DATA, PAIR, own, datetime.now(UTC))
    assert header_of(made)["alg"] == name
    verdict = verify_detached(made, DATA, material, datetime.now(UTC))
    assert {"data_intact", "chain_trusted"} <= codes(verdict)
    entry = jwt.PyJWK(jwk(certificate, own.chain))
    head, _, signature = made.decode().split(".")
    assert jwt.api_jws.PyJWS().decode(f"{head}.{encode(DATA)}.{signature}", entry, algorithms=[name]) == DATA


@pytest.mark.skipif(shutil.which("softhsm2-util") is None or module() is None, reason="SoftHSM is not installed")
@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_token_signs(pki, material, kind, tmp_path, monkeypatch):
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setitem(os.environ, "SOFTHSM2_CONF", str(conf))
    token = SoftToken.make(tmp_path / "tokens", f"data-{kind}", module())
    private = make_key(kind)
    token.add(private, b"\x01", "data", issue(pki, private), *pki.certificates())
    key = load_key(token.options(key_label="data"), pki.folder)
    try:
        made = sign_detached(DATA, PAIR, key, datetime.now(UTC))
    finally:
        key.close()
    assert {"data_intact", "chain_trusted"} <= codes(verify_detached(made, DATA, material, datetime.now(UTC)))


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_remote_signing_service_signs(pki, material, kind, tmp_path):
    with csc_server(pki, tmp_path) as url:
        key = load_key(CscKey(url, f"hoso/{kind}"), pki.folder)
        try:
            made = sign_detached(DATA, PAIR, key, datetime.now(UTC))
        finally:
            key.close()
    assert {"data_intact", "chain_trusted"} <= codes(verify_detached(made, DATA, material, datetime.now(UTC)))


# What is attacked


def test_alg_none_is_invalid(made, judged):
    header = header_of(made) | {"alg": "none"}
    for jws in (with_header(made, header), with_header(made, header).rpartition(b".")[0] + b"."):
        verdict = judged(jws)
        assert verdict.outcome is Outcome.INVALID
        assert codes(verdict) == {"jws_unsigned"}


def test_hs256_with_the_public_key_is_invalid(made, judged, key):
    """The classic confusion: a MAC keyed with what everybody knows."""
    import hmac

    public = key.certificate.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head = encode(json.dumps(header_of(made) | {"alg": "HS256"}).encode())
    mac = hmac.digest(public, f"{head}.{encode(DATA)}".encode(), "sha256")
    verdict = judged(f"{head}..{encode(mac)}".encode())
    assert verdict.outcome is Outcome.INVALID
    assert codes(verdict) == {"jws_algorithm_refused"}


def test_an_algorithm_that_does_not_fit_the_key_is_invalid(made, judged):
    verdict = judged(with_header(made, header_of(made) | {"alg": "RS256"}))
    assert codes(verdict) == {"jws_algorithm_refused"}


@pytest.mark.parametrize("crit", [["b64"], ["exp"], ["iat", "urn:other"], ["sigT", "sigD"]])
def test_unknown_crit_is_invalid(pki, judged, key, made, crit):
    """Signed by the real key, so that nothing but the unknown demand is wrong."""
    header = header_of(made) | {"crit": crit, "b64": True, "exp": 1, "sigT": "2026-11-21T00:00:00Z", "sigD": {}}
    verdict = judged(signed_with(key.key, header))
    assert verdict.outcome is Outcome.INVALID
    assert codes(verdict) == {"jws_crit_unknown"}


def test_the_older_signing_time_is_understood(judged, key, made, sources):
    header = header_of(made) | {"crit": ["sigT"], "sigT": "2026-11-21T00:00:00Z"}
    del header["iat"]
    jws = signed_with(key.key, header)
    assert judged(jws, token=token_over(jws, sources)).outcome is Outcome.VALID


@pytest.mark.parametrize("crit", [[], "sigT", [1], ["sigT", "sigT"], {"sigT": 1}])
def test_a_malformed_crit_is_invalid(judged, key, made, crit):
    header = header_of(made) | {"crit": crit, "sigT": "2026-11-21T00:00:00Z"}
    assert codes(judged(signed_with(key.key, header))) == {"jws_malformed"}


def test_tampered_payload_is_invalid(made, judged):
    for data in (DATA.replace(b"\xe1\xbb\x85", b"e"), DATA + b"\n", b"{}", b""):
        verdict = judged(made, data)
        assert verdict.outcome is Outcome.INVALID
        assert "data_altered" in codes(verdict)


def test_tampered_payload_with_its_header_adjusted_is_invalid(made, judged):
    data = DATA.replace(b"hs-261121", b"hs-261122")
    header = header_of(made)
    header["hoso"]["data"]["sha256"] = hashlib.sha256(data).hexdigest()
    verdict = judged(with_header(made, header), data)
    assert verdict.outcome is Outcome.INVALID
    assert "signature_value_wrong" in codes(verdict)


def test_key_swap_is_invalid(made, judged, pki):
    """Another trusted certificate put into x5c: the header is signed."""
    other = pki.key("agency")
    header = header_of(made)
    own = jwk(other.certificate, other.chain)
    verdict = judged(with_header(made, header | {k: own[k] for k in ("x5c", "x5t#S256", "kid")}))
    assert verdict.outcome is Outcome.INVALID
    assert "signature_value_wrong" in codes(verdict)


def test_a_thumbprint_of_another_certificate_is_invalid(made, judged):
    for name in ("x5t#S256", "kid"):
        verdict = judged(with_header(made, header_of(made) | {name: "A" * 43}))
        assert codes(verdict) == {"jws_certificate_mismatch"}


def test_an_embedded_key_is_not_looked_at(made, judged):
    """`jwk`, `jku` and `x5u` invite to take the attacker's key: here they are data like any other."""
    private = ec.generate_private_key(ec.SECP256R1())
    numbers = private.public_key().public_numbers()
    theirs = {"kty": "EC", "crv": "P-256"}
    theirs |= {n: encode(v.to_bytes(32, "big")) for n, v in (("x", numbers.x), ("y", numbers.y))}
    header = header_of(made) | {"jwk": theirs, "jku": "http://127.0.0.1/keys", "x5u": "http://127.0.0.1/cert"}
    assert "signature_value_wrong" in codes(judged(signed_with(private, header)))


@pytest.mark.parametrize("name", ["x5c", "x5t#S256", "iat", "hoso", "alg"])
def test_header_stripped_is_invalid(made, judged, key, name):
    """Also where the real key signed it: what is missing is what the verdict needs."""
    header = {k: v for k, v in header_of(made).items() if k != name}
    jws = with_header(made, header) if name == "alg" else signed_with(key.key, header)
    verdict = judged(jws)
    assert verdict.outcome is Outcome.INVALID
    expected = {"x5t#S256": "jws_certificate_mismatch", "alg": "jws_algorithm_refused"}
    assert codes(verdict) == {expected.get(name, "jws_header_incomplete")}


def test_the_pdf_of_another_filing_is_invalid(made, judged):
    verdict = judged(made, pdf=NamedPdf("0" * 64, len(PDF)))
    assert verdict.outcome is Outcome.INVALID
    assert "pdf_differs" in codes(verdict)


def test_a_pdf_with_renewed_timestamps_is_still_the_one(made, judged):
    longer = PDF + b" and an archive timestamp"
    beginning = hashlib.sha256(longer[: len(PDF)]).hexdigest()
    verdict = judged(made, pdf=NamedPdf(hashlib.sha256(longer).hexdigest(), len(longer), beginning))
    assert verdict.outcome is Outcome.VALID
    assert "pdf_renewed" in codes(verdict)


def test_an_unknown_certificate_is_indeterminate(made, judged):
    verdict = judged(made, material=load(Trust()))
    assert verdict.outcome is Outcome.INDETERMINATE
    assert {"data_intact", "chain_unknown"} <= codes(verdict)


def test_somebody_elses_whole_signature_is_indeterminate_never_valid(made, judged):
    """An attacker signs anew with a certificate of their own: intact, and of nobody whom we know."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Kẻ giả mạo")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), 1, now - timedelta(days=1), now + timedelta(days=9))
    ).sign(private, hashes.SHA256())
    own = jwk(certificate, ())
    header = header_of(made) | {k: own[k] for k in ("x5c", "x5t#S256", "kid")}
    verdict = judged(signed_with(private, header))
    assert verdict.outcome is Outcome.INDETERMINATE
    assert "chain_unknown" in codes(verdict)


def test_an_expired_certificate_is_indeterminate_without_proof_of_time(pki, material, sources):
    private = make_key("ec")
    now = datetime.now(UTC)
    certificate = issue(pki, private, begins=timedelta(days=-30), ends=timedelta(days=-2))
    own = SigningKey(private, certificate, pki.certificates()[::-1])
    jws = sign_detached(DATA, PAIR, own, now - timedelta(days=10))
    verdict = verify_detached(jws, DATA, material, now)
    assert verdict.outcome is Outcome.INDETERMINATE
    assert {"certificate_expired", "proof_of_time_missing"} <= codes(verdict)
    late = verify_detached(jws, DATA, material, now, token=token_over(jws, sources))
    assert late.outcome is Outcome.INDETERMINATE
    assert {"certificate_expired", "timestamped"} <= codes(late)


def test_a_certificate_that_expired_since_stays_good_with_its_timestamp(pki, key, made, token, material):
    """Judged after the officer's five years, with the lists of the day of signing as evidence."""
    later = key.certificate.not_valid_after_utc + timedelta(days=30)
    tsa_only = load(Trust(development=pki.folder))
    evidence = Evidence(crls=pki.crls())
    alone = verify_detached(made, DATA, tsa_only, later, evidence=evidence)
    assert {"certificate_expired", "proof_of_time_missing"} <= codes(alone)
    assert alone.outcome is Outcome.INDETERMINATE
    fresh = DevelopmentPki.ensure(pki.folder, now=later)
    stamped = verify_detached(made, DATA, load(Trust(development=fresh.folder)), later, token=token, evidence=evidence)
    assert stamped.outcome is Outcome.VALID, codes(stamped)


def test_revoked_before_signing_is_invalid_and_after_it_is_not(tmp_path):
    pki = DevelopmentPki.ensure(tmp_path / "pki")
    local = pki.key("officer")
    own = SigningKey(local.key, local.certificate, local.chain)
    sources = (LocalAuthority(TimestampAuthority(pki.key("tsa"))),)
    jws = sign_detached(DATA, PAIR, own, datetime.now(UTC))
    token = token_over(jws, sources)
    now = datetime.now(UTC)
    pki.revoke("officer", at=now + timedelta(minutes=2))
    trust = load(Trust(development=pki.folder))
    after = verify_detached(jws, DATA, trust, now + timedelta(minutes=5), token=token)
    assert after.outcome is Outcome.VALID, codes(after)
    pki.revoke("officer", at=now - timedelta(days=1))
    before = verify_detached(jws, DATA, load(Trust(development=pki.folder)), now + timedelta(minutes=5), token=token)
    assert before.outcome is Outcome.INVALID
    assert "revoked" in codes(before)


def test_a_timestamp_of_something_else_proves_nothing(made, judged, sources):
    verdict = judged(made, token=token_over(b"something else", sources))
    assert verdict.outcome is Outcome.INDETERMINATE
    assert "timestamp_wrong" in codes(verdict)


def test_a_timestamp_of_a_stranger_proves_nothing(made, judged, tmp_path):
    stranger = TimestampAuthority(DevelopmentPki.ensure(tmp_path / "stranger").key("tsa"))
    verdict = judged(made, token=token_over(made, (LocalAuthority(stranger),)))
    assert verdict.outcome is Outcome.INDETERMINATE
    assert "timestamp_untrusted" in codes(verdict)


@pytest.mark.parametrize(
    "jws",
    [
        b"", b".", b"..", b"a.b.c", b"....", b"e30..", b"\xff..\xff", b"e30.e30.e30", b"x" * 100_000,
        encode(b"[" * 20_000).encode() + b"..AA", encode(b'{"alg":"ES256","alg":"none"}').encode() + b"..AA",
        encode(b'{"alg":["none"]}').encode() + b"..AA", encode(b'{"alg":"ES256","x5c":["AAAA"]}').encode() + b"..AA",
    ],
)  # fmt: skip
def test_hostile_bytes_are_a_verdict(judged, jws):
    verdict = judged(jws)
    assert verdict.outcome is Outcome.INVALID
    assert verdict.reasons[0].code.startswith("jws_")


@pytest.mark.parametrize("token", [b"", b"0", b"\x30\x80" * 1000, b"x" * 100_000])
def test_a_hostile_token_is_a_verdict(made, judged, token):
    assert "timestamp_wrong" in codes(judged(made, token=token))


def test_no_byte_of_the_signed_file_may_change(made, judged):
    step = max(1, len(made) // 97)
    for at in range(0, len(made), step):
        changed = made[:at] + bytes([made[at] ^ 0x01]) + made[at + 1 :]
        assert judged(changed).outcome is not Outcome.VALID, at


def test_every_code_has_both_sentences():
    for code in JWS_CODES:
        found = jws_reason(code)
        assert found.vi
        assert found.en
        assert found.vi != found.en
