"""Makes a slip for a dossier of this house: the one way by which the command line, the API and the page get one.

The form is chosen by what the dossier calls for, unless somebody asks for another. The slip is not stored: it can be
made again at any time, says what the dossier says now, and has a new secret for the citizen's page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.citizen.on_slip import with_way
from pipeline.clock import local
from pipeline.rules.deadlines import DueDate, due_date
from pipeline.slips.content import Desk, Occasion, Slip, SlipForm, SlipRefusedError, fitting_form, slip_for
from pipeline.slips.sheet import slip_pdf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pipeline.procedures.terms import TimeLimit
    from pipeline.record import Dossier
    from pipeline.tools import Tools


def issue(
    tools: Tools,
    dossier: Dossier,
    form: SlipForm | None = None,
    *,
    officer: str = "",
    reasons: Sequence[str] = (),
    who: str = "system",
) -> tuple[SlipForm, bytes]:
    """The form that was made, and its PDF/A; `who` prints it (id of an account). Raises SlipRefusedError.

    The secret on it is new, and slips printed before open the citizen's page no more.
    """
    slip = with_way(tools, compose(tools, dossier, form, officer=officer, reasons=reasons), who)
    return slip.form, slip_pdf(slip)


def compose(
    tools: Tools,
    dossier: Dossier,
    form: SlipForm | None = None,
    *,
    officer: str = "",
    reasons: Sequence[str] = (),
    due: date | None = None,
) -> Slip:
    """What the slip says, before it is set; `due` is a day that somebody promises anew. Raises SlipRefusedError."""
    if dossier.procedure is None:
        remedy = "Hãy chọn thủ tục cho hồ sơ trước khi lập phiếu."
        raise SlipRefusedError(dossier.id, "procedure unknown", remedy)
    settings = tools.settings
    procedure = tools.procedures().get(dossier.procedure, dossier.received_at.date())
    limit = procedure.time_limit
    occasion = Occasion(
        dossier=dossier,
        procedure=procedure,
        desk=Desk(settings.agency, settings.desk.parent, settings.desk.place, settings.desk.phone),
        moment=tools.clock(),
        due=_due(dossier, limit, due),
        officer=officer.strip(),
        reasons=tuple(reason.strip() for reason in reasons if reason.strip()),
    )
    return slip_for(form or fitting_form(dossier), occasion)


def _due(dossier: Dossier, limit: TimeLimit | None, promised: date | None) -> DueDate | None:
    if promised is not None:
        return DueDate(promised, certain=True)
    return due_date(local(dossier.received_at), limit) if limit else None
