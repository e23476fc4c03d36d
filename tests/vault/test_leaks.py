"""A generated dossier of known people goes through the whole product; then everything that was written is searched.

The files are even named after a person and a number. What may be plain: the result that the operator asked `hoso
digitize` for. Everything else is searched: keys and bytes of the store, catalogue, key ring, Prefect's database, logs
with the addresses that were asked for, figures, temporary folders, the home of the user. A planted leak must be found.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from leak_scan import Scanner, people

SAMPLES = Path(__file__).parents[2] / "samples"
NAME, NUMBER = "NGUYỄN THỊ NHUNG", "020303421099"


@pytest.mark.parametrize(
    "leak",
    [
        "Nguyễn Thị Nhung".encode(),
        b"so=020303421099&x",
        "NGUYỄN THỊ NHUNG".encode("utf-16-le"),
        json.dumps({"ten": NAME}).encode(),
        json.dumps({"record": json.dumps({"ten": NAME})}).encode(),
        b"GET /?q=Nguy%E1%BB%85n%20Th%E1%BB%8B%20Nhung",
        b"nguyen-thi-nhung.pdf",
        base64.b64encode(b"x" + f"Ho ten {NAME} {NUMBER}".encode()),
        gzip.compress(f"Ho ten {NAME}".encode()),
        zlib.compress(NUMBER.encode()),
    ],
    ids=range(10),
)
def test_a_planted_leak_is_found(tmp_path: Path, leak: bytes) -> None:
    scanner = Scanner([NAME, NUMBER])
    (tmp_path / "some.log").write_bytes(leak if leak[:1] in {b"\x1f", b"\x78"} else b"before " + leak + b" behind")
    assert scanner.folder(tmp_path)
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE t (a, b)")
        connection.execute("INSERT INTO t VALUES (1, ?)", (leak,))
        connection.commit()
    (tmp_path / "some.log").unlink()
    assert scanner.folder(tmp_path)
    (tmp_path / "x.db").unlink()
    (tmp_path / "Nguyễn Thị Nhung").mkdir()
    assert scanner.folder(tmp_path)
    assert not scanner.folder(tmp_path, meant=[tmp_path / "Nguyễn Thị Nhung"])


class House:
    """The product on a machine of its own, as far as folders go."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("home", "tmp", "user", "in"):
            (root / name).mkdir()
        self.env = os.environ | {
            "HOSO_HOME": str(root / "home"),
            "TMPDIR": str(root / "tmp"),
            "HOME": str(root / "user"),
            "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
        }

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *words], env=self.env, capture_output=True, text=True, check=False
        )
        with (self.root / "said.log").open("a") as said:
            said.write(f"{' '.join(words[:1])}\n{done.stderr}\n")
        return done.stdout

    def up(self) -> tuple[subprocess.Popen[bytes], str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "api.cli", "up", "--port", str(port)]
        with (self.root / "up.log").open("ab") as said:
            return subprocess.Popen(command, env=self.env, stdout=said, stderr=said), f"http://127.0.0.1:{port}"


def await_answer(client: httpx.Client) -> None:
    for _ in range(120):
        try:
            client.get("/api/v1/health/live")
        except httpx.TransportError:
            time.sleep(0.5)
        else:
            return


def settled(client: httpx.Client, dossier: str) -> dict[str, Any]:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        found: dict[str, Any] = client.get(f"/api/v1/dossiers/{dossier}").json()
        if found["status"] not in {"received", "processing"}:
            return found
        time.sleep(0.5)
    raise AssertionError(found["status"])


def ask_everything(client: httpx.Client, dossier: str, number: str) -> set[str]:
    """Every address that needs nothing but the dossier, and those that take what a person types; what was answered."""
    said = set()
    for path, verbs in client.get("/api/v1/openapi.json").json()["paths"].items():
        if "get" in verbs and path.count("{") == path.count("{dossier_id}") and not path.endswith(("/live", "/events")):
            answer = client.get(path.replace("{dossier_id}", dossier))
            said.add(f"{answer.status_code} {path}")
    for page in (1, 2):
        client.get(f"/api/v1/dossiers/{dossier}/pages/{page}/image")
    client.post(f"/api/v1/dossiers/{dossier}/slips", json={"kind": "receipt"})
    client.post("/api/v1/kho/search", json={"text": NAME})
    client.post("/api/v1/owners/search", json={"number": number, "name": NAME})
    return said


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_personal_lies_open(tmp_path: Path) -> None:
    house = House(tmp_path)
    people_there = people(SAMPLES / "birth_registration.truth.json")
    assert {NAME, NUMBER} <= set(people_there)
    folder = house.root / "in" / f"{NAME} {NUMBER}"
    folder.mkdir()
    for number, path in enumerate(sorted((SAMPLES / "birth_registration").iterdir())):
        shutil.copy(path, folder / f"{number} {NAME} {NUMBER}{path.suffix}")

    filed = json.loads(house.run("digitize", str(folder), "--procedure", "1.001193", "--json"))
    assert NUMBER in json.dumps(filed), "what the operator asked for has the number"
    rights = ("dossier.receive", "dossier.read", "dossier.decide", "kho.search", "ledger.read", "system.operate")
    key = json.loads(
        house.run("access", "key", "add", "máy thử", *(w for one in rights for w in ("--right", one)), "--json")
    )["key"]
    server, url = house.up()
    try:
        with httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
        ) as client:
            await_answer(client)
            draft = client.post("/api/v1/dossiers").json()["id"]
            letter = next((SAMPLES / "letter").iterdir())
            client.put(
                f"/api/v1/dossiers/{draft}/files",
                params={"name": f"đơn{letter.suffix}"},
                content=letter.read_bytes(),
            )
            started = client.post(f"/api/v1/dossiers/{draft}/start").json()["id"]
            settled(client, started)
            document = next(iter(filed["documents"]))
            answer = {"kind": "value", "document": document["id"], "key": "nyc_ho_ten", "value": NAME, "who": "cán bộ"}
            decided = client.post(f"/api/v1/dossiers/{filed['id']}/decisions", json={"decisions": [answer]})
            assert decided.status_code < 500
            settled(client, filed["id"])
            said = ask_everything(client, filed["id"], NUMBER)
            figures = client.get("/metrics").text
            (house.root / "metrics.txt").write_text(figures)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    house.run("kho", "backup", str(house.root / "backup"), "--json")
    house.run("ledger", "export", str(house.root / "ledger.jsonl"))
    house.run("vault", "status", "--json")

    shutil.rmtree(house.root / "in")
    leaks = Scanner(people_there).folder(house.root, meant=[house.root / "home" / "out"])
    assert not leaks, "\n".join(sorted({f"{leak.form} {leak.where}" for leak in leaks}))
    assert any(line.startswith("200") for line in said)
    assert (house.root / "backup").is_dir()
    assert "hoso_" in figures
    left = [path for path in (house.root / "home" / "work").rglob("*") if path.is_file() and path.name != "draft.json"]
    assert left == [], "no scratch is left"
    assert list((house.root / "tmp").rglob("*")) == []
