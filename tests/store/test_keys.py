from __future__ import annotations

import hashlib

import pytest

from pipeline.store.errors import KeyRefusedError
from pipeline.store.keys import check_key, dossier_key, masked, original_key, page_image_key


def test_digests_may_hold_any_digits() -> None:
    runs = 0
    for number in range(400):
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        assert check_key(original_key(sha256)) == f"originals/{sha256[:2]}/{sha256}"
        check_key(f"{page_image_key(sha256)}.png")
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


def test_names_of_a_dossiers_files() -> None:
    assert dossier_key("hs-1", "archive.pdf") == "dossiers/hs-1/archive.pdf"
    with pytest.raises(KeyRefusedError):
        dossier_key("hs-1", "../archive.pdf")
    with pytest.raises(KeyRefusedError):
        original_key("AB" * 32)
    assert masked("số 001099012345") == "s? ######"
