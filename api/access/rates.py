"""How often somebody may ask: known people and machines by who they are, everybody else by address.

Counted in this process, in windows of a minute that slide; what is over is refused with the seconds to wait. Sign-ins
that fail are counted apart, by the login that was typed (whether anybody has it or not) and by address.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from pipeline.access.errors import TooManyRequestsError
from pipeline.access.secret import hashed

if TYPE_CHECKING:
    from limits import RateLimitItem

    from pipeline.access.principal import Principal
    from pipeline.access.settings import AccessSettings

FAILURES: Final = RateLimitItemPerMinute(10, 10)
"""Wrong passwords for one login."""
FAILURES_FROM: Final = RateLimitItemPerMinute(30, 10)
"""Wrong passwords, keys and sign-ins from one address."""


class Rates:
    """The counters of one app."""

    def __init__(self, settings: AccessSettings) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._person = RateLimitItemPerMinute(settings.person_per_minute)
        self._machine = RateLimitItemPerMinute(settings.machine_per_minute)
        self._address = RateLimitItemPerMinute(settings.address_per_minute)

    def count(self, who: Principal) -> None:
        """A request of somebody known. Raises `TooManyRequestsError`."""
        self._hit(self._machine if who.machine else self._person, who.id)

    def count_unknown(self, address: str) -> None:
        """A request of somebody unknown. Raises `TooManyRequestsError`."""
        self._hit(self._address, address)

    def may_try(self, login: str, address: str) -> None:
        """Before a password is looked at. Raises `TooManyRequestsError`."""
        for item, key in ((FAILURES, f"login:{hashed(login)}"), (FAILURES_FROM, f"from:{address}")):
            if not self._limiter.test(item, key):
                raise TooManyRequestsError(self._wait(item, key))

    def failed(self, login: str, address: str) -> None:
        """It was wrong."""
        self._limiter.hit(FAILURES, f"login:{hashed(login)}")
        self._limiter.hit(FAILURES_FROM, f"from:{address}")

    def _hit(self, item: RateLimitItem, key: str) -> None:
        if not self._limiter.hit(item, key):
            raise TooManyRequestsError(self._wait(item, key))

    def _wait(self, item: RateLimitItem, key: str) -> float:
        return max(1.0, self._limiter.get_window_stats(item, key).reset_time - time.time())
