"""Log lines: one JSON object each, saying what they are about, with nobody's number in them."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.telemetry.logging import bound, log_to_file, masked
from pipeline.telemetry.settings import TelemetrySettings

NUMBER = "027194060817"


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_says_what_it_is_about_and_ends_with_the_block(tmp_path: Path) -> None:
    path = log_to_file(tmp_path, "hoso", TelemetrySettings())
    with bound(dossier="hs-261122-00000001", stage="read"):
        logging.getLogger("hoso.flows").info("đọc %d trang", 3)
    logging.getLogger("hoso.flows").info("xong")
    first, last = lines(path)
    assert first["event"] == "đọc 3 trang"
    assert (first["dossier"], first["stage"], first["level"]) == ("hs-261122-00000001", "read", "info")
    assert "dossier" not in last


@pytest.mark.parametrize("form", ["json", "text"])
def test_numbers_are_masked_in_messages_and_tracebacks_and_locals_stay_out(tmp_path: Path, form: str) -> None:
    path = log_to_file(tmp_path, "hoso", TelemetrySettings.model_validate({"log_format": form}))
    secret = "Nguyễn Thị Ánh"  # noqa: F841 - a local variable that a traceback must not show
    try:
        int(f"bad number {NUMBER}")
    except ValueError:
        logging.getLogger("hoso.x").exception("number %s", NUMBER)
    text = path.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "027xxxxxxxxx" in text
    assert NUMBER not in text
    assert "Ánh" not in text


def test_other_libraries_are_heard_from_warnings_on(tmp_path: Path) -> None:
    path = log_to_file(tmp_path, "hoso", TelemetrySettings(log_level="DEBUG"))
    logging.getLogger("urllib3").info("chatter")
    logging.getLogger("urllib3").warning("trouble")
    logging.getLogger("hoso.kho").debug("detail")
    assert [line["event"] for line in lines(path)] == ["trouble", "detail"]


def test_only_numbers_of_an_identity_card_s_length_are_masked() -> None:
    assert masked("1234567890 và 12/11/2026") == "1234567890 và 12/11/2026"
    assert masked("123456789") == "123xxxxxx"
