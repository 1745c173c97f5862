"""Runs that are over, or run somewhere: list, show, stop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from app.content import queries
from app.content.briefs import stored_inputs
from app.content.errors import RunLost
from app.content.generating import Runner
from app.content.judging import read_verdict
from app.content.models import Generation, Variant
from app.content.provenance import from_json
from app.content.schemas import GenerationView, Position, State, VariantView, Why
from app.core.context import Context
from app.core.errors import NotFound

STALE_AFTER = timedelta(minutes=30)  # longer than any run lasts: its process has died

running: dict[UUID, Runner] = {}
"""The runs of this process, by id."""


async def list_newest(
    ctx: Context, *, limit: int, after: Position | None = None
) -> tuple[list[GenerationView], Position | None]:
    """Return a page of runs, newest first, without verdicts, and where the next page begins."""
    async with ctx.db.read() as session:
        rows = await queries.generations(session, limit=limit + 1, after=after)
        page = rows[:limit]
        ids = [row.id for row in page]
        variants = await queries.variants_of(session, ids)
        kept = await queries.kept_from(session, ids)
    now = ctx.ports.clock.now()
    views = [_view(row, variants, kept, now=now, with_verdicts=False) for row in page]
    return views, (page[-1].created_at, page[-1].id) if len(rows) > limit else None


async def get(ctx: Context, *, generation_id: UUID) -> GenerationView:
    """Return one run with its texts and the verdicts they got.

    Raises:
        NotFound: there is none of that id.
    """
    async with ctx.db.read() as session:
        row = await session.get(Generation, generation_id)
        if row is None:
            raise NotFound
        variants = await queries.variants_of(session, [row.id])
        kept = await queries.kept_from(session, [row.id])
    return _view(row, variants, kept, now=ctx.ports.clock.now(), with_verdicts=True)


async def stop(ctx: Context, *, generation_id: UUID) -> GenerationView:
    """Stop a run wherever it runs, and return it; one that is over stays as it is.

    Raises:
        NotFound: there is none of that id.
    """
    view = await get(ctx, generation_id=generation_id)
    runner = running.get(generation_id)
    if runner is not None:
        await runner.stop()
    elif view.state == "running":
        async with ctx.db.write() as session:
            await queries.set_state(session, generation_id, from_state="running", to="stopping")
    return await get(ctx, generation_id=generation_id)


async def stop_all() -> None:
    """Stop every run of this process and save what is there; for an orderly end of the process."""
    await asyncio.gather(*(runner.stop() for runner in list(running.values())))


async def is_asked_to_stop(ctx: Context, *, generation_id: UUID) -> bool:
    """Whether another process wants the run to end."""
    async with ctx.db.read() as session:
        return await queries.state_of(session, generation_id) == "stopping"


def _view(
    row: Generation,
    variants: Sequence[Variant],
    kept: Sequence[tuple[UUID, UUID, str]],
    *,
    now: datetime,
    with_verdicts: bool,
) -> GenerationView:
    is_lost = row.state in {"running", "stopping"} and now - row.created_at >= STALE_AFTER
    return GenerationView(
        id=row.id,
        template_id=row.template_id,
        template_version=row.template_version,
        language=row.language,
        state="failed" if is_lost else cast(State, row.state),
        error_code=RunLost.code if is_lost else row.error_code,
        inputs=stored_inputs(row),
        variants_wanted=row.variants,
        variants=tuple(
            variant_view(one, with_verdict=with_verdicts) for one in variants if one.generation_id == row.id
        ),
        cost_micros=row.cost_micros,
        document_id=next((document_id for run_id, document_id, _ in kept if run_id == row.id), None),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def variant_view(row: Variant, *, with_verdict: bool = True) -> VariantView:
    """Return a stored variant as a value."""
    return VariantView(
        letter=row.letter,
        state=cast(State, row.state),
        text=row.output,
        provider=row.provider,
        model=row.model,
        embedded=row.embedded,
        tokens_in=row.tokens_in,
        tokens_out=row.tokens_out,
        cost_micros=row.cost_micros,
        cost_known=row.cost_known,
        first_token_ms=row.first_token_ms,
        total_ms=row.total_ms,
        repaired=row.repaired,
        passed=row.passed,
        total=row.total,
        why=_why(row),
        provenance=from_json(row.provenance),
        results=read_verdict(row.verdict) if with_verdict else (),
    )


def _why(row: Variant) -> Why:
    stored = row.why or []
    return cast(Why, tuple((one["model"], one["code"], one["text"], one["params"]) for one in stored))
