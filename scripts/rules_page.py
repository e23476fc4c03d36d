"""Writes the tables of docs/rules.md from the rules' own declarations; a test compares them.

.venv/bin/python scripts/rules_page.py        # rewrite what stands between the two marks
"""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.rules.page import BEGIN, END, tables

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"


def main() -> int:
    """Replaces the part between the marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{tables()}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
