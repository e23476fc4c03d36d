"""Back-pressure: what disk, memory and queue allow just now, for the doors and for the workers.

As room gets short the backlog stops first and the desk last: a worker begins no more backlog dossiers, the doors take
no more in, and what is in hand is finished. A refusal is honest: nothing of the files was kept, and it says when to
come again. Looking costs a few system calls and, for the queue, one query; it is done anew each time.
"""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.catalogue.lanes import Lane
from pipeline.errors import HeldError, HosoError

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
    retry_after = 60


class BacklogFullError(HeldError):
    """Too many backlog dossiers wait already: nothing of these was kept."""

    code = "backlog_full"
    message_vi = "Hàng đợi hồ sơ nộp theo lô đã đầy nên chưa nhận thêm."
    remedy_vi = "Hãy nộp tiếp khi hàng đợi vơi bớt; hồ sơ tại quầy vẫn được nhận bình thường."
    retry_after = 300


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
    if room.disk < (flows.disk_backlog_mb if backlog else flows.disk_desk_mb) * _MB:
        return "disk_low"
    if room.memory < (flows.memory_backlog_mb if backlog else flows.memory_desk_mb) * _MB:
        return "memory_low"
    if backlog and room.desk_waits > flows.desk_age_seconds:
        return "desk_waits"
    return ""


def admit(settings: Settings, catalogue: Catalogue, lane: Lane, size: int = 0) -> None:
    """Lets `size` bytes in, or says why not. Raises `NoRoomError`, `BacklogFullError`."""
    flows = settings.flows
    least = (flows.disk_backlog_mb if lane is Lane.BACKLOG else flows.disk_desk_mb) * _MB
    free = free_disk(settings)
    if free - size < least:
        raise NoRoomError(None, f"{free // _MB} MB free, {least // _MB} MB are kept free")
    if lane is Lane.BACKLOG:
        count = catalogue.queue().stand(lane).count
        if count >= flows.backlog_most:
            raise BacklogFullError(None, f"{count} dossiers wait")


def retry_after(error: HosoError) -> int | None:
    """Seconds after which a refused caller may come again; None where the error does not say."""
    found = getattr(error, "retry_after", None)
    return math.ceil(found) if isinstance(found, int | float) else None


def _there(place: Path) -> Path:
    while not place.exists():
        place = place.parent
    return place
