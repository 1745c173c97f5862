"""Usage rows: what is booked for each ending, lists by cursor, and this month's sums; on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY

from app.core.clock import ManualClock
from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ids import new_id
from app.usage import service
from app.usage.schemas import Attempt

FLAT_MICROS = 20_000


def attempt(**more: Any) -> Attempt:
    usual = {"feature": "templates", "provider": "My OpenAI", "kind": "openai", "model": "gpt-5-mini", "outcome": "ok"}
    return Attempt(**({**usual, "total_ms": 900, "tokens_in": 1000, "tokens_out": 500} | more))


@pytest.fixture
async def ctx(ctx_of: Any) -> Context:
    return await ctx_of("ana")


async def test_an_attempt_is_booked_with_who_and_what(ctx: Context) -> None:
    generation = new_id()
    booked = await service.record(ctx, attempt(generation_id=generation, first_token_ms=210))

    row = (await service.list_events(ctx)).items[0]

    assert (booked.cost_micros, booked.cost_known, booked.tokens_estimated) == (1250, True, False)
    assert (row.user_id, row.generation_id, row.feature, row.provider) == (
        ctx.user_id,
        generation,
        "templates",
        "My OpenAI",
    )
    assert (row.tokens_in, row.tokens_out, row.cost_micros, row.first_token_ms) == (1000, 500, 1250, 210)
    assert not row.embedded


async def test_tokens_that_were_not_counted_are_guessed_and_marked(ctx: Context) -> None:
    guess = {"tokens_in": None, "tokens_out": None, "prompt_tokens_guess": 40, "output_tokens_guess": 8}
    booked = await service.record(ctx, attempt(outcome="cancelled", **guess))

    assert (booked.tokens_in, booked.tokens_out, booked.tokens_estimated) == (40, 8, True)
    assert booked.cost_micros > 0


async def test_a_refusal_costs_nothing(ctx: Context) -> None:
    refused = attempt(outcome="failed", error_code="provider.key_refused", billable=False, prompt_tokens_guess=40)

    booked = await service.record(ctx, refused)

    assert (booked.tokens_in, booked.cost_micros, booked.cost_known) == (0, 0, True)


async def test_an_unknown_price_is_booked_flat_and_counted(ctx: Context) -> None:
    before = REGISTRY.get_sample_value("galley_price_unknown_total", {"kind": "openai"}) or 0

    booked = await service.record(ctx, attempt(model="gpt-unheard-of"))

    assert (booked.cost_micros, booked.cost_known) == (FLAT_MICROS, False)
    assert REGISTRY.get_sample_value("galley_price_unknown_total", {"kind": "openai"}) == before + 1


async def test_the_list_is_paged_newest_first_without_gaps(ctx: Context) -> None:
    for number in range(7):
        await service.record(ctx, attempt(total_ms=number))
    seen: list[int] = []
    cursor = None
    while True:
        page = await service.list_events(ctx, cursor=cursor, limit=3)
        seen += [item.total_ms for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("cursor", ["x", "00000000", "'; drop table usage_event; --"])
async def test_a_cursor_of_nobodys_is_refused(ctx: Context, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await service.list_events(ctx, cursor=cursor)


async def test_the_summary_is_of_this_month_by_feature_and_provider(ctx: Context, clock: ManualClock) -> None:
    await service.record(ctx, attempt(feature="bots"))
    clock.advance(timedelta(days=40))
    await service.record(ctx, attempt())
    await service.record(ctx, attempt(model="gpt-unheard-of"))
    await service.record(ctx, attempt(provider="Built in", kind="embedded", model="built-in"))

    summary = await service.summary(ctx)

    assert (summary.attempts, summary.cost_micros, summary.estimated_micros) == (3, 1250 + FLAT_MICROS, FLAT_MICROS)
    assert [(share.name, share.attempts) for share in summary.by_feature] == [("templates", 3)]
    assert [(share.name, share.cost_micros) for share in summary.by_provider] == [
        ("My OpenAI", 1250 + FLAT_MICROS),
        ("Built in", 0),
    ]


async def test_a_month_without_use_sums_to_zero(ctx: Context) -> None:
    summary = await service.summary(ctx)

    assert (summary.attempts, summary.cost_micros, summary.by_feature) == (0, 0, ())


async def test_another_organisations_use_is_not_seen(two_tenants: tuple[Context, Context]) -> None:
    ana, bo = two_tenants
    await service.record(ana, attempt())

    assert (await service.list_events(bo)).items == ()
    assert (await service.summary(bo)).attempts == 0
