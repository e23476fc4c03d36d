"""A new master wraps every key anew; cut off anywhere, all stays readable; the old one can go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import closing

import pytest
from vault_samples import vault_at

from pipeline.vault import ring as r
from pipeline.vault import rotation
from pipeline.vault.copies import load_ring, ring_lines
from pipeline.vault.errors import KeyDestroyedError, KeyUnknownError, MasterMissingError
from pipeline.vault.ring import Ring
from pipeline.vault.rotation import prepare, rotate

NAMES = [f"d{number}" for number in range(450)]


@pytest.fixture
def vault(tmp_path):
    with closing(vault_at(tmp_path)) as made:
        yield made


def masters(vault):
    with vault.keeper.ring.reading() as connection:
        return {row.id: (row.state, row.held) for row in r.all_masters(connection)}


def test_all_is_readable_after_it_and_the_old_master_can_go(vault, tmp_path):
    sealed = {name: vault.seal(name, name.encode()) for name in NAMES[:20]}
    index = vault.blind("x", "y")
    old = (tmp_path / "vault" / "master.key").read_bytes()
    done = rotate(vault)
    assert (done.rewrapped, done.continued, done.removed) == (21, False, ())
    assert len(vault.keeper.masters()) == 2
    again = rotate(vault, remove_old=True)
    assert len(again.removed) == 2
    assert len(vault.keeper.masters()) == 1
    with closing(vault_at(tmp_path)) as fresh:
        assert all(fresh.open(item) == name.encode() for name, item in sealed.items())
        assert fresh.blind("x", "y") == index
        fresh.seal("new", b"x")
        assert [state for state, held in masters(fresh).values() if held] == ["current"]
    (tmp_path / "vault" / "master.key").write_bytes(old)
    with pytest.raises(MasterMissingError):
        vault_at(tmp_path)


def test_a_running_process_goes_on(vault, tmp_path):
    with closing(vault_at(tmp_path)) as other:
        other.seal("d1", b"x")
        rotate(vault, remove_old=True)
        sealed = other.seal("d2", b"y")
        assert vault.open(sealed) == b"y"
        assert other.open(vault.seal("d3", b"z")) == b"z"


def test_a_master_is_brought_to_all_machines_first(vault):
    made = prepare(vault)
    assert prepare(vault) == made
    assert masters(vault)[next(iter(masters(vault)))][0] == "current"
    assert rotate(vault).master == made


@pytest.mark.parametrize("after", [0, 1, 2])
def test_cut_off_between_transactions_it_goes_on(vault, tmp_path, monkeypatch, after):
    monkeypatch.setattr(rotation, "_BATCH", 5)
    sealed = {name: vault.seal(name, name.encode()) for name in NAMES[:17]}
    calls = 0

    class CutOffError(Exception):
        pass

    def cut(_count):
        nonlocal calls
        calls += 1
        if calls > after:
            raise CutOffError

    with pytest.raises(CutOffError):
        rotate(vault, on_key=cut)
    with closing(vault_at(tmp_path)) as fresh:
        assert all(fresh.open(item) == name.encode() for name, item in sealed.items())
        done = rotate(fresh, remove_old=True)
        assert done.continued
        assert done.rewrapped == 17 - 5 * (after + 1)
        assert len(done.removed) == 1
        assert all(fresh.open(item) == name.encode() for name, item in sealed.items())


@pytest.mark.slow
def test_killed_anywhere_everything_stays_readable(tmp_path):
    """A child rotates over and over until it is killed; then all opens, and one more rotation ends well."""
    with closing(vault_at(tmp_path)) as vault:
        sealed = {name: vault.seal(name, name.encode()) for name in NAMES}
    script = """
        import sys
        from datetime import UTC, datetime
        from pathlib import Path
        from pipeline.settings import Settings
        from pipeline.vault.factory import build_vault
        from pipeline.vault import rotation
        rotation._BATCH = 20
        vault = build_vault(Settings(home=Path(sys.argv[1])), lambda: datetime.now(UTC))
        print("up", flush=True)
        while True:
            rotation.rotate(vault, remove_old=True)
    """
    for number in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.03 + 0.07 * number)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        with closing(vault_at(tmp_path)) as vault:
            assert all(vault.open(item) == name.encode() for name, item in sealed.items())
    with closing(vault_at(tmp_path)) as vault:
        rotate(vault, remove_old=True)
        rotate(vault, remove_old=True)
        assert len(vault.keeper.masters()) == 1
        assert all(vault.open(item) == name.encode() for name, item in sealed.items())


def test_a_copy_of_the_ring_from_before_is_useless_without_the_old_master(vault, tmp_path):
    sealed = vault.seal("d1", b"x")
    copy = list(ring_lines(vault.keeper.ring))
    vault.destroy("d1", "x")
    rotate(vault, remove_old=True)
    thief = tmp_path / "thief"
    (thief / "vault").mkdir(parents=True)
    (thief / "vault" / "master.key").write_bytes((tmp_path / "vault" / "master.key").read_bytes())
    (thief / "vault" / "master.key").chmod(0o600)
    with closing(Ring(f"sqlite:///{thief / 'vault' / 'ring.sqlite3'}")) as ring:
        load_ring(ring, copy)
    with pytest.raises(MasterMissingError):
        vault_at(thief).open(sealed)


def test_rings_are_put_together(vault, tmp_path):
    mine, gone = vault.seal("d1", b"mine"), vault.seal("d2", b"gone")
    index = vault.blind("x", "y")
    copy = list(ring_lines(vault.keeper.ring))
    vault.destroy("d2", "x")
    assert load_ring(vault.keeper.ring, copy) == 0
    with pytest.raises(KeyDestroyedError):
        vault.open(gone)
    # The ring was lost, work went on under a new one, and then the copy was found.
    ring = tmp_path / "vault" / "ring.sqlite3"
    vault.close()
    for path in ring.parent.glob("ring*"):
        path.unlink()
    with closing(vault_at(tmp_path)) as later:
        with pytest.raises(KeyUnknownError):
            later.open(mine)
        meanwhile = later.seal("d1", b"meanwhile")
        assert load_ring(later.keeper.ring, copy) > 0
        later.keeper.forget()
        assert later.open(mine) == b"mine"
        assert later.open(meanwhile) == b"meanwhile"
        assert vault_index(tmp_path) == index


def vault_index(home):
    with closing(vault_at(home)) as fresh:
        return fresh.blind("x", "y")
