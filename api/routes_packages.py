"""HTTP API, what a downstream system or an archive takes away: the package, the signed data, the keys to verify with.

Bytes are those that were filed. A package is made in the scratch folder, sent from there as a file and removed, so
that an error is a problem document and not a broken stream, and memory stays small whatever the dossier's size.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from api.problems import answers
from api.routes_dossiers import PurposeHeader  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations
from pipeline.access.roles import Right
from pipeline.package.make import make_package
from pipeline.signed_data import JWS_NAME, TOKEN_NAME, TOKEN_TYPE, published_keys

if TYPE_CHECKING:
    from api.access.gate import Gate
    from api.dossiers import Dossiers
    from api.own_dossiers import OwnDossiers
    from pipeline.composition import House

_FILED = {
    "data.json": ("data_json", "application/json"),
    JWS_NAME: ("data_jws", "application/jose"),
    TOKEN_NAME: ("data_jws_tst", TOKEN_TYPE),
}
FiledName = Literal["data.json", "data.jws", "data.jws.tst"]
_ZIP: dict[int | str, dict[str, Any]] = {200: {"content": {"application/zip": {}}}}
_BYTES: dict[int | str, dict[str, Any]] = {200: {"content": {kind: {} for _, kind in _FILED.values()}}}


class JwkSetResponse(JSONResponse):
    """A JWK set (RFC 7517, 8.5.2)."""

    media_type = "application/jwk-set+json"


def package_routes(house: House, dossiers: Dossiers, gate: Gate) -> APIRouter:
    """The routes that hand things over."""
    router = APIRouter()

    @router.get(
        "/dossiers/{dossier_id}/package",
        tags=["dossiers"],
        response_class=FileResponse,
        responses={**_ZIP, **answers(404, 503)},
    )
    async def package(
        dossier_id: str,
        *,
        images: bool = False,
        hoso_purpose: PurposeHeader = None,
        who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL),
    ) -> FileResponse:
        """The dossier's package (BagIt, METS, PREMIS) as a zip file; `images` adds the page images."""
        made = await run_in_threadpool(_packed, house, dossiers.of(who, hoso_purpose), dossier_id, images=images)
        clean_up = BackgroundTask(shutil.rmtree, made.parent, ignore_errors=True)
        return FileResponse(made, media_type="application/zip", filename=made.name, background=clean_up)

    @router.get(
        "/dossiers/{dossier_id}/filed/{name}",
        tags=["dossiers"],
        response_class=Response,
        responses={**_BYTES, **answers(404)},
    )
    async def filed(
        dossier_id: str,
        name: FiledName,
        hoso_purpose: PurposeHeader = None,
        who: Principal = gate.need(Right.DOSSIER_READ, Right.RESULTS_PULL),
    ) -> Response:
        """The record as it was signed (canonical JSON), its detached JWS, or that one's timestamp, byte for byte."""
        kind, media_type = _FILED[name]
        content = await run_in_threadpool(dossiers.of(who, hoso_purpose).filed, dossier_id, kind)
        return Response(content, media_type=media_type)

    @router.get(
        "/keys",
        tags=["keys"],
        response_class=JwkSetResponse,
        responses=answers(503),
    )
    async def keys(_: Principal | None = gate.open()) -> JwkSetResponse:
        """Public keys that sign or signed data here, as a JWK set with certificates; whom to trust is the caller's."""
        found: dict[str, Any] = await run_in_threadpool(published_keys, house.tools)
        return JwkSetResponse(found)

    return router


def _packed(house: House, dossiers: OwnDossiers, dossier_id: str, *, images: bool) -> Path:
    dossier = dossiers.get(dossier_id, "package")
    house.settings.work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=house.settings.work, prefix="package-"))
    try:
        return make_package(house.tools, dossier, folder, zipped=True, images=images)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
