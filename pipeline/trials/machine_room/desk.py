"""A clerk's computer: hands in dossiers over the HTTP API and answers what is asked, whatever happens to the server.

What the server acknowledged is written down here with its SHA-256, and nothing else is: at the end the kho is held to
that list. A request that failed is made again as an honest client makes it, looking first whether it went through.
Every answer is counted by its status, so that a trial can say which errors people would have seen.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx

from pipeline.catalogue.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pipeline.trials.machine_room.pages import Papers

API: Final = "/api/v1"
WHO: Final = "Máy thử"
MOST_PAUSE: Final = 5.0
HONEST: Final = frozenset({429, 503})
"""Statuses by which a server says that it cannot just now."""


class GaveUpError(RuntimeError):
    """The time of the trial is over, or it was stopped, before the server took something."""


class RefusedError(RuntimeError):
    """The server said no to a request that was in order."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the server took: from now on it is the server's to keep."""

    dossier: str
    name: str
    sums: Mapping[str, str]
    """SHA-256 of each file by its name."""
    pages: int
    seconds: float
    """From the first request to the acknowledgement."""
    at: float
    """Monotonic time of the acknowledgement."""


@dataclass(slots=True)
class Tally:
    """Answers by status; requests that got none, by the kind of error. Shared between threads."""

    answers: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str) -> None:
        """One more."""
        with self.lock:
            self.answers[what] += 1


def sign_in(credentials: Mapping[str, str]) -> dict[str, str]:
    """Headers by which the server knows this machine."""
    key = credentials.get("api_key", "")
    return {"Authorization": f"Bearer {key}"} if key else {}


class Desk:
    """One client. Not safe for several threads: each has its own."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        over: Callable[[], bool] = lambda: False,
        tally: Tally | None = None,
        timeout: float = 30.0,
    ) -> None:
        """`over` says that the trial is; then `GaveUpError` is raised."""
        self.tally = tally or Tally()
        self._over = over
        self._http = httpx.Client(base_url=url, headers=dict(headers), timeout=timeout, trust_env=False)

    def close(self) -> None:
        """Closes its connections."""
        self._http.close()

    def hand_in(self, papers: Papers, procedure: str | None = None, lane: Lane = Lane.DESK) -> Acknowledged:
        """Hands in a dossier, again and again until it is acknowledged. Raises `GaveUpError`, `RefusedError`."""
        started = time.monotonic()
        body = {"procedure": procedure} if procedure else {}
        draft = str(self.insist("POST", "/dossiers", json=body)["id"])
        for name, data in papers.files:
            self._put(draft, name, data, papers.sums[name])
        dossier = self.insist("POST", f"/dossiers/{draft}/start?lane={lane}")
        now = time.monotonic()
        return Acknowledged(str(dossier["id"]), papers.name, papers.sums, papers.pages, now - started, now)

    def get(self, path: str) -> Any:
        """A JSON answer, asked for until it comes."""
        return self.insist("GET", path)

    def answer(self, dossier_id: str) -> int:
        """Answers everything that is open in a dossier, agreeing with what was read; how many answers were taken."""
        dossier = self.get(f"/dossiers/{dossier_id}")
        decisions = _decisions(dossier)
        if not decisions:
            return 0
        taken = self._once("POST", f"/dossiers/{dossier_id}/decisions", {"who": WHO, "decisions": decisions})
        return len(decisions) if taken else 0

    def standing(self, status: str) -> list[str]:
        """Ids of dossiers that stand there (the newest 500)."""
        found = self.get(f"/dossiers?status={status}&limit=500")["dossiers"]
        return [str(one["id"]) for one in found]

    def retry(self, dossier_id: str) -> bool:
        """An operator puts a stopped dossier back."""
        return self._once("POST", f"/dossiers/{dossier_id}/retry", None)

    def insist(self, method: str, path: str, **arguments: Any) -> Any:
        """A request, made until it is answered with success. Raises `GaveUpError`, `RefusedError` (4xx)."""
        pause = 0.2
        while True:
            answer = self.request(method, path, **arguments)
            if answer is not None and answer.is_success:
                return answer.json()
            if answer is not None and 400 <= answer.status_code < 500 and answer.status_code not in {409, 429}:
                raise RefusedError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            if self._over():
                raise GaveUpError(f"{method} {path}")
            time.sleep(_pause(answer, pause))
            pause = min(pause * 2, MOST_PAUSE)

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response | None:
        """One request, counted; None where no answer came."""
        try:
            answer = self._http.request(method, API + path, **arguments)
        except httpx.HTTPError as error:
            self.tally.count(type(error).__name__)
            return None
        code = "" if answer.is_success or "problem" not in answer.headers.get("Content-Type", "") else _code(answer)
        self.tally.count(f"{answer.status_code}{code}")
        return answer

    def _put(self, draft: str, name: str, data: bytes, sha256: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Type": "application/octet-stream"}
        pause = 0.2
        while True:
            answer = self.request("PUT", f"/dossiers/{draft}/files", content=data, headers=headers)
            if answer is not None and answer.status_code == httpx.codes.CREATED:
                if answer.json()["sha256"] != sha256:
                    raise RefusedError(f"{draft}: another SHA-256 was acknowledged than was sent")
                return
            if self._over():
                raise GaveUpError(f"PUT {draft}")
            time.sleep(_pause(answer, pause))
            pause = min(pause * 2, MOST_PAUSE)
            # The answer may have been lost, not the file: sent again it would be there twice.
            known = self.insist("GET", f"/dossiers/{draft}")
            if any(original["sha256"] == sha256 for original in known["originals"]):
                return

    def _once(self, method: str, path: str, body: Any) -> bool:
        answer = self.request(method, path, **({} if body is None else {"json": body}))
        return answer is not None and answer.is_success


def _decisions(dossier: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a clerk decides who agrees with everything: fields first; when none is left, findings."""
    fields = [
        {"kind": "confirm", "document": document["id"], "key": key}
        for document in dossier["documents"]
        for key, value in document["fields"].items()
        if value["status"] == "doubtful"
    ]
    findings = [
        {"kind": "accept_finding", "finding": finding["id"]}
        for finding in dossier["findings"]
        if finding["severity"] != "info" and not finding.get("confirmed_by")
    ]
    return fields or findings


def _pause(answer: httpx.Response | None, pause: float) -> float:
    after = answer.headers.get("Retry-After", "") if answer is not None else ""
    return min(float(after), 30.0) if after.isdecimal() else pause


def _code(answer: httpx.Response) -> str:
    try:
        return f" {answer.json()['code']}"
    except (ValueError, KeyError, TypeError):
        return ""
