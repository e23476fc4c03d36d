"""One signing job: from a prepared PDF through its states to the last revision, from wherever it was left.

Every signature is made (`hash_sent`, `signed`) and timestamped in its turn, on top of the one before; then one set of
validation data and one document timestamp serve them all. Each step is kept in the journal before the next begins,
and what is kept is taken, never made anew: a key is asked again only for the very bytes it was asked for before, and
a timestamp that could not be had is added to the signature that exists. Every signature field, visible ones with
their place, belongs to the first signature's revision.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.hashes import SHA256

from signing import containers
from signing.certificates import to_asn1
from signing.errors import (
    CertificateRefusedError,
    PdfNotSignableError,
    RevocationUnavailableError,
    SessionFinishedError,
)
from signing.evidence import CertificateRevokedError, Evidence
from signing.handed_in import container_from
from signing.increments import DIGEST, Claim, FieldPlan, OpenFile, digest_of
from signing.keys import check_key
from signing.self_check import Made
from signing.states import Archived, HashSent, Plan, Signed, SigningStateError, State

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from signing.keys import Signer
    from signing.signer import PdfSigner, SignRequest
    from signing.stamp import Stamp
    from signing.states import Journal
    from signing.timestamps import Stamped
    from signing.trust import TrustMaterial

_LEAST_TOKEN_ROOM = 8192
"""Bytes: room cannot be added to a signature that exists, and its timestamp may come from another authority."""


class SigningJob:
    """The way of one file. `run` may be called again with the same journal, in any process, until it comes through."""

    def __init__(
        self,
        signer: PdfSigner,
        pdf: bytes,
        requests: Sequence[SignRequest],
        journal: Journal,
        on_state: Callable[[State, int], None],
    ) -> None:
        self._signer = signer
        self._pdf = pdf
        self._requests = requests
        self._journal = journal
        self._on_state = on_state
        self._now: datetime = signer.clock()
        self._material: TrustMaterial = signer.material(self._now)
        self._stamps: list[Stamp | None] | None = None
        self.plan = Plan(())
        self.made: list[Made] = []
        """The signatures, once `run` is through."""

    async def run(self) -> bytes:
        """The signed file; raises a SigningError. `plan` then names its signature fields."""
        self.plan = self._planned()
        data = self._pdf
        signatures: list[bytes] = []
        for index in range(len(self.plan.fields)):
            sent, signed = await self._signed(index, data)
            if self._signer.level != "B-B":
                signed = await self._timestamped(index, signed)
            signatures.append(signed.container)
            self.made.append(Made(self.plan.fields[index].name, signed.certificate))
            data += sent.placeholder.filled(signed.container)
        return data if self._signer.level in {"B-B", "B-T"} else await self._archived(data, signatures)

    def waiting(self) -> tuple[int, Signer, HashSent] | None:
        """The signature that is waited for: its number, its key, what the key has to sign; None where no hash is out.

        Raises SessionFinishedError where all signatures have come.
        """
        self.plan = self._planned()
        for index, request in enumerate(self._requests):
            if self._journal.get(f"signed:{index}") is None:
                key = self._signer.key_of(request.role)
                record = self._journal.get(_hash_step(index, key))
                return (index, key, HashSent.decoded(record)) if record is not None else None
        raise SessionFinishedError("all signatures of this file have come")

    def hand_in(self, value: bytes) -> None:
        """Keep a signature that was made elsewhere for the hash that is out (raw or a whole CMS object).

        Raises what `handed_in.container_from` raises, SessionFinishedError where nothing is waited for any more, and
        SigningStateError where no hash is out yet.
        """
        out = self.waiting()
        if out is None:
            raise SigningStateError("no hash is out for this file")
        index, key, sent = out
        container = container_from(key, sent, value)
        self._journal.put(f"signed:{index}", Signed(container, _fingerprint(key)).encoded())
        self._on_state(State.SIGNED, index)

    # Fields

    def _planned(self) -> Plan:
        kept = self._journal.get("plan")
        if kept is None:
            file = OpenFile(self._pdf)
            names: list[str] = []
            for _ in self._requests:
                names.append(file.unused("HSS-Signature", names))
            boxes = [stamp.box if stamp else None for stamp in self._all_stamps()]
            plan = Plan(tuple(FieldPlan(name, box) for name, box in zip(names, boxes, strict=True)))
            kept = self._journal.put("plan", plan.encoded())
        plan = Plan.decoded(kept)
        if len(plan.fields) != len(self._requests):
            raise SigningStateError(f"{len(plan.fields)} signatures were begun, {len(self._requests)} are asked for")
        return plan

    def _all_stamps(self) -> list[Stamp | None]:
        """Made from the prepared file alone, so that they come out alike after a crash."""
        from signing.stamp import build_stamp

        if self._stamps is None:
            self._stamps = []
            for request in self._requests:
                taken = [stamp.box for stamp in self._stamps if stamp is not None]
                seen = request.appearance != "invisible"
                development = self._signer.is_development(self._signer.key_of(request.role))
                self._stamps.append(
                    build_stamp(
                        self._pdf,
                        request,
                        self._signer.font,
                        development=development,
                        taken=taken,
                        seal=self._signer.seal,
                    )
                    if seen
                    else None
                )
        return self._stamps

    # Signatures

    async def _signed(self, index: int, data: bytes) -> tuple[HashSent, Signed]:
        kept = self._journal.get(f"signed:{index}")
        if kept is None:
            key = self._signer.key_of(self._requests[index].role)
            check_key(key, self._now)
            await self._check_certificate(key)
            sent = await self._hash_sent(index, data, key)
            container = await containers.signed_container(key, sent.attributes)
            kept = self._journal.put(f"signed:{index}", Signed(container, _fingerprint(key)).encoded())
            self._on_state(State.SIGNED, index)
        signed = Signed.decoded(kept)
        record = self._journal.get(f"hash_sent:{index}:{signed.certificate[:16]}")
        if record is None:
            raise SigningStateError("a signature without the bytes it is for")
        return HashSent.decoded(record), signed

    async def _check_certificate(self, key: Signer) -> None:
        """A revoked certificate never signs; a chain without proof is an obstacle only where it goes into the file."""
        chain = [to_asn1(c) for c in key.chain]
        try:
            await self._signer.evidence.of(to_asn1(key.certificate), chain, self._material, self._now)
        except (CertificateRefusedError, RevocationUnavailableError) as error:
            if self._signer.long_term or isinstance(error, CertificateRevokedError):
                raise

    async def _hash_sent(self, index: int, data: bytes, key: Signer) -> HashSent:
        step = _hash_step(index, key)
        kept = self._journal.get(step)
        if kept is not None:
            sent = HashSent.decoded(kept)
            if digest_of(data, sent.placeholder) != sent.placeholder.digest:
                raise SigningStateError("the kept hash is of another file")
            return sent
        request, plan = self._requests[index], self.plan.fields[index]
        stamp = self._all_stamps()[index]
        room = containers.size_without_timestamp(key.certificate, key.chain)
        if self._signer.level != "B-B":
            room += max(self._signer.authorities.largest_token(), _LEAST_TOKEN_ROOM)
        placeholder = OpenFile(data).signature(
            plan.name,
            self.plan.fields,
            Claim(request.reason, request.location, request.signed_at),
            style=stamp.style if stamp is not None else None,
            room=room,
        )
        attributes = await containers.signed_attributes(
            key, placeholder.digest, request.signed_at, self._signer.templates
        )
        made = HashSent(placeholder, attributes)
        sent = HashSent.decoded(self._journal.put(step, made.encoded()))
        self._on_state(State.HASH_SENT, index)
        return sent

    async def _timestamped(self, index: int, signed: Signed) -> Signed:
        step = f"timestamped:{index}"
        kept = self._journal.get(step)
        if kept is None:
            stamped = await self._token(containers.imprint_of(signed.container))
            made = Signed(containers.with_timestamp(signed.container, stamped.token.dump()), signed.certificate)
            kept = self._journal.put(step, made.encoded())
            self._on_state(State.TIMESTAMPED, index)
        return Signed.decoded(kept)

    # Archive

    async def _archived(self, data: bytes, signatures: list[bytes]) -> bytes:
        kept = self._journal.get("lta")
        if kept is not None:
            archived = Archived.decoded(kept)
            return data + archived.data + archived.timestamp
        pairs = [pair for container in signatures for pair in containers.certificates_of(container)]
        pairs += self._earlier_timestamps()
        for _ in range(len(self._signer.sources) + 1):
            lasting = await self._with_data(data, pairs)
            if self._signer.level == "B-LT":
                return data + lasting
            timestamp, stamped = await self._document_timestamp(data + lasting)
            if any(stamped.certificate.sha256 == known.sha256 for known, _ in pairs):
                archived = Archived(lasting, timestamp)
                archived = Archived.decoded(self._journal.put("lta", archived.encoded()))
                self._on_state(State.LTA, 0)
                return data + archived.data + archived.timestamp
            # another authority than the one that timestamped the signatures: its chain has to be covered too
            pairs.append((stamped.certificate, list(stamped.others)))
        raise PdfNotSignableError("the timestamp authorities change faster than their chains can be kept")

    async def _with_data(self, data: bytes, pairs: list[tuple[Any, list[Any]]]) -> bytes:
        """The revision with all validation data of `pairs`, (certificate, others that help)."""
        step = "lt:" + hashlib.sha256(b"".join(sorted({c.sha256 for c, _ in pairs}))).hexdigest()[:16]
        kept = self._journal.get(step)
        if kept is None:
            evidence = Evidence()
            for certificate, others in pairs:
                evidence += await self._evidence(certificate, others)
            revision = OpenFile(data).validation_data(*evidence.parsed())
            kept = self._journal.put(step, Archived(revision).encoded())
            self._on_state(State.LT, 0)
        return Archived.decoded(kept).data

    async def _document_timestamp(self, data: bytes) -> tuple[bytes, Stamped]:
        room = self._signer.authorities.largest_token()
        placeholder = OpenFile(data).document_timestamp(room=room)
        stamped = await self._token(placeholder.digest)
        size = len(stamped.token.dump())
        if size > room:  # nothing is lost: a timestamp is no signature, and can be asked for again
            placeholder = OpenFile(data).document_timestamp(room=2 * size)
            stamped = await self._token(placeholder.digest)
        return placeholder.filled(stamped.token.dump()), stamped

    def _earlier_timestamps(self) -> list[tuple[Any, list[Any]]]:
        """The last document timestamp of the prepared file: its chain must go on without a gap."""
        from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

        if b"/DocTimeStamp" not in self._pdf:
            return []
        stamps = OpenFile(self._pdf).writer.prev.embedded_timestamp_signatures
        if not stamps:
            return []
        found = extract_certs_for_validation(stamps[-1].signed_data)
        return [(found.signer_cert, list(found.other_certs))]

    async def _token(self, digest: bytes) -> Stamped:
        async def accept(stamped: Stamped) -> None:
            await self._evidence(stamped.certificate, list(stamped.others))

        return await self._signer.authorities.token(digest, DIGEST, accept)

    async def _evidence(self, certificate: Any, others: list[Any]) -> Evidence:
        return await self._signer.evidence.of(
            certificate, others, self._material, self._now, revocation=self._signer.long_term
        )


def _fingerprint(key: Signer) -> str:
    return key.certificate.fingerprint(SHA256()).hex()


def _hash_step(index: int, key: Signer) -> str:
    """A renewed certificate means another hash: the certificate is among what is signed."""
    return f"hash_sent:{index}:{_fingerprint(key)[:16]}"
