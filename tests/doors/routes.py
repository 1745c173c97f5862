"""What the tests know of the API comes from its own routes: a new route is tested without anybody remembering."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from app.api import build_api
from app.api.scopes import Mark, mark_of
from app.core.ids import new_id
from app.core.ports import Ports

SLUGS = {"slug": "google-rsa", "number": "1", "name": "x", "rest": "nothing"}


class Operation(NamedTuple):
    """One method of one route."""

    method: str
    path: str
    mark: Mark | None

    @property
    def has_id(self) -> bool:
        """Whether the address names a row."""
        return "_id}" in self.path

    def address(self, ids: dict[str, str] | None = None) -> str:
        """Return the path with its slots filled; ids that are not given are made up."""
        known = SLUGS | (ids or {})
        return re.sub(r"\{(\w+)(?::\w+)?\}", lambda slot: known.get(slot[1]) or str(new_id()), self.path)


def operations(app: FastAPI) -> list[Operation]:
    """Return every operation of the application, in order."""
    found = []
    for route in app.routes:
        if isinstance(route, APIRoute | Route):
            endpoint: Any = route.endpoint
            found += [Operation(method, route.path, mark_of(endpoint)) for method in sorted(route.methods or ())]
    return found


def operations_of(ports: Ports) -> list[Operation]:
    """Return every operation that a person or a program can use."""
    return [one for one in operations(build_api(ports)) if "{rest" not in one.path]


def code_of(answer: Any) -> str:  # Any: an answer of httpx
    """Return the code of a refusal, in whichever of the two forms it came."""
    told = answer.json()
    return str(told.get("error", told)["code"])
