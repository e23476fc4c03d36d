"""The HTTP door: the API under /api/v1 and the page at /, over one house.

`build_app` closes over a house: no global app, so that a test builds its own over a folder of its own. Interactive API
documentation would load scripts from elsewhere and is left out; the description itself is at /api/v1/openapi.json.
Every route stands behind a gate (`api.access.gate`); files under /static are the same for everybody and are open.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from api import description, problems
from api.access import answers
from api.access.doorkeeper import Doorkeeper
from api.access.entry import entry_routes
from api.access.gate import Gate
from api.citizen_pages import citizen_pages
from api.desk import Desk
from api.desk_pages import desk_pages
from api.desk_screen import Screens
from api.dossiers import Dossiers
from api.guard import Guard
from api.i18n import load_texts
from api.kho_pages import kho_pages
from api.metrics import Figures, Timed, metric_routes
from api.overview_pages import overview_pages
from api.pages import page_routes
from api.quality_pages import quality_room
from api.review_pages import review_room
from api.routes_desk import desk_routes
from api.routes_desk_phone import phone_routes
from api.routes_desk_screen import screen_routes
from api.routes_dossiers import dossier_routes
from api.routes_keep import keep_routes
from api.routes_kho import kho_routes
from api.routes_packages import package_routes
from api.routes_page_edits import page_edit_pages, page_edit_routes
from api.routes_results import result_routes
from api.routes_signatures import signature_routes
from api.routes_steps import step_routes
from api.steps_copies import copy_pages
from api.steps_pages import step_pages
from api.tracing import Traced
from api.uploads import Drafts
from api.verification_routes import verification_routes
from api.web import Web

if TYPE_CHECKING:
    from pipeline.composition import House

_HERE = Path(__file__).parent


def build_app(house: House) -> FastAPI:
    """The app over a house. Whoever built the house closes it."""
    app = FastAPI(
        title="Hồ Sơ Số",
        version="1",
        summary="Paper dossiers in, signed structured records out.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    keeper = Doorkeeper(house)
    gate = Gate(keeper)
    web = Web(load_texts(), keeper.people.agencies(), house.settings.agency)
    drafts = Drafts(
        house.settings.work / "uploads", house.settings.api.max_upload_mb << 20, house.settings.flows.disk_desk_mb << 20
    )
    dossiers = Dossiers(house, drafts)
    v1 = APIRouter(prefix="/api/v1")
    v1.include_router(dossier_routes(dossiers, drafts, gate))
    v1.include_router(result_routes(house, dossiers, gate))
    v1.include_router(package_routes(house, dossiers, gate))
    v1.include_router(keep_routes(house, gate))
    v1.include_router(page_edit_routes(house, dossiers, gate))
    v1.include_router(signature_routes(dossiers, gate))
    v1.include_router(step_routes(house, gate))
    v1.include_router(kho_routes(house, dossiers, gate))
    review, review_page = review_room(house, gate, web)
    v1.include_router(review)
    quality, quality_pages = quality_room(house, gate, web)
    v1.include_router(quality)
    v1.include_router(description.description_route(app, gate))
    desk = Desk(house, dossiers, drafts)
    v1.include_router(desk_routes(desk, drafts, gate))
    app.include_router(v1)
    app.include_router(phone_routes(desk, drafts, gate, web, house.settings.desk.phone_address))
    app.include_router(screen_routes(Screens(house, desk), gate, web))
    app.include_router(desk_pages(house, desk, gate, web))
    app.include_router(citizen_pages(house, gate, web))
    app.include_router(overview_pages(house, gate, web))
    app.include_router(review_page)
    app.include_router(quality_pages)
    app.include_router(entry_routes(keeper, gate, web))
    app.include_router(kho_pages(house, gate, web))
    app.include_router(step_pages(house, gate, web))
    app.include_router(copy_pages(house, gate, web))
    app.include_router(page_edit_pages(house, dossiers, gate, web))
    app.include_router(page_routes(house, dossiers, drafts, gate, web))
    app.include_router(verification_routes(house, dossiers, gate, web))
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    problems.install(app)
    answers.install(app, web)
    figures = Figures(house)
    app.include_router(metric_routes(figures, gate))
    app.add_middleware(Timed, figures=figures)
    app.add_middleware(Guard, host=house.settings.api.host)
    app.add_middleware(Traced, spans=house.tools.spans)
    description.complete(app)
    return app
