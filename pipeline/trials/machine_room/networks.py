"""Machines of their own without machines: network namespaces on one bridge, with cables that can be pulled.

Each namespace has one address on 10.77.N.0/24 and a loopback interface of its own; the harness is on the bridge at .1.
Nothing reaches the outside. Needs root and `ip`; where that cannot be done, `NotHereError` says why.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.trials.machine_room.database import NotHereError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Network:
    """A bridge and the namespaces on it."""

    bridge: str
    subnet: str
    """Its first three numbers."""
    names: tuple[str, ...]

    def address(self, name: str) -> str:
        """A machine's address."""
        return f"{self.subnet}.{self.names.index(name) + 2}"

    def inside(self, name: str) -> list[str]:
        """Words before a command that is to run on that machine."""
        return ["ip", "netns", "exec", self._space(name)]

    def plug(self, name: str, *, in_: bool) -> None:
        """Puts the machine's cable in, or pulls it. Raises `NotHereError`."""
        _ip("link", "set", self._cable(name), "up" if in_ else "down")

    def undo(self) -> list[list[str]]:
        """Commands that take everything away."""
        spaces = [["ip", "netns", "del", self._space(name)] for name in self.names]
        return [*spaces, ["ip", "link", "del", self.bridge]]

    def make(self) -> None:
        """Makes the bridge and the machines. Raises `NotHereError`."""
        if os.geteuid() != 0 or shutil.which("ip") is None:
            raise NotHereError("network namespaces need root and the program `ip`")
        _ip("link", "add", self.bridge, "type", "bridge")
        _ip("addr", "add", f"{self.subnet}.1/24", "dev", self.bridge)
        _ip("link", "set", self.bridge, "up")
        for name in self.names:
            space, cable = self._space(name), self._cable(name)
            _ip("netns", "add", space)
            _ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
            _ip("link", "set", cable, "master", self.bridge)
            _ip("link", "set", cable, "up")
            _ip("-n", space, "link", "set", "lo", "up")
            _ip("-n", space, "addr", "add", f"{self.address(name)}/24", "dev", "eth0")
            _ip("-n", space, "link", "set", "eth0", "up")

    def _space(self, name: str) -> str:
        return f"{self.bridge}-{name}"

    def _cable(self, name: str) -> str:
        return f"{self.bridge}{name}"[:15]


def network(names: Sequence[str]) -> Network:
    """A network that no other run has."""
    number = os.getpid() % 200 + 20
    return Network(f"hr{os.getpid() % 100_000}", f"10.77.{number}", tuple(names))


@contextmanager
def made(net: Network) -> Iterator[Network]:
    """The network for the time of a `with` block. Raises `NotHereError`."""
    try:
        net.make()
        yield net
    finally:
        for command in net.undo():
            subprocess.run(command, check=False, capture_output=True, timeout=20)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True, timeout=20)
    if done.returncode:
        raise NotHereError(f"ip {' '.join(words)}: {done.stderr.strip()}")
