"""A vault in a folder of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pipeline.settings import Settings
from pipeline.vault.factory import build_vault

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.vault.vault import Vault

NOW = datetime(2025, 11, 3, 8, 0, tzinfo=UTC)
PERSON = "Nguyễn Thị Mẫu Đơn"
NUMBER = "001099012345"


def vault_at(home: Path, **settings: object) -> Vault:
    return build_vault(Settings(home=home, **settings), lambda: NOW)
