"""The description of the API is true: no request made from it, sound or unsound, meets a fault or an unknown answer.

Schemathesis makes the requests over HTTP, as a machine with every right; the same seed each time.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from live import served
from signing_in import key_for

from api.app import build_app
from pipeline.access.roles import Right
from pipeline.access.settings import AccessSettings
from pipeline.composition import House, build_house
from pipeline.record import Dossier
from pipeline.settings import ApiSettings, Settings

SCHEMATHESIS = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.fixture
def house(tmp_path: Path):
    access = AccessSettings(machine_per_minute=1_000_000, address_per_minute=1_000_000)
    settings = Settings(home=tmp_path / "home", cores=1, api=ApiSettings(max_upload_mb=1), access=access)
    with build_house(settings) as built:
        yield built


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(SCHEMATHESIS is None, reason="schemathesis is not installed")
def test_no_fault_and_no_undocumented_answer(house: House, waiting: Dossier, tmp_path: Path) -> None:
    key = key_for(house, *Right)["Authorization"]
    with served(build_app(house)) as address:
        done = subprocess.run(
            [
                str(SCHEMATHESIS),
                "run",
                f"{address}/api/v1/openapi.json",
                *("--header", f"Authorization: {key}"),
                *("--checks", CHECKS),
                *("--phases", "examples,coverage,fuzzing"),
                *("--max-examples", "6", "--seed", "1", "--max-time", "300", "--request-timeout", "20"),
                *("--report", "junit", "--report-dir", str(tmp_path / "report")),
                "--no-color",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=840,
            cwd=tmp_path,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Schemathesis" in done.stdout
