"""Sign-in at the agency's identity provider: OpenID Connect, authorization code with PKCE, by authlib and joserfc.

What comes back counts once, only in the browser that left, only for the nonce that was sent, and only with an ID token
that the provider signed for us and that is fresh. Roles and agency come from its claims by the mapping in settings, at
every sign-in anew; nobody comes in without a role. Its configuration and keys are kept for an hour; an unknown key is
asked for once more.
"""

from __future__ import annotations

import json
import ssl
import threading
import warnings
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlencode

from pipeline.access.errors import ProviderError
from pipeline.access.records import SignIn
from pipeline.access.secret import hashed, new_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from joserfc.jwk import KeySet

    from pipeline.access.people import People
    from pipeline.access.records import Account
    from pipeline.access.settings import OidcSettings
    from pipeline.catalogue.access_door import AccessDoor

ALGORITHMS: Final = ["RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA"]
"""Signatures by a key pair only: never `none`, and no shared secret that another party could sign with."""
LASTS: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""
_KEPT: Final = timedelta(hours=1)
_LEEWAY_S: Final = 60


class Away(NamedTuple):
    """A browser on its way to the provider."""

    address: str
    browser: str
    """Secret of its cookie."""


class Provider:
    """The identity provider of an installation."""

    def __init__(self, settings: OidcSettings, door: AccessDoor, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._door = door
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[datetime, dict[str, Any]]] = {}

    def leave(self, redirect: str, back: str) -> Away:
        """Where the browser goes. Raises `ProviderError`."""
        state, nonce, browser, verifier = (new_secret() for _ in range(4))
        ends = self._clock() + LASTS
        with self._client(redirect) as client:
            address, _ = client.create_authorization_url(
                self._configuration()["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        sign_in = SignIn(nonce=nonce, verifier=verifier, browser_hash=hashed(browser), back=back, ends_at=ends)
        self._door.add_sign_in(hashed(state), sign_in)
        return Away(str(address), browser)

    def come_back(
        self, query: Mapping[str, str], browser: str | None, redirect: str
    ) -> tuple[Mapping[str, Any], str, str]:
        """Claims of the ID token, the token itself, and where to go. Raises `ProviderError`."""
        sign_in = self._door.take_sign_in(hashed(query.get("state", "")))
        if sign_in is None:
            raise ProviderError(None, "state unknown, used or too old")
        if browser is None or hashed(browser) != sign_in.browser_hash:
            raise ProviderError(None, "another browser came back than left")
        if query.get("iss", self._settings.issuer) != self._settings.issuer:
            raise ProviderError(None, "another issuer answered")
        if "error" in query or not query.get("code"):
            raise ProviderError(None, "the provider refused")
        token = self._exchanged(query["code"], sign_in.verifier, redirect)
        return self._claims(token, sign_in.nonce), token, sign_in.back

    def sign_out(self, id_token: str | None, back: str) -> str | None:
        """Where to sign out at the provider, too, if it offers that."""
        try:
            end = self._configuration().get("end_session_endpoint")
        except ProviderError:
            return None
        if not end or id_token is None:
            return None
        return f"{end}?{urlencode({'id_token_hint': id_token, 'post_logout_redirect_uri': back})}"

    def account(self, people: People, claims: Mapping[str, Any]) -> Account:
        """Whose claims these are, with the roles of today. Raises `ProviderError`."""
        settings = self._settings
        named = _claim(claims, settings.roles_claim)
        names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
        roles = [role for name in names for role in settings.roles.get(str(name), ())]
        if not roles:
            raise ProviderError(None, "no role of ours among the claims")
        agency = None
        if settings.agency_claim:
            agency = settings.agencies.get(str(_claim(claims, settings.agency_claim)))
            if agency is None:
                raise ProviderError(None, "no agency of ours among the claims")
        name = str(claims.get("name") or claims.get("preferred_username") or "?")[:200]
        account = people.from_provider(settings.issuer, str(claims["sub"]), name, roles, agency)
        if account.disabled:
            raise ProviderError(None, "the account is disabled here")
        return account

    def _exchanged(self, code: str, verifier: str, redirect: str) -> str:
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        try:
            with self._client(redirect) as client:
                answer = client.fetch_token(
                    self._configuration()["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
        except (AuthlibBaseError, HTTPError, ValueError) as error:
            raise ProviderError(None, type(error).__name__) from None
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderError(None, "no id_token")
        return token

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwt import JWTClaimsRegistry

        registry = JWTClaimsRegistry(
            now=int(self._clock().timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        problem = ""
        for fresh in (False, True):
            try:
                claims = dict(jwt.decode(token, self._keys(fresh=fresh), algorithms=ALGORITHMS).claims)
                registry.validate(claims)
            except (JoseError, ValueError) as error:
                # A key that we do not know may be a new one.
                problem = type(error).__name__
                continue
            shared = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
            if shared and claims.get("azp") != self._settings.client_id:
                raise ProviderError(None, "a token for others")
            if not 0 < len(str(claims["sub"])) <= 255:
                raise ProviderError(None, "sub")
            return claims
        raise ProviderError(None, problem)

    def _configuration(self) -> dict[str, Any]:
        settings = self._settings
        place = settings.discovery or f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._get(place, fresh=False)
        if found.get("issuer") != settings.issuer:
            raise ProviderError(None, "the configuration is another issuer's")
        return found

    def _keys(self, *, fresh: bool) -> KeySet:
        from joserfc.jwk import KeySet

        return KeySet.import_key_set(self._get(self._configuration()["jwks_uri"], fresh=fresh))  # type: ignore[arg-type]

    def _get(self, place: str, *, fresh: bool) -> dict[str, Any]:
        import httpx

        now = self._clock()
        with self._lock:
            kept = self._kept.get(place)
            if kept is not None and not fresh and now - kept[0] < _KEPT:
                return kept[1]
            try:
                if place.startswith(("https://", "http://")):
                    with httpx.Client(
                        verify=self._trust(), timeout=self._settings.timeout_s, trust_env=False
                    ) as client:
                        found = client.get(place).raise_for_status().json()
                else:
                    found = json.loads(Path(place).read_text(encoding="utf-8"))
            except (httpx.HTTPError, OSError, ValueError) as error:
                raise ProviderError(None, type(error).__name__) from None
            if not isinstance(found, dict):
                raise ProviderError(None, "not an object")
            self._kept[place] = (now, found)
            return found

    def _client(self, redirect: str) -> Any:
        with warnings.catch_warnings():
            # It says that another client than httpx is coming; httpx is what this project has.
            warnings.simplefilter("ignore")
            from authlib.integrations.httpx_client import OAuth2Client

        settings = self._settings
        secret = settings.client_secret_file.read_text("utf-8").strip() if settings.client_secret_file else None
        return OAuth2Client(
            client_id=settings.client_id,
            client_secret=secret,
            token_endpoint_auth_method="client_secret_basic" if secret else "none",
            scope=settings.scopes,
            redirect_uri=redirect,
            code_challenge_method="S256",
            verify=self._trust(),
            timeout=settings.timeout_s,
            trust_env=False,
        )

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim; dots go into objects."""
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found
