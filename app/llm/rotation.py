"""A new key in an old one's place: it is tried first, so that a mistyped key never takes a provider out of service."""

from __future__ import annotations

from pydantic import SecretStr

from app.core.context import Context
from app.core.errors import InvalidInput
from app.llm import trial
from app.llm.providers import own_connection, save_test, update, usable_key
from app.llm.schemas import KeyChange, ProviderChange
from app.llm.views import test_as_json


async def replace_key(ctx: Context, provider_id: str, *, api_key: SecretStr) -> KeyChange:
    """Ask every model of a provider with a new key; once one has answered, the new key replaces the old.

    Raises:
        NotFound: the workspace has no such provider of its own.
        InvalidInput: this is no key.
    """
    key = usable_key(api_key.get_secret_value())
    if not key:
        raise InvalidInput("Enter the new key.", code="provider.key_empty", field="api_key")
    row = await own_connection(ctx, provider_id)
    row.api_key = key  # the row belongs to no session: nothing is saved yet
    result = await trial.test_connection(ctx, row)
    replaced = any(model.ok for model in result.models)
    if replaced:
        await update(ctx, provider_id, form=ProviderChange(api_key=SecretStr(key)))
        await save_test(ctx, row.id, result=test_as_json(result))
    return KeyChange(replaced, result)
