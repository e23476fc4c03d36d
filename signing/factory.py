"""Builds a signer from its options. With no more than a folder it signs B-LTA with a development PKI, for real.

The kind of key is picked by the type of its options (`signing.keys`), timestamps by `tsa`: "development" for the
responder in this process, or URLs in the order in which they are asked. Opening the key happens here, once; what is
heavy is imported here, so that importing this module is not.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from signing.appearance import SealPicture
from signing.devpki import DevelopmentPki
from signing.fetching import HttpRevocation
from signing.keys import DevelopmentKey, KeySource, Signer, check_key, load_key
from signing.ocsp import OcspResponder
from signing.signer import Level, PdfSigner
from signing.timestamps import HttpAuthority, LocalAuthority, TimestampSource
from signing.trust import Trust, TrustShelf
from signing.tsa import TimestampAuthority

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from signing.evidence import RevocationSource


@dataclass(frozen=True, slots=True)
class SigningOptions:
    """What a signer is made from."""

    pki: Path
    """Folder of the development PKI (made on first use when the key or the authority is a development one)."""
    key: KeySource = field(default_factory=DevelopmentKey)
    level: Level = "B-LTA"
    tsa: Literal["development"] | tuple[str, ...] = "development"
    """"development", or URLs of RFC 3161 authorities, asked in this order."""
    tsa_timeout_s: float = 10.0
    roots: Path | None = None
    """Folder with trusted roots, intermediate certificates and revocation lists for a real key."""
    fetch: bool = False
    """Whether CRLs and OCSP answers may be fetched while signing."""
    keys: Mapping[str, KeySource] = field(default_factory=dict)
    """Keys of further signers by role, such as `leader`; opened when first asked for."""
    stamp_font: Path | None = None
    """TrueType or OpenType font for visible stamps; default: Noto Sans."""
    seal_image: Path | None = None
    """PNG or JPEG of the agency's seal for visible stamps; default: a drawn round seal."""


def build_signer(options: SigningOptions) -> PdfSigner:
    """Open the key and make the signer; raises KeyUnavailableError.

    A signer is worth keeping: it holds the key and the stamp font open.
    """
    from signing.stamp_font import StampFont

    # it warns of every signature made without fetching, which is how this house signs
    logging.getLogger("pyhanko").setLevel(logging.ERROR)
    development_tsa = options.tsa == "development"
    every_key = (options.key, *options.keys.values())
    uses_pki = development_tsa or any(isinstance(key, DevelopmentKey) for key in every_key)
    key = load_key(options.key, options.pki)
    check_key(key)
    sources: tuple[TimestampSource, ...]
    if options.tsa == "development":
        authority = TimestampAuthority(DevelopmentPki.ensure(options.pki).key("tsa"))
        sources = (LocalAuthority(authority),)
    else:
        sources = tuple(HttpAuthority(url, options.tsa_timeout_s) for url in options.tsa)
    trust = Trust(development=options.pki if uses_pki else None, roots=options.roots, fetch=options.fetch)
    seal = SealPicture(options.seal_image) if options.seal_image is not None else None
    if seal is not None:
        seal.check()
    revocation: list[RevocationSource] = []
    if uses_pki:
        revocation.append(OcspResponder(DevelopmentPki.ensure(options.pki)))
    if options.fetch:
        revocation.append(HttpRevocation(options.tsa_timeout_s))
    return PdfSigner(
        key,
        sources,
        TrustShelf(trust).at,
        options.level,
        StampFont(options.stamp_font),
        keys={role: _opened_once(source, options.pki) for role, source in options.keys.items()},
        revocation=tuple(revocation),
        seal=seal,
    )


def _opened_once(source: KeySource, pki: Path) -> Callable[[], Signer]:
    lock = threading.Lock()
    opened: list[Signer] = []

    def key() -> Signer:
        with lock:
            if not opened:
                opened.append(load_key(source, pki))
            return opened[0]

    return key
