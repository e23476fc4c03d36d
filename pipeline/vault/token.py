"""Masters in a token behind PKCS#11: made there, never to leave it; wrapping happens inside (AES-256-GCM).

A master is a secret key with the label PREFIX-RANDOM, sensitive and not extractable. The token makes no nonces that can
be trusted to differ, so they are ours, 96 random bits. One session, used by one thread at a time; a token that was
pulled out is opened anew at the next call. A PIN that was refused is not tried again: tokens lock after a few.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipeline.vault.errors import MasterUnreachableError, SealBrokenError, VaultOptionsError
from pipeline.vault.primitives import KEY, NONCE, TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.vault.master import Master
    from pipeline.vault.settings import MasterTokenSettings


class TokenMasters:
    """A `MasterSource` over one token."""

    def __init__(self, settings: MasterTokenSettings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._session: Any = None
        self._refused: str | None = None

    @property
    def kind(self) -> str:
        """See `MasterSource.kind`."""
        return "pkcs11"

    def all(self) -> dict[str, Master]:
        """See `MasterSource.all`. Sorted by label: a token does not say which key is older."""
        from pkcs11 import Attribute, KeyType, ObjectClass

        with self.session() as session:
            found = session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES})
            labels = sorted(key.label for key in found if key.label.startswith(self._settings.key_prefix + "-"))
        return {_id(label): TokenMaster(self, label) for label in labels}

    def make(self) -> Master:
        """See `MasterSource.make`."""
        from pkcs11 import Attribute, KeyType

        label = f"{self._settings.key_prefix}-{os.urandom(6).hex()}"
        with self.session() as session:
            session.generate_key(
                KeyType.AES,
                KEY * 8,
                label=label,
                store=True,
                template={
                    Attribute.SENSITIVE: True,
                    Attribute.EXTRACTABLE: False,
                    Attribute.PRIVATE: True,
                    Attribute.WRAP: False,
                    Attribute.UNWRAP: False,
                    Attribute.ENCRYPT: True,
                    Attribute.DECRYPT: True,
                },
            )
        return TokenMaster(self, label)

    def remove(self, master_id: str) -> bool:
        """See `MasterSource.remove`."""
        with self.session() as session:
            for label in [one.label for one in self.all().values() if isinstance(one, TokenMaster)]:
                if _id(label) == master_id:
                    self.find(session, label).destroy()
                    return True
        return False

    def find(self, session: Any, label: str) -> Any:
        """The key's handle."""
        from pkcs11 import ObjectClass

        return session.get_key(object_class=ObjectClass.SECRET_KEY, label=label)

    @contextmanager
    def session(self) -> Iterator[Any]:
        """The session, for one thread. Raises `MasterUnreachableError`."""
        from pkcs11.exceptions import PKCS11Error

        with self._lock:
            try:
                if self._session is None:
                    self._session = self._opened()
                yield self._session
            except PKCS11Error as error:
                self._session = None
                raise MasterUnreachableError(self._settings.token_label, type(error).__name__) from None

    def _opened(self) -> Any:
        import pkcs11

        pin = self._pin()
        if pin is not None and pin == self._refused:
            raise MasterUnreachableError(self._settings.token_label, "this PIN was refused before")
        try:
            token = pkcs11.lib(str(self._settings.module)).get_token(token_label=self._settings.token_label)
            try:
                return token.open(rw=True, user_pin=pin)
            except pkcs11.exceptions.UserAlreadyLoggedIn:
                # Whoever signs with the same token in this process did it; a login counts for all its sessions.
                return token.open(rw=True)
        except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLocked) as error:
            self._refused = pin
            raise MasterUnreachableError(self._settings.token_label, type(error).__name__) from None
        except pkcs11.exceptions.PKCS11Error:
            raise
        except RuntimeError as error:
            # A library that cannot be loaded.
            raise MasterUnreachableError(self._settings.module.name, type(error).__name__) from None

    def _pin(self) -> str | None:
        settings = self._settings
        if settings.pin_file is not None and settings.pin is not None:
            raise VaultOptionsError(None, "a PIN is given in one place only")
        if settings.pin_file is not None:
            try:
                return settings.pin_file.read_text(encoding="utf-8").rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                raise MasterUnreachableError(settings.pin_file.name, type(error).__name__) from None
        return settings.pin.get_secret_value() if settings.pin is not None else None


class TokenMaster:
    """A master whose key stays in the token."""

    def __init__(self, masters: TokenMasters, label: str) -> None:
        self._masters = masters
        self.label = label

    @property
    def id(self) -> str:
        """See `Master.id`."""
        return _id(self.label)

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """See `Master.wrap`."""
        nonce = os.urandom(NONCE)
        return nonce + self._used("encrypt", key, nonce, bound)

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """See `Master.unwrap`."""
        if len(wrapped) != NONCE + KEY + TAG:
            raise SealBrokenError(None, "not a wrapped key")
        return self._used("decrypt", wrapped[NONCE:], wrapped[:NONCE], bound)

    def _used(self, verb: str, data: bytes, nonce: bytes, bound: bytes) -> bytes:
        from pkcs11 import GCMParams, Mechanism
        from pkcs11.exceptions import EncryptedDataInvalid, EncryptedDataLenRange, GeneralError

        with self._masters.session() as session:
            handle = self._masters.find(session, self.label)
            params = GCMParams(nonce, bound, TAG * 8)
            try:
                return bytes(getattr(handle, verb)(data, mechanism=Mechanism.AES_GCM, mechanism_param=params))
            except (EncryptedDataInvalid, EncryptedDataLenRange, GeneralError):
                # What tokens say of a wrong tag; one that is out of order says something else at its next use.
                raise SealBrokenError(None, "authentication failed") from None


def _id(label: str) -> str:
    return "pkcs11-" + label[-40:]
