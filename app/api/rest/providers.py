"""/api/v1/providers: who writes for the workspace, in which order, with which models. Keys go in and never come out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field, StringConstraints

from app.api.door import Ctx, DoorRoute
from app.api.scopes import requires
from app.api.shapes import Body, Page
from app.content.asking import sample_brief
from app.llm import providers, rotation, trial
from app.llm.health import ProviderHealth, health
from app.llm.schemas import Key, KeyChange, ProviderChange, ProviderForm, ProviderView, TestResult

router = APIRouter(prefix="/api/v1/providers", tags=["providers"], route_class=DoorRoute)

ProviderId = Annotated[str, Path(max_length=120, description='An id of the list; "built-in" for the built-in writer.')]


class Order(Body):
    """The workspace's own providers, first asked first; those that are left out come after, as they were."""

    ids: Annotated[list[Annotated[str, StringConstraints(max_length=120)]], Field(max_length=100)]


class NewKey(Body):
    """The key that is to take the old one's place."""

    api_key: Key


@router.get("")
@requires("providers:write")
async def list_providers(ctx: Ctx) -> Page[ProviderView]:
    """List every provider in the order in which it is asked; the built-in writer is the last."""
    return Page(items=await providers.list_providers(ctx))


@router.post("", status_code=201)
@requires("providers:write")
async def create_provider(ctx: Ctx, body: ProviderForm) -> ProviderView:
    """Connect a provider, or any server that speaks OpenAI's wire format."""
    return await providers.create(ctx, form=body)


@router.get("/health")
@requires("usage:read")
async def provider_health(ctx: Ctx) -> Page[ProviderHealth]:
    """Say how each model has been of late, as the process that answers has seen it; nobody is asked for this."""
    return Page(items=await health(ctx))


@router.put("/order")
@requires("providers:write")
async def order_providers(ctx: Ctx, body: Order) -> Page[ProviderView]:
    """Put the workspace's own providers into another order."""
    return Page(items=await providers.reorder(ctx, provider_ids=body.ids))


@router.post("/test")
@requires("providers:write")
async def test_new_provider(ctx: Ctx, body: ProviderForm) -> TestResult:
    """Ask each model of a provider that is not saved yet for one word."""
    return await trial.test_draft(ctx, form=body)


@router.patch("/{provider_id}")
@requires("providers:write")
async def change_provider(ctx: Ctx, provider_id: ProviderId, body: ProviderChange) -> ProviderView:
    """Change a provider; of the built-in writer only whether it is on."""
    return await providers.update(ctx, provider_id, form=body)


@router.delete("/{provider_id}", status_code=204)
@requires("providers:write")
async def delete_provider(ctx: Ctx, provider_id: ProviderId) -> None:
    """Disconnect a provider and forget its key."""
    await providers.delete(ctx, provider_id)


@router.post("/{provider_id}/test")
@requires("providers:write")
async def test_provider(ctx: Ctx, provider_id: ProviderId) -> TestResult:
    """Ask each model of a provider for one word; the built-in writer writes its sample."""
    return await trial.test(ctx, provider_id, brief=sample_brief())


@router.put("/{provider_id}/key")
@requires("providers:write")
async def replace_provider_key(ctx: Ctx, provider_id: ProviderId, body: NewKey) -> KeyChange:
    """Ask every model with a new key; once one has answered, the new key replaces the old. Else the old one stays."""
    return await rotation.replace_key(ctx, provider_id, api_key=body.api_key)
