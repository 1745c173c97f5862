"""A quick route calls its endpoint itself, so it takes no endpoint that wants more than it gives."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, Request

from app.api.door import Ctx, QuickRoute


def test_an_endpoint_that_wants_more_is_refused_when_it_is_declared() -> None:
    router = APIRouter(route_class=QuickRoute)

    async def listed(ctx: Ctx, limit: int = 50) -> None:
        raise AssertionError

    async def asked(ctx: Ctx, request: Request) -> None:
        raise AssertionError

    with pytest.raises(TypeError, match="/listed takes more than a quick route gives: ctx, limit"):
        router.get("/listed")(listed)
    router.get("/asked")(asked)
    assert [route.path for route in router.routes] == ["/asked"]  # type: ignore[attr-defined]
