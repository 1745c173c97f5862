"""The gateway: who is asked, what is void, what is booked; over scripted providers."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from prometheus_client import REGISTRY

from app.core.errors import SessionHeldDuringProviderCall
from app.core.ports import (
    Message,
    ModelFinished,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderKeyRefused,
    ProviderTimeout,
)
from app.llm import gateway, providers
from app.llm.candidates import breaker
from app.llm.errors import NoProviderAvailable, NoProviderEnabled
from app.llm.events import Chosen, Continued, GatewayEvent, Restarted, Settled, Text
from app.llm.schemas import ProviderChange
from app.usage import ledger
from tests.scripted import STOP, Again, failing, studio_of, task, text_of

__all__ = ["studio_of"]

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


async def test_the_first_provider_writes_and_is_settled(studio_of: Any) -> None:
    studio = await studio_of(One=["Hel", "lo", STOP], Two=["no", STOP])

    chosen, *texts, settled = await studio.run()

    assert isinstance(chosen, Chosen)
    assert (chosen.provider, chosen.model, chosen.label, chosen.embedded) == ("One", "gpt-5-mini", "One", False)
    assert chosen.why.rows()[0][:2] == ("One", "why.chosen.first")
    assert texts == [Text("Hel"), Text("lo")]
    assert isinstance(settled, Settled)
    assert (settled.provider, settled.tokens_in, settled.tokens_out, settled.finish_reason) == ("One", 100, 20, "stop")
    assert (settled.cost_micros, settled.cost_known, settled.embedded) == (65, True, False)
    assert studio.models.asked == ["One"]


async def test_the_key_reaches_the_provider_and_nobody_else(studio_of: Any) -> None:
    studio = await studio_of(One=["x", STOP])

    events = await studio.run()

    assert studio.models.calls[0].target.api_key == "sk-secret-of-One"
    assert "sk-secret" not in repr(events) + repr(studio.models.calls)


@pytest.mark.parametrize("kind", [ProviderDown, ProviderBusy, ProviderKeyRefused, ProviderTimeout])
async def test_an_error_before_any_text_hands_over_without_a_restart(studio_of: Any, kind: type[ProviderError]) -> None:
    studio = await studio_of(One=[failing(kind)], Two=["fine", STOP])

    events = await studio.run()

    assert [type(event) for event in events] == [Chosen, Chosen, Text, Settled]
    assert [event.provider for event in events if isinstance(event, Chosen)] == ["One", "Two"]
    assert events[1].why.rows()[0][1] == "why.failed"


async def test_a_break_after_text_is_continued_elsewhere_and_the_seam_is_marked(studio_of: Any) -> None:
    studio = await studio_of(One=["half a ", "sen", failing(ProviderDown)], Two=["half a sen", "tence.", STOP])

    events = await studio.run()

    assert [type(event) for event in events] == [Chosen, Text, Text, Continued, Chosen, Text, Settled]
    assert events[3] == Continued("provider.down", "One", 10)
    assert text_of(events) == "half a sentence."
    assert (events[-1].provider, events[-1].seams) == ("Two", (10,))
    assert [(leg.provider, leg.outcome) for leg in events[-1].legs] == [("One", "failed"), ("Two", "ok")]


async def test_the_next_provider_is_given_the_text_so_far_and_told_where_to_begin(studio_of: Any) -> None:
    studio = await studio_of(One=["half a ", "sen ", failing(ProviderDown)], Two=["tence.", STOP])

    await studio.run()
    *question, partial, instruction = studio.models.calls[1].messages

    assert tuple(question) == studio.models.calls[0].messages
    assert partial == Message("assistant", "half a sen")
    assert "<last-words>half a sen</last-words>" in instruction.text


async def test_what_the_failed_legs_took_is_in_the_cost(studio_of: Any) -> None:
    studio = await studio_of(One=["half a sentence", failing(ProviderDown)], Two=[" is whole.", STOP])

    events = await studio.run()
    rows = await studio.rows()

    assert events[-1].cost_micros == sum(row.cost_micros for row in rows)
    assert rows[0].cost_micros > 0


async def test_an_end_without_a_finish_is_a_break(studio_of: Any) -> None:
    studio = await studio_of(One=["half"], Two=[" and whole", STOP])

    events = await studio.run()

    assert Continued("provider.bad_answer", "One", 4) in events
    assert text_of(events) == "half and whole"


async def test_the_built_in_writer_begins_from_the_start(studio_of: Any) -> None:
    studio = await studio_of(One=["half", failing(ProviderKeyRefused)])

    events = await studio.run()

    assert [event for event in events if isinstance(event, Restarted)] == [Restarted("provider.key_refused", "One")]
    assert text_of(events) == "built in"
    assert events[-1].seams == ()


async def test_the_only_provider_is_asked_once_more_to_go_on(studio_of: Any) -> None:
    studio = await studio_of(One=["Nobody knows ", failing(ProviderDown)])
    studio.models.scripts["One"] = Again([["Nobody knows ", failing(ProviderDown)], ["the end.", STOP]])

    events = await studio.run()

    assert text_of(events) == "Nobody knows the end."
    assert studio.models.asked == ["One", "One"]


async def test_structured_output_is_continued_when_the_parts_fit(studio_of: Any) -> None:
    studio = await studio_of(One=['{"a": "half ', failing(ProviderDown)], Two=['{"a": "half ', 'done"}', STOP])

    events = await studio.run(json_output=True)

    assert text_of(events) == '{"a": "half done"}'
    assert len(events[-1].seams) == 1


async def test_structured_output_that_does_not_fit_is_begun_again_by_the_same_provider(studio_of: Any) -> None:
    studio = await studio_of(One=['{"a": "half ', failing(ProviderDown)], Two=['"}, {"b": 1}', STOP])
    studio.models.scripts["Two"] = Again([['Sure! "b": 1}', STOP], ['{"b": 1}', STOP]])

    events = await studio.run(json_output=True)

    assert text_of(events) == '{"b": 1}'
    assert studio.models.asked == ["One", "Two", "Two"]
    assert events[-1].seams == ()
    assert not breaker.knows(str((await providers.list_providers(studio.ctx))[1].id))


async def test_a_provider_that_writes_a_text_of_its_own_instead_voids_the_first(studio_of: Any) -> None:
    studio = await studio_of(One=['{"title": "A', failing(ProviderDown)], Two=['{"title": ', '"B"}', STOP])

    events = await studio.run(json_output=True)

    assert text_of(events) == '{"title": "B"}'
    assert Restarted("provider.bad_answer", "Two") in events


async def test_negative_and_absurd_counts_are_replaced_by_what_was_seen(studio_of: Any) -> None:
    studio = await studio_of(One=["Hello there", ModelFinished("stop", -5, 10**15)])

    events = await studio.run()
    (row,) = await studio.rows()

    assert (row.tokens_in, row.tokens_out, row.tokens_estimated) == (100, 3, True)
    assert events[-1].cost_micros == row.cost_micros > 0


async def test_an_empty_answer_and_a_filtered_one_hand_over(studio_of: Any) -> None:
    studio = await studio_of(One=[STOP], Two=["I cannot", ModelFinished("filtered", 9, 2)], Three=["fine", STOP])

    events = await studio.run()

    assert text_of(events) == "fine"
    assert [row.error_code for row in await studio.rows()] == ["provider.bad_answer", "provider.filtered", ""]


async def test_an_adapters_bug_hands_over_too(studio_of: Any) -> None:
    async def bug() -> None:
        raise KeyError("choices")

    studio = await studio_of(One=[bug], Two=["fine", STOP])

    assert text_of(await studio.run()) == "fine"


async def test_the_built_in_writer_is_asked_when_all_have_failed(studio_of: Any) -> None:
    studio = await studio_of(One=[failing(ProviderDown)], Two=[failing(ProviderDown)])

    events = await studio.run()

    assert text_of(events) == "built in"
    assert events[-1].embedded
    assert (events[-1].cost_micros, events[-1].cost_known) == (0, True)


async def test_without_any_provider_the_built_in_writer_is_there(studio_of: Any) -> None:
    studio = await studio_of()

    events = await studio.run()

    assert [row[:3] for row in events[0].why.rows()] == [
        ("Built-in writer", "why.chosen.built_in", "Chosen: no other provider is connected and well.")
    ]


async def test_with_everything_off_there_is_a_clear_refusal(studio_of: Any) -> None:
    studio = await studio_of(built_in=False)

    with pytest.raises(NoProviderEnabled) as caught:
        await studio.run()

    assert "switched on" in caught.value.text()


async def test_when_nobody_delivers_the_error_tells_the_last_reason(studio_of: Any) -> None:
    studio = await studio_of(built_in=False, One=[failing(ProviderDown)], Two=[failing(ProviderBusy, retry_after_s=9)])

    with pytest.raises(NoProviderAvailable) as caught:
        await studio.run()

    assert (caught.value.status, caught.value.params["tried"], caught.value.retry_after_s) == (503, 2, 9)
    assert "over its rate limit" in caught.value.text()


async def test_a_single_providers_own_error_is_told_as_it_is(studio_of: Any) -> None:
    studio = await studio_of(built_in=False, One=[failing(ProviderKeyRefused)])

    with pytest.raises(ProviderKeyRefused):
        await studio.run()


async def test_text_of_the_last_candidate_is_not_called_void(studio_of: Any) -> None:
    studio = await studio_of(built_in=False, One=["half", failing(ProviderDown)])
    events: list[GatewayEvent] = []

    with pytest.raises(ProviderDown):
        async for event in gateway.stream(studio.ctx, task()):
            events.append(event)  # noqa: PERF401 - keeps what came before the error

    assert text_of(events) == "half"


async def test_every_attempt_has_its_row(studio_of: Any) -> None:
    studio = await studio_of(
        One=[failing(ProviderKeyRefused)], Two=["half a sentence", failing(ProviderDown)], Three=["fine", STOP]
    )

    await studio.run()
    first, second, third = await studio.rows()

    assert (first.provider, first.outcome, first.error_code, first.cost_micros) == (
        "One",
        "failed",
        "provider.key_refused",
        0,
    )
    assert (second.provider, second.outcome, second.tokens_estimated) == ("Two", "failed", True)
    assert second.cost_micros > 0
    assert (third.provider, third.outcome, third.tokens_in, third.tokens_out) == ("Three", "ok", 100, 20)
    assert {row.feature for row in (first, second, third)} == {"templates"}


async def test_silence_after_the_question_was_sent_is_booked_and_a_missing_connection_is_not(studio_of: Any) -> None:
    unconnected = failing(ProviderTimeout, params={"phase": "connect"})
    studio = await studio_of(One=[unconnected], Two=[failing(ProviderTimeout)], Three=["fine", STOP])

    await studio.run()
    rows = await studio.rows()

    assert rows[0].cost_micros == 0
    assert rows[1].cost_micros > 0


async def test_a_closed_iterator_ends_the_call_and_books_it_as_cancelled(studio_of: Any) -> None:
    studio = await studio_of(One=["Hel", "lo", lambda: asyncio.sleep(60)])

    async with aclosing(gateway.stream(studio.ctx, task())) as events:
        async for event in events:
            if isinstance(event, Text):
                break
    (row,) = await studio.rows()

    assert studio.models.closed == ["One"]
    assert (row.outcome, row.tokens_estimated, row.tokens_out) == ("cancelled", True, 1)


async def test_a_cancelled_reader_ends_the_call_and_books_it_as_cancelled(studio_of: Any) -> None:
    silent = asyncio.Event()

    async def wait() -> None:
        silent.set()
        await asyncio.sleep(60)

    studio = await studio_of(One=["Hel", wait])
    reader = asyncio.create_task(studio.run())
    await silent.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    (row,) = await studio.rows()

    assert studio.models.closed == ["One"]
    assert row.outcome == "cancelled"


async def test_after_two_failures_a_provider_is_passed_over_until_it_has_rested(studio_of: Any, clock: Any) -> None:
    from datetime import timedelta

    studio = await studio_of(One=[failing(ProviderDown)], Two=["fine", STOP])
    for _ in range(3):
        last = await studio.run()
    clock.advance(timedelta(seconds=31))
    studio.models.scripts["One"] = ["well again", STOP]
    after = await studio.run()
    again = await studio.run()

    assert studio.models.asked == ["One", "Two", "One", "Two", "Two", "One", "One"]
    assert [row[1] for row in last[0].why.rows()] == ["why.chosen.first", "why.last", "why.resting"]
    assert text_of(after) == text_of(again) == "well again"


async def test_a_request_that_the_provider_refuses_does_not_make_it_rest(studio_of: Any) -> None:
    from app.core.ports import ProviderRefusedRequest

    studio = await studio_of(One=[failing(ProviderRefusedRequest)], Two=["fine", STOP])
    for _ in range(3):
        await studio.run()

    assert studio.models.asked == ["One", "Two"] * 3


async def test_no_database_session_may_be_open_meanwhile(studio_of: Any) -> None:
    studio = await studio_of(One=["x", STOP])

    with pytest.raises(SessionHeldDuringProviderCall):
        async with studio.ctx.db.read():
            await studio.run()

    assert studio.models.asked == []


async def test_text_is_not_lost_when_its_row_cannot_be_written(studio_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = await studio_of(One=["fine", STOP])
    before = REGISTRY.get_sample_value("galley_usage_lost_total") or 0

    async def full(*_: Any) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ledger, "settle", full)

    assert text_of(await studio.run()) == "fine"
    assert REGISTRY.get_sample_value("galley_usage_lost_total") == before + 1


async def test_a_provider_that_is_switched_off_is_not_asked(studio_of: Any) -> None:
    studio = await studio_of(One=["x", STOP], Two=["fine", STOP])
    first = (await providers.list_providers(studio.ctx))[0]
    await providers.update(studio.ctx, first.id, form=ProviderChange(enabled=False))

    events = await studio.run()

    assert studio.models.asked == ["Two"]
    assert "One" not in [row[0] for row in events[0].why.rows()]


async def test_the_order_of_the_list_is_the_order_of_asking(studio_of: Any) -> None:
    studio = await studio_of(One=["one", STOP], Two=["two", STOP])
    first, second, _ = await providers.list_providers(studio.ctx)
    await providers.reorder(studio.ctx, provider_ids=[second.id, first.id])

    assert text_of(await studio.run()) == "two"


async def test_a_task_without_a_brief_is_refused_when_only_the_built_in_writer_is_left(studio_of: Any) -> None:
    studio = await studio_of()

    with pytest.raises(NoProviderEnabled):
        await studio.run(brief=None)
