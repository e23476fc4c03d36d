"""Where signing keys live, as settings: a file, a token, a remote service, or a person with a phone.

One of the four for each signer, none for the development PKI. Secrets come from a file (best, mode 0600) or from the
setting itself, which in practice means the environment; they are never shown when settings are printed.
`key_source` makes the options of `signing.keys` from them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from pydantic import BaseModel, Field, SecretStr, model_validator

if TYPE_CHECKING:
    from signing.key_secrets import Secret
    from signing.keys import KeySource


class TokenSettings(BaseModel):
    """A key in a token behind a PKCS#11 library: an HSM, a USB token, SoftHSM."""

    module: Path
    """The vendor's library, such as /usr/lib/softhsm/libsofthsm2.so."""
    pin_file: Path | None = None
    """Holds the PIN on its first line; readable by the owner only."""
    pin: SecretStr | None = None
    """The same in the environment, where other processes of this user can read it."""
    token_label: str | None = None
    """Which token, where the library has several."""
    token_serial: str | None = None
    """The same by its serial number."""
    key_label: str | None = None
    """CKA_LABEL of the private key."""
    key_id: str | None = Field(default=None, pattern=r"^([0-9A-Fa-f]{2})+$")
    """CKA_ID of the private key, hexadecimal."""
    certificate: Path | None = None
    """The signer's certificate where the token does not hold it."""
    chain: Path | None = None
    """PEM file with the certificates above it; those in the token are found by themselves."""


class RemoteSettings(BaseModel):
    """A credential of a remote signing service (API of the Cloud Signature Consortium)."""

    url: str = Field(pattern=r"^https?://")
    """What stands before /csc/v1/..."""
    credential: str
    """Its id at the service."""
    api: Literal["v1", "v2"] = "v1"
    """Version of the API that the service speaks."""
    token_file: Path | None = None
    """OAuth access token of the service."""
    token: SecretStr | None = None
    """The same in the environment."""
    pin_file: Path | None = None
    """Holds the PIN of the credential, where the service asks for one."""
    pin: SecretStr | None = None
    """The same in the environment."""
    timeout_s: float = Field(default=30.0, gt=0)
    """For each exchange; a person may have to confirm within it."""
    ca_file: Path | None = None
    """Certificates to trust for a service with an authority of its own."""
    gather: bool = False
    """Whether dossiers wait until `hoso sign confirm` has all of them signed with one authorisation."""


class AwaitedSettings(BaseModel):
    """A key that never comes here: hashes go out, signatures are handed in."""

    certificate: Path
    """The signer's, in a PEM or DER file."""
    chain: Path | None = None
    """PEM file with the certificates above it."""


class KeySettings(BaseModel):
    """The key of one signer."""

    pkcs12: Path | None = None
    """A file with key and certificates (.p12, .pfx)."""
    passphrase_file: Path | None = None
    """Holds the passphrase of that file on its first line; readable by the owner only."""
    passphrase: SecretStr | None = None
    """The same in the environment, where other processes of this user can read it."""
    pkcs11: TokenSettings | None = None
    csc: RemoteSettings | None = None
    awaited: AwaitedSettings | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [name for name in ("pkcs12", "pkcs11", "csc", "awaited") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"one key has one place: {', '.join(given)}")
        return self

    @property
    def own(self) -> bool:
        """Whether it is a key of one's own, not the development PKI's."""
        return any(kind is not None for kind in (self.pkcs12, self.pkcs11, self.csc, self.awaited))


def key_source(settings: KeySettings) -> KeySource | None:
    """Options of the key; None where the settings name none. ValueError where a secret is given twice."""
    from signing.keys import AwaitedKey, CscKey, Pkcs11Key, Pkcs12Key

    if settings.pkcs12 is not None:
        return Pkcs12Key(settings.pkcs12, passphrase=_secret(settings.passphrase_file, settings.passphrase))
    if (token := settings.pkcs11) is not None:
        return Pkcs11Key(
            module=token.module,
            pin=_secret(token.pin_file, token.pin),
            token_label=token.token_label,
            token_serial=token.token_serial,
            key_label=token.key_label,
            key_id=bytes.fromhex(token.key_id) if token.key_id is not None else None,
            certificate=token.certificate,
            chain=token.chain,
        )
    if (remote := settings.csc) is not None:
        return CscKey(
            url=remote.url,
            credential=remote.credential,
            api=remote.api,
            token=_secret(remote.token_file, remote.token),
            pin=_secret(remote.pin_file, remote.pin),
            timeout_s=remote.timeout_s,
            ca_file=remote.ca_file,
            gather=remote.gather,
        )
    if settings.awaited is not None:
        return AwaitedKey(settings.awaited.certificate, settings.awaited.chain)
    return None


def _secret(file: Path | None, value: SecretStr | None) -> Secret:
    from signing.key_secrets import Secret

    return Secret(value.get_secret_value() if value is not None else None, file=file)
