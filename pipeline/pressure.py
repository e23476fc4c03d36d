"""Back-pressure: what disk, memory and queue allow just now, for the doors and for the workers.

As room gets short the backlog stops first and the desk last: a worker begins no more backlog dossiers, the doors take
no more in, and what is in hand is finished. A refusal is honest: nothing of the files was kept, and it says when to
come again. Looking costs a few system calls and, for the queue, one query; it is done anew each time.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.catalogue.lanes import Lane
from pipeline.errors import HeldError

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.catalogue.catalogue import Catalogue
    from pipeline.flow_settings import FlowSettings
    from pipeline.settings import Settings

_MB = 1 << 20


class NoRoomError(HeldError):
    """The disk is too full to take files in: nothing of these was kept."""

    code = "disk_low"
    message_vi = "Máy chủ sắp hết chỗ trên đĩa nên chưa nhận thêm hồ sơ."
    remedy_vi = "Tệp của bạn vẫn ở chỗ cũ; hãy báo quản trị viên dọn hoặc mở rộng đĩa rồi nộp lại."
    seconds = 60
    """After which the caller may come again."""


class BacklogFullError(HeldError):
    """Too many backlog dossiers wait already: nothing of these was kept."""

    code = "backlog_full"
    message_vi = "Hàng đợi hồ sơ nộp theo lô đã đầy nên chưa nhận thêm."
    remedy_vi = "Hãy nộp tiếp khi hàng đợi vơi bớt; hồ sơ tại quầy vẫn được nhận bình thường."
    seconds = 300
    """After which the caller may come again."""


@dataclass(frozen=True, slots=True)
class Room:
    """What there is of what work needs."""

    disk: int
    """Bytes free, the least of all places that are written to."""
    memory: int
    """Bytes that could be had without swapping."""
    desk_waits: float = 0.0
    """Seconds for which the oldest desk dossier that nobody has in hand has waited."""


def places(settings: Settings) -> list[Path]:
    """The folders on this machine that dossiers are written to."""
    store = [settings.store.folder] if settings.store.folder is not None and settings.store.kind != "s3" else []
    return [settings.home, *store]


def free_disk(settings: Settings) -> int:
    """Bytes; a place that is not there counts by the folder that it would be made in."""
    return min(shutil.disk_usage(_there(place)).free for place in places(settings))


def look(settings: Settings, catalogue: Catalogue | None = None) -> Room:
    """Just now; without a catalogue the queue is not looked at. Raises catalogue errors."""
    import psutil

    waits = catalogue.queue().stand(Lane.DESK).oldest_seconds if catalogue is not None else 0.0
    return Room(free_disk(settings), psutil.virtual_memory().available, waits)


def objection(flows: FlowSettings, room: Room, lane: Lane) -> str:
    """Why no dossier of the lane is begun, as a stable code; empty where one may be."""
    backlog = lane is Lane.BACKLOG
    if room.disk < _least_disk(flows, lane):
        return "disk_low"
    # What stops the desk stops the backlog, too, whatever was set.
    if room.memory < max(flows.memory_backlog_mb if backlog else 0, flows.memory_desk_mb) * _MB:
        return "memory_low"
    if backlog and room.desk_waits > flows.desk_age_seconds:
        return "desk_waits"
    return ""


def admit(settings: Settings, catalogue: Catalogue, lane: Lane, size: int = 0) -> None:
    """Lets `size` bytes in, or says why not. Raises `NoRoomError`, `BacklogFullError`."""
    flows = settings.flows
    least = _least_disk(flows, lane)
    free = free_disk(settings)
    if free - size < least:
        raise NoRoomError(None, f"{free // _MB} MB free, {least // _MB} MB are kept free")
    if lane is Lane.BACKLOG:
        count = catalogue.queue().stand(lane).count
        if count >= flows.backlog_most:
            raise BacklogFullError(None, f"{count} dossiers wait")


def _least_disk(flows: FlowSettings, lane: Lane) -> int:
    return max(flows.disk_backlog_mb if lane is Lane.BACKLOG else 0, flows.disk_desk_mb) * _MB


def _there(place: Path) -> Path:
    while not place.exists():
        place = place.parent
    return place
