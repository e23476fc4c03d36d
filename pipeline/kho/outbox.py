"""Tells downstream systems what happened: webhooks, at least once, signed so that nobody else can tell them anything.

The form is Standard Webhooks (standardwebhooks.com): headers `webhook-id` (the event's, the same at every attempt),
`webhook-timestamp` (seconds) and `webhook-signature` (`v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`).
The body has ids, types and codes; whoever may know more asks the API with a key of its own. A recipient answers 2xx
within the time limit or is tried again, less and less often, and at last set aside with the reason.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import yaml
from pydantic import TypeAdapter, ValidationError

from pipeline.errors import Exit, HosoError
from pipeline.kho.settings import OutboxSettings, Recipient
from pipeline.record import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipeline.catalogue.outbox_door import Delivery
    from pipeline.settings import Settings
    from pipeline.tools import Tools

_LIST = TypeAdapter(list[Recipient])
_SECRET = range(24, 65)
"""Bytes, as Standard Webhooks asks."""


class RecipientsError(HosoError):
    """The list of recipients, or a secret that it names, cannot be used."""

    code = "outbox_recipients_invalid"
    exit_code = Exit.REFUSED
    message_vi = "Danh sách hệ thống nhận thông báo không dùng được."
    remedy_vi = "Hãy sửa tệp danh sách (HOSO_KHO__OUTBOX__RECIPIENTS_FILE) và tệp khóa bí mật mà nó nêu."


class Relayed(Model):
    """What one round of the relay did."""

    sent: int = 0
    failed: int = 0
    """To be tried again."""
    dead: int = 0
    """Given up."""


def load_recipients(settings: OutboxSettings) -> tuple[Recipient, ...]:
    """The registry; empty where none is set. Raises `RecipientsError`."""
    if settings.recipients_file is None:
        return ()
    try:
        found = _LIST.validate_python(yaml.safe_load(settings.recipients_file.read_text(encoding="utf-8")) or [])
    except (OSError, yaml.YAMLError) as error:
        raise RecipientsError(settings.recipients_file.name, type(error).__name__) from None
    except ValidationError as error:
        places = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['type']}" for e in error.errors(include_input=False))
        raise RecipientsError(settings.recipients_file.name, places) from None
    if len({recipient.name for recipient in found}) != len(found):
        raise RecipientsError(settings.recipients_file.name, "two recipients of one name")
    return tuple(found)


def recipients_of(settings: Settings) -> Callable[[str, Sequence[str]], Sequence[str]]:
    """Who gets an event of a type that concerns these agencies. Raises `RecipientsError`."""
    registry = load_recipients(settings.kho.outbox)

    def chosen(kind: str, agencies: Sequence[str]) -> Sequence[str]:
        return [r.name for r in registry if any(r.wants(kind, agency) for agency in agencies)]

    return chosen


def secret_of(recipient: Recipient) -> bytes:
    """The shared secret. Raises `RecipientsError`, which does not repeat it."""
    try:
        text = recipient.secret_file.read_text(encoding="ascii").strip().removeprefix("whsec_")
        secret = base64.b64decode(text, validate=True)
    except (OSError, UnicodeError, binascii.Error) as error:
        raise RecipientsError(recipient.secret_file.name, type(error).__name__) from None
    if len(secret) not in _SECRET:
        raise RecipientsError(recipient.secret_file.name, f"{len(secret)} bytes")
    return secret


def signature(secret: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode("ascii")


def body_of(delivery: Delivery) -> bytes:
    """The event as it is sent: the same bytes at every attempt."""
    event = {
        "type": delivery.type,
        "timestamp": delivery.at.isoformat().replace("+00:00", "Z"),
        "agency": delivery.agency,
        "data": dict(delivery.data),
    }
    return json.dumps(event, sort_keys=True, separators=(",", ":")).encode()


def relay(tools: Tools, limit: int = 20, post: Callable[[Recipient, Delivery, int], str] | None = None) -> Relayed:
    """Addresses what is new, sends what is due, oldest first, and marks it; to be called again and again.

    Raises `RecipientsError`; then nothing is lost: events stay new until the registry is right.
    `post` sends one delivery at a timestamp and returns why it failed, or nothing; the default is HTTP.
    """
    settings = tools.settings.kho.outbox
    registry = {recipient.name: recipient for recipient in load_recipients(settings)}
    outbox, send = tools.catalogue.outbox(), post or _poster(settings)
    outbox.address(recipients_of(tools.settings))
    sent = failed = dead = 0
    # One at a time: a lease must outlast its sending, whatever many others take.
    for _ in range(limit):
        taken = outbox.lease(tuple(registry), timedelta(seconds=settings.lease_s), 1)
        if not taken:
            break
        delivery = taken[0]
        reason = send(registry[delivery.recipient], delivery, int(tools.clock().timestamp()))
        if not reason:
            sent += outbox.sent(delivery)
            continue
        last = delivery.attempts + 1 >= settings.attempts
        outbox.failed(delivery, reason, None if last else _wait(settings, delivery.attempts))
        dead += last
        failed += not last
    return Relayed(sent=sent, failed=failed, dead=dead)


def _wait(settings: OutboxSettings, attempts: int) -> timedelta:
    return timedelta(seconds=min(settings.first_wait_s * 2 ** min(attempts, 32), settings.longest_wait_s))


def _poster(settings: OutboxSettings) -> Callable[[Recipient, Delivery, int], str]:
    def post(recipient: Recipient, delivery: Delivery, timestamp: int) -> str:
        import httpx

        body = body_of(delivery)
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(secret_of(recipient), delivery.event_id, timestamp, body),
        }
        try:
            answer = httpx.post(recipient.url, content=body, headers=headers, timeout=settings.timeout_s)
        except httpx.HTTPError as error:
            return type(error).__name__
        return "" if answer.is_success else f"HTTP {answer.status_code}"

    return post
