"""Puts the REST door together. Nothing here decides: routes are in app/api/rest, their rules in app/api/door.py."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from app.api.door import Door, DoorRoute, Visit, answer_for, door_of
from app.api.gate import request_id_of
from app.api.languages import preferred
from app.api.openapi import openapi_document
from app.api.problems import Translate, english
from app.api.rest import (
    api_keys,
    auth,
    documents,
    favourites,
    files,
    generations,
    health,
    invitations,
    members,
    organisations,
    providers,
    templates,
    usage,
)
from app.api.scopes import public
from app.core.errors import NotFound
from app.core.ports import Ports

_FEATURES = (
    health, auth, organisations, members, invitations, api_keys, templates, generations, documents, files, favourites,
    providers, usage,
)  # fmt: skip


def build_api(ports: Ports, *, translate: Translate = english) -> FastAPI:
    """Return the REST door of one installation; `translate` finds sentences in the caller's language.

    The application has no middleware of its own and leaves every address outside /api, /healthz, /readyz and /metrics
    to what is mounted behind it.
    """
    app = FastAPI(title="Galley", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.door = Door(ports, translate)
    app.router.route_class = DoorRoute
    for feature in _FEATURES:
        app.router.routes.extend(feature.router.routes)
    app.router.routes.extend(_edges(app).routes)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(RequestValidationError, _unrouted)
    return app


def _edges(app: FastAPI) -> APIRouter:
    """The document of the API, and the end of the road for addresses below /api that nothing answers."""
    router = APIRouter(route_class=DoorRoute)

    @cache
    def document() -> dict[str, Any]:  # Any: JSON
        return openapi_document(app, door_of(app).ports.settings)

    @router.get("/api/openapi.json", include_in_schema=False)
    @public
    async def show_openapi() -> Response:
        """The OpenAPI document of this version."""
        return JSONResponse(document())

    @router.api_route(
        "/api/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    @public
    async def nothing_here(request: Request) -> None:
        """Whatever else is asked for below /api; a known address says which methods it takes."""
        known = [one for one in app.routes if isinstance(one, APIRoute) and one is not request.scope["route"]]
        takes = {method for one in known if one.path_regex.match(request.url.path) for method in one.methods or ()}
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(takes))}) if takes else NotFound()

    return router


async def _unrouted(request: Request, error: Exception) -> Response:
    """Answer what the router refused before a route was found, such as a method that an address does not take."""
    visit = Visit(request_id_of(request.scope), preferred(request.headers.get("accept-language")))
    return answer_for(error, visit, door_of(request.app).translate, route="")
