"""The child of `signing.verify`: one PDF on standard input, its verdict or its list of signatures as the answer."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from signing.limited import serve
from signing.trust import Trust, load
from signing.wire import to_dict


def answer(order: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Judge `data` as `order` says; see `signing.verify`."""
    from signing.validation import list_facts, validate

    if order["task"] == "list":
        return to_dict(list_facts(data))
    trust = Trust(
        development=Path(order["development"]) if order["development"] else None,
        roots=Path(order["roots"]) if order["roots"] else None,
        revocation_max_age_days=order["revocation_max_age_days"],
        fetch=order["fetch"],
    )
    return to_dict(validate(data, load(trust), datetime.fromisoformat(order["now"])))


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1], answer))
