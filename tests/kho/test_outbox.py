"""Events reach a real HTTP receiver: signed, at least once, in order; what is refused waits, then it is set aside."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from owners_samples import HERE, THERE, Clock, card, dossier, file_record, officer

from pipeline.composition import House, build_house
from pipeline.kho import shares
from pipeline.kho.outbox import RecipientsError, Relayed, load_recipients, relay
from pipeline.kho.settings import KhoSettings, OutboxSettings
from pipeline.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECRET = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
"""The example of Standard Webhooks."""


@dataclass
class Receiver:
    """What arrived, and how it answers."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: int = 204

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(state.answer)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        state.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        yield state
        server.shutdown()
        thread.join()


def settings(home: Path, *recipients: Mapping[str, object], attempts: int = 3) -> Settings:
    home.mkdir(parents=True, exist_ok=True)
    (home / "secret").write_text("whsec_" + base64.b64encode(SECRET).decode(), encoding="ascii")
    registry = home / "recipients.yaml"
    registry.write_text(
        yaml.safe_dump([{"secret_file": str(home / "secret"), **known} for known in recipients]), encoding="utf-8"
    )
    outbox = OutboxSettings(recipients_file=registry, attempts=attempts, first_wait_s=5, timeout_s=5)
    return Settings(home=home, cores=1, agency_code=HERE, kho=KhoSettings(outbox=outbox))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(tmp_path: Path, receiver: Receiver, clock: Clock) -> Iterator[House]:
    known = {"name": "one-gate", "url": receiver.url, "agencies": [HERE]}
    with build_house(settings(tmp_path / "home", known), clock) as built:
        yield built


def test_events_arrive_signed_in_order_and_once(house: House, receiver: Receiver, clock: Clock) -> None:
    file_record(house, dossier(1, card()))
    file_record(house, dossier(2, card(so_dinh_danh="001090009999"), agency=THERE))
    assert relay(house.tools) == Relayed(sent=2)
    assert relay(house.tools) == Relayed()
    assert receiver.types() == ["dossier.filed", "paper.version"], "another agency's are not for it"
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - clock.now.timestamp()) < 2
    said = b"".join(body for _, body in receiver.got).decode()
    for secret in ("001090004567", "NGUYỄN", "Nguyen", "1990"):
        assert secret not in said


def test_what_is_refused_is_tried_less_and_less_often_then_set_aside_then_put_back(
    house: House, receiver: Receiver, clock: Clock
) -> None:
    file_record(house, dossier(1))
    receiver.answer = 503
    outbox = house.catalogue.outbox()
    assert relay(house.tools) == Relayed(failed=1)
    assert relay(house.tools) == Relayed(), "not at once"
    clock.now += timedelta(seconds=6)
    assert relay(house.tools) == Relayed(failed=1)
    clock.now += timedelta(seconds=6)
    assert relay(house.tools) == Relayed(), "twice as long"
    clock.now += timedelta(seconds=5)
    assert relay(house.tools) == Relayed(dead=1)
    (dead,) = outbox.dead()
    assert (dead.recipient, dead.type, dead.attempts, dead.reason) == ("one-gate", "dossier.filed", 3, "HTTP 503")
    receiver.answer = 200
    assert outbox.retry(dead.event_id) == 1
    assert relay(house.tools) == Relayed(sent=1)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1, "the same event at every attempt"
    assert len({body for _, body in receiver.got}) == 1
    assert outbox.counts() == {"sent": 1}


def test_nobody_listening_is_a_failure_that_waits(tmp_path: Path, clock: Clock) -> None:
    known = {"name": "gone", "url": "http://127.0.0.1:9/hook", "agencies": [HERE]}
    with build_house(settings(tmp_path / "home", known, attempts=1), clock) as house:
        file_record(house, dossier(1))
        assert relay(house.tools) == Relayed(dead=1)
        assert house.catalogue.outbox().dead()[0].reason == "ConnectError"


def test_a_revoked_share_is_told_to_both_agencies(tmp_path: Path, receiver: Receiver, clock: Clock) -> None:
    there = {"name": "there", "url": receiver.url, "agencies": [THERE], "types": ["share.granted", "share.revoked"]}
    with build_house(settings(tmp_path / "home", there), clock) as house:
        dossier_id = file_record(house, dossier(1, card()))
        (row,) = house.catalogue.owners().papers_of_dossier(dossier_id)
        asked = shares.ShareRequest(
            recipient=THERE, purpose="1.000894", until=clock.now + timedelta(days=1), consent="vneid", evidence="sổ 1"
        )
        given = shares.share(house.tools, officer(), row["owner_id"], asked)
        shares.revoke(house.tools, officer(), given["id"])
        assert relay(house.tools) == Relayed(sent=2)
        assert receiver.types() == ["share.granted", "share.revoked"]
        assert house.catalogue.outbox().resend(clock.now - timedelta(days=1), lambda _kind, _agencies: ["there"]) == 4


def test_wrong_settings_stop_the_relay_and_nobody_else(house: House, receiver: Receiver, tmp_path: Path) -> None:
    registry = tmp_path / "home" / "recipients.yaml"
    good = registry.read_text(encoding="utf-8")
    registry.write_text("- {name: X}", encoding="utf-8")
    file_record(house, dossier(1))
    with pytest.raises(RecipientsError):
        relay(house.tools)
    registry.write_text(good + good, encoding="utf-8")
    with pytest.raises(RecipientsError, match="one name"):
        load_recipients(house.settings.kho.outbox)
    registry.write_text(good, encoding="utf-8")
    assert relay(house.tools) == Relayed(sent=1)
    assert receiver.types() == ["dossier.filed"]


def test_killed_between_sending_and_marking_it_is_sent_again(
    house: House, receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    """A relay in a process of its own dies by SIGKILL when its recipient has the event and nobody marked it."""
    file_record(house, dossier(1))
    program = textwrap.dedent(
        """
        import os, signal, sys
        from datetime import datetime, timezone
        from pathlib import Path
        from pipeline.catalogue.outbox_door import OutboxDoor
        from pipeline.composition import build_house
        from pipeline.kho.outbox import relay
        from pipeline.kho.settings import KhoSettings, OutboxSettings
        from pipeline.settings import Settings

        home, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
        outbox = OutboxSettings(recipients_file=home / "recipients.yaml")
        OutboxDoor.sent = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        settings = Settings(home=home, cores=1, agency_code=sys.argv[3], kho=KhoSettings(outbox=outbox))
        with build_house(settings, lambda: now) as house:
            relay(house.tools)
        """
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "home"), clock.now.isoformat(), HERE]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    killed = subprocess.run(arguments, check=False, capture_output=True, env=environment, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert receiver.types() == ["dossier.filed"]
    assert relay(house.tools) == Relayed(), "somebody has it, as far as anybody knows"
    clock.now += timedelta(seconds=61)
    assert relay(house.tools) == Relayed(sent=1)
    assert receiver.types() == ["dossier.filed"] * 2
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
