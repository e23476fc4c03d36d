"""Figures of the queue for Prometheus: lanes, workers, duties, room; one address tells of all machines.

Workers are counted by state, never named: a label that changes with every process would grow without end.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from prometheus_client import Gauge

from pipeline import pressure
from pipeline.catalogue.lanes import Lane

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from pipeline.composition import House

STATES = ("starting", "idle", "busy", "recycling", "silent")
"""`silent`: not heard of for longer than `HOSO_FLOWS__SILENT_SECONDS`."""


class QueueFigures:
    """The figures of one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._waiting = Gauge("hoso_queue_waiting", "Dossiers due in nobody's hand", ["lane"], registry=registry)
        self._oldest = Gauge("hoso_queue_oldest_seconds", "Wait of the oldest of them", ["lane"], registry=registry)
        self._stopped = Gauge("hoso_queue_stopped", "1: no room for the lane here", ["lane"], registry=registry)
        self._workers = Gauge("hoso_workers", "Workers by state", ["state"], registry=registry)
        self._memory = Gauge("hoso_worker_memory_bytes", "Memory of the largest worker", registry=registry)
        self._beat = Gauge("hoso_worker_beat_seconds", "Since the oldest last heartbeat", registry=registry)
        self._duty_ok = Gauge("hoso_duty_ok", "1: the duty ended well last time", ["duty"], registry=registry)
        self._duty_age = Gauge("hoso_duty_age_seconds", "Since the duty ended last", ["duty"], registry=registry)

    def look(self, house: House) -> None:
        """Sets all of them. Raises catalogue errors."""
        queue = house.catalogue.queue()
        room = pressure.look(house.settings, house.catalogue)
        for lane in Lane:
            stand = queue.stand(lane)
            self._waiting.labels(lane.value).set(stand.count)
            self._oldest.labels(lane.value).set(stand.oldest_seconds)
            self._stopped.labels(lane.value).set(bool(pressure.objection(house.settings.flows, room, lane)))
        now = house.tools.clock()
        ages = {one.name: max(0.0, (now - one.beat_at).total_seconds()) for one in queue.workers()}
        silent = house.settings.flows.silent_seconds
        workers = queue.workers()
        counts = Counter("silent" if ages.get(one.name, 0.0) > silent else one.state for one in workers)
        for state in STATES:
            self._workers.labels(state).set(counts[state])
        self._memory.set(max((one.memory for one in workers), default=0))
        self._beat.set(max(ages.values(), default=0.0))
        for duty in queue.duties():
            if duty.ended_at is not None:
                self._duty_ok.labels(duty.name).set(bool(duty.ok))
                self._duty_age.labels(duty.name).set(max(0.0, (now - duty.ended_at).total_seconds()))


def queue_health(house: House) -> dict[str, Any]:
    """What health says of the queue: workers that are heard of, lanes without room here, how duties ended."""
    queue = house.catalogue.queue()
    room = pressure.look(house.settings, house.catalogue)
    flows, now = house.settings.flows, house.tools.clock()
    objections = {lane.value: pressure.objection(flows, room, lane) for lane in Lane}
    heard = [one for one in queue.workers() if (now - one.beat_at).total_seconds() <= flows.silent_seconds]
    return {
        "workers": len(heard),
        "stopped": {lane: why for lane, why in objections.items() if why},
        "duties": {duty.name: duty.ok for duty in queue.duties()},
    }
