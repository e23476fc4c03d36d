"""A small OpenID provider that really is one: codes that count once, PKCE that is checked, tokens that are signed.

`forge` changes what it would give, so that a test can be the attacker: other claims, another algorithm, another key.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable  # noqa: TC003 - FastAPI evaluates annotations
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "hoso", "a-secret-of-this-test"


class IdentityProvider:
    def __init__(self) -> None:
        self.issuer = ""
        self.person: dict[str, Any] = {"sub": "1001", "name": "Nguyễn Thị Hoa", "groups": ["mot-cua"]}
        self.forge: Callable[[dict[str, Any]], dict[str, Any] | str] = lambda claims: claims
        self.codes: dict[str, dict[str, str]] = {}
        self.used = 0
        self.signed_out = 0
        self.turn_keys()

    def turn_keys(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})

    def sign(self, claims: dict[str, Any], key: Any = None, alg: str = "RS256") -> str:
        key = key or self.key
        return jwt.encode({"alg": alg, "kid": self.key.kid}, claims, key, algorithms=[alg])

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def configuration() -> dict[str, str]:
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "end_session_endpoint": f"{self.issuer}/end",
            }

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            assert asked["response_type"] == "code"
            assert asked["code_challenge_method"] == "S256"
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"], "iss": self.issuer}
            return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 303)

        @app.post("/token")
        def token(
            request: Request,
            code: Annotated[str, Form()],
            code_verifier: Annotated[str, Form()],
            redirect_uri: Annotated[str, Form()],
        ) -> Response:
            asked = self.codes.pop(code, None)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(code_verifier.encode()).digest()).rstrip(b"=").decode()
            given = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode()
            right = asked is not None and asked["redirect_uri"] == redirect_uri and asked["code_challenge"] == challenge
            if not right or given != f"{CLIENT}:{SECRET}":
                return JSONResponse({"error": "invalid_grant"}, 400)
            self.used += 1
            now = int(time.time())
            claims = self.person | {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
            made = self.forge(claims | {"nonce": asked["nonce"]})
            id_token = made if isinstance(made, str) else self.sign(made)
            return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": id_token})

        @app.get("/end")
        def end(id_token_hint: str, post_logout_redirect_uri: str) -> Response:
            jwt.decode(id_token_hint, self.key, algorithms=["RS256"])
            self.signed_out += 1
            return RedirectResponse(post_logout_redirect_uri, 303)

        return app


def unsigned(claims: dict[str, Any]) -> str:
    """A token with `alg: none`."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


def another_key() -> ECKey:
    return ECKey.generate_key("P-256")
