"""How every asset is made inside its job: money held, models asked one after the other, the result cleaned and kept,
and everything that becomes true of it written in one unit of work.

    reserve -> [ask a model -> check what came] until one delivers -> clean -> store -> effect { asset, price, lineage }

A run that is killed anywhere leaves a file that nobody holds (swept up) and an open reservation (used by the next run).
No unit of work is open while a model is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import AppError, InvalidInput, TooLarge
from app.core.jobs.errors import LeaseLost, Stopped
from app.core.jobs.run import JobRun
from app.core.media_ports import SetLine
from app.core.media_tools import Cleaned, Source
from app.core.ports import ProviderBadAnswer, ProviderError
from app.core.telemetry import log
from app.llm.candidates import breaker
from app.llm.routing import Candidate, is_named
from app.media import queries
from app.media.aspects import Size
from app.media.errors import NoModel
from app.media.models import Asset
from app.media.outcomes import Outcome, with_outcome
from app.media.recipes import Recipe
from app.storage import service as storage
from app.storage.media_kinds import ENDINGS, MEDIA_KINDS, kind_of_bytes
from app.tenancy import teams
from app.usage import ledger
from app.usage.media_prices import Amount, media_cost
from app.usage.prices import Cost
from app.usage.schemas import Attempt, Reservation

T = TypeVar("T")
TITLE_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Charge:
    """What a model delivered by way of a bill: how much, and what the provider itself said that it costs."""

    amount: Amount
    said_micros: int | None = None


@dataclass(frozen=True, slots=True)
class Delivered(Generic[T]):
    """What a model made, and which one."""

    value: T
    by: Candidate


@dataclass(slots=True)
class Bill:
    """What one run asked of models, so far."""

    held: Reservation
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def is_charged(self) -> bool:
        """Whether something on it costs money."""
        return any(attempt.cost and attempt.cost.micros for attempt in self.attempts)

    def add(self, run: JobRun, attempt: Attempt) -> None:
        """Put an attempt on the bill; its number is another one in every run of the job."""
        self.attempts.append(replace(attempt, attempt_no=run.fence * 100 + len(self.attempts) + 1))


def in_order(
    ctx: Context, found: Sequence[Candidate], recipe: Recipe, can: Callable[[Candidate], bool] = lambda _: True
) -> list[Candidate]:
    """Return who may make it: the one that was asked for first, who failed lately later, what is built in last.

    Raises:
        NoModel: nobody can.
    """
    able = [candidate for candidate in found if can(candidate)]
    if not able:
        raise NoModel
    now = ctx.ports.clock.now()

    def place(one: Candidate) -> tuple[bool, bool, bool]:
        is_resting = breaker.rest(breaker_key(one), now=now) is not None
        return one.embedded, not (recipe.model and is_named(one, recipe.model)), is_resting

    return sorted(able, key=place)


def breaker_key(candidate: Candidate) -> str:
    """Return the breaker's name for a provider's media: its texts may be fine all the while."""
    return f"{candidate.key}#media"


def dearest(ctx: Context, found: Sequence[Candidate], amount: Amount) -> Cost:
    """Return what the dearest of them would charge; not known where that is so for one of them."""
    costs = [_cost(ctx, one, Charge(amount)) for one in found]
    return Cost(max((cost.micros for cost in costs), default=0), all(cost.known for cost in costs))


def _cost(ctx: Context, candidate: Candidate, charge: Charge) -> Cost:
    return media_cost(
        candidate.target,
        charge.amount,
        flat_micros=ctx.ports.settings.flat_price,
        own=candidate.own_price,
        said_micros=charge.said_micros,
        on=ctx.ports.clock.now().date(),
    )


async def hold(ctx: Context, run: JobRun, *, feature: str, micros: int) -> Bill:
    """Hold the upper estimate for this job; asked again by a later run, it holds once.

    Raises:
        BudgetUsedUp: a hard budget leaves no room.
    """
    return Bill(await ledger.reserve(ctx, call_id=run.id, feature=feature, micros=micros))


async def first_that_delivers(
    ctx: Context,
    run: JobRun,
    bill: Bill,
    found: Sequence[Candidate],
    ask: Callable[[Candidate], Awaitable[tuple[T, Charge]]],
    *,
    estimate: Amount,
) -> Delivered[T]:
    """Ask one after the other until one delivers; every attempt is on the bill.

    Raises:
        ProviderError: nobody did; the last one's reason.
    """
    failure: ProviderError | None = None
    for candidate in found:
        began_s = time.monotonic()
        attempt = Attempt(
            feature=bill.held.feature,
            provider=candidate.target.provider,
            kind=candidate.target.kind,
            model=candidate.target.model,
            outcome="failed",
            total_ms=0,
            tier=candidate.target.tier,
            billable=False,
            cost=Cost(0, known=True),
        )
        try:
            value, charge = await ask(candidate)
        except ProviderError as error:
            failure = error
            breaker.failed(breaker_key(candidate), now=ctx.ports.clock.now(), retry_after_s=error.retry_after_s)
            log.warning("media.failover", kind=candidate.target.kind, code=error.code)
            bill.add(run, replace(attempt, total_ms=_since(began_s), error_code=error.code))
        except BaseException:
            # It may be charged for all the same: stopped work is booked as if it had been done.
            cost = _cost(ctx, candidate, Charge(estimate))
            bill.add(run, replace(attempt, total_ms=_since(began_s), outcome="cancelled", billable=True, cost=cost))
            raise
        else:
            breaker.succeeded(breaker_key(candidate))
            cost = _cost(ctx, candidate, charge)
            bill.add(run, replace(attempt, total_ms=_since(began_s), outcome="ok", billable=True, cost=cost))
            return Delivered(value, candidate)
    assert failure is not None  # there is at least one candidate
    raise failure


def _since(began_s: float) -> int:
    return round((time.monotonic() - began_s) * 1000)


async def close_bill(ctx: Context, run: JobRun, bill: Bill, why: BaseException) -> None:
    """Settle the bill of a run that made nothing. One whose job went to another worker leaves it to that."""
    if not isinstance(why, LeaseLost) and not _is_lost(run):
        await asyncio.shield(ledger.settle(ctx, bill.held, attempts=bill.attempts))


def _is_lost(run: JobRun) -> bool:
    """Whether this run was cut off because the job is another one's: what it sees then is only a cancelled task."""
    try:
        run.check()
    except LeaseLost:
        return True
    except Stopped:
        return False
    return False


async def checked(
    ctx: Context,
    data: bytes,
    *,
    kinds: Sequence[str],
    by: Candidate,
    fit: Size | None = None,
    lines: Sequence[SetLine] = (),
    source: Source | None = None,
) -> Cleaned:
    """Return what a model made with nothing but itself in it, a picture as near to the size of `fit` as is sensible.
    Its lines of words are measured, and it is held against its source.

    What is built in has that size, and keeps its notes: they say that it is.

    Raises:
        ProviderBadAnswer: it is none of these kinds: a page, a drawing with scripts, something that opens to too much.
    """
    kind = kind_of_bytes(data[:4096])
    refusal = ProviderBadAnswer(params={"provider": by.target.provider})
    if kind is None or kind not in kinds:
        raise refusal
    try:
        fit_px = (fit.width_px, fit.height_px) if fit and not by.embedded else None
        cleaned = await ctx.ports.media_tools.clean(data, kind=kind, fit_px=fit_px, lines=lines, source=source)
    except (InvalidInput, TooLarge) as error:
        raise refusal from error
    return replace(cleaned, data=data) if by.embedded else cleaned


@dataclass(frozen=True, slots=True)
class Made:
    """What there is to keep of a finished asset."""

    cleaned: Cleaned | None
    by: Candidate
    seed: int | None = None
    captions: str = ""
    media_type: str = ""
    duration_ms: int = 0
    outcome: Outcome | None = None


Along = Callable[[AsyncSession, Asset], Awaitable[None]]


async def _nothing_else(session: AsyncSession, asset: Asset) -> None:
    """What most assets need: nothing."""


async def keep(
    ctx: Context, run: JobRun, bill: Bill, *, asset_id: UUID, title: str, made: Made, also: Along = _nothing_else
) -> dict[str, object]:
    """Keep what was made: its files first, then asset and price in one unit of work; return the job's result.

    An asset that was deleted meanwhile stays so; what was made for it goes, what it cost is booked. `also` becomes true
    of the asset in the same unit of work. Files that it had before, those of a draft, go.
    """
    file_id = preview_id = None
    before: tuple[UUID | None, ...] = ()
    kept = False
    team_id = await teams.team_of(ctx)
    try:
        if made.cleaned is not None:
            file_id = await put(ctx, title, made.cleaned.data, made.cleaned.media_type, purpose="media")
            if made.cleaned.preview:
                preview_id = await put(ctx, title, made.cleaned.preview, "image/webp", purpose="preview")
        async with run.effect(ctx, "asset") as session:
            if session is not None:
                asset = await queries.locked(session, asset_id)
                settled = await ledger.settle_within(ctx, session, bill.held, attempts=bill.attempts, team_id=team_id)
                if asset is not None:
                    before = (asset.file_id, asset.preview_id)
                    _fill(ctx, asset, made, file_id=file_id, preview_id=preview_id)
                    asset.cost_micros += settled.cost_micros
                    asset.cost_known = asset.cost_known and settled.cost_known
                    await also(session, asset)
                    kept = True
    finally:
        if not kept:
            await asyncio.shield(forget(ctx, file_id, preview_id))
    await asyncio.shield(forget(ctx, *before))
    return {"asset_id": str(asset_id), "kept": kept}


async def put(ctx: Context, title: str, data: bytes, media_type: str, *, purpose: storage.Purpose) -> UUID:
    """Store bytes that were checked; return their file."""
    ending = next(kind for kind, one in MEDIA_KINDS.items() if one == media_type)
    name = f"{title[:TITLE_CHARACTERS] or 'asset'}.{ENDINGS.get(ending, ending)}"
    stored = await storage.store(ctx, name=name, chunks=_whole(data), declared_bytes=len(data), purpose=purpose)
    return stored.id


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 2**20):
        yield data[at : at + 2**20]


async def forget(ctx: Context, *file_ids: UUID | None) -> None:
    """Remove files that nothing holds; what cannot be removed now is swept up later."""
    for file_id in file_ids:
        if file_id is not None:
            try:
                await storage.undo(ctx, file_id)
            except AppError as error:
                log.warning("media.file_left_over", file=str(file_id), code=error.code)


def _fill(ctx: Context, asset: Asset, made: Made, *, file_id: UUID | None, preview_id: UUID | None) -> None:
    asset.state, asset.error_code = "ready", ""
    asset.file_id, asset.preview_id = file_id, preview_id
    asset.captions, asset.seed = made.captions, made.seed
    asset.media_type, asset.duration_ms = made.media_type, made.duration_ms
    if made.cleaned is not None:
        describe(asset, made.cleaned)
    if made.outcome is not None:
        asset.recipe = with_outcome(asset.recipe, made.outcome)
    asset.provider, asset.model = made.by.target.provider, made.by.target.model
    asset.embedded = made.by.embedded
    asset.updated_at = ctx.ports.clock.now()


def describe(asset: Asset, cleaned: Cleaned) -> None:
    """Say of an asset what its content is."""
    asset.media_type = cleaned.media_type
    asset.width_px, asset.height_px, asset.duration_ms = cleaned.width_px, cleaned.height_px, cleaned.duration_ms
    asset.size_bytes = len(cleaned.data)
    asset.sha256 = hashlib.sha256(cleaned.data).hexdigest()
