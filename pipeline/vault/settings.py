"""Where the master and the key ring live. No settings: a master file and a ring under HOME/vault, both mode 0600.

The ring must be one for all machines of an installation; beside a catalogue on PostgreSQL it is, by default, a schema
of its own in that database. A database of its own is better: then losing the one does not lose the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, SecretStr, model_validator

if TYPE_CHECKING:
    from pipeline.settings import Settings


class MasterTokenSettings(BaseModel):
    """A master in a token behind a PKCS#11 library: made there, not extractable."""

    module: Path
    """The vendor's library, such as /usr/lib/softhsm/libsofthsm2.so."""
    token_label: str
    """Which token."""
    pin_file: Path | None = None
    """Holds the PIN on its first line; readable by the owner only."""
    pin: SecretStr | None = None
    """The same in the environment, where other processes of this user can read it."""
    key_prefix: str = "hoso-master"
    """Labels of the master keys in the token start with it."""


class VaultSettings(BaseModel):
    """The vault."""

    master: Literal["file", "pkcs11"] = "file"
    """Which kind of master wraps what is new; the other kind is still asked for what it wrapped before."""
    master_file: Path | None = None
    """Default: HOME/vault/master.key."""
    pkcs11: MasterTokenSettings | None = None
    ring_url: str = ""
    """SQLAlchemy URL of the key ring; default: HOME/vault/ring.sqlite3, or the catalogue's server."""

    @model_validator(mode="after")
    def _has_its_token(self) -> Self:
        if self.master == "pkcs11" and self.pkcs11 is None:
            raise ValueError("a master of kind pkcs11 needs its token")
        return self


def master_path(settings: Settings) -> Path:
    """The master's file."""
    return settings.vault.master_file or settings.home / "vault" / "master.key"


def ring_url(settings: Settings) -> str:
    """The ring's database."""
    if settings.vault.ring_url:
        return settings.vault.ring_url
    if settings.database.startswith("sqlite"):
        return f"sqlite:///{settings.home / 'vault' / 'ring.sqlite3'}"
    return settings.database
