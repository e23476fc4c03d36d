"""Every known way in which signing and archiving go wrong has a test here, by name; this one keeps the list true.

The list is a table: what goes wrong, and the tests that show that it is found. A name that no test bears any more
fails, so that nobody drops one by accident.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

FILE = {
    "byte flip": ["byte_flipped", "test_bytes_changed"],
    "truncation": ["truncated", "half_gone"],
    "trailing bytes": ["test_trailing_bytes_leave_the_verdict_open", "test_trailing_bytes_are_an_extension"],
    "last revision cut": ["test_last_revision_cut_off_is_shortened"],
    "Contents zeroed": ["contents_zeroed"],
    "ByteRange narrowed": ["range_narrowed", "range_starts_late"],
    "ByteRange removed": ["range_removed"],
    "ByteRange overlapping": ["range_overlapping"],
    "ByteRange out of range": ["range_out_of_file", "range_negative"],
    "signature wrapping": ["test_signature_wrapping"],
    "CMS transplanted": ["test_cms_of_another_file_does_not_fit"],
}
INCREMENTS = {
    "page overlay": ["page_overlay"],
    "annotation": ["annotation_added"],
    "image replaced": ["test_image_replaced"],
    "page added": ["page_added"],
    "page removed": ["page_removed"],
    "attachment added": ["attachment_added"],
    "attachment replaced": ["test_attachment_replaced"],
    "form-field shadow replace": ["test_form_field_shadow_replace"],
    "changes after P=1 and P=2": ["test_changes_after_certification"],
}
CERTIFICATES = {
    "revoked": ["test_revoked_before_signing_is_invalid", "test_revoked_key_does_not_sign"],
    "expired": ["test_signature_of_an_expired_certificate", "test_key_out_of_its_time_does_not_sign"],
    "not yet valid": ["test_signature_of_a_certificate_of_the_future"],
    "untrusted root": ["test_unknown_root_is_open_but_intact"],
    "wrong key usage": [
        "test_signature_by_an_authority_key_is_not_valid",
        "test_signature_by_a_timestamp_key_is_not_valid",
    ],
    "key mismatch": ["test_key_that_does_not_match_its_certificate", "test_key_of_another_certificate_is_refused"],
    "SHA-1": ["test_sha1_is_intact_but_old"],
}
TIMESTAMPS = {
    "dead": ["test_dead_authority_holds_the_job"],
    "hanging": ["test_hanging_authority_ends_in_time", "test_dripping_authority_ends_in_time"],
    "wrong imprint": ["_wrong_imprint", "test_token_of_another_digest_is_not_valid"],
    "untrusted": ["test_untrusted_authority_is_not_used", "test_token_of_an_untrusted_authority_proves_no_time"],
    "wrong EKU": ["test_signers_key_is_no_timestamp_authority"],
    "OCSP down": ["test_ocsp_down_holds_the_job"],
    "LT without data": ["test_lt_without_data_is_no_lt", "test_missing_revocation_data_holds_the_job"],
    "two-signer LTA validated offline after OCSP expiry": [
        "test_two_signers_hold_offline_after_their_ocsp_answers_have_ended",
        "test_renewed_in_2030_two_signers_hold_offline_in_2036_and_2045",
    ],
}
KEYS_AND_PROCESS = {
    "wrong password": ["test_wrong_password", "test_wrong_passphrase_is_a_typed_error"],
    "HSM session lost mid-batch": ["test_session_lost_mid_batch_is_opened_again"],
    "duplicate delivery": ["test_duplicate_delivery_before_the_end"],
    "crash between hash and finish": ["test_two_processes_and_a_crash_between_hash_and_finish"],
}
ARCHIVE = {
    "font not embedded": ["test_font_not_embedded"],
    "2048-upem font": ["test_font_of_2048_units_with_unscaled_widths"],
    "missing Vietnamese glyph": ["test_missing_vietnamese_glyph_on_a_page"],
    "NFD text": ["test_nfd_text_is_archived_composed"],
    "stamp overflow": ["test_stamp_overflow"],
}
JWS = {
    "alg:none": ["test_alg_none_is_invalid"],
    "unknown crit": ["test_unknown_crit_is_invalid"],
    "tampered payload": ["test_tampered_payload_is_invalid"],
    "key swap": ["test_key_swap_is_invalid"],
}
HOSTILE = {
    "hostile files end in time": [
        "test_hostile_file_ends_in_time_with_a_typed_verdict",
        "test_hostile_files_end_in_time_with_a_reason",
    ],
    "endless files": ["test_device_that_never_ends_is_no_file", "test_time_limit_is_kept_and_named"],
    "attachment bomb": ["test_attachment_that_inflates_without_end_is_not_opened_in_this_process"],
}
LIST = FILE | INCREMENTS | CERTIFICATES | TIMESTAMPS | KEYS_AND_PROCESS | ARCHIVE | JWS | HOSTILE


@pytest.fixture(scope="module")
def names() -> set[str]:
    """Names of all functions in the test files: tests, and what they are parametrised by."""
    found: set[str] = set()
    for room in ("signing", "archive", "pipeline"):
        for path in (TESTS / room).glob("test_*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("item", LIST)
def test_every_known_failure_has_its_test(item, names):
    assert LIST[item]
    assert set(LIST[item]) <= names
