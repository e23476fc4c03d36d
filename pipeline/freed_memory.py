"""Lets freed page images go back to the system, in a process that decodes pages all day.

glibc raises the size from which a block is mapped by itself to that of the largest block ever freed, up to 32 MB: after
the first page of 25 MB all further pages come from its arenas, one for each thread, whose holes nobody else can use. A
worker then grows for hundreds of pages. With the limits said, they stay where they are (mallopt(3)).
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_LARGE = 1 << 20
_ARENAS = 2


def let_go_of_freed_memory() -> bool:
    """Sets the limits for this process; False where its C library knows none. Call it before threads are started."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False
    wanted = ((_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE), (_ARENA_MAX, _ARENAS))
    return all(code == 1 for code in [mallopt(name, value) for name, value in wanted])
