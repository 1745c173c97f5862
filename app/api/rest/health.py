"""/healthz, /readyz and /metrics: for whoever keeps the installation running. They tell states, never contents."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field

from app.api.door import DoorRoute, World
from app.api.scopes import public
from app.core import readiness
from app.core.counting import may_read_counts
from app.core.errors import NotAllowed
from app.core.jobs import figures

router = APIRouter(tags=["health"], route_class=DoorRoute)


class Health(BaseModel):
    """State of the installation and of each part."""

    status: str = Field(examples=["ok"])
    parts: dict[str, str] = Field(
        examples=[
            {
                "database": "ok",
                "models": "ok",
                "files": "ok",
                "limits": "ok",
                "embeddings": "ok",
                "queue": "ok",
                "bus": "ok",
                "media": "ok",
            }
        ]
    )


_MEANWHILE = frozenset({"queue", "bus"})
"""Without these jobs begin seconds later and pages tell less; the process serves all the same."""


def _answer(response: Response, parts: dict[str, str], *, ok: bool) -> Health:
    response.status_code = 200 if ok else 503
    return Health(status="ok" if ok else "unavailable", parts=parts)


@router.get("/healthz", responses={503: {"model": Health}})
@public
async def show_health(ports: World, response: Response) -> Health:
    """Ping each part. Models that are still loading, or a Redis that is away, do not make the process unhealthy."""
    parts = await readiness.parts(ports)
    needed = parts.keys() - _MEANWHILE - {"models"}
    return _answer(response, parts, ok=all(parts[name] == "ok" for name in needed))


@router.get("/readyz", responses={503: {"model": Health}})
@public
async def show_readiness(ports: World, response: Response) -> Health:
    """Say whether requests can be served: the database is migrated and the model library is loaded."""
    parts = await readiness.parts_to_serve(ports)
    return _answer(response, parts, ok=all(parts[name] == "ok" for name in parts.keys() - _MEANWHILE))


@router.get("/metrics", response_class=Response)
@public
async def show_metrics(ports: World, request: Request) -> Response:
    """Metrics in Prometheus' text form, for callers on this machine or with the metrics token."""
    caller = request.client.host if request.client else ""
    if not may_read_counts(token=ports.settings.metrics_token, caller=caller, header=request.headers.get):
        raise NotAllowed(code="metrics.forbidden", message="Ask from this machine, or with the metrics token.")
    told = generate_latest() + await figures.as_text(ports)
    return Response(told, headers={"Content-Type": CONTENT_TYPE_LATEST})
