"""Runs ONNX graphs: OpenVINO where it is installed and takes the graph, ONNX Runtime otherwise.

One protocol, `Network`: named arrays in, arrays out in the graph's own order. A network serves `streams` calls at
once; each call borrows an inference request of its own, so that any number of threads may share one network.
`threads` is the budget of the whole network: every stream gets threads // streams of it, at least one.
`precision="native"` lets OpenVINO compute in bf16 where the CPU has it (a third of the time); `"f32"` answers alike on
every machine. A network says which it is. Neither runtime is let near a network: graphs come as bytes, and telemetry
is switched off where it exists.
"""

from __future__ import annotations

import functools
import os
import queue
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, Protocol

from models.compiled import compiled
from models.errors import WeightsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]

Backend = Literal["auto", "openvino", "onnxruntime"]
Precision = Literal["native", "f32"]


class Network(Protocol):
    """A loaded graph. Safe to call from several threads at once."""

    backend: str
    """Name and version of the runtime."""
    precision: str
    """What it computes in: `f32` or `bf16`."""

    def run(self, inputs: Mapping[str, Array]) -> tuple[Array, ...]:
        """Outputs in the graph's order; the arrays belong to the caller."""
        ...


def open_network(
    graph: bytes,
    *,
    threads: int = 1,
    streams: int = 1,
    backend: Backend = "auto",
    precision: Precision = "native",
    kept: Sequence[Path] = (),
) -> Network:
    """Loads an ONNX graph.

    `threads` cores at most are used by all `streams` together; `kept` are folders of compiled networks
    (`models.compiled`). Raises `WeightsError` where no runtime takes the graph.
    """
    if threads < 1 or streams < 1:
        raise ValueError(f"threads and streams must be at least 1, got {threads} and {streams}")
    streams = min(streams, threads)
    openers: dict[str, Callable[[bytes, int, int, Precision], Network]] = {
        "openvino": functools.partial(_OpenvinoNetwork, kept=kept),
        "onnxruntime": _OnnxruntimeNetwork,
    }
    tried = ("openvino", "onnxruntime") if backend == "auto" else (backend,)
    failures = []
    for name in tried:
        try:
            return openers[name](graph, threads, streams, precision)
        except (ImportError, RuntimeError) as error:  # both runtimes raise RuntimeError for graphs they cannot take
            failures.append(f"{name}: {error}")
        except Exception as error:
            if not type(error).__module__.startswith("onnxruntime"):
                raise
            failures.append(f"{name}: {error}")
    raise WeightsError("no runtime takes the graph; " + "; ".join(failures))


class _OpenvinoNetwork:
    def __init__(
        self, graph: bytes, threads: int, streams: int, precision: Precision, kept: Sequence[Path] = ()
    ) -> None:
        import openvino

        core = openvino.Core()
        settings: dict[str, object] = {
            "NUM_STREAMS": streams,
            "INFERENCE_NUM_THREADS": threads,
            # Pinning ties every process on a machine to the same first cores.
            "ENABLE_CPU_PINNING": False,
        }
        if precision == "f32":
            settings["INFERENCE_PRECISION_HINT"] = "f32"
        self.backend = f"openvino-{openvino.__version__.split('-')[0]}"
        self._compiled = compiled(core, graph, settings, folders=kept)
        hint = self._compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
        self.precision = str(hint)
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(streams):
            self._requests.put(self._compiled.create_infer_request())

    def run(self, inputs: Mapping[str, Array]) -> tuple[Array, ...]:
        with _borrowed(self._requests) as request:
            request.infer(dict(inputs))
            return tuple(tensor.data.copy() for tensor in request.output_tensors)


class _OnnxruntimeNetwork:
    def __init__(self, graph: bytes, threads: int, streams: int, precision: Precision) -> None:
        # Without this, importing it writes a device id and an event store under HOME.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import onnxruntime

        del precision  # its CPU kernels know f32 only
        onnxruntime.disable_telemetry_events()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = max(1, threads // streams)
        options.inter_op_num_threads = 1
        # The arena only grows where every line has another width.
        options.enable_cpu_mem_arena = False
        self.backend = f"onnxruntime-{onnxruntime.__version__}"
        self.precision = "f32"
        # A session's intra-op pool is shared by its callers, so every stream has a session of its own.
        self._sessions: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(streams):
            self._sessions.put(onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"]))

    def run(self, inputs: Mapping[str, Array]) -> tuple[Array, ...]:
        with _borrowed(self._sessions) as session:
            outputs: list[NDArray[np.generic]] = session.run(None, dict(inputs))
        return tuple(outputs)


@contextmanager
def _borrowed(pool: queue.SimpleQueue[Any]) -> Iterator[Any]:
    """One item of the pool, given back whatever happens; waits while all are out."""
    item = pool.get()
    try:
        yield item
    finally:
        pool.put(item)
