"""The ring beside a catalogue on PostgreSQL: a schema of its own in its database, which the catalogue never sees."""

from __future__ import annotations

from contextlib import closing

import pytest
from vault_samples import vault_at

from pipeline.catalogue import schema
from pipeline.catalogue.catalogue import Catalogue
from pipeline.catalogue.session import Database
from pipeline.vault.copies import load_ring, ring_lines
from pipeline.vault.errors import KeyDestroyedError
from pipeline.vault.ring import Ring
from pipeline.vault.rotation import rotate

pytestmark = pytest.mark.slow


def test_a_ring_on_a_server(empty_postgresql: str, tmp_path) -> None:
    with closing(vault_at(tmp_path, catalogue_url=empty_postgresql)) as vault:
        with Catalogue(empty_postgresql, vault=vault) as catalogue:
            catalogue.migrate()
        vault.link("d1", "anna")
        sealed = {name: vault.seal(name, b"x") for name in ("d1", "d2")}
        page = vault.seal("content/" + "ab" * 32, b"page")
        vault.hold("d1", ["ab" * 32])
        vault.hold("d2", ["ab" * 32])
        assert rotate(vault, remove_old=True).rewrapped > 0
        copy = list(ring_lines(vault.keeper.ring))
        with closing(vault_at(tmp_path, catalogue_url=empty_postgresql)) as other:
            assert other.open(sealed["d1"]) == b"x"
            assert set(other.destroy("anna", "x")) == {"anna", "d1"}
        vault.keeper.forget()
        with pytest.raises(KeyDestroyedError):
            vault.open(sealed["d1"])
        assert vault.open(page) == b"page"
        assert load_ring(vault.keeper.ring, copy) == 0
        vault.keeper.forget()
        with pytest.raises(KeyDestroyedError):
            vault.open(sealed["d1"])
        database = Database(empty_postgresql)
        with database.reading() as connection:
            assert schema.differences(connection) == []
        database.close()
    # The same ring in a file of its own: a copy moves it.
    with closing(Ring(f"sqlite:///{tmp_path / 'vault' / 'ring.sqlite3'}")) as ring:
        assert load_ring(ring, copy) > 0
    with closing(vault_at(tmp_path)) as moved:
        assert moved.open(sealed["d2"]) == b"x"
