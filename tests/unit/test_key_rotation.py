"""A new key takes an old one's place only once a model has answered to it."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.core.ports import ProviderKeyRefused
from app.llm import providers, rotation
from tests.databases import CtxOf
from tests.unit.test_generate import with_models

NEW = SecretStr("n" * 36 + "wxyz")


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


@pytest.fixture
def engine() -> str:
    return "sqlite"


async def first_id(ctx: Context) -> str:
    return (await providers.list_providers(ctx))[0].id


async def key_of(ctx: Context, provider_id: str) -> str:
    return (await providers.own_connection(ctx, provider_id)).api_key


async def test_a_key_that_is_refused_leaves_the_old_one(ana: Context) -> None:
    ctx, _ = await with_models(ana, [ProviderKeyRefused(params={"provider": "first"})])
    provider_id = await first_id(ctx)

    change = await rotation.replace_key(ctx, provider_id, api_key=NEW)

    assert (change.replaced, change.test.models[0].code) == (False, "provider.key_refused")
    assert await key_of(ctx, provider_id) == "k" * 40


async def test_a_key_that_answers_takes_the_old_ones_place(ana: Context) -> None:
    ctx, models = await with_models(ana, ["ready"])
    provider_id = await first_id(ctx)

    change = await rotation.replace_key(ctx, provider_id, api_key=NEW)

    assert change.replaced
    assert models.calls[0].target.api_key == await key_of(ctx, provider_id) == NEW.get_secret_value()


async def test_nothing_is_asked_with_an_empty_key_or_for_another_workspace(ana: Context, ctx_of: CtxOf) -> None:
    ctx, models = await with_models(ana)
    provider_id = await first_id(ctx)

    with pytest.raises(InvalidInput):
        await rotation.replace_key(ctx, provider_id, api_key=SecretStr(" "))
    with pytest.raises(NotFound):
        await rotation.replace_key(await ctx_of("ben"), provider_id, api_key=NEW)

    assert models.calls == []
