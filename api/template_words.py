"""The templates' environment: words for the machine's codes, times as people write them, and nothing unescaped.

An undefined name stops a page instead of leaving a hole in it. Nothing is inline in any template, so that the strict
content policy holds.
"""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api import words
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
    environment.filters["shown"] = words.shown
    environment.filters["percent"] = lambda p: f"{min(99, int(p * 100)) if p < 1 else 100}%"
    environment.filters["local"] = lambda when: f"{local(when):%H:%M %d/%m/%Y}"
    environment.globals["words"] = {
        "status": words.STATUS,
        "stage": words.STAGE,
        "severity": words.SEVERITY,
        "component": words.COMPONENT,
        "field": words.FIELD,
        "source": words.SOURCE,
        "reason": words.REASON,
        "next_step": words.NEXT_STEP,
        "slip": words.SLIP,
    }
    return environment
