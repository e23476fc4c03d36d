"""The sRGB colour profile of the output intent, computed from the standard's own numbers (IEC 61966-2-1).

A version 2 matrix profile (ICC.1:2001-04): three primaries adapted to D50, one tone curve of 1024 steps.
Computed rather than shipped, so that it carries nobody's licence, and the same bytes come out every time.
"""

from __future__ import annotations

import struct

_D50 = (0.9642, 1.0, 0.8249)
_RED, _GREEN, _BLUE = (0.4360, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
_STEPS = 1024
_HEADER = 128


def srgb_profile() -> bytes:
    """The profile, about 2.6 kB."""
    curve = _padded(b"curv" + bytes(4) + struct.pack(f">I{_STEPS}H", _STEPS, *(_linear(i) for i in range(_STEPS))))
    text = b"sRGB IEC61966-2.1\x00"
    description = b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(4 + 4 + 2 + 1 + 67)
    tags = {
        b"desc": _padded(description),
        b"cprt": _padded(b"text" + bytes(4) + b"No copyright, use freely\x00"),
        b"wtpt": _xyz(_D50),
        b"rXYZ": _xyz(_RED),
        b"gXYZ": _xyz(_GREEN),
        b"bXYZ": _xyz(_BLUE),
    }
    curves = (b"rTRC", b"gTRC", b"bTRC")
    table, body = b"", b""
    start = _HEADER + 4 + 12 * (len(tags) + len(curves))
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    for name in curves:  # the three channels share one curve
        table += name + struct.pack(">II", start + len(body), len(curve))
    body += curve
    content = struct.pack(">I", len(tags) + len(curves)) + table + body
    header = struct.pack(">I4sI4s4s4s6H4s", _HEADER + len(content), bytes(4), 0x02100000, b"mntr", b"RGB ", b"XYZ ",
                         2000, 1, 1, 0, 0, 0, b"acsp")  # fmt: skip
    header += bytes(28) + struct.pack(">3I", *(_fixed(value) for value in _D50))
    return header.ljust(_HEADER, b"\x00") + content


def _linear(step: int) -> int:
    value = step / (_STEPS - 1)
    return round(65535 * (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4))


def _fixed(value: float) -> int:
    return round(value * 65536)


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(_fixed(value) for value in values))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
