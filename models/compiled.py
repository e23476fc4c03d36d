"""Keeps compiled networks on disk: a child that finds them starts in a quarter of the time.

A plan belongs to one graph, shape, setting, OpenVINO build and processor; all of that is its name, so that whatever
changes makes a new file. It answers bit for bit as the freshly compiled network does. A file carries the SHA-256 of its
plan and appears in one step: cut short or damaged, it is made anew. Nothing depends on it: a folder that cannot be
written is left alone, and the plans longest unused go when there are too many.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KEPT = 24
"""Plans in a folder, 0.2 to 12 MB each; a reader has six, and the detector one more for each size of page."""
_SUFFIX = ".plan"
_SUM = 32
"""Bytes of a SHA-256."""


def compiled(
    core: Any,
    graph: bytes,
    settings: Mapping[str, object],
    *,
    shape: Sequence[int] | None = None,
    folders: Sequence[Path] = (),
) -> Any:
    """The ONNX graph compiled for the CPU, for one input `shape` or any. `core` is an `openvino.Core`.

    Looked for in all `folders` and kept in the first that can be written. Raises `RuntimeError` for a graph that
    OpenVINO does not take.
    """
    name = _name(core, graph, settings, shape) if folders else ""
    for folder in folders:
        plan = _load(folder / name)
        if plan is not None:
            # Made by another build in spite of its name, or for a processor of the same name that does less.
            with contextlib.suppress(RuntimeError):
                return core.import_model(plan, "CPU", dict(settings))
    model = core.read_model(graph, b"")
    if shape is not None:
        model.reshape(list(shape))
    network = core.compile_model(model, "CPU", dict(settings))
    if folders:
        _keep(network.export_model().getvalue(), name, folders)
    return network


def _name(core: Any, graph: bytes, settings: Mapping[str, object], shape: Sequence[int] | None) -> str:
    import openvino

    device = [str(core.get_property("CPU", key)) for key in ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")]
    digest = hashlib.sha256(graph).hexdigest()
    told = json.dumps([digest, shape, openvino.__version__, device, sorted(settings.items())], default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32] + _SUFFIX


def _load(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    plan = content[_SUM:]
    if content[:_SUM] != hashlib.sha256(plan).digest():
        return None
    # What is used stays: the sizes of odd pages must not drive out what every start needs.
    with contextlib.suppress(OSError):
        os.utime(path)
    return plan


def _keep(plan: bytes, name: str, folders: Sequence[Path]) -> None:
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as stream:
                try:
                    stream.write(hashlib.sha256(plan).digest())
                    stream.write(plan)
                    stream.close()
                    # Made by set-up, used by whoever runs the installation.
                    Path(stream.name).chmod(0o644)
                    Path(stream.name).replace(folder / name)
                except BaseException:
                    Path(stream.name).unlink(missing_ok=True)
                    raise
            _prune(folder)
        except OSError:
            continue
        return


def _prune(folder: Path) -> None:
    plans = sorted(folder.glob(f"*{_SUFFIX}"), key=os.path.getmtime)
    for plan in plans[:-_KEPT]:
        plan.unlink(missing_ok=True)
