"""The templates' environment: values, shares and times as people write them, and nothing unescaped.

An undefined name stops a page instead of leaving a hole in it. Nothing is inline in any template, so that the strict
content policy holds.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.words import shown
from pipeline.clock import local


def page_environment() -> Environment:
    """Templates with the words and filters that pages use."""
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    environment.filters["percent"] = lambda p: f"{min(99, int(p * 100)) if p < 1 else 100}%"
    environment.filters["local"] = lambda when: f"{local(when):%H:%M %d/%m/%Y}"
    return environment
