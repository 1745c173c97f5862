"""Bills of providers: what can be read, what is refused by row, and where billed and booked differ."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotFound
from app.usage import invoice_file, invoices, service
from app.usage.invoice_file import BilledLine, read_bill
from app.usage.invoices import InvoiceForm
from app.usage.schemas import Attempt

DAY = date(2026, 1, 1)
MILLION = 1_000_000
OPENAI = """start_time,start_time_iso,amount_value,amount_currency,line_item
1767225600,2026-01-01T00:00:00+00:00,0.50,usd,gpt-5-mini-2025-08-07
1767225600,2026-01-01T00:00:00+00:00,1.2e-05,usd,gpt-5-mini-2025-08-07
"""
ANTHROPIC = """usage_date_utc,model,workspace,token_type,input_tokens,output_tokens,cost_usd
2026-01-01,claude-haiku-4-5-20251001,Default,input,1000,0,$0.001
2026-01-01,claude-haiku-4-5-20251001,Default,output,0,500,$0.0025
"""


def test_the_exports_of_openai_and_anthropic_are_read() -> None:
    assert read_bill(OPENAI) == (BilledLine(DAY, "gpt-5-mini-2025-08-07", 0, 0, 500_012),)
    assert read_bill(ANTHROPIC) == (BilledLine(DAY, "claude-haiku-4-5-20251001", 1000, 500, 3500),)


def test_seconds_since_1970_are_a_day() -> None:
    assert read_bill("start_time,model,cost\n1767225600,m,1\n")[0].day == DAY


def test_any_columns_are_read_when_they_are_named() -> None:
    text = "\ufeffTag;Sorte;Netto USD\n01.01.2026;m;1.234,50\n\n;;\n02.01.2026;m;0,5\n"
    lines = read_bill(text, columns={"date": "Tag", "model": "Sorte", "amount": "Netto USD"})

    assert [(line.day, line.micros) for line in lines] == [
        (DAY, 1_234_500_000),
        (DAY + timedelta(days=1), 500_000),
    ]


@pytest.mark.parametrize(
    ("cells", "delimiter", "micros"),
    [
        (["1.50"], ",", 1.5),
        (['"1,234.56"'], ",", 1234.56),
        (['"1,234"'], ",", 1234),
        (["1,234"], ";", 1.234),
        (["1,50"], ";", 1.5),
        (["1.234,56"], ";", 1234.56),
        (["1.234", "0,5"], ";", 1234),
        (["1,234", "0.5"], "\t", 1234),
        (["-0.25"], ",", -0.25),
        (["US$ 3.10"], ",", 3.1),
    ],
)
def test_decimal_points_and_commas_are_told_apart_by_the_whole_column(
    cells: list[str], delimiter: str, micros: float
) -> None:
    rows = [delimiter.join(["date", "model", "cost"])]
    rows += [delimiter.join([f"2026-01-0{at}", "m", cell]) for at, cell in enumerate(cells, 1)]

    assert read_bill("\n".join(rows))[0].micros == round(micros * MILLION)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invoice.empty"),
        ("\n\n", "invoice.empty"),
        ("date,model,cost\n", "invoice.empty"),
        ("date,model,cost\n,,\n", "invoice.empty"),
        ("day,model\n2026-01-01,m\n", "invoice.column_missing"),
        ("date,model,cost\n2026-01-01,m,€1.00\n", "invoice.currency"),
        ("date,model,cost,currency\n2026-01-01,m,1.00,EUR\n", "invoice.currency"),
        ("date,model,cost\nsoon,m,1.00\n", "invoice.date"),
        ("date,model,cost\n99.99.2026,m,1.00\n", "invoice.date"),
        ("date,model,cost\n2026-01-01,m,\n", "invoice.number"),
        ("date,model,cost\n2026-01-01,m,1-2\n", "invoice.number"),
        ("date,model,cost\n2026-01-01,m,1e999\n", "invoice.number"),
        ("date,model,cost\n2026-01-01\n", "invoice.number"),
        ('date,model,cost\n2026-01-01,"' + "m" * 200_000 + '",1\n', "invoice.no_csv"),
    ],
)
def test_what_is_no_bill_in_dollars_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_bill(text)

    assert (refused.value.code, refused.value.field) == (code, "csv")


def test_a_refusal_names_the_row_and_the_currency() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_bill("date,model,cost\n2026-01-01,m,1\n2026-01-02,m,£2\n")

    assert refused.value.text() == "Row 3 is in £. Only bills in US dollars can be compared."


def test_a_column_that_was_named_must_be_there() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_bill("date,model,cost\n2026-01-01,m,1\n", columns={"tokens_in": "Prompt"})

    assert refused.value.params == {"part": "tokens_in", "columns": "date, model, cost"}


def test_a_file_of_endless_rows_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoice_file, "MOST_ROWS", 2)
    with pytest.raises(InvalidInput) as refused:
        read_bill("date,model,cost\n2026-01-01,m,1\n2026-01-02,m,2\n")

    assert refused.value.code == "invoice.many_rows"


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for both: what locks and sums differently is tried on each."""
    return str(getattr(request, "param", "sqlite"))


both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


def attempt(**more: Any) -> Attempt:
    usual = {"feature": "chat", "provider": "One", "kind": "openai", "model": "gpt-5", "outcome": "ok"}
    return Attempt(**({**usual, "total_ms": 9, "tokens_in": MILLION, "tokens_out": 0} | more))


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


def bill(*rows: str) -> InvoiceForm:
    return InvoiceForm(provider="One", csv="\n".join(["date,model,cost", *rows]))


@both
async def test_billed_and_booked_are_compared_by_day_and_model(ctx: Context, clock: ManualClock) -> None:
    await service.record(ctx, attempt())  # 1.25 dollars
    await service.record(ctx, attempt(model="gpt-5-mini"))  # 0.25
    await service.record(ctx, attempt(model="gpt-unheard-of"))  # 0.02, a guess
    await service.record(ctx, attempt(provider="Two"))
    await service.record(ctx, attempt(outcome="failed", billable=False, model="o3"))
    clock.advance(timedelta(days=1))
    await service.record(ctx, attempt())
    report = await invoices.import_bill(
        ctx,
        form=bill("2026-01-01,gpt-5-2025-08-07,1.25", "2026-01-01,gpt-5-mini,0.50", "2026-01-02,gpt-9,3"),
    )

    assert [(one.day.day, one.model, one.verdict, one.drift_micros) for one in report.drifts] == [
        (1, "gpt-5-mini", "differs", 250_000),
        (1, "gpt-unheard-of", "not_billed", -20_000),
        (1, "gpt-5", "agrees", 0),
        (2, "gpt-9", "not_booked", 3 * MILLION),
        (2, "gpt-5", "not_billed", -1_250_000),
    ]
    assert report.drifts[1].estimated_micros == 20_000
    assert (report.not_booked_micros, report.not_billed_micros) == (3 * MILLION, 1_270_000)
    assert (report.invoice.billed_micros, report.invoice.booked_micros) == (4_750_000, 2_770_000)
    assert not report.invoice.agrees
    assert (await invoices.list_all(ctx))[0] == report.invoice


@pytest.mark.parametrize(
    ("billed", "booked", "close"),
    [(0, 0, True), (10_000, 0, True), (10_001, 0, False), (100_000_000, 99_000_000, True), (-20_000, 0, False)],
)
def test_a_cent_or_one_per_cent_is_close(billed: int, booked: int, close: bool) -> None:
    assert invoices.is_close(billed, booked) is close


async def test_a_bill_of_years_is_refused(ctx: Context) -> None:
    with pytest.raises(InvalidInput) as refused:
        await invoices.import_bill(ctx, form=bill("2024-01-01,m,1", "2026-01-01,m,1"))

    assert refused.value.code == "invoice.span"


async def test_there_are_at_most_so_many_bills(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoices, "MOST", 0)
    with pytest.raises(Conflict):
        await invoices.import_bill(ctx, form=bill("2026-01-01,m,1"))


@both
async def test_another_workspaces_bill_is_not_there(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    report = await invoices.import_bill(ana, form=bill("2026-01-01,m,1"))

    assert await invoices.list_all(bo) == []
    with pytest.raises(NotFound):
        await invoices.drift(bo, invoice_id=report.invoice.id)
    with pytest.raises(NotFound):
        await invoices.delete(bo, invoice_id=report.invoice.id)
    await invoices.delete(ana, invoice_id=report.invoice.id)
    assert await invoices.list_all(ana) == []
