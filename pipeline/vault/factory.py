"""From settings to a vault: the ring's database, the masters that may be found here, and the first start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.vault.keeper import Keeper
from pipeline.vault.master import FileMasters
from pipeline.vault.ring import Ring
from pipeline.vault.settings import master_path, ring_url
from pipeline.vault.token import TokenMasters
from pipeline.vault.vault import Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pipeline.settings import Settings
    from pipeline.vault.master import MasterSource


def build_vault(settings: Settings, clock: Callable[[], datetime]) -> Vault:
    """The vault of this installation, its master found or, at the very first start, made.

    Raises `MasterMissingError` and the other errors of `pipeline.vault.errors`.
    """
    sources: list[MasterSource] = [FileMasters(master_path(settings))]
    if settings.vault.pkcs11 is not None:
        sources.append(TokenMasters(settings.vault.pkcs11))
    ring = Ring(ring_url(settings))
    try:
        keeper = Keeper(ring, sources, settings.vault.master, clock)
        keeper.start()
    except BaseException:
        ring.close()
        raise
    return Vault(keeper)
