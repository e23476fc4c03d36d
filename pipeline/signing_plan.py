"""Who signs a record, in which order, and how each signature looks: data, by procedure.

Without a plan file a record gets one signature, of the installation's key, with the look of the settings. A plan
(`HOSO_SIGNING__PLAN_FILE`) is a YAML file: `default` and, under `procedures`, codes; each a list of signatures in the
order of signing, as the rules want it: officer, leader, the agency's seal. A role's key is a setting
(`HOSO_SIGNING__KEYS`), never part of the plan, which may be shown to anyone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipeline.errors import HosoError
from pipeline.record import Model

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.record import Dossier
    from pipeline.settings import Settings

MAIN_ROLE = "officer"
"""Its key is the installation's own."""


class SigningPlanError(HosoError):
    """The plan file cannot be read, or says what no plan says."""

    code = "signing_plan_invalid"
    message_vi = "Tệp kế hoạch ký không đúng."
    remedy_vi = "Hãy sửa tệp khai báo ở HOSO_SIGNING__PLAN_FILE rồi chạy lại; hồ sơ vẫn được giữ."


class Signature(Model):
    """One signature of a plan."""

    role: str = Field(default=MAIN_ROLE, pattern=r"^[a-z][a-z0-9_]{0,39}$")
    appearance: Literal["invisible", "digitised_paper", "nd30_copy"] = "invisible"
    copy_kind: Literal["SAO Y", "SAO LỤC", "TRÍCH SAO"] = "SAO Y"
    """Only for `nd30_copy`."""
    reason: str = Field(default="Số hóa hồ sơ", max_length=200)


class SigningPlan(Model):
    """The signatures of a record: of its procedure's, else of the default."""

    default: tuple[Signature, ...] = Field(min_length=1, max_length=8)
    procedures: dict[str, tuple[Signature, ...]] = Field(default_factory=dict)

    def of(self, dossier: Dossier) -> tuple[Signature, ...]:
        """In the order of signing. No stamp where nothing came from paper: "converted" would be untrue of it."""
        signatures = self.procedures.get(dossier.procedure or "") or self.default
        electronic = all(o.signed or o.born_digital for o in dossier.originals if not o.error)
        if not electronic:
            return signatures
        return tuple(
            s.model_copy(update={"appearance": "invisible"}) if s.appearance == "digitised_paper" else s
            for s in signatures
        )


def load_plan(settings: Settings) -> SigningPlan:
    """The plan of this installation; raises SigningPlanError."""
    if settings.signing.plan_file is None:
        return SigningPlan(default=(Signature(appearance=settings.signing.appearance),))
    return _read(settings.signing.plan_file)


def _read(path: Path) -> SigningPlan:
    from pipeline.procedures.yaml_file import Broken, read_yaml

    try:
        return read_yaml(path).as_model(SigningPlan)
    except Broken as error:
        raise SigningPlanError(path.name, str(error)) from error
