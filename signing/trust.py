"""Whom a verifier believes: root certificates, and the revocation lists at hand.

Trust anchors are the development PKI's root (when that PKI is named) and the self-signed certificates of a folder;
other certificates there help to build chains. Revocation lists come from the same places and from the document:
nothing is fetched unless `fetch` says so. A list that has ended is no proof of today's state, so the development
PKI's lists are renewed here when this machine holds its CA keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from signing.devpki import DevelopmentPki
from signing.errors import KeyUnavailableError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_CERTIFICATE_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".der"})
_DEVELOPMENT_FILES: Final = ("root.crt", "issuing.crt", "root.crl", "issuing.crl")
_REFRESHED_EVERY: Final = timedelta(minutes=1)
_CRL_SUFFIXES: Final = frozenset({".crl"})


@dataclass(frozen=True, slots=True)
class Trust:
    """Paths and policy; `load` reads them."""

    development: Path | None = None
    """Folder of the development PKI."""
    roots: Path | None = None
    """Folder with certificates (.pem, .crt, .cer, .der) and revocation lists (.crl)."""
    revocation_max_age_days: int | None = None
    """How old revocation data may be; None: until its own nextUpdate (RFC 5280), the strict reading."""
    fetch: bool = False
    """Whether CRLs, OCSP answers and missing certificates may be fetched from URLs in the certificates."""


@dataclass(frozen=True, slots=True)
class TrustMaterial:
    """asn1crypto certificates, DER lists."""

    roots: tuple[Any, ...]
    intermediates: tuple[Any, ...]
    crls: tuple[bytes, ...]
    revocation_max_age_days: int | None
    fetch: bool


def refresh(trust: Trust, now: datetime) -> None:
    """Renew the development PKI's revocation lists where its keys are here; elsewhere nothing happens."""
    if trust.development is None or not (trust.development / "root.key").exists():
        return
    try:
        DevelopmentPki.ensure(trust.development, now=now)
    except (OSError, KeyUnavailableError):
        return  # a read-only or foreign copy: its lists are used as they are


def load(trust: Trust) -> TrustMaterial:
    """Read everything `trust` names. Files that are no certificate or list are passed over."""
    roots: list[Any] = []
    others: list[Any] = []
    crls: list[bytes] = []
    if trust.development is not None:
        _read_folder(trust.development, _DEVELOPMENT_FILES, roots, others, crls)
    if trust.roots is not None and trust.roots.is_dir():
        names = tuple(sorted(path.name for path in trust.roots.iterdir() if path.is_file()))
        _read_folder(trust.roots, names, roots, others, crls)
    return TrustMaterial(tuple(roots), tuple(others), tuple(crls), trust.revocation_max_age_days, trust.fetch)


class TrustShelf:
    """What `trust` names, read again only when a file has changed: a batch asks for it with every document.

    May be shared by threads.
    """

    def __init__(self, trust: Trust) -> None:
        self._trust = trust
        self._state: tuple[tuple[str, int, int], ...] = ()
        self._material: TrustMaterial | None = None
        self._refreshed: datetime | None = None

    def at(self, now: datetime) -> TrustMaterial:
        """The material as of `now` (aware)."""
        if self._refreshed is None or abs(now - self._refreshed) > _REFRESHED_EVERY:
            refresh(self._trust, now)
            self._refreshed = now
        state = self._files()
        if self._material is None or state != self._state:
            self._material, self._state = load(self._trust), state
        return self._material

    def _files(self) -> tuple[tuple[str, int, int], ...]:
        """Name, time and size of every file that counts."""
        found = []
        if self._trust.development is not None:
            found += [self._trust.development / name for name in _DEVELOPMENT_FILES]
        if self._trust.roots is not None and self._trust.roots.is_dir():
            suffixes = _CERTIFICATE_SUFFIXES | _CRL_SUFFIXES
            found += sorted(path for path in self._trust.roots.iterdir() if path.suffix.lower() in suffixes)
        facts = [(str(path), path.stat()) for path in found if path.is_file()]
        return tuple((name, fact.st_mtime_ns, fact.st_size) for name, fact in facts)


def _read_folder(folder: Path, names: tuple[str, ...], roots: list[Any], others: list[Any], crls: list[bytes]) -> None:
    for name in names:
        path = folder / name
        suffix = path.suffix.lower()
        if not path.is_file():
            continue
        if suffix in _CERTIFICATE_SUFFIXES:
            for certificate in _certificates(path.read_bytes()):
                (roots if certificate.self_signed in {"yes", "maybe"} else others).append(certificate)
        elif suffix in _CRL_SUFFIXES:
            crls.append(_unarmoured(path.read_bytes()))


def _certificates(data: bytes) -> list[Any]:
    from asn1crypto import pem, x509

    if not pem.detect(data):
        blocks = [data]
    else:
        blocks = [der for kind, _, der in pem.unarmor(data, multiple=True) if kind == "CERTIFICATE"]
    found = []
    for block in blocks:
        try:
            certificate = x509.Certificate.load(block, strict=True)
            certificate.subject.native  # noqa: B018 - parses lazily: broken ones must fail here
        except (ValueError, TypeError):
            continue
        found.append(certificate)
    return found


def _unarmoured(data: bytes) -> bytes:
    from asn1crypto import pem

    if not pem.detect(data):
        return data
    der: bytes = pem.unarmor(data)[2]
    return der
