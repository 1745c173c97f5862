"""A workspace's providers: its own connections in its order, then the installation's, then the built-in writer.

Keys go in and never come out: a view shows four characters at most, and a connection whose address changes must be
given its key again, so that nobody who never knew a key can have it sent to another address.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import parse_id
from app.llm import queries, views
from app.llm.addresses import check_base_url, split_base_url
from app.llm.candidates import changing
from app.llm.installation import installation_providers
from app.llm.kinds import BUILT_IN_MODEL, BUILT_IN_NAME, KINDS
from app.llm.models import ProviderConnection
from app.llm.schemas import ModelForm, ProviderChange, ProviderForm, ProviderView
from app.tenancy import audit

MOST_PROVIDERS = 30
BUILT_IN = "built-in"
"""The id under which the built-in writer is listed."""


async def list_providers(ctx: Context) -> list[ProviderView]:
    """Return every provider in the order in which it is asked; the built-in writer is the last row."""
    async with ctx.db.read() as session:
        rows = await queries.connections(session)
    now = ctx.ports.clock.now()
    listed = [views.of_connection(row, now=now) for row in rows if row.kind != "embedded"]
    listed += [views.of_installation(one, now=now) for one in installation_providers(ctx.ports.settings)]
    on = all(row.enabled for row in rows if row.kind == "embedded")
    return [*listed, views.of_built_in(enabled=on)]


async def create(ctx: Context, *, form: ProviderForm) -> ProviderView:
    """Connect a provider, as the last of the workspace's own.

    Raises:
        InvalidInput: an address, key, name or model that cannot be used.
        Conflict: the name is taken, or there are many already.
    """
    row = await draft(ctx, form=form)
    async with changing(ctx) as session:
        others = await queries.connections(session)
        if len(others) >= MOST_PROVIDERS:
            raise Conflict(
                "There are {limit} providers already.", code="provider.many", params={"limit": MOST_PROVIDERS}
            )
        _refuse_taken_name(row.name, others, own_id=row.id)
        row.position = 1 + max((other.position for other in others), default=-1)
        row.created_at = ctx.ports.clock.now()
        session.add(row)
        audit.record(session, ctx, "provider.created", target=row.name, detail={"kind": row.kind})
    return views.of_connection(row, now=ctx.ports.clock.now())


async def draft(ctx: Context, *, form: ProviderForm) -> ProviderConnection:
    """Return a checked connection that is not saved; what the test button of an open form works on.

    Raises:
        InvalidInput: an address, key or model that cannot be used.
    """
    kind = KINDS[form.kind]
    key = usable_key(form.api_key.get_secret_value())
    if form.base_url:
        await check_base_url(form.base_url, inside_allowed=ctx.ports.settings.local_providers_allowed)
    elif not kind.base_url:
        raise InvalidInput(
            "Say where the server is, e.g. http://localhost:11434/v1.",
            code="provider.base_url_missing",
            field="base_url",
        )
    elif not key:
        raise InvalidInput(
            "{kind} needs a key.", code="provider.key_missing", field="api_key", params={"kind": kind.label}
        )
    models = _models(form.models) or [
        ModelForm(id=one.id, tier=one.tier, kind=one.kind, label=one.label).model_dump() for one in kind.models
    ]
    if not models:
        raise InvalidInput("Name at least one model of this server.", code="provider.models_missing", field="models")
    return ProviderConnection(
        name=form.name or kind.label,
        kind=form.kind,
        base_url=form.base_url.rstrip("/"),
        api_key=key,
        models=models,
        options=form.options.model_dump(),
        enabled=form.enabled,
    )


async def update(ctx: Context, provider_id: str, *, form: ProviderChange) -> ProviderView:
    """Change a provider; of the built-in writer only whether it is on.

    Raises:
        NotFound: the workspace has no such provider.
        InvalidInput: an address, key, name or model that cannot be used, or a new address without the key again.
        Conflict: the name is taken.
    """
    if provider_id == BUILT_IN:
        return await _switch_built_in(ctx, enabled=form.enabled)
    if form.base_url:
        await check_base_url(form.base_url, inside_allowed=ctx.ports.settings.local_providers_allowed)
    async with changing(ctx) as session:
        row = await _mine(session, provider_id)
        _change_address(row, form)
        if form.name:
            _refuse_taken_name(form.name, await queries.connections(session), own_id=row.id)
            row.name = form.name
        if form.models is not None:
            row.models = _models(form.models)
        if form.options is not None:
            row.options = form.options.model_dump()
        if form.enabled is not None:
            row.enabled = form.enabled
        changed = sorted(form.model_fields_set)
        audit.record(session, ctx, "provider.changed", target=row.name, detail={"fields": ", ".join(changed)})
    return views.of_connection(row, now=ctx.ports.clock.now())


async def delete(ctx: Context, provider_id: str) -> None:
    """Disconnect a provider and forget its key.

    Raises:
        NotFound: the workspace has no such provider of its own.
    """
    async with changing(ctx) as session:
        row = await _mine(session, provider_id)
        await session.delete(row)
        audit.record(session, ctx, "provider.deleted", target=row.name, detail={"kind": row.kind})


async def reorder(ctx: Context, *, provider_ids: list[str]) -> list[ProviderView]:
    """Put the workspace's own providers into this order; those that are not named come after, as they were.

    Raises:
        NotFound: the workspace has no such provider of its own.
    """
    async with changing(ctx) as session:
        rows = {str(row.id): row for row in await queries.connections(session) if row.kind != "embedded"}
        if unknown := [one for one in provider_ids if one not in rows]:
            raise NotFound(params={"id": unknown[0][:40]})
        order = list(dict.fromkeys([*provider_ids, *rows]))
        for position, one in enumerate(order):
            rows[one].position = position
        audit.record(session, ctx, "provider.reordered", detail={"order": ", ".join(rows[one].name for one in order)})
    return await list_providers(ctx)


async def own_connection(ctx: Context, provider_id: str) -> ProviderConnection:
    """Return one of the workspace's own connections, with its key.

    Raises:
        NotFound: there is no such one.
    """
    async with ctx.db.read() as session:
        return await _mine(session, provider_id)


async def save_test(ctx: Context, connection_id: UUID, *, result: dict[str, Any]) -> None:
    """Keep the result of a connection's last test; a connection that was deleted meanwhile is let be."""
    async with changing(ctx) as session:
        row = await queries.connection(session, connection_id)
        if row is not None:
            row.last_test = result


def usable_key(key: str) -> str:
    """Return the key without space around it.

    Raises:
        InvalidInput: it holds what no key holds, such as spaces or letters beyond ASCII.
    """
    key = key.strip()
    if any(not 33 <= ord(character) <= 126 for character in key):
        raise InvalidInput(
            "This is not a key: it holds spaces or special letters.", code="provider.key", field="api_key"
        )
    return key


def _change_address(row: ProviderConnection, form: ProviderChange) -> None:
    key = None if form.api_key is None else usable_key(form.api_key.get_secret_value())
    if form.base_url is not None:
        kind = KINDS[row.kind]  # type: ignore[index]  # only the form's kinds are ever stored
        before, after = row.base_url or kind.base_url, form.base_url or kind.base_url
        if not after:
            raise InvalidInput(
                "Say where the server is, e.g. http://localhost:11434/v1.",
                code="provider.base_url_missing",
                field="base_url",
            )
        if key is None and row.api_key and split_base_url(before) != split_base_url(after):
            raise InvalidInput(
                "The address is a new one. Enter the key again.", code="provider.key_again", field="api_key"
            )
        row.base_url = form.base_url.rstrip("/")
    if key is not None:
        row.api_key = key
        row.last_test = None


async def _switch_built_in(ctx: Context, *, enabled: bool | None) -> ProviderView:
    async with changing(ctx) as session:
        rows = await queries.connections(session)
        row = next((one for one in rows if one.kind == "embedded"), None)
        if enabled is not None:
            if row is None:
                row = ProviderConnection(name=BUILT_IN_NAME, kind="embedded", models=[{"id": BUILT_IN_MODEL}])
                row.created_at = ctx.ports.clock.now()
                session.add(row)
            row.enabled = enabled
            audit.record(session, ctx, "provider.changed", target=BUILT_IN_NAME, detail={"enabled": enabled})
    return views.of_built_in(enabled=row is None or row.enabled)


async def _mine(session: AsyncSession, provider_id: str) -> ProviderConnection:
    connection_id = parse_id(provider_id)
    row = await queries.connection(session, connection_id) if connection_id else None
    if row is None or row.kind == "embedded":
        raise NotFound
    return row


def _models(forms: tuple[ModelForm, ...]) -> list[dict[str, Any]]:
    ids = [form.id for form in forms]
    if twice := next((one for one in ids if ids.count(one) > 1), None):
        raise InvalidInput("{id} is there twice.", code="provider.model_twice", field="models", params={"id": twice})
    if wrong := next((one for one in ids if ".." in one or one.startswith("/")), None):
        raise InvalidInput("{id} is no model's name.", code="provider.model_name", field="models", params={"id": wrong})
    return [form.model_dump() | {"label": form.label or form.id} for form in forms]


def _refuse_taken_name(name: str, rows: Any, *, own_id: UUID) -> None:  # Any: a sequence of rows
    taken = {row.name.casefold() for row in rows if row.id != own_id} | {BUILT_IN_NAME.casefold()}
    if name.casefold() in taken:
        raise Conflict("There is a provider of that name already.", code="provider.name_taken", field="name")
