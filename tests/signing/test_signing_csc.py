"""Remote signing over the API of the Cloud Signature Consortium, with certomancer's server and doors that break."""

from __future__ import annotations

import base64
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from csc_service import Door, csc_server, opened
from key_samples import openssl_agrees
from signing_samples import make_pdf, make_request

from signing.certificates import is_signed_by
from signing.csc_key import RemoteKey
from signing.errors import (
    KeySecretWrongError,
    KeyUnavailableError,
    SigningRefusedError,
    SigningServiceUnavailableError,
    WrongSignatureError,
)
from signing.factory import SigningOptions, build_signer
from signing.interrupted import sign_batch
from signing.key_secrets import Secret
from signing.keys import CscKey, load_key, sign_raw
from signing.running import run_to_end
from signing.signer import SignedPdf
from signing.verdict import Outcome

AUTHORISE, SIGN, INFO = "credentials/authorize", "signatures/signHash", "credentials/info"


@pytest.fixture(scope="module")
def service(pki, tmp_path_factory):
    with csc_server(pki, tmp_path_factory.mktemp("csc")) as url:
        yield url


@pytest.fixture
def door(service):
    return Door(service)


@pytest.fixture
def url(door):
    with opened(door) as address:
        yield address


def _many(key, count):
    data = [b"attributes %d" % number for number in range(count)]
    return data, run_to_end(key.sign_many(data, "sha256"))


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_remote_key_signs_for_the_archive(service, pki, plain_pdf, judge, tmp_path, kind):  # noqa: PLR0917 - fixtures
    options = SigningOptions(pki=pki.folder, key=CscKey(service, f"hoso/{kind}"))
    made = build_signer(options).sign(plain_pdf, make_request())
    assert (made.level, made.signer) == ("B-LTA", f"Người ký từ xa {kind.upper()}")
    assert judge(made.data).outcome == Outcome.VALID
    assert openssl_agrees(made.data, pki.root_file, tmp_path)


def test_documents_stay_here(door, url, pki, plain_pdf):
    """Only the hash and the names of credential and algorithms go out."""
    build_signer(SigningOptions(pki=pki.folder, key=CscKey(url, "hoso/ec"), level="B-T")).sign(
        plain_pdf, make_request()
    )
    assert sum(len(str(body)) for _, body in door.calls) < 1500
    (authorised,), (signed,) = door.asked(AUTHORISE), door.asked(SIGN)
    assert authorised["hash"] == signed["hash"]
    assert len(base64.b64decode(signed["hash"][0])) == 32


def test_credential_and_its_facts(service):
    key = load_key(CscKey(service, "hoso/rsa"), pki=None)
    facts = key.facts()
    assert (facts.kind, facts.algorithm, facts.place) == ("csc", "RSA-2048", service)
    assert "HOSO DEVELOPMENT Issuing" in key.chain[0].subject.rfc4514_string()
    key.probe()
    assert key.reopen().certificate == key.certificate


def test_one_authorisation_covers_a_batch(door, url):
    """Twenty-three signatures with a service that lets ten share an authorisation: three of them, in order."""
    key = RemoteKey.open(CscKey(url, "hoso/ec"))
    assert key.batch_size == 10
    data, signatures = _many(key, 23)
    assert [body["numSignatures"] for body in door.asked(AUTHORISE)] == [10, 10, 3]
    assert len(door.asked(SIGN)) == 3
    assert all(is_signed_by(key.certificate, s, d, "sha256") for d, s in zip(data, signatures, strict=True))


def test_documents_share_one_authorisation(door, url, pki, judge):
    """Four documents, one of them broken: the person confirms once, for three."""
    signer = build_signer(SigningOptions(pki=pki.folder, key=CscKey(url, "hoso/rsa"), level="B-T"))
    pdfs = [make_pdf(1), make_pdf(2), b"no pdf", make_pdf(3)]
    results = sign_batch(signer, [(pdf, make_request()) for pdf in pdfs])
    assert [type(result).__name__ for result in results] == [*["SignedPdf"] * 2, "PdfNotSignableError", "SignedPdf"]
    assert [len(body["hash"]) for body in door.asked(AUTHORISE)] == [3]
    assert len(door.asked(SIGN)) == 1
    assert {judge(r.data).outcome for r in results if isinstance(r, SignedPdf)} == {Outcome.VALID}


def test_refused_batch_signs_nothing(door, url, pki):
    signer = build_signer(SigningOptions(pki=pki.folder, key=CscKey(url, "hoso/rsa"), level="B-T"))
    door.refuse[AUTHORISE] = (403, {"error": "access_denied"})
    with pytest.raises(SigningRefusedError, match="access_denied"):
        sign_batch(signer, [(make_pdf(1), make_request())] * 2)


def test_secrets_go_where_they_belong_and_nowhere_else(door, url, tmp_path):
    (tmp_path / "pin").write_text("13579\n")
    codes = iter(["111111", "222222"])
    key = RemoteKey.open(
        CscKey(
            url,
            "hoso/ec",
            token=Secret("bearer-of-all"),
            pin=Secret(file=tmp_path / "pin"),
            one_time_password=lambda: next(codes),
        )
    )
    for _ in range(2):
        sign_raw(key, b"data")
    assert [(body["PIN"], body["OTP"]) for body in door.asked(AUTHORISE)] == [("13579", "111111"), ("13579", "222222")]
    assert all("PIN" not in body for body in door.asked(SIGN))
    assert set(door.headers) == {"Bearer bearer-of-all"}
    assert "bearer-of-all" not in repr(key)


def test_activation_data_from_elsewhere(door, url, service):
    """SAD got by another way, such as a page of the service: no authorisation is asked for here."""
    asked = []

    def activation(hashes):
        asked.append(hashes)
        _, answer = Door(service).answer(
            "/csc/v1/credentials/authorize",
            {"credentialID": "hoso/ec", "numSignatures": len(hashes), "hash": list(hashes)},
        )
        return answer["SAD"]

    data, signatures = _many(RemoteKey.open(CscKey(url, "hoso/ec", authorise=activation)), 2)
    assert len(data) == len(signatures) == len(asked[0])
    assert door.asked(AUTHORISE) == []


def test_activation_that_a_person_refuses(url):
    def refused(_hashes):
        raise SigningRefusedError("declined on the phone")

    with pytest.raises(SigningRefusedError, match="declined"):
        sign_raw(RemoteKey.open(CscKey(url, "hoso/ec", authorise=refused)), b"data")


def test_second_version_of_the_api(service):
    door = Door(service, second=True)
    with opened(door) as url:
        key = RemoteKey.open(CscKey(url, "hoso/ec", api="v2", pin=Secret("13579")))
        data, signatures = _many(key, 3)
    assert all(is_signed_by(key.certificate, s, d, "sha256") for d, s in zip(data, signatures, strict=True))
    (authorised,) = door.asked(AUTHORISE)
    assert authorised["authData"] == [{"id": "PIN", "value": "13579"}]
    assert authorised["hashAlgorithmOID"] == "2.16.840.1.101.3.4.2.1"
    assert len(authorised["hashes"]) == 3


def test_authorisation_refused_says_why_and_is_not_repeated(door, url, pki, plain_pdf):
    door.refuse[AUTHORISE] = (400, {"error": "access_denied", "error_description": "Declined on the phone"})
    signer = build_signer(SigningOptions(pki=pki.folder, key=CscKey(url, "hoso/ec", pin=Secret("1")), level="B-T"))
    with pytest.raises(SigningRefusedError, match="access_denied: Declined on the phone") as caught:
        signer.sign(plain_pdf, make_request())
    assert not caught.value.retryable
    assert len(door.asked(AUTHORISE)) == 1
    assert door.asked(SIGN) == []


def test_wrong_pin_is_sent_once(door, url, tmp_path):
    """A worker tries a held dossier again and again; the credential would be locked after a few."""
    (tmp_path / "pin").write_text("0000")
    door.refuse[AUTHORISE] = (400, {"error": "invalid_pin", "error_description": "Wrong"})
    key = RemoteKey.open(CscKey(url, "hoso/ec", pin=Secret(file=tmp_path / "pin")))
    for match in ("invalid_pin", "refused before", "refused before"):
        with pytest.raises(KeySecretWrongError, match=match):
            sign_raw(key, b"data")
    assert len(door.asked(AUTHORISE)) == 1
    door.refuse.clear()
    (tmp_path / "pin").write_text("1357")
    assert is_signed_by(key.certificate, sign_raw(key, b"data"), b"data", "sha256")


@pytest.mark.parametrize("endpoint", [AUTHORISE, SIGN])
@pytest.mark.parametrize("status", [429, 500, 503])
def test_service_in_trouble_holds_the_job(door, url, endpoint, status):
    key = RemoteKey.open(CscKey(url, "hoso/ec"))
    door.refuse[endpoint] = (status, {"error": "server_error"})
    with pytest.raises(SigningServiceUnavailableError, match=str(status)) as caught:
        sign_raw(key, b"data")
    assert caught.value.retryable
    door.refuse.clear()
    assert is_signed_by(key.certificate, sign_raw(key, b"data"), b"data", "sha256")


def test_service_down_holds_the_job(pki, plain_pdf, service):
    door = Door(service)
    with opened(door) as url:
        signer = build_signer(SigningOptions(pki=pki.folder, key=CscKey(url, "hoso/ec")))
    for attempt in (lambda: signer.sign(plain_pdf, make_request()), signer.key.probe, signer.key.reopen):
        with pytest.raises(SigningServiceUnavailableError) as caught:
            attempt()
        assert caught.value.retryable


@pytest.mark.parametrize("endpoint", [AUTHORISE, SIGN])
def test_slow_service_holds_the_job_in_time(door, url, endpoint):
    key = RemoteKey.open(CscKey(url, "hoso/ec", timeout_s=0.5))
    door.delay[endpoint] = 8
    started = time.monotonic()
    with pytest.raises(SigningServiceUnavailableError, match="within"):
        sign_raw(key, b"data")
    assert time.monotonic() - started < 6


def test_silent_service_ends_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SigningServiceUnavailableError, match="within"):
            RemoteKey.open(CscKey(url, "hoso/ec", timeout_s=0.3))


def _another_signature(endpoint, answer):
    if endpoint == SIGN:
        answer["signatures"] = [base64.b64encode(bytes(64)).decode() for _ in answer["signatures"]]
    return answer


def _swapped_signatures(endpoint, answer):
    if endpoint == SIGN:
        answer["signatures"].reverse()
    return answer


@pytest.mark.parametrize("lie", [_another_signature, _swapped_signatures])
def test_wrong_signature_never_leaves(door, url, lie):
    key = RemoteKey.open(CscKey(url, "hoso/rsa"))
    door.change = lie
    with pytest.raises(WrongSignatureError, match="does not fit") as caught:
        _many(key, 2)
    assert not caught.value.retryable


def test_wrong_signature_makes_no_document(door, url, pki, plain_pdf):
    """Nor one of a lower level, or without the signature."""
    signer = build_signer(SigningOptions(pki=pki.folder, key=CscKey(url, "hoso/ec")))
    door.change = _another_signature
    with pytest.raises(WrongSignatureError):
        signer.sign(plain_pdf, make_request())


def _too_few(endpoint, answer):
    return answer | {"signatures": answer["signatures"][:-1]} if endpoint == SIGN else answer


def _no_json_in_it(endpoint, answer):
    return {"sigs": []} if endpoint == SIGN else answer


def _no_activation_data(endpoint, answer):
    return {} if endpoint == AUTHORISE else answer


@pytest.mark.parametrize("nonsense", [_too_few, _no_json_in_it, _no_activation_data])
def test_nonsense_is_a_typed_error(door, url, nonsense):
    key = RemoteKey.open(CscKey(url, "hoso/ec"))
    door.change = nonsense
    with pytest.raises(KeyUnavailableError, match="not an answer of the CSC API"):
        _many(key, 2)


def test_credential_that_is_disabled_or_unknown(door, url):
    with pytest.raises(KeyUnavailableError, match="404"):
        RemoteKey.open(CscKey(url, "hoso/nobody"))
    door.change = lambda _endpoint, answer: answer | {"key": answer["key"] | {"status": "disabled"}}
    with pytest.raises(KeyUnavailableError, match="disabled"):
        RemoteKey.open(CscKey(url, "hoso/ec"))


def test_credential_with_another_certificate_is_noticed(door, url, service):
    key = RemoteKey.open(CscKey(url, "hoso/ec"))
    _, other = Door(service).answer("/csc/v1/credentials/info", {"credentialID": "hoso/rsa", "certificates": "chain"})
    door.change = lambda endpoint, answer: answer | {"cert": other["cert"]} if endpoint == INFO else answer
    with pytest.raises(KeyUnavailableError, match="another certificate"):
        key.probe()


@pytest.mark.parametrize("address", ["http://kyso.example.vn", "http://192.0.2.7:8080", "ftp://127.0.0.1", "kyso"])
def test_secrets_do_not_go_unencrypted(address):
    with pytest.raises(KeyUnavailableError, match="https only"):
        RemoteKey.open(CscKey(address, "hoso/ec", token=Secret("bearer")))


def test_service_that_sends_elsewhere_is_not_followed(service):
    asked = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(307)
            self.send_header("Location", f"{service}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep silent."""

    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        with pytest.raises(SigningServiceUnavailableError, match="sends elsewhere"):
            RemoteKey.open(CscKey(f"http://127.0.0.1:{server.server_port}", "hoso/ec"))
        server.shutdown()
        thread.join(5)
    assert len(asked) == 1


def test_missing_secret_is_a_typed_error(url, tmp_path):
    with pytest.raises(KeyUnavailableError, match="pin"):
        sign_raw(RemoteKey.open(CscKey(url, "hoso/ec", pin=Secret(file=tmp_path / "pin"))), b"data")
