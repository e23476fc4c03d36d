"""How people and machines come in: length of passwords and sessions, rates, and the identity provider.

Without any of these settings people have local accounts and the door is bound to this machine; with `oidc.issuer` they
sign in at the agency's own provider, whose groups become roles by the mapping below.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field

from pipeline.access.roles import Role


class OidcSettings(BaseModel):
    """The identity provider (OpenID Connect, authorization code with PKCE)."""

    issuer: str = ""
    """As in its tokens; its configuration is read below `/.well-known/`. Empty: local accounts only."""
    discovery: str = ""
    """Another address of the configuration, or a file with it."""
    client_id: str = ""
    """As registered there."""
    client_secret_file: Path | None = None
    """Never in the environment, where other processes can read it. Left out: a public client, PKCE alone."""
    redirect: str = ""
    """`https://HOST/dang-nhap/oidc/ve` as registered there; default: as the browser named this system."""
    scopes: str = "openid profile"
    """What is asked for."""
    roles_claim: str = "roles"
    """Claim with a list of names, or one name; dots go into objects: `realm_access.roles`."""
    roles: dict[str, tuple[Role, ...]] = Field(default_factory=dict)
    """Name in that claim to our roles; names that are not here bring nothing, and nobody comes in without a role."""
    agency_claim: str = ""
    """Claim with the agency; empty: everybody is of this installation's own."""
    agencies: dict[str, str] = Field(default_factory=dict)
    """Value of that claim to our agency's code. A value that is not here does not come in."""
    ca_file: Path | None = None
    """Certificates to trust for a provider with an authority of its own."""
    timeout_s: float = Field(default=10.0, gt=0)
    """For each exchange with the provider."""


class AccessSettings(BaseModel):
    """Sign-in, sessions and rates."""

    local: bool = True
    """Whether local accounts may sign in; an installation with a provider can turn them off."""
    password_length: int = Field(default=15, ge=8, le=64)
    """Least characters; 15 where a password is the only factor (NIST SP 800-63B-4, 3.1.1.2)."""
    idle_minutes: float = Field(default=60.0, gt=0)
    """A session ends after this long without a request."""
    session_hours: float = Field(default=12.0, gt=0)
    """A session ends after this long whatever happens."""
    plain_http: bool = False
    """Whether people may sign in without https from other machines. Only for a closed network."""
    person_per_minute: int = Field(default=1200, ge=1)
    """Requests of one person; more are answered with 429 and when to come again."""
    machine_per_minute: int = Field(default=6000, ge=1)
    """Requests of one key."""
    address_per_minute: int = Field(default=300, ge=1)
    """Requests of somebody unknown, by address: sign-in, open pages, refused keys."""
    agencies: dict[str, str] = Field(default_factory=dict)
    """Further agencies in this system, code to name; the installation's own needs no entry."""
    oidc: OidcSettings = OidcSettings()
