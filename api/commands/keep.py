"""`hoso keep ...`: retention, legal holds, destruction, and citizens' requests, on the machine itself.

A command acts as a person: the account named with `--as`, with that account's rights and agency, so that journal and
ledger say who it was. Nothing is destroyed without that.
"""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from api.commands.common import open_house, print_json
from pipeline.errors import InputRefusedError
from pipeline.keeping import acts, copies, destruction, retention
from pipeline.keeping import holds as legal
from pipeline.keeping import requests as asked
from pipeline.keeping.records import RequestKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pipeline.access.principal import Principal
    from pipeline.keeping.records import Hold, Kept, Request
    from pipeline.record import Model
    from pipeline.tools import Tools

_REFUSED = 3


class KeeperUnknownError(InputRefusedError):
    """No account has this name, or it is closed."""

    code = "keeper_unknown"
    message_vi = "Không có tài khoản nào mang tên này, hoặc tài khoản đã khóa."
    remedy_vi = "Hãy dùng tên đăng nhập của người có quyền lưu trữ (hoso access list)."


class WhatToHoldError(InputRefusedError):
    """Neither a dossier nor an owner, or both."""

    code = "keeping_subject_needed"
    message_vi = "Chưa nói phong tỏa hồ sơ nào hoặc người nào."
    remedy_vi = "Hãy cho đúng một trong hai: --dossier hoặc --owner."


class FieldPlaceError(InputRefusedError):
    """Not DOSSIER/DOCUMENT/FIELD, or not a kind of request."""

    code = "keeping_input"
    message_vi = "Tham số không đúng."
    remedy_vi = "Trường viết là HỒ-SƠ/GIẤY/TRƯỜNG; loại yêu cầu là export, correction hoặc erasure."


def listed(login: str, *, as_json: bool) -> int:
    """What is kept."""
    with _as(login) as (tools, who):
        retention.complete(tools)
        return _kept(retention.all_kept(tools, who), as_json=as_json)


def due(login: str, *, as_json: bool) -> int:
    """What may be destroyed."""
    with _as(login) as (tools, who):
        retention.complete(tools)
        return _kept(retention.due(tools, who), as_json=as_json)


def destroy(login: str, dossier: str, reason: str, *, as_json: bool) -> int:
    """Destroys one dossier."""
    with _as(login) as (tools, who):
        done = destruction.destroy(tools, who, dossier, reason)
    return _said(
        done,
        f"{done.dossier}: đã hủy {done.keys} khóa, xóa {done.deleted} đối tượng; {done.retained} đối tượng kho còn giữ "
        "nhưng không ai đọc được",
        as_json=as_json,
    )


def hold(login: str, dossier: str | None, owner: str | None, reason: str, *, as_json: bool) -> int:
    """Sets a hold."""
    subject = dossier or owner
    if subject is None or (dossier and owner):
        raise WhatToHoldError
    kind: Literal["dossier", "owner"] = "dossier" if dossier else "owner"
    with _as(login) as (tools, who):
        return _holds([legal.hold(tools, who, kind, subject, reason)], as_json=as_json)


def lift(login: str, hold_id: str, reason: str, *, as_json: bool) -> int:
    """Lifts a hold."""
    with _as(login) as (tools, who):
        return _holds([legal.lift(tools, who, hold_id, reason)], as_json=as_json)


def holds(login: str, *, lifted: bool, as_json: bool) -> int:
    """Holds."""
    with _as(login) as (tools, who):
        return _holds(legal.holds(tools, who, lifted=lifted), as_json=as_json)


def request(login: str, kind: str, owner: str, note: str, *, as_json: bool) -> int:
    """Takes a request down."""
    if kind not in set(RequestKind):
        raise FieldPlaceError(kind)
    with _as(login) as (tools, who):
        return _requests([asked.open_request(tools, who, RequestKind(kind), owner, note)], as_json=as_json)


def requests(login: str, *, answered: bool, as_json: bool) -> int:
    """Requests."""
    with _as(login) as (tools, who):
        return _requests(asked.requests(tools, who, answered=answered), as_json=as_json)


def export(login: str, request_id: str, out: Path, *, as_json: bool) -> int:
    """Answers with a copy."""
    with _as(login) as (tools, who):
        made = copies.export(tools, who, request_id, out)
    return _said(made, made.file, as_json=as_json)


def correct(login: str, request_id: str, *, place: str, value: str, reason: str, as_json: bool) -> int:
    """Puts a value right."""
    parts = place.split("/")
    if len(parts) != 3:
        raise FieldPlaceError(None)
    with _as(login) as (tools, who):
        where = dict(zip(("dossier_id", "document", "field"), parts, strict=True))
        made = asked.correct(tools, who, request_id, **where, value=value, reason=reason)
    return _said(made, f"{place}: phiên bản {made.version}", as_json=as_json)


def answer(login: str, request_id: str, *, as_json: bool) -> int:
    """Answers a request for correction."""
    with _as(login) as (tools, who):
        return _requests([asked.finish_correction(tools, who, request_id)], as_json=as_json)


def erase(login: str, request_id: str, *, as_json: bool) -> int:
    """Answers a request for erasure; 3 where a rule forbids it."""
    with _as(login) as (tools, who):
        done = asked.erase(tools, who, request_id)
        _requests([done], as_json=as_json)
    return 0 if done.state == "done" else _REFUSED


def refuse(login: str, request_id: str, reason: str, *, as_json: bool) -> int:
    """Refuses a request."""
    with _as(login) as (tools, who):
        return _requests([asked.refuse(tools, who, request_id, reason)], as_json=as_json)


@contextmanager
def _as(login: str) -> Iterator[tuple[Tools, Principal]]:
    """The house's tools, and the person who acts. Raises `KeeperUnknownError`, `NotAllowedError`."""
    with open_house() as house:
        account = house.catalogue.access().account_by_login(login.strip().lower())
        if account is None or account.disabled:
            raise KeeperUnknownError(None)
        who = account.principal()
        acts.allowed(who)
        yield house.tools, who


def _kept(rows: Sequence[Kept], *, as_json: bool) -> int:
    lines = []
    for row in rows:
        ends = f"{row.keep_until:%d/%m/%Y}" if row.keep_until else "vĩnh viễn" if row.permanent else "chưa quy định"
        lines.append(f"{row.dossier}  {ends}  {row.source}  [kho: {row.medium}]")
    return _all(rows, lines, as_json=as_json)


def _holds(rows: Sequence[Hold], *, as_json: bool) -> int:
    lines = []
    for row in rows:
        state = f"đã gỡ, {row.lifted_by}" if row.lifted_at else "đang phong tỏa"
        lines.append(f"{row.id}  {row.subject}  {state}  {row.reason}")
    return _all(rows, lines, as_json=as_json)


def _requests(rows: Sequence[Request], *, as_json: bool) -> int:
    lines = []
    for row in rows:
        lines.append(f"{row.id}  {row.kind}  {row.owner}  {row.state}  hạn {row.due_on:%d/%m/%Y}  {row.note}")
        found = (row.answer or {}).get("lines")
        lines += [f"    {line}" for line in found] if isinstance(found, list) else []
    return _all(rows, lines, as_json=as_json)


def _all(rows: Sequence[Model], lines: Sequence[str], *, as_json: bool) -> int:
    if as_json:
        found = [row.model_dump(mode="json") for row in rows]
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 0


def _said(value: Model, line: str, *, as_json: bool) -> int:
    if as_json:
        print_json(value)
    else:
        sys.stdout.write(line + "\n")
    return 0
