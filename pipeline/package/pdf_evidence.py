"""Certificates and revocation data that a PDF carries in its document security store (ETSI EN 319 142-1, 5.4.2).

They are evidence, not authority: a revocation list is believed only where its issuer is. A store that is missing or
broken gives none, and what is read is bounded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from signing.certificate_trust import Evidence

_MOST = 100
_MAX_BYTES = 8 << 20


def evidence_of(pdf: Path) -> Evidence:
    """What the store of this PDF holds."""
    import pikepdf

    from signing.certificate_trust import Evidence

    try:
        with pikepdf.open(pdf) as document:
            store = document.Root.get("/DSS")
            if store is None:
                return Evidence()
            crls, ocsps = _streams(store, "/CRLs"), _streams(store, "/OCSPs")
            return Evidence(_certificates(_streams(store, "/Certs")), crls, ocsps)
    except Exception:  # a hostile or broken file has no evidence; its own verdict says what is wrong with it
        return Evidence()


def _streams(store: Any, name: str) -> tuple[bytes, ...]:
    found: list[bytes] = []
    for stream in list(store.get(name, ()))[:_MOST]:
        data = bytes(stream.read_bytes())
        if len(data) <= _MAX_BYTES:
            found.append(data)
    return tuple(found)


def _certificates(entries: tuple[bytes, ...]) -> tuple[Any, ...]:
    from asn1crypto import x509

    found = []
    for data in entries:
        certificate = x509.Certificate.load(data, strict=True)
        _ = certificate.subject.native
        found.append(certificate)
    return tuple(found)
