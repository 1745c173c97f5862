"""/api/v1/routing: the policy by which models are chosen, tried out before it holds. Nothing here calls a model."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import Body
from app.content.catalogue_files import load_catalogue
from app.content.profiles import LANGUAGES
from app.content.which_model import WhichModel, which_model
from app.core.ports import Quality
from app.llm import policies
from app.llm.policies import Known
from app.llm.policy import GatewayPolicy
from app.llm.what_if import WhatIf, what_if

router = APIRouter(prefix="/api/v1/routing", tags=["routing"], route_class=DoorRoute)


class Question(Body):
    """A template, as it would be run; `policy` is a draft, without it the one in force holds."""

    template: Annotated[str, StringConstraints(min_length=1, max_length=60)] = Field(examples=["google-rsa"])
    language: Annotated[str, StringConstraints(max_length=20)] = Field(default="en", examples=["en"])
    quality: Quality = "balanced"
    pin: Annotated[str, StringConstraints(max_length=400)] = ""
    down: Annotated[list[Annotated[str, StringConstraints(max_length=120)]], Field(max_length=100)] = Field(
        default=[], description="Ids of providers that are thought down."
    )
    budget_used_up: bool = Field(default=False, description="Think a soft budget used up: only the fast tier is left.")
    policy: GatewayPolicy | None = None


class Replay(Body):
    """A policy, and how many days of calls are decided again under it."""

    policy: GatewayPolicy
    days: Annotated[int, Field(ge=1, le=366)] = 30


@router.get("/policy")
@requires("providers:write")
async def show_policy(ctx: Ctx) -> GatewayPolicy:
    """Show the policy in force; version 0 is the one that Galley ships."""
    return await policies.current(ctx)


@router.put("/policy")
@requires("providers:write")
async def change_policy(ctx: Ctx, body: GatewayPolicy) -> GatewayPolicy:
    """Put another policy in force, whole. `routing.version` is the one it was made from; 0 replaces any."""
    return await policies.change(ctx, form=body, known=known())


@router.post("/preview")
@requires("providers:write")
async def preview(ctx: Ctx, body: Question) -> WhichModel:
    """Tell which model would write a template's sample, why, for about how much. Nothing is sent."""
    return await which_model(
        ctx,
        template_id=body.template,
        language=body.language,
        quality=body.quality,
        pin=body.pin,
        down=body.down,
        budget_used_up=body.budget_used_up,
        policy=body.policy,
    )


@router.post("/what-if")
@requires("providers:write")
async def replay(ctx: Ctx, body: Replay) -> WhatIf:
    """Tell what the calls of the last days would have cost under another policy. Nothing is sent."""
    return await what_if(ctx, body.policy, days=body.days)


def known() -> Known:
    """Return what a policy may name of the catalogue."""
    catalogue = load_catalogue()
    return Known(catalogue.templates.keys(), catalogue.categories.keys(), LANGUAGES)
