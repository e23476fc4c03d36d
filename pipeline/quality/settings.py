"""What can be set of measuring quality: promises, what a test must find, how much is sampled and keyed twice."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field, model_validator

from pipeline.quality.statistics import PromiseTest


class QualitySettings(BaseModel):
    """Sampling, planted answers, second keys, and figures of people."""

    on: bool = True
    """Whether filed dossiers are sampled at all."""
    promise: float = Field(default=0.01, gt=0, lt=1)
    """Highest share of accepted values that may be wrong, but for key fields."""
    promise_key: float = Field(default=0.001, gt=0, lt=1)
    """The same for key fields."""
    detect: float = Field(default=0.02, gt=0, lt=1)
    """Share of wrong values that a cycle must find, but for key fields."""
    detect_key: float = Field(default=0.005, gt=0, lt=1)
    """The same for key fields."""
    alpha: float = Field(default=0.05, gt=0, lt=1)
    """Highest chance that a cycle calls a kept promise broken."""
    power: float = Field(default=0.99, gt=0, lt=1)
    """Chance that a cycle finds `detect` within its announced samples."""
    rate: float = Field(default=0.05, gt=0, le=1)
    """Share of accepted values that is sampled until a kind's own volume is known."""
    least: float = Field(default=0.01, gt=0, le=1)
    """Share of accepted values that is sampled at least."""
    most: float = Field(default=0.25, gt=0, le=1)
    """Between these a kind's rate is chosen so that a cycle takes `cycle_days`."""
    cycle_days: int = Field(default=30, ge=1)
    """In which the announced number of samples ought to come together."""
    confirm: bool = True
    """Whether a difference in a sample counts only after a second person keyed it blindly. Off only where one person
    works alone: then a clerk's slip counts as the machine's."""
    planted: float = Field(default=0.1, ge=0, le=1)
    """Items with a known answer for each sampled one."""
    planted_wrong: float = Field(default=0.7, ge=0, le=1)
    """Share of the planted items that show a wrong value."""
    second_below: float = Field(default=0.6, ge=0, le=1)
    """Key fields whose chance is lower than this are keyed blindly by a second person; 0: none."""
    look_seconds: float = Field(default=5.0, gt=0)
    """How often newly filed dossiers and answers are looked at."""
    individual_days: int = Field(default=14, ge=0)
    """Days that figures of one clerk are that clerk's alone; then leaders see them, if the clerk released them."""

    @model_validator(mode="after")
    def _tellable(self) -> Self:
        self.test(key_field=True)
        self.test(key_field=False)
        if self.least > self.most:
            raise ValueError("quality.least is above quality.most")
        return self

    def test(self, *, key_field: bool) -> PromiseTest:
        """The test of a kind of field. Raises `ValueError` where promise and detect cannot be told apart."""
        promise, detect = (self.promise_key, self.detect_key) if key_field else (self.promise, self.detect)
        return PromiseTest(promise, detect, self.alpha, self.power)
