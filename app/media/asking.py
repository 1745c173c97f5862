"""Asking for an asset: the row and its job are committed together, and the answer comes at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.db import add_rows
from app.core.errors import InvalidInput, NotFound
from app.core.group_commit import GroupCommit
from app.core.ids import new_id
from app.core.jobs import service as jobs
from app.core.jobs.names import JobName
from app.core.text import one_line
from app.media import queries
from app.media.cuts import FINAL
from app.media.errors import NotReady
from app.media.making import TITLE_CHARACTERS
from app.media.models import Asset, AssetFolder, AssetTie
from app.media.recipes import Recipe
from app.media.schemas import Asked, AssetKind, AssetView
from app.media.views import view_of
from app.usage.prices import Cost


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, by which job, and how it is called; `then_final`: the draft of a clip, then its final cut."""

    kind: AssetKind
    job: JobName
    recipe: Recipe
    title: str
    folder_id: UUID | None = None
    alt_text: str = ""
    then_final: bool = False


async def ask(ctx: Context, order: Order, *, estimate: Cost) -> Asked:
    """Put an asset into the library that a job is going to make; what comes at the same moment is written together.

    Raises:
        NotFound: the folder or an asset that it is made from is not there.
        NotReady: an asset that it is made from is not finished.
        InvalidInput: what is to go in as a picture is none.
    """
    view = await _orders.submit(ctx, _Given(ctx, order, estimate, title_of(order.title)))
    assert view.job_id is not None
    return Asked(view, view.job_id, estimate.micros, estimate.known)


@dataclass(frozen=True, slots=True)
class _Given:
    ctx: Context
    order: Order
    estimate: Cost
    title: str


async def _write(ctx: Context, given: Sequence[_Given]) -> list[AssetView]:
    """Write orders of one workspace that came at the same moment."""
    ids = [new_id() for _ in given]
    asked = [
        jobs.Asking(one.ctx, one.order.job, _args(one.order, asset_id), one.estimate.micros)
        for one, asset_id in zip(given, ids, strict=True)
    ]
    async with ctx.db.write() as session:
        for one in given:
            await _refuse_unready(session, one.order)
        made = await jobs.ask_together(ctx, session, asked)
        asked_rows = [_columns(one, asset_id, job.id) for one, asset_id, job in zip(given, ids, made, strict=True)]
        rows = await add_rows(session, Asset, asked_rows)
        ties = [tie for row, one in zip(rows, given, strict=True) for tie in _ties(row, one.order.recipe)]
        await add_rows(session, AssetTie, ties)
    return [view_of(SimpleNamespace(**row), (), job) for row, job in zip(rows, made, strict=True)]


_orders = GroupCommit(_write)


def _args(order: Order, asset_id: UUID) -> dict[str, str]:
    return {"asset_id": str(asset_id)} | ({"then": FINAL} if order.then_final else {})


def _columns(given: _Given, asset_id: UUID, job_id: UUID) -> dict[str, Any]:  # Any: whatever a column holds
    ctx, order = given.ctx, given.order
    now = ctx.ports.clock.now()
    return {
        "tenant_id": ctx.tenant,
        "id": asset_id,
        "kind": order.kind,
        "state": "making",
        "origin": "made",
        "title": given.title,
        "alt_text": one_line(order.alt_text)[:TITLE_CHARACTERS],
        "rights": "generated",
        "recipe": order.recipe.model_dump_json(),
        "folder_id": order.folder_id,
        "job_id": job_id,
        "user_id": ctx.user_id,
        "api_key_id": ctx.api_key_id,
        "created_at": now,
        "updated_at": now,
    }


def _ties(asset: dict[str, Any], recipe: Recipe) -> list[dict[str, Any]]:  # Any: whatever a column holds
    """Return the lines that lead to what an asset is made from."""
    others = [("asset", source_id) for source_id in made_from(recipe)]
    others += [("document", recipe.document_id)] if recipe.document_id is not None else []
    return [
        {
            "tenant_id": asset["tenant_id"],
            "asset_id": asset["id"],
            "relation": "made_from",
            "other_kind": kind,
            "other_id": other_id,
            "created_at": asset["created_at"],
        }
        for kind, other_id in others
    ]


def made_from(recipe: Recipe) -> list[UUID]:
    """Return every asset that goes in, once each."""
    pictures = [shot.image_id for shot in recipe.shots]
    named = [*recipe.sources, recipe.mask_id, recipe.look.logo_id, *pictures]
    return list(dict.fromkeys(one for one in named if one is not None))


async def _refuse_unready(session: AsyncSession, order: Order) -> None:
    if order.folder_id is not None and await session.get(AssetFolder, order.folder_id) is None:
        raise NotFound
    wanted = made_from(order.recipe)
    found = await queries.by_ids(session, wanted) if wanted else {}
    if set(wanted) - set(found):
        raise NotFound
    if any(asset.state != "ready" for asset in found.values()):
        raise NotReady
    for field, asset_id in _pictures(order.recipe):
        if found[asset_id].kind != "image":
            raise InvalidInput("Only a picture can be used here.", code="media.not_a_picture", field=field)


def _pictures(recipe: Recipe) -> Iterator[tuple[str, UUID]]:
    """Yield what goes in as a picture, by the field that names it."""
    named = [("mask_id", recipe.mask_id), ("look.logo_id", recipe.look.logo_id)]
    named += [(f"shots.{at}.image_id", shot.image_id) for at, shot in enumerate(recipe.shots)]
    if recipe.verb in ("edit", "vary", "cut_out"):
        named += [("source_id", source_id) for source_id in recipe.sources]
    for field, asset_id in named:
        if asset_id is not None:
            yield field, asset_id


def title_of(text: str) -> str:
    """Return a title fit to be stored.

    Raises:
        InvalidInput: nothing is left of it.
    """
    title = one_line(text)[:TITLE_CHARACTERS].strip()
    if not title:
        raise InvalidInput(
            "A title has 1 to {limit} characters.", code="media.title", field="title",
            params={"limit": TITLE_CHARACTERS},
        )  # fmt: skip
    return title
