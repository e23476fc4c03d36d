"""Traces: one from receipt to filing, over processes; and a real exchange with a collector over OTLP/HTTP."""

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pipeline.composition import build_house
from pipeline.errors import HosoError
from pipeline.settings import Settings
from pipeline.telemetry.settings import TelemetrySettings
from pipeline.telemetry.spans import NoSpans, build_spans


@contextmanager
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    heard: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            heard.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_without_a_collector_nothing_is_made() -> None:
    spans = build_spans(TelemetrySettings())
    assert isinstance(spans, NoSpans)
    with spans.span("read", dossier="hs-1") as span:
        assert span.traceparent == ""


def test_a_span_goes_on_in_another_process_and_keeps_errors_texts_to_itself() -> None:
    exporter = InMemorySpanExporter()
    spans = build_spans(TelemetrySettings(), exporter)
    with spans.span("receive") as first:
        parent = first.traceparent

    def fails() -> None:
        with spans.span("read", parent, dossier="hs-1"):
            raise HosoError("Nguyễn Văn An.pdf", "text of a paper")

    with pytest.raises(HosoError):
        fails()
    spans.close()
    receive, read = exporter.get_finished_spans()
    assert read.context.trace_id == receive.context.trace_id
    assert read.parent is not None
    assert read.parent.span_id == receive.context.span_id
    assert dict(read.attributes or {}) == {"hoso.dossier": "hs-1", "hoso.error": HosoError.code}
    assert not read.events
    assert not read.status.is_ok


def test_receipt_and_stages_of_two_processes_are_one_trace_at_the_collector(tmp_path: Path) -> None:
    paper = tmp_path / "tờ.png"
    paper.write_bytes(b"no picture at all")
    with collector() as (address, heard):
        settings = Settings(home=tmp_path / "home", telemetry=TelemetrySettings(traces=address))
        with build_house(settings) as house:
            dossier_id = house.conductor.receive([paper], None).dossier_id
        with build_house(settings) as house:
            house.conductor.run_stage(dossier_id, "intake")
    sent = [span for one in heard for part in one.resource_spans for scope in part.scope_spans for span in scope.spans]
    assert [span.name for span in sent] == ["receive", "intake"]
    assert len({span.trace_id for span in sent}) == 1
    assert sent[1].parent_span_id == sent[0].span_id


def test_a_collector_that_is_away_stops_nobody(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", telemetry=TelemetrySettings(traces="http://127.0.0.1:9"))
    with build_house(settings) as house, house.tools.spans.span("read") as span:
        assert span.traceparent.startswith("00-")
