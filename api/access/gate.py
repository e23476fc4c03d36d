"""The gate before every route: each says by which right it opens, or that it is open on purpose.

A route asks with a default value, which FastAPI finds in closures too:

    async def one(dossier_id: str, who: Principal = gate.need(Right.DOSSIER_READ)) -> Dossier:

(`Principal` is imported at run time there: FastAPI evaluates all annotations of a route or none.) A person comes with
a session's cookie, a machine with `Authorization: Bearer KEY`; both become a `Principal`. Who it is is looked up at
every request. A cookie alone changes nothing: an unsafe request has to show, by Origin or Fetch Metadata, that a page
of ours sent it, which every browser of today does and no foreign page can.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.access.cookies import from_here, is_local, session_of
from api.problems import ForeignOriginError
from pipeline.access.errors import (
    KeyRefusedError,
    NotAllowedError,
    PasswordChangeNeededError,
    SignInNeededError,
)
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates the annotations of dependencies

if TYPE_CHECKING:
    from api.access.doorkeeper import Doorkeeper
    from pipeline.access.records import Account
    from pipeline.access.roles import Right

_SAFE = {"GET", "HEAD", "OPTIONS"}
Opening = Literal["right", "local", "signed_in", "first_password", "open"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who stands before the gate."""

    who: Principal
    account: Account | None = None
    """None for a machine."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What a route asks for; the dependency itself, so that a test can read it off every route."""

    keeper: Doorkeeper
    opening: Opening
    rights: frozenset[Right] = frozenset()

    async def __call__(self, request: Request) -> Principal | None:
        """Whoever asks, if they may. Raises the errors of `pipeline.access.errors`."""
        if self.opening == "local" and is_local(request):
            # Before anybody is looked up: the figures also tell that the catalogue is out of reach.
            return None
        visitor = await run_in_threadpool(self._visitor, request)
        if visitor is None:
            if self.opening != "open":
                raise SignInNeededError
            return None
        request.state.who = visitor.who
        if self.opening == "open":
            return visitor.who
        if visitor.account is not None and visitor.account.must_change and self.opening != "first_password":
            raise PasswordChangeNeededError
        if self.opening in {"right", "local"} and not any(visitor.who.may(right) for right in self.rights):
            raise NotAllowedError(None, " ".join(sorted(self.rights)))
        return visitor.who

    def _visitor(self, request: Request) -> Visitor | None:
        address = request.client.host if request.client else ""
        try:
            visitor = self._known(request)
        except (KeyRefusedError, ForeignOriginError):
            self.keeper.rates.count_unknown(address)
            raise
        if visitor is None:
            self.keeper.rates.count_unknown(address)
        else:
            self.keeper.rates.count(visitor.who)
        return visitor

    def _known(self, request: Request) -> Visitor | None:
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer":
            return Visitor(self.keeper.machine(credentials.strip()))
        secret = session_of(request)
        found = self.keeper.sessions.of(secret) if secret else None
        if found is None:
            return None
        # For an open route a cookie adds nothing but a name, so nothing can be done in that name.
        if self.opening != "open" and request.method not in _SAFE and not from_here(request):
            raise ForeignOriginError
        return Visitor(found[1].principal(), found[1])


class Gate:
    """Makes what routes ask for. The values are FastAPI dependencies, to be used as default values."""

    def __init__(self, keeper: Doorkeeper) -> None:
        self._keeper = keeper

    def need(self, *rights: Right) -> Any:
        """A person or machine with any one of these rights: gives the `Principal`."""
        if not rights:
            raise ValueError("a route names its right, or says signed_in() or open()")
        return Depends(Declared(self._keeper, "right", frozenset(rights)))

    def need_or_local(self, *rights: Right) -> Any:
        """The same, or a program on this machine that no proxy speaks for: for figures without personal data."""
        return Depends(Declared(self._keeper, "local", frozenset(rights)))

    def signed_in(self) -> Any:
        """Any person or machine: gives the `Principal`."""
        return Depends(Declared(self._keeper, "signed_in"))

    def first_password(self) -> Any:
        """As `signed_in`, and also somebody whose one-time password has to be changed first."""
        return Depends(Declared(self._keeper, "first_password"))

    def open(self) -> Any:
        """Everybody, on purpose: gives the `Principal` where there is one, else None."""
        return Depends(Declared(self._keeper, "open"))
