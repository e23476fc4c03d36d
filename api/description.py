"""What FastAPI cannot know of the API's description: the problem document, and what every gate may answer.

The schema of problems is put where the routes' error answers point to; each operation gets the two ways to come in and
the refusals of the gate, so that no answer is undocumented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.problems import Problem, answers
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api.access.gate import Gate

_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "A machine's key (hoso access key add)."},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-hoso", "description": "Somebody who signed in."},
}


def description_route(app: FastAPI, gate: Gate) -> APIRouter:
    """`/openapi.json`: no secret, but behind the gate like everything."""
    router = APIRouter()

    @router.get("/openapi.json", include_in_schema=False)
    async def description(_: Principal | None = gate.open()) -> JSONResponse:
        return JSONResponse(app.openapi())

    return router


def complete(app: FastAPI) -> None:
    """Completes the description that the app gives."""
    original = app.openapi

    def openapi() -> dict[str, Any]:
        schema = original()
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {}).setdefault("Problem", Problem.model_json_schema())
        components.setdefault("securitySchemes", _SCHEMES)
        for path in schema["paths"].values():
            for operation in path.values():
                operation.setdefault("security", [{"key": []}, {"session": []}])
                for status, answer in answers(401, 403, 429).items():
                    operation["responses"].setdefault(str(status), answer)
                if "requestBody" in operation:
                    # A body that is no text at all is refused before anything looks for fields in it.
                    operation["responses"].setdefault("400", answers(400)[400])
                if "422" in operation["responses"]:
                    # FastAPI describes its own form of this answer; ours is a problem like every other.
                    operation["responses"]["422"] = answers(422)[422]
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's own way to extend the description
