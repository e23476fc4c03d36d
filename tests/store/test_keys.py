from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from pipeline import keys as house
from pipeline.store.errors import KeyRefusedError
from pipeline.store.keys import check_key, check_prefix, masked


def test_the_keys_of_the_house_are_allowed_whatever_digits_chance_gives() -> None:
    runs = 0
    for number in range(400):
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        dossier = house.new_dossier_id(datetime(2026, 11, 5, tzinfo=UTC))
        for key in (
            house.original_key(sha256),
            house.page_key(sha256, "image/jpeg"),
            house.prepared_key(dossier, sha256),
            house.filed_key(dossier, sha256, "archive.pdf"),
        ):
            assert check_key(key) == key
        runs += any(sha256[at : at + 12].isdigit() for at in range(53))
    assert runs > 5  # the exemption is used, not idle
    check_key("dossiers/123e4567-e89b-12d3-a456-426614174000/archive.pdf")
    check_key("dossiers/H29.15-261105-0001/archive.pdf")


@pytest.mark.parametrize(
    "key",
    ["a/001099012345", "a/cccd001099012345.pdf", "a/0010990123456789", "001099012345/" + "a" * 64, "a/" + "0" * 63],
)
def test_personal_numbers_are_refused(key: str) -> None:
    with pytest.raises(KeyRefusedError) as caught:
        check_key(key)
    assert caught.value.code == "object_key_refused"


@pytest.mark.parametrize("prefix", ["/", "a//", "a/../", ".hoso/", "hồ"])
def test_prefixes_that_no_key_has(prefix: str) -> None:
    with pytest.raises(KeyRefusedError):
        check_prefix(prefix)


def test_a_message_shows_no_digits_of_a_key() -> None:
    assert masked("số 001099012345") == "s? ######"
