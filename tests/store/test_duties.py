"""Three keys on the real server: each does its own work and is refused the rest, by the house and by the server.

What is shown here at the S3 level is shown with a bare client, so that no check of ours stands before the server's.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from minio.commonconfig import COMPLIANCE, GOVERNANCE
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.retention import Retention as Asked

from pipeline.store.errors import (
    KeyDutyError,
    NotFoundError,
    ObjectHeldError,
    RetainedError,
    StoreOptionsError,
)
from pipeline.store.factory import StoreOptions, open_store
from pipeline.store.protocol import Duty, Retention, RetentionMode
from pipeline.store.s3_client import connected, make_bucket
from pipeline.store.seaweed_secrets import load_or_make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pipeline.store.protocol import ObjectStore
    from pipeline.store.seaweed import SeaweedServer

BUCKET = "kho-ba-khoa"


@pytest.fixture(scope="module")
def three(server: SeaweedServer) -> StoreOptions:
    """As an operator would set it: a bucket that exists, and one file for each key."""
    keys = json.loads(server.keys_file.read_bytes())
    admin = connected(server.endpoint, **keys, region="us-east-1", ca_file=None)
    make_bucket(admin, BUCKET, None)
    return StoreOptions(
        kind="s3",
        endpoint=server.endpoint,
        bucket=BUCKET,
        create_bucket=False,
        keys_file=server.duty_keys_file(Duty.FILING),
        reading_keys_file=server.duty_keys_file(Duty.READING),
        maintenance_keys_file=server.duty_keys_file(Duty.MAINTENANCE),
    )


@pytest.fixture(scope="module")
def filing(three: StoreOptions) -> ObjectStore:
    return open_store(three)


@pytest.fixture(scope="module")
def reading(three: StoreOptions) -> ObjectStore:
    return open_store(three, Duty.READING)


@pytest.fixture(scope="module")
def maintenance(three: StoreOptions, filing: ObjectStore) -> ObjectStore:
    assert filing.capabilities().kind == "s3"
    return open_store(three, Duty.MAINTENANCE)


def fresh() -> str:
    return f"filed/{uuid.uuid4()}/archive.pdf"


def soon(days: float = 1) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def bare(server: SeaweedServer, duty: Duty | None) -> Any:
    """A client that knows nothing of the house; None is the identity that makes buckets."""
    file = server.keys_file if duty is None else server.duty_keys_file(duty)
    return connected(server.endpoint, **json.loads(file.read_bytes()), region="us-east-1", ca_file=None)


def refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except S3Error as error:
        return str(error.code) == "AccessDenied"
    return False


def test_everything_is_proved(filing: ObjectStore, maintenance: ObjectStore) -> None:
    for store in (filing, maintenance):
        seen = store.capabilities()
        assert {proof.capability: proof.proved for proof in seen.proofs} == {
            "conditional_put": True,
            "versioning": True,
            "retention": True,
            "legal_hold": True,
            "separate_keys": True,
            "encryption": False,
        }
        assert seen.immutable
        assert "Chưa tách" not in seen.note_vi


def test_each_key_does_its_own(
    filing: ObjectStore, reading: ObjectStore, maintenance: ObjectStore, tmp_path: Path
) -> None:
    key, data = fresh(), os.urandom(20_000_000)
    source = tmp_path / "scan"
    source.write_bytes(data)
    stat = filing.put_new(key, source)
    assert reading.get(key) == data
    assert reading.stat(key) == stat
    assert reading.fetch(key, tmp_path / "out") == stat
    assert key in set(filing.keys("filed/"))
    maintenance.hold(key, on=True)
    assert filing.held(key)
    with pytest.raises(ObjectHeldError):
        maintenance.delete(key)
    maintenance.hold(key, on=False)
    assert maintenance.delete(key) == 1
    with pytest.raises(NotFoundError):
        reading.get(key)


def test_the_house_refuses_by_type_what_is_not_a_keys_duty(
    filing: ObjectStore, reading: ObjectStore, maintenance: ObjectStore
) -> None:
    key = fresh()
    filing.put_new(key, b"x")
    attempts: list[Callable[[], object]] = [
        lambda: filing.delete(key),
        lambda: filing.hold(key, on=True),
        lambda: filing.abort_stale(soon()),
        lambda: reading.put_new(fresh(), b"x"),
        lambda: list(reading.keys()),
        lambda: reading.retain(key, soon(), RetentionMode.GOVERNANCE),
        lambda: reading.hold(key, on=True),
        lambda: reading.delete(key),
        lambda: maintenance.put_new(fresh(), b"x"),
        lambda: maintenance.retain(key, soon(), RetentionMode.GOVERNANCE),
    ]
    for attempt in attempts:
        with pytest.raises(KeyDutyError):
            attempt()
    assert reading.get(key) == b"x"


def test_the_server_refuses_what_is_not_a_keys_duty(server: SeaweedServer, filing: ObjectStore) -> None:
    key = fresh()
    filing.put_new(key, b"x")
    (version,) = filing.versions(key)
    clients = {duty: bare(server, duty) for duty in Duty}
    until = Asked(GOVERNANCE, soon())

    def acts(client: Any) -> dict[str, Callable[[], object]]:
        return {
            "write": lambda: client._put_object(BUCKET, key, b"other", {}),
            "begin parts": lambda: client._create_multipart_upload(BUCKET, key, {}),
            "hide": lambda: client.remove_object(BUCKET, key),
            "destroy": lambda: client.remove_object(BUCKET, key, version_id=version.id),
            "retain": lambda: client.set_object_retention(BUCKET, key, until),
            "hold": lambda: client.enable_object_legal_hold(BUCKET, key),
            "list": lambda: list(client.list_objects(BUCKET, prefix="filed/")),
            "unlock bucket": lambda: client.delete_object_lock_config(BUCKET),
            "stop versions": lambda: client.delete_bucket_policy(BUCKET),
            "remove bucket": lambda: client.remove_bucket(BUCKET),
            "make bucket": lambda: client.make_bucket("kho-khac"),
        }

    for_nobody = {"unlock bucket", "stop versions", "remove bucket", "make bucket"}
    forbidden = {
        Duty.FILING: for_nobody | {"hide", "destroy", "hold"},
        Duty.READING: for_nobody | {"write", "begin parts", "hide", "destroy", "retain", "hold", "list"},
        Duty.MAINTENANCE: for_nobody | {"write", "begin parts", "retain"},
    }
    for duty, names in forbidden.items():
        mine = acts(clients[duty])
        assert {name for name in names if refused(mine[name])} == names, duty
    assert filing.get(key) == b"x"
    assert filing.retention(key) is None


def test_compliance_holds_against_every_key(
    server: SeaweedServer, filing: ObjectStore, maintenance: ObjectStore, reading: ObjectStore
) -> None:
    key, until = fresh(), soon(30)
    filing.put_new(key, b"x")
    assert filing.retain(key, until, RetentionMode.COMPLIANCE) == Retention(until, RetentionMode.COMPLIANCE)
    with pytest.raises(RetainedError):
        maintenance.delete(key)
    (version,) = filing.versions(key)
    for duty in (*Duty, None):
        client = bare(server, duty)
        assert refused(partial(client.remove_object, BUCKET, key, version_id=version.id)), duty
        assert refused(partial(client.set_object_retention, BUCKET, key, Asked(COMPLIANCE, soon(1)))), duty
        assert refused(partial(client.set_object_retention, BUCKET, key, Asked(GOVERNANCE, soon(60)))), duty
        errors = list(client.remove_objects(BUCKET, [DeleteObject(key, version.id)], bypass_governance_mode=True))
        assert [error.code for error in errors] == ["AccessDenied"], duty
    assert filing.retention(key) == Retention(until, RetentionMode.COMPLIANCE)
    assert reading.get(key) == b"x"


def test_governance_yields_to_none_of_the_three_keys(
    server: SeaweedServer, filing: ObjectStore, maintenance: ObjectStore
) -> None:
    key = fresh()
    filing.put_new(key, b"x")
    filing.retain(key, soon(3), RetentionMode.GOVERNANCE)
    (version,) = filing.versions(key)
    for duty in Duty:
        client = bare(server, duty)
        errors = list(client.remove_objects(BUCKET, [DeleteObject(key, version.id)], bypass_governance_mode=True))
        assert [error.code for error in errors] == ["AccessDenied"], duty
    with pytest.raises(RetainedError):
        maintenance.delete(key)


def test_retention_is_never_shortened_nor_weakened(filing: ObjectStore) -> None:
    key = fresh()
    filing.put_new(key, b"x")
    first = filing.retain(key, soon(10), RetentionMode.GOVERNANCE)
    assert filing.retain(key, soon(5), RetentionMode.GOVERNANCE) == first
    longer = filing.retain(key, soon(20), RetentionMode.GOVERNANCE)
    assert longer.until > first.until
    with pytest.raises(RetainedError, match="does not become"):
        filing.retain(key, soon(30), RetentionMode.COMPLIANCE)
    assert filing.retention(key) == longer
    strict = fresh()
    filing.put_new(strict, b"x")
    kept = filing.retain(strict, soon(10), RetentionMode.COMPLIANCE)
    assert filing.retain(strict, soon(5), RetentionMode.GOVERNANCE) == kept
    assert filing.retain(strict, soon(20), RetentionMode.GOVERNANCE).mode is RetentionMode.COMPLIANCE
    with pytest.raises(NotFoundError):
        filing.retain(fresh(), soon(), RetentionMode.GOVERNANCE)


def test_a_hidden_object_is_still_there_and_still_kept(
    server: SeaweedServer, filing: ObjectStore, maintenance: ObjectStore
) -> None:
    """A mark of deletion by the maintenance key's bare client hides; versions tell, and deletion stays refused."""
    key = fresh()
    filing.put_new(key, b"x")
    filing.retain(key, soon(3), RetentionMode.COMPLIANCE)
    bare(server, Duty.MAINTENANCE).remove_object(BUCKET, key)
    assert filing.stat(key) is None
    assert [(version.marker, version.latest) for version in filing.versions(key)] == [(True, True), (False, False)]
    with pytest.raises(RetainedError):
        maintenance.delete(key)
    assert len(filing.versions(key)) == 2


def test_an_address_serves_until_it_expires_and_only_what_it_names(filing: ObjectStore, reading: ObjectStore) -> None:
    key, other = fresh(), fresh()
    filing.put_new(key, b"mot")
    filing.put_new(other, b"hai")
    address = reading.presign(key, timedelta(seconds=60))
    with urllib3.PoolManager(timeout=5) as anybody:
        assert anybody.request("GET", address).data == b"mot"
        assert anybody.request("GET", address.replace(key, other)).status == 403
        short = reading.presign(key, timedelta(seconds=1))
        time.sleep(2.1)
        assert anybody.request("GET", short).status == 403
    for wrong in (timedelta(0), timedelta(days=8)):
        with pytest.raises(ValueError, match="1 second to 7 days"):
            reading.presign(key, wrong)
    with pytest.raises(NotFoundError):
        reading.presign(fresh(), timedelta(minutes=1))


def test_maintenance_clears_uploads_of_the_filing_key(
    server: SeaweedServer, filing: ObjectStore, maintenance: ObjectStore
) -> None:
    client, key = bare(server, Duty.FILING), fresh()
    upload = client._create_multipart_upload(BUCKET, key, {})
    client._upload_part(BUCKET, key, b"x" * 1000, None, upload, 1)
    assert maintenance.abort_stale(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert maintenance.abort_stale(datetime.now(UTC) + timedelta(seconds=5)) == 1
    assert filing.stat(key) is None


def test_one_key_given_to_a_reader_is_enough(three: StoreOptions, filing: ObjectStore) -> None:
    key = fresh()
    filing.put_new(key, b"x")
    only = three.model_copy(update={"keys_file": None, "maintenance_keys_file": None})
    assert open_store(only, Duty.READING).get(key) == b"x"
    with pytest.raises(StoreOptionsError, match="keys_file"):
        open_store(only, Duty.FILING)
    seen = open_store(only, Duty.READING).capabilities()
    assert not any(proof.proved for proof in seen.proofs)


def test_without_a_key_that_deletes_less_is_proved(three: StoreOptions) -> None:
    seen = open_store(three.model_copy(update={"maintenance_keys_file": None})).capabilities()
    assert (seen.retention, seen.legal_hold, seen.separate_keys) == (True, False, False)
    assert "no key here that deletes" in next(p.seen for p in seen.proofs if p.capability == "retention")


def test_a_bucket_without_object_lock_claims_nothing(server: SeaweedServer, three: StoreOptions) -> None:
    bare(server, None).make_bucket("kho-khong-khoa")
    store = open_store(three.model_copy(update={"bucket": "kho-khong-khoa"}))
    seen = store.capabilities()
    assert (seen.immutable, seen.retention, seen.legal_hold) == (False, False, False)
    assert "không chống xóa" in seen.note_vi


def test_a_folder_of_an_older_version_gets_its_three_keys(tmp_path: Path) -> None:
    first = load_or_make(tmp_path / "secrets")
    before = json.loads(first.s3_config.read_bytes())
    admin = [found for found in before["identities"] if found["name"] == "hoso"]
    first.s3_config.write_text(json.dumps({"identities": admin}))
    for duty in Duty:
        (tmp_path / "secrets" / f"{duty}.json").unlink()
    after = json.loads(load_or_make(tmp_path / "secrets").s3_config.read_bytes())
    assert [found["name"] for found in after["identities"]] == ["hoso", *Duty]
    assert after["identities"][0] == admin[0]
    for duty in Duty:
        keys = json.loads((tmp_path / "secrets" / f"{duty}.json").read_bytes())
        (identity,) = [found for found in after["identities"] if found["name"] == duty]
        assert identity["credentials"] == [{"accessKey": keys["access_key"], "secretKey": keys["secret_key"]}]
        assert identity["actions"] == []
