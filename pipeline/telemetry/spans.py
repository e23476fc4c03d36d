"""Traces: one for a dossier's whole way, from the upload through every stage, in whatever process a stage runs.

The seam is small: a span is a `with` block that knows its trace context (W3C `traceparent`), so that another process
can go on with it. The context travels with the dossier, in the event of its receipt, not in a queue or an engine.
Without a collector nothing of OpenTelemetry is imported and a span costs nothing. Attributes are ids, codes, counts.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span as OtelSpan

    from pipeline.telemetry.settings import TelemetrySettings

SERVICE = "hoso"


class Span(Protocol):
    """An open span."""

    @property
    def traceparent(self) -> str:
        """Its trace context; empty without a collector."""
        ...

    def say(self, name: str = "", **about: str | int) -> None:
        """Another name, or more about it, learnt on the way."""
        ...


class Spans(Protocol):
    """Starts spans."""

    @property
    def on(self) -> bool:
        """Whether anybody listens; what only serves traces is left out otherwise."""
        ...

    def span(self, name: str, parent: str = "", **about: str | int) -> AbstractContextManager[Span]:
        """A span; `parent` is a `traceparent`, or empty for the span that is open here, if any.

        An exception marks the span and goes on.
        """
        ...

    def close(self) -> None:
        """Sends what waits, within seconds."""
        ...


class NoSpans:
    """Nobody listens; it is its own span."""

    on = False
    traceparent = ""

    @contextmanager
    def span(self, name: str, parent: str = "", **about: str | int) -> Iterator[Span]:
        """Does nothing."""
        del name, parent, about
        yield self

    def say(self, name: str = "", **about: str | int) -> None:
        """Nobody hears it."""

    def close(self) -> None:
        """Nothing to send."""


class _OtelSpan:
    def __init__(self, span: OtelSpan, traceparent: str) -> None:
        self._span = span
        self.traceparent = traceparent

    def say(self, name: str = "", **about: str | int) -> None:
        if name:
            self._span.update_name(name)
        for key, value in about.items():
            self._span.set_attribute(f"hoso.{key}", value)


class OtelSpans:
    """Spans of OpenTelemetry, through a provider of our own: nothing is registered for the whole process."""

    on = True

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self.provider = provider
        self._tracer = provider.get_tracer(SERVICE)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, parent: str = "", **about: str | int) -> Iterator[Span]:
        """See `Spans`."""
        context = self._propagator.extract({"traceparent": parent}) if parent else None
        attributes = {f"hoso.{key}": value for key, value in about.items()}
        # The exception's text stays here: it may quote what was read.
        with self._tracer.start_as_current_span(
            name, context=context, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            carrier: dict[str, str] = {}
            self._propagator.inject(carrier)
            try:
                yield _OtelSpan(span, carrier.get("traceparent", ""))
            except BaseException as error:
                from opentelemetry.trace import Status, StatusCode

                span.set_attribute("hoso.error", str(getattr(error, "code", "") or type(error).__name__))
                span.set_status(Status(StatusCode.ERROR))
                raise

    def close(self) -> None:
        """See `Spans`."""
        self.provider.shutdown()


def build_spans(settings: TelemetrySettings, exporter: SpanExporter | None = None) -> Spans:
    """Spans to the collector of the settings; `exporter` replaces the one that speaks OTLP over HTTP."""
    if not settings.traces and exporter is None:
        return NoSpans()
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

    if exporter is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=f"{settings.traces.rstrip('/')}/v1/traces", timeout=5)
    provider = TracerProvider(
        resource=Resource.create({"service.name": SERVICE}),
        sampler=ParentBased(TraceIdRatioBased(settings.sample)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return OtelSpans(provider)
