from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from catalogue_samples import plain

from pipeline.catalogue.errors import DossierNotFoundError, LeaseLostError
from pipeline.record import Status

if TYPE_CHECKING:
    from catalogue_samples import Clock

    from pipeline.catalogue.catalogue import Catalogue

MINUTE = timedelta(minutes=1)


def test_one_worker_at_a_time(catalogue: Catalogue, clock: Clock) -> None:
    catalogue.create_dossier(plain())
    lease = catalogue.claim("HS-1", "w1", MINUTE)
    assert lease is not None
    assert lease.expires_at == clock.now + MINUTE
    assert catalogue.claim("HS-1", "w2", MINUTE) is None
    assert catalogue.claim("HS-1", "w1", MINUTE) is None
    assert catalogue.release(lease)
    assert catalogue.claim("HS-1", "w2", MINUTE) is not None
    with pytest.raises(DossierNotFoundError):
        catalogue.claim("HS-9", "w1", MINUTE)


def test_a_heartbeat_keeps_the_lease_and_silence_loses_it(catalogue: Catalogue, clock: Clock) -> None:
    catalogue.create_dossier(plain())
    lease = catalogue.claim("HS-1", "w1", MINUTE)
    assert lease is not None
    for _ in range(3):
        clock.pass_by(seconds=50)
        lease = catalogue.heartbeat(lease, MINUTE)
        assert lease.expires_at == clock.now + MINUTE
    clock.pass_by(seconds=59)
    assert catalogue.claim("HS-1", "w2", MINUTE) is None
    clock.pass_by(seconds=1)
    with pytest.raises(LeaseLostError):
        catalogue.heartbeat(lease, MINUTE)
    taken = catalogue.claim("HS-1", "w2", MINUTE)
    assert taken is not None
    assert taken.epoch > lease.epoch


def test_a_worker_that_overslept_cannot_touch_the_next_lease(catalogue: Catalogue, clock: Clock) -> None:
    catalogue.create_dossier(plain())
    old = catalogue.claim("HS-1", "w1", MINUTE)
    assert old is not None
    clock.pass_by(minutes=2)
    new = catalogue.claim("HS-1", "w1", MINUTE)
    assert new is not None
    with pytest.raises(LeaseLostError):
        catalogue.heartbeat(old, MINUTE)
    assert not catalogue.release(old)
    assert catalogue.claim("HS-1", "w2", MINUTE) is None
    assert catalogue.heartbeat(new, MINUTE).epoch == new.epoch


def test_what_can_be_claimed(catalogue: Catalogue, clock: Clock) -> None:
    for number, status in enumerate([Status.RECEIVED, Status.PROCESSING, Status.FILED, Status.HELD, Status.RECEIVED]):
        catalogue.create_dossier(plain(f"HS-{number}", status))
        clock.pass_by(seconds=1)
    wanted = [Status.RECEIVED, Status.PROCESSING]
    assert catalogue.claimable(wanted) == ["HS-0", "HS-1", "HS-4"]
    catalogue.claim("HS-0", "w1", MINUTE)
    lease = catalogue.claim("HS-1", "w1", MINUTE)
    assert lease is not None
    assert catalogue.claimable(wanted) == ["HS-4"]
    catalogue.release(lease)
    assert catalogue.claimable(wanted, limit=1) == ["HS-1"]
    clock.pass_by(minutes=2)
    assert catalogue.claimable(wanted) == ["HS-0", "HS-1", "HS-4"]
