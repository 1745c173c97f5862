"""Bills of providers held against what was booked: per model and day, and what is missing on either side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.text import one_line
from app.tenancy import audit
from app.usage import queries, sums
from app.usage.invoice_file import Part, read_bill
from app.usage.models import Invoice, InvoiceLine
from app.usage.prices import plain_name
from app.usage.sums import Span

MOST = 500
LONGEST = timedelta(days=400)
CLOSE_MICROS = 10_000
"""A cent: bills are rounded."""
CLOSE_SHARE = 0.01

Verdict = Literal["agrees", "differs", "not_billed", "not_booked"]


class InvoiceForm(BaseModel):
    """A bill: the provider as it is called here, the file's text, and which column is which where names are unusual."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(one_line)]
    csv: Annotated[str, StringConstraints(min_length=1, max_length=5_000_000)]
    columns: dict[Part, Annotated[str, StringConstraints(max_length=80)]] = Field(
        default_factory=dict, description='For example {"amount": "Netto USD"}; what is left out is found by itself.'
    )


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An imported bill. `booked_micros` is what was booked for its provider on its days."""

    id: UUID
    provider: str
    first_day: date
    last_day: date
    billed_micros: int
    booked_micros: int
    created_at: datetime

    @property
    def agrees(self) -> bool:
        """Whether both sums are close: within a cent or one per cent."""
        return is_close(self.billed_micros, self.booked_micros)


@dataclass(frozen=True, slots=True)
class Drift:
    """One model on one day. `drift_micros` = billed - booked; `estimated_micros`: how much of booked is a guess."""

    day: date
    model: str
    billed_micros: int
    booked_micros: int
    estimated_micros: int
    drift_micros: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class DriftReport:
    """A bill against the books, day by day; the dearest differences first among a day's."""

    invoice: InvoiceView
    drifts: tuple[Drift, ...]
    drift_micros: int
    not_billed_micros: int
    not_booked_micros: int


async def import_bill(ctx: Context, *, form: InvoiceForm) -> DriftReport:
    """Keep a bill and hold it against the books.

    Raises:
        InvalidInput: the file cannot be read, is no bill in dollars, or spans more than 400 days.
        Conflict: there are too many bills.
    """
    lines = read_bill(form.csv, columns=form.columns)
    if lines[-1].day - lines[0].day > LONGEST:
        raise InvalidInput("A bill spans at most {days} days.", code="invoice.span", field="csv", params={"days": 400})
    async with ctx.db.write() as session:
        if len(await queries.invoices(session)) >= MOST:
            raise Conflict("There are {limit} bills already.", code="invoice.many", params={"limit": MOST})
        row = Invoice(
            provider=form.provider,
            first_day=lines[0].day,
            last_day=lines[-1].day,
            billed_micros=sum(line.micros for line in lines),
            imported_by=ctx.user_id,
            created_at=ctx.ports.clock.now(),
        )
        session.add(row)
        await session.flush()
        session.add_all(
            InvoiceLine(
                invoice_id=row.id,
                day=line.day,
                model=line.model[:200],
                tokens_in=line.tokens_in,
                tokens_out=line.tokens_out,
                billed_micros=line.micros,
            )
            for line in lines
        )
        audit.record(session, ctx, "invoice.imported", target=str(row.id), detail={"provider": row.provider})
    return await drift(ctx, invoice_id=row.id)


async def list_all(ctx: Context) -> list[InvoiceView]:
    """Return the imported bills, newest first."""
    async with ctx.db.read() as session:
        rows = await queries.invoices(session)
        return [_view(row, await sums.booked_for(session, row.provider, _span(row))) for row in rows]


async def delete(ctx: Context, *, invoice_id: UUID) -> None:
    """Forget a bill.

    Raises:
        NotFound: there is no such bill.
    """
    async with ctx.db.write() as session:
        row = await session.get(Invoice, invoice_id)
        if row is None:
            raise NotFound
        audit.record(session, ctx, "invoice.deleted", target=str(row.id), detail={"provider": row.provider})
        await session.delete(row)


async def drift(ctx: Context, *, invoice_id: UUID) -> DriftReport:
    """Hold a bill against the books.

    Raises:
        NotFound: there is no such bill.
    """
    async with ctx.db.read() as session:
        row = await session.get(Invoice, invoice_id)
        if row is None:
            raise NotFound
        lines = await queries.invoice_lines(session, invoice_id)
        booked = await sums.booked_for(session, row.provider, _span(row))
    billed: dict[tuple[date, str], int] = {}
    for line in lines:
        key = (line.day, plain_name(line.model))
        billed[key] = billed.get(key, 0) + line.billed_micros
    in_books = _by_plain_name(booked)
    drifts = [_drift(key, billed.get(key), in_books.get(key)) for key in billed.keys() | in_books.keys()]
    drifts.sort(key=lambda one: (one.day, -abs(one.drift_micros), one.model))
    return DriftReport(
        invoice=_view(row, booked),
        drifts=tuple(drifts),
        drift_micros=sum(one.drift_micros for one in drifts),
        not_billed_micros=sum(one.booked_micros for one in drifts if one.verdict == "not_billed"),
        not_booked_micros=sum(one.billed_micros for one in drifts if one.verdict == "not_booked"),
    )


def is_close(billed_micros: int, booked_micros: int) -> bool:
    """Whether two amounts differ by no more than a cent or one per cent."""
    gap = abs(billed_micros - booked_micros)
    return gap <= max(CLOSE_MICROS, CLOSE_SHARE * max(abs(billed_micros), abs(booked_micros)))


def _by_plain_name(booked: sums.Rows) -> dict[tuple[date, str], tuple[int, int]]:
    """Return what was booked and how much of it is a guess; what cost nothing is on no bill."""
    found: dict[tuple[date, str], tuple[int, int]] = {}
    for day, model, cost, guessed in booked:
        if int(cost):
            key = (date.fromisoformat(str(day)), plain_name(str(model)))
            before = found.get(key, (0, 0))
            found[key] = (before[0] + int(cost), before[1] + int(guessed))
    return found


def _drift(key: tuple[date, str], billed: int | None, booked: tuple[int, int] | None) -> Drift:
    amount, guessed = booked or (0, 0)
    verdict: Verdict = "agrees" if is_close(billed or 0, amount) else "differs"
    if billed is None:
        verdict = "not_billed"
    elif booked is None and billed:
        verdict = "not_booked"
    return Drift(key[0], key[1], billed or 0, amount, guessed, (billed or 0) - amount, verdict)


def _span(row: Invoice) -> Span:
    end = row.last_day + timedelta(days=1)
    return Span(
        datetime(row.first_day.year, row.first_day.month, row.first_day.day, tzinfo=UTC),
        datetime(end.year, end.month, end.day, tzinfo=UTC),
    )


def _view(row: Invoice, booked: Iterable[sums.Rows]) -> InvoiceView:
    total = sum(int(one[2]) for one in booked)
    return InvoiceView(row.id, row.provider, row.first_day, row.last_day, row.billed_micros, total, row.created_at)
