"""The operator's prices: set for a model from a date on, with their source; they go before the shipped list.

Nothing is overwritten: what a call was booked at stays, and a price that was wrong is followed by a right one or taken
away. Every process sees a change within two seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.core.context import Context
from app.core.errors import Conflict, NotFound
from app.core.kept import Kept
from app.core.ports import Ports, ProviderKind
from app.core.telemetry import log
from app.core.text import one_line
from app.tenancy.operators import assert_operator
from app.usage import queries
from app.usage.models import PriceEntry
from app.usage.prices import Price, load_prices, overlay

MOST = 5_000
Micros = Annotated[int, Field(ge=0, le=10**12, description="Micro-dollars per million tokens; 250000 is $0.25.")]

ALL = "all"
_rows: Kept[str, Sequence[PriceEntry]] = Kept()
_in_force: list[tuple[Sequence[PriceEntry], date]] = []
"""What the overlay was made of, and for which day: it is one for the process, whatever database is asked."""


class PriceForm(BaseModel):
    """A model's price from a day on (UTC)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ProviderKind
    model: Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=200)]
    input_micros: Micros
    output_micros: Micros
    valid_from: date
    source: Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(one_line)] = Field(
        description="Who says so: the address of a price list, or a contract."
    )


@dataclass(frozen=True, slots=True)
class PriceView:
    """A price, per million tokens. `id` is None for the shipped list's; `holds`: it is what is booked today."""

    id: UUID | None
    kind: str
    model: str
    input_micros: int
    output_micros: int
    valid_from: date | None
    source: str
    holds: bool


async def list_all(ctx: Context) -> list[PriceView]:
    """Return every price, by kind and model: the operator's, newest first, then the shipped one.

    Raises:
        NotAllowed: an operator's right.
    """
    assert_operator(ctx)
    async with ctx.db.read() as session:
        rows = await queries.prices(session)
    today = ctx.ports.clock.now().date()
    return _listed(rows, today)


async def add(ctx: Context, *, form: PriceForm) -> PriceView:
    """Set a price.

    Raises:
        NotAllowed: an operator's right.
        Conflict: the model has a price from that day on already, or there are too many.
    """
    assert_operator(ctx)
    async with ctx.db.write() as session:
        rows = await queries.prices(session)
        if any((row.kind, row.model, row.valid_from) == (form.kind, form.model, form.valid_from) for row in rows):
            raise Conflict("This model has a price from that day on; take it away first.", code="price.exists")
        if len(rows) >= MOST:
            raise Conflict("There are {limit} prices already.", code="price.many", params={"limit": MOST})
        row = PriceEntry(**form.model_dump(), set_by=ctx.user_id, created_at=ctx.ports.clock.now())
        session.add(row)
    _changed(ctx, "price.set", row)
    today = ctx.ports.clock.now().date()
    return next(view for view in _listed([*rows, row], today) if view.id == row.id)


async def delete(ctx: Context, *, price_id: UUID) -> None:
    """Take a price away: what held before holds again.

    Raises:
        NotFound: there is no such price, or this is no operator.
    """
    if not ctx.is_operator:
        raise NotFound
    async with ctx.db.write() as session:
        row = await session.get(PriceEntry, price_id)
        if row is None:
            raise NotFound
        await session.delete(row)
    _changed(ctx, "price.deleted", row)


async def refresh(ports: Ports) -> None:
    """Put the operator's prices in force, as they were within the last two seconds."""

    async def read() -> Sequence[PriceEntry]:
        async with ports.db.bound(tenant_id=None).read() as session:
            return await queries.prices(session)

    rows, today = await _rows.get(ports, ALL, read), ports.clock.now().date()
    if _in_force and _in_force[-1][0] is rows and _in_force[-1][1] == today:
        return
    prices = (
        (row.kind, row.model, Price(row.input_micros, row.output_micros, row.source, row.valid_from)) for row in rows
    )
    overlay.replace(prices, today=today)
    _in_force[:] = [(rows, today)]


def _changed(ctx: Context, event: str, row: PriceEntry) -> None:
    _rows.forget_all(ctx.ports)
    log.info(event, kind=row.kind, model=row.model, valid_from=row.valid_from.isoformat(), by=str(ctx.user_id))


def _listed(rows: Sequence[PriceEntry], today: date) -> list[PriceView]:
    views: list[PriceView] = []
    held: set[tuple[str, str]] = set()
    for row in sorted(rows, key=lambda one: one.valid_from, reverse=True):
        name = (row.kind, row.model)
        holds = row.valid_from <= today and name not in held
        if holds:
            held.add(name)
        views.append(
            PriceView(
                row.id, row.kind, row.model, row.input_micros, row.output_micros, row.valid_from, row.source, holds
            )
        )
    for kind, models in load_prices().items():
        for model, shipped in models.items():
            holds = (kind, model) not in held
            views.append(
                PriceView(None, kind, model, shipped.input_micros, shipped.output_micros, None, shipped.source, holds)
            )
    return sorted(views, key=lambda one: (one.kind, one.model))
