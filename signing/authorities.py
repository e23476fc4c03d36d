"""The timestamp authorities of a signer: a list in the order of preference, with health, rest and fallback.

An authority that failed rests before it is asked again, each time longer, so that a dead one does not cost every
document its time limit; the next in the list is asked meanwhile. When all of them rest, the one whose rest ends first
is asked all the same: a held document's retry must find out. Every answer is checked before it counts (status,
imprint, nonce, signature, key purpose), and the caller may refuse the authority's certificate, which is a failure too.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from signing.errors import RevocationUnavailableError, TimestampUnavailableError
from signing.timestamps import build_request, checked_token

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from signing.timestamps import Stamped, TimestampSource

_FIRST_REST: Final = timedelta(seconds=5)
_LONGEST_REST: Final = timedelta(minutes=10)
_TOKEN_SIZE: Final = 6144
"""Bytes assumed of a token that was never seen: those of public authorities have 3 to 6 kB."""


@dataclass(frozen=True, slots=True)
class Health:
    """What is known of one authority."""

    name: str
    last_success: datetime | None = None
    last_failure: datetime | None = None
    fault: str = ""
    """Of the last failure; empty after a success."""
    failures: int = 0
    """In a row."""
    resting_until: datetime | None = None
    token_size: int = 0
    """Bytes of the last token."""


@dataclass(slots=True)
class TimestampAuthorities:
    """Asks for tokens. May be shared by threads."""

    sources: tuple[TimestampSource, ...]
    clock: Callable[[], datetime]
    _health: dict[str, Health] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    async def token(
        self,
        digest: bytes,
        algorithm: str,
        accept: Callable[[Stamped], Awaitable[None]],
        *,
        among: Sequence[TimestampSource] | None = None,
    ) -> Stamped:
        """A timestamp of `digest`; raises TimestampUnavailableError, naming what each authority did.

        `accept` raises a SigningError for a token whose authority is not to be used. `among`: the sources to ask,
        resting or not; default: all, by health.
        """
        faults: list[str] = []
        silent: RevocationUnavailableError | None = None
        for source in self._order() if among is None else among:
            nonce, request = build_request(digest, algorithm)
            try:
                stamped = checked_token(await source.ask(request), digest, algorithm, nonce, source.name)
                await accept(stamped)
            except Exception as error:  # whatever a network or a liar does, the next one may do better
                faults.append(self._failed(source.name, f"{type(error).__name__}: {error}"))
                silent = silent or (error if isinstance(error, RevocationUnavailableError) else None)
            else:
                self._succeeded(source.name, len(stamped.token.dump()))
                return stamped
        if silent is not None:  # an authority did its part; what is missing is the word on its certificate
            raise silent
        raise TimestampUnavailableError("; ".join(faults) or "no timestamp authority is configured")

    def health(self) -> tuple[Health, ...]:
        """What is known of each, in the order of the list."""
        return tuple(self._health.get(source.name, Health(source.name)) for source in self.sources)

    def largest_token(self) -> int:
        """Bytes to keep free for a token of any of them, with room to grow by half."""
        seen = [health.token_size for health in self.health()]
        unseen = _TOKEN_SIZE if not all(seen) else 0
        return max([unseen, *seen], default=_TOKEN_SIZE) * 3 // 2

    def answered_since(self, moment: datetime) -> bool:
        """Whether any of them gave a token after `moment`, and did not fail later."""
        return any(h.last_success is not None and h.last_success >= moment and not h.fault for h in self.health())

    def _order(self) -> Sequence[TimestampSource]:
        now = self.clock()

        def rest(source: TimestampSource) -> timedelta:
            until = self._health.get(source.name, Health(source.name)).resting_until
            return max(until - now, timedelta(0)) if until is not None else timedelta(0)

        awake = [source for source in self.sources if not rest(source)]
        return awake or sorted(self.sources, key=rest)[:1]

    def _failed(self, name: str, fault: str) -> str:
        now = self.clock()
        with self._lock:
            old = self._health.get(name, Health(name))
            failures = old.failures + 1
            pause = min(_FIRST_REST * (1 << min(failures - 1, 20)), _LONGEST_REST)
            self._health[name] = Health(
                name, old.last_success, now, fault, failures, resting_until=now + pause, token_size=old.token_size
            )
        return f"{name}: {fault}"

    def _succeeded(self, name: str, size: int) -> None:
        with self._lock:
            old = self._health.get(name, Health(name))
            self._health[name] = Health(
                name, last_success=self.clock(), last_failure=old.last_failure, token_size=max(size, old.token_size)
            )
