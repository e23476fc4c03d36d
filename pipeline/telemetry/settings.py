"""Settings of logs and traces. Without any, logs are lines of JSON in the home and nothing is sent anywhere."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class TelemetrySettings(BaseModel):
    """Logs and traces."""

    log_format: Literal["json", "text"] = "json"
    """`json`: one object a line, for machines that collect logs; `text`: for reading in a terminal."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Of our own messages; other libraries are heard from WARNING on."""
    traces: str = ""
    """`http://host:4318` of a collector that speaks OTLP over HTTP; empty: no traces."""
    sample: float = Field(default=1.0, ge=0, le=1)
    """Share of dossiers and requests that are traced."""
