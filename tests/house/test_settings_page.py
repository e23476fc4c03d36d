"""docs/settings.md is what the settings say of themselves, and none is without words."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "settings_page.py"))


def test_the_page_is_true() -> None:
    written = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert written == SCRIPT["page"](), "make it anew: .venv/bin/python scripts/settings_page.py > docs/settings.md"


def test_every_setting_says_what_it_means() -> None:
    silent = [name for _, _, rows in SCRIPT["sections"]() for name, _, text in rows if not text]
    assert silent == []
