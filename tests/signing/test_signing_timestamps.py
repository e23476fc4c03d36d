"""Timestamp authorities that are dead, hang, lie or talk nonsense; a real one behind HTTP on this machine."""

from __future__ import annotations

import socket
import threading
import time
from datetime import UTC, datetime

import pytest
from asn1crypto import tsp
from signing_samples import make_request

from signing.errors import TimestampUnavailableError
from signing.factory import SigningOptions, build_signer
from signing.signer import PdfSigner
from signing.tsa import TimestampAuthority, rejection, serve
from signing.verdict import Outcome


@pytest.fixture
def authority(pki):
    return TimestampAuthority(pki.key("tsa"))


def _signer(pki, urls, **changes):
    return build_signer(SigningOptions(pki=pki.folder, tsa=tuple(urls), **({"tsa_timeout_s": 5.0} | changes)))


def _wrong_imprint(authority):
    def respond(request: bytes) -> bytes:
        query = tsp.TimeStampReq.load(request)
        query["message_imprint"]["hashed_message"] = bytes(32)
        return authority.respond(query.dump(force=True))

    return respond


def _wrong_nonce(authority):
    def respond(request: bytes) -> bytes:
        query = tsp.TimeStampReq.load(request)
        query["nonce"] = 4711
        return authority.respond(query.dump(force=True))

    return respond


def _broken_signature(authority):
    def respond(request: bytes) -> bytes:
        answer = authority.respond(request)
        value = tsp.TimeStampResp.load(answer)["time_stamp_token"]["content"]["signer_infos"][0]["signature"].native
        return answer.replace(value, value[:-1] + bytes([value[-1] ^ 1]))

    return respond


def _refusing(_authority):
    return lambda _request: rejection("system_failure")


def _garbage(_authority):
    return lambda _request: b"\x30\x03abc"


LIARS = [_wrong_imprint, _wrong_nonce, _broken_signature, _refusing, _garbage]


@pytest.mark.parametrize("liar", LIARS)
def test_lying_authority_holds_the_job(pki, plain_pdf, authority, liar):
    with serve(liar(authority)) as url, pytest.raises(TimestampUnavailableError) as caught:
        _signer(pki, [url]).sign(plain_pdf, make_request())
    assert caught.value.retryable
    assert url in caught.value.detail


def test_signers_key_is_no_timestamp_authority(pki, plain_pdf):
    with (
        serve(TimestampAuthority(pki.key("officer")).respond) as url,
        pytest.raises(TimestampUnavailableError, match="not a timestamp"),
    ):
        _signer(pki, [url]).sign(plain_pdf, make_request())


def test_untrusted_authority_is_not_used(pki, plain_pdf, tmp_path):
    from signing.devpki import DevelopmentPki

    stranger = TimestampAuthority(DevelopmentPki.ensure(tmp_path / "stranger").key("tsa"))
    with serve(stranger.respond) as url, pytest.raises(TimestampUnavailableError):
        _signer(pki, [url]).sign(plain_pdf, make_request())


def test_dead_authority_holds_the_job(pki, plain_pdf):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/tsa"
    with pytest.raises(TimestampUnavailableError):
        _signer(pki, [url]).sign(plain_pdf, make_request())


def test_hanging_authority_ends_in_time(pki, plain_pdf):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/tsa"
        started = time.monotonic()
        with pytest.raises(TimestampUnavailableError, match="Timeout"):
            _signer(pki, [url], tsa_timeout_s=0.4).sign(plain_pdf, make_request())
    assert time.monotonic() - started < 5


def test_dripping_authority_ends_in_time(pki, plain_pdf):
    """A byte now and then keeps a read time-out from ever ending."""
    stop = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"X-A: b\r\n")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/tsa"
        with pytest.raises(TimestampUnavailableError, match="Timeout"):
            _signer(pki, [url], tsa_timeout_s=0.5).sign(plain_pdf, make_request())
        stop.set()
        thread.join(5)


def test_no_authority_never_lowers_the_level(signer, plain_pdf):
    for level in ("B-T", "B-LT", "B-LTA"):
        bare = PdfSigner(signer.key, (), signer.material, level, signer.font)
        with pytest.raises(TimestampUnavailableError):
            bare.sign(plain_pdf, make_request())


def test_dead_then_lying_then_good_uses_the_good_one(pki, plain_pdf, authority, judge):
    asked = []

    def counted(request: bytes) -> bytes:
        asked.append(request)
        return authority.respond(request)

    with serve(_wrong_imprint(authority)) as lying, serve(counted) as good:
        signer = _signer(pki, ["http://127.0.0.1:9/tsa", lying, good])
        made = signer.sign(plain_pdf, make_request())
        assert made.level == "B-LTA"
        assert judge(made.data).outcome == Outcome.VALID
        first = len(asked)
        assert first >= 2  # one for the signature, one for the archive
        signer.sign(plain_pdf, make_request())
        assert len(asked) == 2 * first  # and now it is asked first


def test_secret_in_the_url_stays_out_of_errors(pki, plain_pdf):
    with pytest.raises(TimestampUnavailableError) as caught:
        _signer(pki, ["http://127.0.0.1:9/tsa?key=geheim"]).sign(plain_pdf, make_request())
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("request_bytes", [b"", b"\x30\x00", b"junk", b"\x30\x82\xff\xff"])
def test_responder_rejects_what_is_no_request(authority, request_bytes):
    assert authority.respond(request_bytes) == rejection("bad_data_format")


def test_responder_gives_its_clock(pki):
    moment = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)
    authority = TimestampAuthority(pki.key("tsa"), clock=lambda: moment)
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)}
    query = tsp.TimeStampReq({"version": 1, "message_imprint": imprint})
    token = tsp.TimeStampResp.load(authority.respond(query.dump()))["time_stamp_token"]
    assert token["content"]["encap_content_info"]["content"].parsed["gen_time"].native == moment
    assert len(token["content"]["certificates"] or []) == 0  # not asked for
