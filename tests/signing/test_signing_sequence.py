"""Several signatures in order, and a job that is left at any state and taken up again."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
import time_machine
from asn1crypto import cms
from pyhanko.pdf_utils.reader import PdfFileReader
from signing_samples import make_pdf, make_request

from signing import containers
from signing.devpki import DevelopmentPki
from signing.errors import KeyUnavailableError, RevocationUnavailableError, TimestampUnavailableError
from signing.factory import SigningOptions, build_signer
from signing.keys import DevelopmentKey
from signing.signer import PdfSigner
from signing.states import HashSent, MemoryJournal, SigningStateError, State
from signing.timestamps import LocalAuthority
from signing.trust import Trust, load
from signing.tsa import TimestampAuthority
from signing.validation import validate
from signing.verdict import Outcome

STATES = ["hash_sent", "signed", "timestamped"] * 3 + ["lt", "lta", "verified"]


@pytest.fixture(scope="module")
def desk(pki):
    keys = {"leader": DevelopmentKey("leader"), "agency": DevelopmentKey("agency")}
    return build_signer(SigningOptions(pki=pki.folder, keys=keys))


def _three():
    return (
        make_request(reason="Tiếp nhận"),
        make_request(reason="Phê duyệt", role="leader", appearance="nd30_copy"),
        make_request(reason="Phát hành", role="agency", appearance="digitised_paper"),
    )


class Fallible(MemoryJournal):
    """Ends the job like a crash, before or after the n-th record is kept."""

    def __init__(self, number: int, *, after: bool) -> None:
        super().__init__()
        self.left, self.after = number, after

    def put(self, step: str, record: bytes) -> bytes:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise KeyboardInterrupt
        kept = super().put(step, record)
        if self.left == 0:
            raise KeyboardInterrupt
        return kept


class Switched:
    """A timestamp source that can be taken away."""

    name = "switched"

    def __init__(self, pki: DevelopmentPki) -> None:
        self._source = LocalAuthority(TimestampAuthority(pki.key("tsa")))
        self.answers = 10**6

    async def ask(self, request: bytes) -> bytes:
        self.answers -= 1
        if self.answers < 0:
            raise ConnectionError("gone")
        return await self._source.ask(request)


@pytest.fixture(scope="module")
def three(desk, plain_pdf):
    seen = []
    made = desk.sign(plain_pdf, *_three(), on_state=lambda state, index: seen.append(state.value))
    return made, seen


def test_officer_leader_and_seal_in_one_go(three, plain_pdf, judge):
    made, seen = three
    assert seen == STATES
    verdict = judge(made.data)
    assert verdict.outcome == Outcome.VALID
    assert made.data.startswith(plain_pdf)
    assert [s.kind for s in verdict.signatures] == ["signature"] * 3 + ["timestamp"]
    assert {s.level for s in verdict.signatures[:3]} == {"B-LTA"}
    names = [s.signer.partition(" (")[0] for s in verdict.signatures]
    assert names[:3] == ["Cán bộ tiếp nhận", "Lãnh đạo phê duyệt", "Con dấu cơ quan"]
    assert verdict.signatures[-1].covers_whole_file


def test_every_field_is_in_the_first_signatures_revision(three):
    reader = PdfFileReader(BytesIO(three[0].data))
    first = reader.embedded_signatures[0]
    history = reader.get_historical_resolver(first.signed_revision)
    names = {str(field.get_object()["/T"]) for field in history.root["/AcroForm"]["/Fields"]}
    assert {f"HSS-Signature-{n}" for n in (1, 2, 3)} <= names
    assert not any(name.startswith("HSS-Timestamp") for name in names)


def test_stamps_stand_beside_each_other(three):
    with pikepdf.open(BytesIO(three[0].data)) as pdf:
        boxes = [[float(v) for v in a.Rect] for a in pdf.pages[0].Annots if float(a.Rect[2]) > float(a.Rect[0])]
    assert len(boxes) == 2
    (a, b, c, d), (e, f, g, h) = boxes
    assert c <= e or g <= a or d <= f or h <= b


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_agrees_on_every_signature_and_timestamp(three, pki, tmp_path):
    data = three[0].data
    untrusted = ["-CAfile", str(pki.root_file), "-untrusted", str(pki.folder / "issuing.crt")]
    for embedded in PdfFileReader(BytesIO(data)).embedded_signatures:
        a, b, c, d = (int(n) for n in embedded.byte_range)
        container = cms.ContentInfo.load(embedded.pkcs7_content)
        (tmp_path / "content").write_bytes(data[a : a + b] + data[c : c + d])
        (tmp_path / "cms").write_bytes(container.dump())
        if embedded.sig_object["/SubFilter"] == "/ETSI.RFC3161":
            tokens = [("cms", "content")]
        else:
            command = ["openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any"]
            command += ["-in", str(tmp_path / "cms"), "-content", str(tmp_path / "content"), *untrusted[:2]]
            subprocess.run([*command, "-out", "/dev/null"], check=True, capture_output=True)
            info = container["content"]["signer_infos"][0]
            (tmp_path / "value").write_bytes(info["signature"].native)
            (tmp_path / "token").write_bytes(info["unsigned_attrs"][0]["values"][0].dump())
            tokens = [("token", "value")]
        for token, content in tokens:
            command = ["openssl", "ts", "-verify", "-token_in", "-in", str(tmp_path / token)]
            result = subprocess.run(
                [*command, "-data", str(tmp_path / content), *untrusted], check=False, capture_output=True
            )
            assert b"Verification: OK" in result.stdout + result.stderr


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="pdfsig (poppler-utils) is not installed")
def test_pdfsig_finds_all_three_intact(three, tmp_path):
    (tmp_path / "three.pdf").write_bytes(three[0].data)
    shown = subprocess.run(["pdfsig", "-nocert", str(tmp_path / "three.pdf")], check=False, capture_output=True)
    assert shown.stdout.count(b"Signature is Valid") == 3
    assert b"Mismatch" not in shown.stdout


def test_three_signers_hold_offline_in_2036(tmp_path, plain_pdf):
    """Their OCSP answers ended in 2026, their certificates in 2031; sockets are closed for every test."""
    keys = {"leader": DevelopmentKey("leader"), "agency": DevelopmentKey("agency")}
    made = build_signer(SigningOptions(pki=tmp_path, keys=keys)).sign(plain_pdf, *_three())
    future = datetime(2036, 5, 1, tzinfo=UTC)
    with time_machine.travel(future, tick=False):
        DevelopmentPki.ensure(tmp_path)
        assert validate(made.data, load(Trust(development=tmp_path)), future).outcome == Outcome.VALID


@pytest.mark.parametrize(
    ("number", "after"), [*((number, True) for number in range(1, 11)), (2, False), (3, False), (9, False)]
)
def test_left_at_any_record_it_ends_with_one_signature_each(desk, plain_pdf, monkeypatch, number, after):
    """Plan, then hash, signature and timestamp of each, DSS, archive timestamp, verdict: ten records."""
    requests = (make_request(), make_request(role="agency"))
    asked: Counter[str] = Counter()
    ask = containers.signed_container

    async def counted(key, attributes):
        asked[attributes.hex()] += 1
        return await ask(key, attributes)

    monkeypatch.setattr(containers, "signed_container", counted)
    journal = Fallible(number, after=after)
    with pytest.raises(KeyboardInterrupt):
        desk.sign(plain_pdf, *requests, journal=journal)
    left = dict(journal.records)
    made = desk.sign(plain_pdf, *requests, journal=journal)
    assert made.level == "B-LTA"
    assert {step: journal.records[step] for step in left} == left
    # asked again at most for the very bytes of the hash that was out
    assert len(asked) - sum(k.startswith("hash_sent") for k in journal.records) in {0, 1}
    assert {bytes.fromhex(k) for k in asked} >= {
        HashSent.decoded(r).attributes for k, r in journal.records.items() if k.startswith("hash_sent")
    }


def test_timestamps_gone_in_the_middle_are_added_to_the_signature_that_exists(pki, signer, plain_pdf):
    source = Switched(pki)
    job = PdfSigner(signer.key, (source,), signer.material, "B-LTA", signer.font, keys={"agency": lambda: signer.key})
    journal = MemoryJournal()
    source.answers = 1  # the first signature's
    requests = (make_request(), make_request(role="agency"))
    with pytest.raises(TimestampUnavailableError) as caught:
        job.sign(plain_pdf, *requests, journal=journal)
    assert caught.value.retryable
    kept = journal.records["signed:1"]
    assert "timestamped:1" not in journal.records
    source.answers = 10
    made = job.sign(plain_pdf, *requests, journal=journal)
    assert made.level == "B-LTA"
    assert journal.records["signed:1"] == kept


def test_nothing_is_signed_before_the_certificates_state_is_known(signer, plain_pdf, material):
    from signing.trust import TrustMaterial

    bare = TrustMaterial(material.roots, material.intermediates, (), None, fetch=False)
    journal = MemoryJournal()
    job = PdfSigner(signer.key, signer.sources, lambda _now: bare, "B-LTA", signer.font)
    with pytest.raises(RevocationUnavailableError):
        job.sign(plain_pdf, make_request(), journal=journal)
    assert set(journal.records) == {"plan"}


def test_a_journal_of_another_file_is_refused(desk, plain_pdf):
    journal = Fallible(2, after=True)
    with pytest.raises(KeyboardInterrupt):
        desk.sign(plain_pdf, *_three(), journal=journal)
    with pytest.raises(SigningStateError, match="another file"):
        desk.sign(make_pdf(3), *_three(), journal=journal)


def test_a_changed_plan_is_refused(desk, plain_pdf):
    journal = Fallible(3, after=True)
    with pytest.raises(KeyboardInterrupt):
        desk.sign(plain_pdf, *_three(), journal=journal)
    with pytest.raises(SigningStateError, match="3 signatures were begun"):
        desk.sign(plain_pdf, make_request(), journal=journal)


@pytest.mark.parametrize("record", [b"", b"{}", b"[1]", b'{"revision": 3}', b"\xff"])
def test_a_damaged_record_is_a_typed_error(desk, plain_pdf, record):
    journal = MemoryJournal()
    journal.records["signed:0"] = record
    with pytest.raises(SigningStateError):
        desk.sign(plain_pdf, *_three(), journal=journal)


def test_a_renewed_certificate_gets_a_hash_of_its_own(tmp_path, plain_pdf):
    """The certificate is among the signed bytes: what went out for the old one is not signed with the new one."""
    journal = Fallible(2, after=True)
    with pytest.raises(KeyboardInterrupt):
        build_signer(SigningOptions(pki=tmp_path)).sign(plain_pdf, make_request(), journal=journal)
    from signing.devpki import _write_leaf

    _write_leaf(tmp_path, "officer", datetime.now(UTC) - timedelta(hours=1))
    made = build_signer(SigningOptions(pki=tmp_path)).sign(plain_pdf, make_request(), journal=journal)
    assert made.level == "B-LTA"
    assert sum(step.startswith("hash_sent") for step in journal.records) == 2


def test_a_role_without_a_key_is_a_typed_error(signer, plain_pdf):
    with pytest.raises(KeyUnavailableError, match="leader"):
        signer.sign(plain_pdf, make_request(role="leader"))


def test_states_are_told_once_they_are_kept(signer, plain_pdf):
    journal = MemoryJournal()
    told = []

    def on_state(state: State, index: int) -> None:
        told.append((state, any(step.startswith(state.value) for step in journal.records), index))

    signer.sign(plain_pdf, make_request(), journal=journal, on_state=on_state)
    assert all(kept for _, kept, _ in told)
    assert [state for state, _, _ in told] == [*list(State)[1:-1]]
