"""A list of timestamp authorities: health, rest, fallback; and the preflight that asks them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from signing_samples import make_request

from signing.authorities import TimestampAuthorities
from signing.devpki import DevelopmentPki
from signing.errors import RevocationUnavailableError, TimestampUnavailableError
from signing.factory import SigningOptions, build_signer
from signing.keys import DevelopmentKey, SigningKey
from signing.preflight import ClockWrongError
from signing.running import run_to_end
from signing.signer import PdfSigner
from signing.timestamps import LocalAuthority
from signing.tsa import TimestampAuthority

DIGEST = hashlib.sha256(b"x").digest()


class Source:
    """A real authority that can be switched off, and counts."""

    def __init__(self, name: str, pki: DevelopmentPki, clock=None) -> None:
        self.name = name
        authority = TimestampAuthority(pki.key("tsa"), **({"clock": clock} if clock else {}))
        self._local = LocalAuthority(authority)
        self.dead = False
        self.asked = 0

    async def ask(self, request: bytes) -> bytes:
        self.asked += 1
        if self.dead:
            raise ConnectionError("gone")
        return await self._local.ask(request)


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


async def _anyone(_stamped) -> None:
    """Every authority will do."""


@pytest.fixture
def two(pki):
    clock = Clock()
    first, second = Source("first", pki), Source("second", pki)
    return TimestampAuthorities((first, second), clock), first, second, clock


def _ask(authorities, accept=_anyone):
    return run_to_end(authorities.token(DIGEST, "sha256", accept)).source


def test_the_first_that_is_well_is_asked(two):
    authorities, first, second, _ = two
    assert [_ask(authorities) for _ in range(3)] == ["first"] * 3
    assert (first.asked, second.asked) == (3, 0)
    health = authorities.health()
    assert health[0].last_success is not None
    assert health[0].token_size > 1000
    assert health[1].last_success is None


def test_a_dead_one_rests_longer_each_time_and_comes_back(two):
    authorities, first, _second, clock = two
    first.dead = True
    assert [_ask(authorities) for _ in range(5)] == ["second"] * 5
    assert first.asked == 1  # and then it rests
    clock.later(seconds=6)
    assert _ask(authorities) == "second"
    assert first.asked == 2
    clock.later(seconds=6)
    assert _ask(authorities) == "second"
    assert first.asked == 2  # ten seconds by now
    health = authorities.health()[0]
    assert health.failures == 2
    assert "gone" in health.fault
    assert health.resting_until is not None
    first.dead = False
    clock.later(seconds=60)
    assert _ask(authorities) == "first"
    assert authorities.health()[0].failures == 0
    assert authorities.health()[0].last_failure is not None


def test_when_all_rest_the_one_due_first_is_asked_all_the_same(two):
    authorities, first, second, _ = two
    first.dead = second.dead = True
    with pytest.raises(TimestampUnavailableError, match=r"first: .*gone; second: .*gone"):
        _ask(authorities)
    asked = first.asked + second.asked
    with pytest.raises(TimestampUnavailableError):
        _ask(authorities)
    assert first.asked + second.asked == asked + 1
    first.dead = second.dead = False
    assert _ask(authorities) in {"first", "second"}


def test_a_rest_is_ten_minutes_at_most(two):
    authorities, first, second, clock = two
    first.dead = second.dead = True
    for _ in range(20):
        with pytest.raises(TimestampUnavailableError):
            _ask(authorities)
        clock.later(minutes=11)
    until = authorities.health()[0].resting_until
    assert until is not None
    assert until - clock.now < timedelta(minutes=10)


def test_an_authority_that_may_not_be_used_is_passed_over(two):
    authorities, first, _, _ = two

    async def accept(stamped) -> None:
        if stamped.source == "first":
            raise RevocationUnavailableError("nobody answers for it")

    assert _ask(authorities, accept) == "second"
    assert first.asked == 1


def test_missing_word_on_every_authority_is_said_as_such(two):
    authorities, *_ = two

    async def accept(_stamped) -> None:
        raise RevocationUnavailableError("nobody answers for it")

    with pytest.raises(RevocationUnavailableError):
        _ask(authorities, accept)


def test_an_authority_changed_between_signature_and_archive_is_covered_too(pki, tmp_path, signer, plain_pdf, judge):
    """The second one has a certificate of its own: its proof goes into the file before its timestamp."""
    first, second = Source("first", pki), Source("second", pki)
    from signing.devpki import _write_leaf

    _write_leaf(pki.folder, "tsa", datetime.now(UTC) - timedelta(hours=1))
    second = Source("second", pki)
    job = PdfSigner(signer.key, (first, second), signer.material, "B-LTA", signer.font, revocation=signer.revocation)

    def go(state, _index) -> None:
        first.dead = first.dead or state.value == "timestamped"

    made = job.sign(plain_pdf, make_request(), on_state=go)
    assert judge(made.data).outcome.value == "valid"
    assert second.asked >= 1


# The preflight


def test_everything_is_well(pki):
    signer = build_signer(SigningOptions(pki=pki.folder, keys={"leader": DevelopmentKey("leader")}))
    found = signer.preflight(["", "leader"], thorough=True)
    assert found.ok
    assert [(c.name, c.of) for c in found.checks] == [
        ("key", "officer"), ("certificate", "officer"), ("chain", "officer"),
        ("key", "leader"), ("certificate", "leader"), ("chain", "leader"),
        ("timestamp", "development"), ("clock", ""),
    ]  # fmt: skip
    assert {c.result for c in found.checks} == {"ok"}
    found.require()


def _failing(signer, role: str = "") -> tuple[str, str]:
    found = signer.preflight([role])
    bad = [c for c in found.checks if c.result == "fail"]
    assert not found.ok
    assert len(bad) == 1
    assert bad[0].error is not None
    with pytest.raises(type(bad[0].error)):
        found.require()
    return bad[0].name, bad[0].error.code


def test_no_key_for_a_role(signer):
    assert _failing(signer, "nobody") == ("key", "key_unavailable")


def test_key_of_another_certificate(pki, signer):
    officer, agency = pki.key("officer"), pki.key("agency")
    key = SigningKey(officer.key, agency.certificate, agency.chain)
    job = PdfSigner(key, signer.sources, signer.material, "B-LTA", signer.font, revocation=signer.revocation)
    assert _failing(job) == ("certificate", "key_mismatch")


def test_expired_certificate(signer):
    later = datetime.now(UTC) + timedelta(days=3000)
    job = PdfSigner(signer.key, (), signer.material, "B-B", signer.font, clock=lambda: later)
    assert _failing(job) == ("certificate", "signer_certificate_expired")


def test_certificate_that_ends_soon_is_a_warning(signer):
    later = signer.key.certificate.not_valid_after_utc - timedelta(days=10)
    job = PdfSigner(signer.key, (), signer.material, "B-B", signer.font, clock=lambda: later)
    found = job.preflight()
    assert found.ok
    assert [c.result for c in found.checks if c.name == "certificate"] == ["warn"]


def test_revoked_certificate(tmp_path):
    signer = build_signer(SigningOptions(pki=tmp_path))
    DevelopmentPki(tmp_path).revoke("officer", at=datetime.now(UTC) - timedelta(hours=1))
    assert _failing(signer) == ("chain", "certificate_revoked")


def test_unknown_root(tmp_path, signer):
    from signing.trust import Trust, load

    other = load(Trust(development=DevelopmentPki.ensure(tmp_path).folder))
    job = PdfSigner(signer.key, (), lambda _now: other, "B-LTA", signer.font)
    names = [(c.name, c.result) for c in job.preflight().checks]
    assert ("chain", "fail") in names


def test_no_authority_answers(pki, signer):
    source = Source("only", pki)
    source.dead = True
    job = PdfSigner(signer.key, (source,), signer.material, "B-LTA", signer.font, revocation=signer.revocation)
    assert _failing(job) == ("timestamp", "timestamp_unavailable")
    source.dead = False
    assert job.preflight().ok


def test_one_of_two_authorities_is_a_warning_and_both_are_asked(pki, signer):
    dead, well = Source("dead", pki), Source("well", pki)
    dead.dead = True
    job = PdfSigner(signer.key, (dead, well), signer.material, "B-LTA", signer.font, revocation=signer.revocation)
    found = job.preflight(thorough=True)
    assert found.ok
    assert [(c.of, c.result) for c in found.checks if c.name == "timestamp"] == [("dead", "warn"), ("well", "ok")]


def test_clock_that_is_wrong(pki, signer):
    for by, result in ((timedelta(minutes=2), "warn"), (timedelta(hours=1), "fail")):
        source = Source("ahead", pki, clock=lambda by=by: datetime.now(UTC) + by)
        job = PdfSigner(signer.key, (source,), signer.material, "B-T", signer.font, revocation=signer.revocation)
        found = job.preflight()
        assert [c.result for c in found.checks if c.name == "clock"] == [result]
    with pytest.raises(ClockWrongError):
        found.require()


def test_what_passed_counts_for_a_minute(pki, signer):
    clock = Clock()
    source = Source("only", pki)
    job = PdfSigner(
        signer.key, (source,), signer.material, "B-LTA", signer.font, clock=clock, revocation=signer.revocation
    )
    for _ in range(10):
        job.preflight().require()
    assert source.asked == 1
    clock.later(seconds=90)
    job.preflight()
    assert source.asked == 2
