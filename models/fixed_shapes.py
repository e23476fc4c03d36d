"""Runs a graph on OpenVINO compiled for the very shape of its input: the detector's way of sparing memory and time.

Compiled for any shape, the detector holds 370 MB of working memory for one A4 page and as much again for the next size
of page; compiled for one shape its plan of memory is known beforehand: 170 MB, and a tenth faster. Pages come in few
shapes, so the last ones stay compiled (0.25 s each, 45 MB); only those in use keep their working memory.
Every page is computed by a plan of its own shape, so what a page gives never depends on the pages before it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from models.compiled import compiled
from models.errors import WeightsError
from models.runtime import open_network

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from models.runtime import Array, Backend, Network, Precision

_KEPT = 3
"""Shapes that stay compiled."""


def open_fixed_shapes(
    graph: bytes,
    shape: tuple[int, ...],
    *,
    threads: int = 1,
    streams: int = 1,
    backend: Backend = "auto",
    precision: Precision = "native",
    kept: Sequence[Path] = (),
) -> Network:
    """A network with one image input, compiled for each shape that comes; `shape` is compiled at once.

    `kept` are folders of compiled networks (`models.compiled`).

    Where OpenVINO is not to be had or not wanted, the same as `models.runtime.open_network`. Raises `WeightsError`.
    """
    if threads < 1 or streams < 1:
        raise ValueError(f"threads and streams must be at least 1, got {threads} and {streams}")
    if backend != "onnxruntime":
        try:
            streams = min(streams, threads)
            return _FixedShapes(graph, shape, threads=threads, streams=streams, precision=precision, kept=kept)
        except (ImportError, RuntimeError) as error:
            if backend == "openvino":
                raise WeightsError(f"openvino: {error}") from error
    return open_network(graph, threads=threads, streams=streams, backend=backend, precision=precision)


class _Plan:
    """A graph compiled for one shape; as many requests as calls it ever served at once."""

    def __init__(self, compiled: Any) -> None:
        self.compiled = compiled
        self.idle: list[Any] = []
        self.busy = 0


class _FixedShapes:
    def __init__(
        self,
        graph: bytes,
        shape: tuple[int, ...],
        *,
        threads: int,
        streams: int,
        precision: Precision,
        kept: Sequence[Path],
    ) -> None:
        import openvino

        self._core = openvino.Core()
        self._graph = graph
        self._kept = kept
        self._settings: dict[str, object] = {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": threads,
            "ENABLE_CPU_PINNING": False,
        }
        if precision == "f32":
            self._settings["INFERENCE_PRECISION_HINT"] = "f32"
        self.backend = f"openvino-{openvino.__version__.split('-')[0]}"
        self._free = threading.Semaphore(streams)
        self._lock = threading.Lock()
        self._plans: OrderedDict[tuple[int, ...], _Plan] = OrderedDict()
        """The last used at the end."""
        first = self._plan(shape)
        self.precision = str(first.compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name())

    def run(self, inputs: Mapping[str, Array]) -> tuple[Array, ...]:
        """Outputs in the graph's order; the arrays belong to the caller."""
        (array,) = inputs.values()
        with self._free, self._borrowed(array.shape) as request:
            request.infer(dict(inputs))
            return tuple(tensor.data.copy() for tensor in request.output_tensors)

    @contextmanager
    def _borrowed(self, shape: tuple[int, ...]) -> Iterator[Any]:
        with self._lock:
            plan = self._plan(shape)
            request = plan.idle.pop() if plan.idle else plan.compiled.create_infer_request()
            plan.busy += 1
        try:
            yield request
        finally:
            with self._lock:
                plan.busy -= 1
                plan.idle.append(request)

    def _plan(self, shape: tuple[int, ...]) -> _Plan:
        """The plan of a shape; plans of other shapes that nobody uses give their working memory back."""
        for other, plan in self._plans.items():
            if other != shape and not plan.busy:
                plan.compiled.release_memory()
        if shape not in self._plans:
            idle = [other for other, plan in self._plans.items() if not plan.busy]
            for other in idle[: max(0, len(self._plans) + 1 - _KEPT)]:
                del self._plans[other]
            network = compiled(self._core, self._graph, self._settings, shape=shape, folders=self._kept)
            self._plans[shape] = _Plan(network)
        self._plans.move_to_end(shape)
        return self._plans[shape]
