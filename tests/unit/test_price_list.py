"""The operator's prices: dated, with a source, before the shipped list; estimates and margins that follow from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import Conflict, NotAllowed, NotFound
from app.core.ids import new_id
from app.core.ports import ModelTarget
from app.usage import margin, price_list, reports, service
from app.usage.errors import PriceUnknown
from app.usage.estimates import PriceRange, assert_priced, estimate
from app.usage.margin import ChargeForm, lorenz
from app.usage.price_list import PriceForm
from app.usage.prices import Price, cost_of, overlay, plain_name, price_of
from app.usage.schemas import Attempt

FLAT = 20_000
COST = 1250


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test asks for both: what locks and sums differently is tried on each."""
    return str(getattr(request, "param", "sqlite"))


both = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def _shipped_prices() -> Iterator[None]:
    yield
    overlay.replace((), today=date.max)
    price_list._in_force.clear()


@pytest.fixture
async def operator(ctx_of: Any) -> Context:
    return replace(await ctx_of("ana"), is_operator=True)


def form(model: str = "gpt-5-mini", *, input_micros: int = 1_000_000, since: str = "2026-01-01", **more: Any) -> Any:
    usual = {"kind": "openai", "output_micros": 1_000_000, "source": "https://example.org/prices"}
    return PriceForm(**(usual | {"model": model, "input_micros": input_micros, "valid_from": since} | more))


def attempt(**more: Any) -> Attempt:
    usual = {"feature": "chat", "provider": "One", "kind": "openai", "model": "gpt-5-mini", "outcome": "ok"}
    return Attempt(**({**usual, "total_ms": 9, "tokens_in": 1000, "tokens_out": 500} | more))


async def test_a_price_holds_from_its_day_on(operator: Context, clock: ManualClock) -> None:
    await price_list.add(operator, form=form(since="2026-01-03"))
    await price_list.refresh(operator.ports)
    before = await service.record(operator, attempt())
    clock.advance(timedelta(days=2))
    after = await service.record(operator, attempt())

    assert (before.cost_micros, after.cost_micros) == (COST, 1500)


@both
async def test_the_newest_price_that_has_begun_holds(operator: Context) -> None:
    for at, since in enumerate(["2025-06-01", "2025-12-01", "2026-05-01"], 1):
        await price_list.add(operator, form=form(input_micros=at, since=since))
    await price_list.refresh(operator.ports)
    views = [one for one in await price_list.list_all(operator) if one.model == "gpt-5-mini"]

    assert [(one.input_micros, one.holds) for one in views] == [(3, False), (2, True), (1, False), (250_000, False)]
    found = price_of("openai", "gpt-5-mini")
    assert found is not None
    assert found.input_micros == 2


async def test_a_model_of_ones_own_server_can_be_priced(operator: Context) -> None:
    made = await price_list.add(operator, form=form("Llama3.3:70b", kind="openai-compatible", input_micros=7))
    await price_list.refresh(operator.ports)
    known = price_of("openai-compatible", "llama3.3:70b")
    await price_list.delete(operator, price_id=made.id or new_id())
    await price_list.refresh(operator.ports)

    assert known == Price(7, 1_000_000, "https://example.org/prices", date(2026, 1, 1))
    assert price_of("openai-compatible", "llama3.3:70b") is None


async def test_a_dated_name_finds_the_operators_price_of_its_plain_name(operator: Context) -> None:
    await price_list.add(operator, form=form(input_micros=9))
    await price_list.refresh(operator.ports)

    found = price_of("openai", "gpt-5-mini-2025-08-07")
    assert found is not None
    assert found.input_micros == 9


async def test_prices_are_read_at_most_every_two_seconds(operator: Context, clock: ManualClock) -> None:
    await price_list.refresh(operator.ports)
    before = price_list._rows.peek(operator.ports, price_list.ALL)
    made = await price_list.add(operator, form=form(input_micros=9))
    price_list._rows.put(operator.ports, price_list.ALL, before or ())  # as a process that did not see the change
    await price_list.refresh(operator.ports)
    old = price_of("openai", "gpt-5-mini")
    clock.advance(timedelta(seconds=2))
    await price_list.refresh(operator.ports)
    new = price_of("openai", "gpt-5-mini")

    assert made.holds
    assert old is not None
    assert new is not None
    assert (old.input_micros, new.input_micros) == (250_000, 9)


async def test_a_second_price_from_the_same_day_is_refused(operator: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    await price_list.add(operator, form=form())
    with pytest.raises(Conflict) as twice:
        await price_list.add(operator, form=form("GPT-5-mini"))
    monkeypatch.setattr(price_list, "MOST", 1)
    with pytest.raises(Conflict) as many:
        await price_list.add(operator, form=form("gpt-5"))

    assert (twice.value.code, many.value.code) == ("price.exists", "price.many")


async def test_only_an_operator_sees_and_sets_prices(ctx_of: Any) -> None:
    ctx = await ctx_of("ana")
    with pytest.raises(NotAllowed):
        await price_list.list_all(ctx)
    with pytest.raises(NotAllowed):
        await price_list.add(ctx, form=form())
    with pytest.raises(NotFound):
        await price_list.delete(ctx, price_id=new_id())
    with pytest.raises(NotAllowed):
        await margin.report(ctx, month=date(2026, 1, 1))
    with pytest.raises(NotFound):
        await margin.set_charge(ctx, tenant_id=ctx.tenant, form=ChargeForm(month_micros=1))


async def test_a_price_that_is_not_there_is_not_taken_away(operator: Context) -> None:
    with pytest.raises(NotFound):
        await price_list.delete(operator, price_id=new_id())


@pytest.mark.parametrize("wrong", [{"input_micros": -1}, {"source": ""}, {"kind": "acme"}, {"input_micros": 10**13}])
def test_a_price_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        form(**wrong)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("GPT-5-mini-2025-08-07", "gpt-5-mini"),
        ("anthropic/claude-haiku-4-5@20251001", "claude-haiku-4-5"),
        ("mistral-small-latest", "mistral-small"),
        ("o3", "o3"),
    ],
)
def test_bills_and_calls_call_a_model_alike(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@dataclass(frozen=True)
class Asked:
    """A candidate as routing has them."""

    target: ModelTarget
    own_price: Price | None = None


MINI = Asked(ModelTarget("One", "openai", "gpt-5-mini"))
DEAR = Asked(ModelTarget("One", "openai", "gpt-5"))
UNKNOWN = Asked(ModelTarget("Own", "openai-compatible", "llama"))
OWN = Asked(ModelTarget("Own", "openai-compatible", "llama"), Price(100, 100, "the workspace"))
FREE = Asked(ModelTarget("Built in", "embedded", "built-in"))


def test_an_estimate_spans_the_cheapest_usual_and_the_dearest_longest_answer() -> None:
    found = estimate(1000, 2000, [MINI, DEAR], flat_micros=FLAT, calls=2)

    assert found == PriceRange(2 * COST, 2 * (-(-1251 * 125 // 100) + 20_000), known=True)


@pytest.mark.parametrize(
    ("candidates", "known"), [([], True), ([FREE], True), ([OWN], True), ([UNKNOWN], False), ([MINI, UNKNOWN], False)]
)
def test_an_estimate_says_whether_every_price_is_known(candidates: list[Asked], known: bool) -> None:
    assert estimate(10, 10, candidates, flat_micros=FLAT).known is known


@given(tokens_in=st.integers(0, 200_000), tokens_out=st.integers(0, 8_000), most=st.integers(1, 8_000))
def test_the_upper_estimate_covers_every_call_within_its_guess(tokens_in: int, tokens_out: int, most: int) -> None:
    found = estimate(tokens_in, most, [DEAR], flat_micros=FLAT)
    cost = cost_of("openai", "gpt-5", tokens_in=tokens_in * 5 // 4, tokens_out=min(tokens_out, most), flat_micros=FLAT)

    assert cost.micros <= found.high_micros


def test_a_model_without_a_price_is_refused_by_name() -> None:
    for priced in (MINI, OWN, FREE):
        assert_priced(priced)
    with pytest.raises(PriceUnknown) as refused:
        assert_priced(UNKNOWN)

    assert refused.value.text().startswith("The price of llama (Own) is not known")


@both
async def test_a_workspaces_margin_is_its_charge_less_its_cost(operator: Context, ctx_of: Any) -> None:
    other = await ctx_of("bo")
    await service.record(operator, attempt())
    await service.record(other, attempt(model="gpt-unheard-of"))
    await margin.set_charge(operator, tenant_id=operator.tenant, form=ChargeForm(month_micros=5000))
    report = await margin.report(operator, month=reports.month_of(operator))

    assert [(one.name, one.cost_micros, one.charge_micros, one.margin_percent) for one in report.tenants] == [
        ("Bo", FLAT, 0, None),
        ("Ana", COST, 5000, 75.0),
    ]
    assert (report.cost_micros, report.charge_micros, report.margin_micros) == (FLAT + COST, 5000, 3750 - FLAT)
    assert (report.lorenz.users, report.lorenz.top_percent, report.lorenz.top_cost_percent) == (2, 50.0, 94.1)
    with pytest.raises(NotFound):
        await margin.set_charge(operator, tenant_id=new_id(), form=ChargeForm(month_micros=1))


def test_the_lorenz_curve_runs_from_the_cheapest_person_to_the_dearest() -> None:
    found = lorenz([60, 10, 20, 10])

    assert found.points == ((0.0, 0.0), (0.25, 0.1), (0.5, 0.2), (0.75, 0.4), (1.0, 1.0))
    assert (found.top_percent, found.top_cost_percent) == (25.0, 60.0)


def test_the_lorenz_curve_of_many_people_has_few_points() -> None:
    found = lorenz(list(range(10_000)))

    assert len(found.points) == 101
    assert found.points[-1] == (1.0, 1.0)


@pytest.mark.parametrize("costs", [[], [0, 0]])
def test_where_nobody_spent_the_curve_is_a_straight_line(costs: list[int]) -> None:
    assert lorenz(costs).points == ((0.0, 0.0), (1.0, 1.0))
