"""Whose page is next: the desk's before the backlog's, and the backlog's never not at all."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from flows.gate import Gate
from pipeline.catalogue.lanes import Lane

if TYPE_CHECKING:
    from collections.abc import Callable

    from flows.gate import Turn


def started(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_the_desk_goes_before_whoever_waited_longer(wait_until: Callable[..., bool]) -> None:
    gate = Gate(1, trickle=60)
    first, backlog, desk = gate.join(Lane.BACKLOG), gate.join(Lane.BACKLOG), None
    order: list[str] = []

    def page(turn: Turn, name: str) -> None:
        with turn.stream():
            order.append(name)

    with first.stream():
        waiting = [started(lambda: page(backlog, "backlog"))]
        time.sleep(0.05)
        desk = gate.join(Lane.DESK)
        waiting.append(started(lambda: page(desk, "desk")))
        time.sleep(0.05)
    assert wait_until(lambda: order == ["desk"])
    time.sleep(0.1)
    assert order == ["desk"], "while the desk is in hand the backlog stands aside"
    desk.leave()
    for thread in waiting:
        thread.join(5)
    assert order == ["desk", "backlog"]


def test_earlier_dossiers_of_a_lane_go_first() -> None:
    gate = Gate(1, trickle=60)
    turns = [gate.join(Lane.BACKLOG) for _ in range(3)]
    order: list[int] = []

    def page(turn: Turn) -> None:
        with turn.stream():
            order.append(turn.number)

    with turns[0].stream():
        threads = []
        for turn in reversed(turns):
            threads.append(started(lambda turn=turn: page(turn)))  # type: ignore[misc]
            time.sleep(0.05)
    for thread in threads:
        thread.join(5)
    assert order == sorted(order)


def test_beside_a_busy_desk_the_backlog_makes_one_step_at_a_time() -> None:
    gate = Gate(1, trickle=0.3)
    desk, backlog = gate.join(Lane.DESK), gate.join(Lane.BACKLOG)
    began = time.monotonic()
    steps = []
    for _ in range(3):
        backlog.step()
        steps.append(time.monotonic() - began)
    assert steps[0] >= 0.3
    assert steps[2] >= 0.9
    assert steps[2] < 4, "it does not starve"
    assert backlog.aside >= 0.9
    desk.leave()
    began = time.monotonic()
    backlog.step()
    assert time.monotonic() - began < 0.1


def test_a_gate_that_closes_lets_everybody_on() -> None:
    gate = Gate(1, trickle=60)
    gate.join(Lane.DESK)
    thread = started(gate.join(Lane.BACKLOG).step)
    time.sleep(0.05)
    assert thread.is_alive()
    gate.close()
    thread.join(5)
    assert not thread.is_alive()
