"""A key in a token behind a PKCS#11 library (OASIS PKCS #11 2.40): an HSM, a USB token, SoftHSM.

One session is kept open. Lost in the middle of a batch, it is opened again and the signature asked for once more;
lost again, the job is held. Every signature is checked with the certificate before it is used: a handle that outlived
its session may name another key. Where the token cannot hash by itself it is given the hash (`ECDSA`, `RSA_PKCS`).
A wrong PIN is tried once, and the last try before a token locks is left to a person.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from signing.certificates import is_signed_by, read_certificates, registry, to_asn1
from signing.errors import KeyLostError, KeySecretWrongError, KeyUnavailableError, WrongSignatureError
from signing.keys import KeyFacts, Pkcs11Key, PublicKey, Signer, facts_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIBRARY: Final = threading.RLock()
"""Libraries are one to a process and are opened for one thread at a time; nothing else is shared here."""

_SECRET_FAULTS: Final = (
    "PinIncorrect",
    "PinInvalid",
    "PinLenRange",
    "PinExpired",
    "PinLocked",
    "UserPinNotInitialized",
)
_LASTING_FAULTS: Final = (
    "MechanismInvalid",
    "MechanismParamInvalid",
    "KeyTypeInconsistent",
    "KeySizeRange",
    "FunctionNotSupported",
    "FunctionRejected",
    "ArgumentsBad",
)
"""Names of python-pkcs11's errors that another session would meet again; all others are taken for a lost session."""


@dataclass(slots=True)
class _Session:
    """What is lost together: an open session and the key's handle in it."""

    session: Any
    key: Any
    raw: bool
    """Whether the token wants the hash instead of the data."""
    pin_each_time: bool
    """Whether the key asks for the PIN again for every signature (CKA_ALWAYS_AUTHENTICATE)."""


@dataclass(slots=True, eq=False)
class TokenKey:
    """A `Signer` over one private key of one token. Made by `open`."""

    source: Pkcs11Key
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    token: str
    """Label and serial number of the token."""
    _public: PublicKey | None
    _open: _Session | None
    _cms: Any = field(default=None, init=False, repr=False)

    @classmethod
    def open(cls, source: Pkcs11Key) -> TokenKey:
        """Log in and find key and certificate.

        Raises KeySecretWrongError, KeyLostError where the token is not there, otherwise KeyUnavailableError.
        """
        from pkcs11 import PKCS11Error

        with _LIBRARY:
            try:
                opened = _log_in(source)
                public = _public_key(opened)
                certificate, chain = _certificates(source, opened, public)
            except PKCS11Error as error:
                raise _typed(error) from error
            token = opened.session.token
            place = f"{token.label} ({token.serial.decode(errors='replace')})"
            return cls(source, certificate, chain, place, public, opened)

    def public_key(self) -> PublicKey | None:
        """See Signer; None for an elliptic key without its public object in the token."""
        return self._public

    def cms_signer(self) -> Any:
        """See Signer."""
        if self._cms is None:
            self._cms = _cms_signer(self)
        return self._cms

    def sign(self, data: bytes, digest_algorithm: str) -> bytes:
        """A raw signature over `data`; raises KeyLostError or another KeyUnavailableError, or WrongSignatureError."""
        mechanism = self.cms_signer().get_signature_mechanism_for_digest(digest_algorithm)

        def work(opened: _Session) -> bytes:
            from pyhanko.sign.pkcs11 import select_pkcs11_signing_params

            again = {"pin": self.source.pin.text()} if opened.pin_each_time else {}
            how = select_pkcs11_signing_params(mechanism, digest_algorithm, opened.raw, again)
            value: bytes = opened.key.sign(
                how.pre_sign_transform(data) if how.pre_sign_transform is not None else data, **how.sign_kwargs
            )
            value = how.post_sign_transform(value) if how.post_sign_transform is not None else value
            if not is_signed_by(self.certificate, value, data, digest_algorithm):
                raise WrongSignatureError(f"{self.token}: the token's signature does not fit the certificate")
            return value

        return self._twice(work)

    def probe(self) -> None:
        """See Signer."""

        def work(opened: _Session) -> bytes:
            from pkcs11 import Attribute

            return bytes([opened.key[Attribute.KEY_TYPE].value & 0xFF])  # any question that needs session and login

        self._twice(work)

    def reopen(self) -> Signer:
        """See Signer."""
        self.close()
        return TokenKey.open(self.source)

    def facts(self) -> KeyFacts:
        """See Signer."""
        return facts_of(self.certificate, "pkcs11", self.token)

    def close(self) -> None:
        """See Signer. Logs out: other keys of the same token log in again when they are needed."""
        from pkcs11 import PKCS11Error

        with _LIBRARY:
            opened, self._open = self._open, None
            if opened is not None:
                try:
                    opened.session.close()
                except PKCS11Error:
                    return  # it was lost before

    def _twice(self, work: Any) -> bytes:
        """`work` in the open session, and once more in a new one where the first was lost."""
        from pkcs11 import PKCS11Error

        fault: Exception | None = None
        with _LIBRARY:
            for _ in range(2):
                try:
                    if self._open is None:
                        self._open = _log_in(self.source)
                    value: bytes = work(self._open)
                except PKCS11Error as error:
                    fault = _typed(error)
                    fault.__cause__ = error
                except (KeyLostError, WrongSignatureError) as error:
                    fault = error
                else:
                    return value
                self.close()
                if not isinstance(fault, KeyLostError | WrongSignatureError):
                    break
        assert fault is not None  # noqa: S101 - the loop ends by returning or with a fault
        raise fault


def _log_in(source: Pkcs11Key) -> _Session:
    from pkcs11 import Mechanism, PKCS11Error, UserAlreadyLoggedIn

    pin = source.pin.text()
    token = _token(source)
    if pin is not None:
        refuse_last_try(token.flags)
    try:
        session = token.open(user_pin=pin)
    except UserAlreadyLoggedIn:
        session = token.open()  # another key of this process has: the login is the token's, not the session's
    except PKCS11Error as error:
        refused = _typed(error)
        if isinstance(refused, KeySecretWrongError):
            source.pin.refuse()
        raise refused from error
    try:
        key = _private_key(source, session)
        known = token.slot.get_mechanisms()
    except (PKCS11Error, KeyUnavailableError):
        session.close()
        raise
    hashing = Mechanism.SHA256_RSA_PKCS if key.key_type.name == "RSA" else Mechanism.ECDSA_SHA256
    return _Session(session, key, raw=hashing not in known, pin_each_time=pin is not None and _always_asks(key))


def _always_asks(key: Any) -> bool:
    from pkcs11 import Attribute, PKCS11Error

    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except PKCS11Error:
        return False  # older libraries do not know the attribute


def refuse_last_try(flags: Any) -> None:
    """Raise KeySecretWrongError where the next wrong PIN would lock the token, or one has (`pkcs11.TokenFlag`)."""
    from pkcs11 import TokenFlag

    if flags & TokenFlag.USER_PIN_LOCKED:
        raise KeySecretWrongError("the token's PIN is locked")
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise KeySecretWrongError("one try is left before the token locks: log in once with the vendor's program")


def _token(source: Pkcs11Key) -> Any:
    """The token the options name; a library that does not see it is started anew once: it may have been plugged in."""
    import pkcs11

    if not source.module.is_file():
        raise KeyUnavailableError(f"{source.module.name}: no such PKCS#11 library")
    library = pkcs11.lib(str(source.module))
    for again in (False, True):
        if again:
            library.reinitialize()
        found = list(_matching(source, library.get_slots(token_present=True)))
        if len(found) > 1:
            raise KeyUnavailableError("several tokens fit: name one by label or serial number")
        if found:
            return found[0]
    wanted = source.token_label or source.token_serial or "any"
    raise KeyLostError(f"no token in place ({wanted})")


def _matching(source: Pkcs11Key, slots: Iterable[Any]) -> Iterable[Any]:
    from pkcs11 import PKCS11Error, TokenFlag

    for slot in slots:
        try:
            token = slot.get_token()
        except PKCS11Error:
            continue  # an empty or foreign slot
        if not token.flags & TokenFlag.TOKEN_INITIALIZED:
            continue
        if source.token_label is not None and token.label != source.token_label:
            continue
        if source.token_serial is not None and token.serial != source.token_serial.encode():
            continue
        yield token


def _private_key(source: Pkcs11Key, session: Any) -> Any:
    from pkcs11 import Attribute, ObjectClass

    wanted: dict[Any, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    if source.key_label is not None:
        wanted[Attribute.LABEL] = source.key_label
    if source.key_id is not None:
        wanted[Attribute.ID] = source.key_id
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        many = "several private keys fit" if found else "no such private key, or no PIN was given"
        raise KeyUnavailableError(f"{session.token.label}: {many}")
    if found[0].key_type.name not in {"RSA", "EC"}:
        raise KeyUnavailableError(f"{session.token.label}: neither an RSA nor an elliptic key")
    return found[0]


def _public_key(opened: _Session) -> PublicKey | None:
    from pkcs11 import Attribute, ObjectClass, PKCS11Error
    from pkcs11.util.ec import encode_ec_public_key

    key = opened.key
    try:
        if key.key_type.name == "RSA":
            modulus, exponent = (int.from_bytes(key[a]) for a in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT))
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        same = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key[Attribute.ID]}
        for public in list(opened.session.get_objects(same)):
            loaded = serialization.load_der_public_key(encode_ec_public_key(public))
            return loaded if isinstance(loaded, ec.EllipticCurvePublicKey) else None
    except (PKCS11Error, ValueError):
        return None  # not told: each signature is checked all the same
    return None


def _certificates(
    source: Pkcs11Key, opened: _Session, public: PublicKey | None
) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    """The signer's certificate, and the chain above it as far as it is in the token or the options' file."""
    from pkcs11 import Attribute, ObjectClass

    held = []
    for entry in list(opened.session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
        try:
            held.append(
                (entry[Attribute.ID], entry[Attribute.LABEL], x509.load_der_x509_certificate(entry[Attribute.VALUE]))
            )
        except ValueError:
            continue  # attribute certificates, and what vendors keep there
    if source.certificate is not None:
        own, *more = read_certificates(source.certificate)
    else:
        same = [c for number, _, c in held if number == opened.key[Attribute.ID]]
        same = same or [c for _, label, c in held if label and label == opened.key[Attribute.LABEL]]
        fitting = [c for c in same if public is None or c.public_key() == public] or same
        if not fitting:
            raise KeyUnavailableError(f"{opened.session.token.label}: no certificate for this key in the token")
        own, more = max(fitting, key=lambda c: c.not_valid_after_utc), []  # of renewed ones the last
    if source.chain is not None:
        more = [*more, *read_certificates(source.chain)]
    return own, _above(own, [*more, *(c for _, _, c in held)])


def _above(certificate: x509.Certificate, others: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    chain: list[x509.Certificate] = []
    last = certificate
    while last.issuer != last.subject:
        issuer = next((c for c in others if c.subject == last.issuer and c not in chain), None)
        if issuer is None:
            break
        chain.append(issuer)
        last = issuer
    return tuple(chain)


def _typed(error: Exception) -> KeyUnavailableError:
    name = type(error).__name__
    detail = f"{name}: {error}" if str(error) else name
    if name in _SECRET_FAULTS:
        return KeySecretWrongError(detail)
    if name in _LASTING_FAULTS:
        return KeyUnavailableError(detail)
    return KeyLostError(detail)


def _cms_signer(token: TokenKey) -> Any:
    from pyhanko.sign.signers.pdf_cms import Signer as PyhankoSigner

    class TokenSigner(PyhankoSigner):  # type: ignore[misc] # pyHanko is untyped here
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - the base class's signature
            return bytes(512) if dry_run else token.sign(data, digest_algorithm)

    return TokenSigner(signing_cert=to_asn1(token.certificate), cert_registry=registry(token.chain))
