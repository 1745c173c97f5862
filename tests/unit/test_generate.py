"""The run itself, against models that say what a test tells them: order, repair, failover, stops, bugs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pydantic import SecretStr

from app.content import documents, generations
from app.content.catalogue_files import load_catalogue
from app.content.events import Checked, Chosen, Continued, Delta, Done, Event, Failed, Repairing, Started, VariantDone
from app.content.service import RunRequest, correct_line, generate, recheck
from app.core.context import Context
from app.core.db import assert_no_open_session
from app.core.errors import InvalidInput, NotFound, TooLarge
from app.core.ids import parse_id
from app.core.ports import ModelCall, ModelEvent, ModelFinished, Ports, ProviderBadAnswer, ProviderDown, TextDelta
from app.llm import providers
from app.llm.schemas import ModelForm, ProviderForm
from app.usage import service as usage
from tests.databases import CtxOf
from tests.patience import PATIENCE_S

_CATALOGUE = load_catalogue()
_EXAMPLE = _CATALOGUE.get("google-rsa").example
assert _EXAMPLE is not None
assert isinstance(_EXAMPLE.output, dict)
BRIEF = _CATALOGUE.sample("google-rsa")
GOOD: dict[str, Any] = dict(_EXAMPLE.output)
HEADLINES: list[str] = GOOD["headlines"]
LAST = f"headlines[{len(HEADLINES) - 1}]"
TOO_LONG = f"{HEADLINES[-1]} and very much more than fits"
BAD = {**GOOD, "headlines": [*HEADLINES[:-1], TOO_LONG]}


@dataclass
class Scripted:
    """A Models port that answers each call with the next script: pieces of text, errors, waits."""

    scripts: list[list[object]]
    calls: list[ModelCall] = field(default_factory=list)
    closed: int = 0

    async def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        assert_no_open_session()
        self.calls.append(call)
        try:
            for step in self.scripts.pop(0):
                await asyncio.sleep(0)
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield TextDelta(str(step))
            yield ModelFinished("stop", 100, 50)
        finally:
            self.closed += 1

    async def ping(self) -> None:
        return


def text_of(data: object) -> list[object]:
    text = json.dumps(data)
    return [text[:40], text[40:]]


async def with_models(ctx: Context, *scripts: list[object]) -> tuple[Context, Scripted]:
    """Return the context with scripted models behind two connected providers."""
    models = Scripted(list(scripts))
    ctx = replace(ctx, ports=replace(ctx.ports, models=models))
    for name in ("first", "second"):
        form = ProviderForm(name=name, kind="openai", api_key=SecretStr("k" * 40), models=(ModelForm(id="m"),))
        await providers.create(ctx, form=form)
    return ctx, models


async def run(ctx: Context, **inputs: object) -> list[Event]:
    return [event async for event in generate(ctx, request=RunRequest("google-rsa", {**BRIEF, **inputs}))]


def names(events: list[Event]) -> list[str]:
    """Return the events' names, deltas in a row once."""
    told = [type(event).__name__ for event in events]
    return [name for at, name in enumerate(told) if name != "Delta" or told[at - 1] != "Delta"]


def last(events: list[Event], kind: type[Event]) -> Event:
    return next(event for event in reversed(events) if isinstance(event, kind))


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "sqlite"))


async def test_a_good_text_is_written_once_and_kept(ana: Context) -> None:
    ctx, models = await with_models(ana, text_of(GOOD))

    events = await run(ctx)

    assert names(events) == ["Started", "Chosen", "Delta", "Checked", "VariantDone", "Done"]
    done = last(events, VariantDone)
    assert isinstance(done, VariantDone)
    assert (done.tokens_in, done.tokens_out, done.repaired, done.embedded) == (100, 50, False, False)
    assert json.loads(done.text) == GOOD
    assert len(models.calls) == models.closed == 1


async def test_what_failed_is_asked_for_once_more_and_only_that(ana: Context) -> None:
    ctx, models = await with_models(ana, text_of(BAD), [json.dumps({LAST: HEADLINES[-1]})])

    events = await run(ctx)

    assert names(events) == [
        "Started", "Chosen", "Delta", "Checked", "Repairing", "Delta", "Checked", "VariantDone", "Done"
    ]  # fmt: skip
    repair = models.calls[1]
    assert repair.brief is not None
    assert repair.brief.only == (LAST,)
    assert LAST in repair.messages[-1].text
    done = last(events, VariantDone)
    assert isinstance(done, VariantDone)
    assert done.repaired
    assert json.loads(done.text) == GOOD
    assert (done.tokens_in, done.tokens_out) == (200, 100)


async def test_what_failed_its_checks_is_corrected_one_tier_up_and_the_reasons_tell_of_both(ana: Context) -> None:
    ctx, models = await with_models(ana, text_of(BAD), [json.dumps({LAST: HEADLINES[-1]})])
    strong = ProviderForm(
        name="third", kind="openai", api_key=SecretStr("k" * 40), models=(ModelForm(id="s", tier="strong"),)
    )
    await providers.create(ctx, form=strong)

    events = await run(ctx)

    done, told = last(events, VariantDone), last(events, Chosen)
    assert isinstance(done, VariantDone)
    assert isinstance(told, Chosen)
    assert [call.target.model for call in models.calls] == ["m", "s"]
    assert (done.repaired, done.model) == (True, "m")
    assert [row[1] for row in told.why if row[1].startswith("why.chosen")] == [
        "why.chosen.first",
        "why.chosen.failed_checks",
    ]
    started = events[0]
    assert isinstance(started, Started)
    run_id = parse_id(started.generation_id)
    assert run_id is not None
    view = await generations.get(ctx, generation_id=run_id)
    assert view.variants[0].why[-1][3]["checks"] == 1


async def test_a_repair_that_is_no_better_leaves_the_first_version(ana: Context) -> None:
    ctx, _ = await with_models(ana, text_of(BAD), [json.dumps({LAST: TOO_LONG + " again"})])

    events = await run(ctx)

    done, checked = last(events, VariantDone), last(events, Checked)
    assert isinstance(done, VariantDone)
    assert isinstance(checked, Checked)
    assert not done.repaired
    assert json.loads(done.text) == BAD
    assert checked.text == done.text


async def test_a_repair_that_nobody_delivers_leaves_the_first_version(ana: Context) -> None:
    broken: list[object] = [ProviderDown(params={"provider": "x"})]
    ctx, _ = await with_models(ana, text_of(BAD), broken, broken, ["no brief, no text"])

    events = await run(ctx)

    assert names(events)[-3:] == ["Checked", "VariantDone", "Done"]
    done = last(events, VariantDone)
    assert isinstance(done, VariantDone)
    assert json.loads(done.text) == BAD


async def test_where_a_provider_breaks_off_the_next_goes_on(ana: Context) -> None:
    whole = json.dumps(GOOD)
    ctx, _ = await with_models(ana, [whole[:40], ProviderDown(params={"provider": "first"})], [whole[20:]])

    events = await run(ctx)

    assert names(events) == [
        "Started", "Chosen", "Delta", "Continued", "Chosen", "Delta", "Checked", "VariantDone", "Done"
    ]  # fmt: skip
    continued, done = last(events, Continued), last(events, VariantDone)
    assert continued == Continued("A", "provider.down", "first", 40)
    assert isinstance(done, VariantDone)
    assert (done.provider, done.seams) == ("second", (40,))
    assert json.loads(done.text) == GOOD


async def test_a_provider_that_begins_anew_instead_of_going_on_voids_the_text(ana: Context) -> None:
    ctx, _ = await with_models(ana, ['{"headlines": ["Half', ProviderDown(params={"provider": "first"})], text_of(GOOD))

    events = await run(ctx)

    assert names(events)[3:7] == ["Continued", "Chosen", "Restarted", "Delta"]
    done = last(events, VariantDone)
    assert isinstance(done, VariantDone)
    assert json.loads(done.text) == GOOD


async def test_a_runs_cost_holds_what_failed_too(ana: Context) -> None:
    whole = json.dumps(GOOD)
    ctx, _ = await with_models(ana, [whole[:40], ProviderBadAnswer(params={"provider": "first"})], [whole[40:]])

    events = await run(ctx)
    rows = (await usage.list_events(ctx)).items

    done = events[-1]
    assert isinstance(done, Done)
    assert done.cost_micros == sum(row.cost_micros for row in rows) > max(row.cost_micros for row in rows)


async def test_when_a_later_variant_fails_the_complete_ones_stay_and_the_first_is_kept(ana: Context) -> None:
    broken: list[object] = [ProviderBadAnswer(params={"provider": "x"})]
    ctx, _ = await with_models(ana, text_of(GOOD), broken, broken, broken)

    events = await run(ctx, variants=3)

    failed = events[-1]
    assert isinstance(failed, Failed)
    assert failed.variant == "B"
    [view], _ = await generations.list_newest(ctx, limit=10)
    assert (view.state, view.error_code, [one.letter for one in view.variants]) == ("failed", failed.code, ["A"])
    assert view.document_id is not None


async def test_a_provider_that_never_stops_is_stopped(ana: Context) -> None:
    endless = lambda: ["x" * 50_000] * 10  # noqa: E731
    ctx, _ = await with_models(ana, endless(), endless(), endless())

    events = await run(ctx)

    assert isinstance(events[-1], Failed)
    [view], _ = await generations.list_newest(ctx, limit=10)
    assert view.state == "failed"


async def test_a_bug_in_the_checks_loses_no_text(ana: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    ctx, _ = await with_models(ana, text_of(GOOD))
    monkeypatch.setattr("app.content.generating.judge_aside", broken)

    events = await run(ctx)

    assert isinstance(events[-1], Failed)
    assert events[-1].code == "internal"
    [view], _ = await generations.list_newest(ctx, limit=10)
    assert (view.state, view.variants[0].state) == ("failed", "failed")
    assert json.loads(view.variants[0].text) == GOOD


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("how", ["closed", "cancelled", "stopped"])
async def test_however_a_run_is_left_its_text_is_saved_and_the_provider_let_go(ana: Context, how: str) -> None:
    ctx, models = await with_models(ana, ['{"headlines": ["Half', asyncio.Event()])
    reading: asyncio.Queue[Event] = asyncio.Queue()

    async def read() -> None:
        async with aclosing(generate(ctx, request=RunRequest("google-rsa", BRIEF))) as events:
            async for event in events:
                reading.put_nowait(event)
                if how == "closed" and isinstance(event, Delta):
                    return

    reader = asyncio.create_task(read())
    started = await reading.get()
    assert isinstance(started, Started)
    run_id = parse_id(started.generation_id)
    assert run_id is not None
    while not isinstance(await reading.get(), Delta):
        pass
    if how == "cancelled":
        reader.cancel()
    elif how == "stopped":
        await generations.stop(ctx, generation_id=run_id)
    await asyncio.wait({reader}, timeout=PATIENCE_S)

    view = await generations.get(ctx, generation_id=run_id)
    assert (view.state, view.error_code) == ("stopped", "run.stopped")
    assert (view.variants[0].state, view.variants[0].text) == ("stopped", '{"headlines": ["Half')
    assert models.closed == 1
    assert generations.running == {}


async def test_a_run_that_is_left_before_its_first_word_is_closed(ana: Context) -> None:
    ctx, _ = await with_models(ana, [asyncio.Event()])

    async with aclosing(generate(ctx, request=RunRequest("google-rsa", BRIEF))) as events:
        await anext(events)

    [view], _ = await generations.list_newest(ctx, limit=10)
    assert (view.state, view.variants) == ("stopped", ())


async def test_a_slow_reader_holds_the_model_back(ana: Context) -> None:
    sent = 0

    class Fast(Scripted):
        async def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
            nonlocal sent
            for _ in range(5_000):
                sent += 1
                yield TextDelta("x")
                await asyncio.sleep(0)

    ctx, _ = await with_models(ana)
    ctx = replace(ctx, ports=replace(ctx.ports, models=Fast([])))
    async with aclosing(generate(ctx, request=RunRequest("google-rsa", BRIEF))) as events:
        while not isinstance(await anext(events), Delta):
            pass
        await asyncio.sleep(0.1)

        assert sent < 200


async def test_another_process_can_ask_a_run_to_stop(ana: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.content.service.LOOKED_EVERY_S", 0.01)
    ctx, _ = await with_models(ana, ["Half", asyncio.Event()])
    ctx = replace(
        ctx, ports=replace(ctx.ports, settings=ctx.ports.settings.model_copy(update={"redis_url": "redis://x"}))
    )
    async with aclosing(generate(ctx, request=RunRequest("google-rsa", BRIEF))) as events:
        started = await anext(events)
        assert isinstance(started, Started)
        run_id = parse_id(started.generation_id)
        assert run_id is not None
        here = generations.running.pop(run_id)  # as if it ran elsewhere
        await generations.stop(ctx, generation_id=run_id)

        told = [event async for event in events]

    assert here is not None
    assert isinstance(told[-1], Failed)
    assert (await generations.get(ctx, generation_id=run_id)).state == "stopped"


async def test_an_orderly_end_of_the_process_saves_every_run(ana: Context) -> None:
    ctx, _ = await with_models(ana, ["Half", asyncio.Event()], ["Half", asyncio.Event()])
    told: list[Event] = []

    async def read() -> None:
        told.extend(await run(ctx))

    readers = [asyncio.create_task(read()) for _ in range(2)]
    while len(generations.running) < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    await generations.stop_all()
    await asyncio.wait(readers, timeout=PATIENCE_S)

    views, _ = await generations.list_newest(ctx, limit=10)
    assert [view.state for view in views] == ["stopped", "stopped"]
    assert sum(isinstance(event, Failed) for event in told) == 2


async def test_why_a_model_was_chosen_is_kept_with_the_variant(ana: Context) -> None:
    ctx, _ = await with_models(ana, text_of(GOOD))

    events = await run(ctx)

    chosen = last(events, Chosen)
    assert isinstance(chosen, Chosen)
    [listed], _ = await generations.list_newest(ctx, limit=1)
    view = await generations.get(ctx, generation_id=listed.id)
    assert view.variants[0].why == chosen.why
    assert any(code.startswith("why.chosen") for _, code, _, _ in chosen.why)
    assert [one.id for one in view.variants[0].results] == [
        one.id for event in events if isinstance(event, Checked) for one in event.results
    ]


async def test_a_text_can_be_checked_again_without_a_run(ana: Context) -> None:
    verdict = await recheck(ana, template_id="google-rsa", inputs=BRIEF, text=json.dumps(BAD))

    assert [one.kind for one in verdict.failing] == ["length"]
    with pytest.raises(InvalidInput):
        await recheck(ana, template_id="google-rsa", inputs={}, text="x")
    with pytest.raises(TooLarge):
        await recheck(ana, template_id="google-rsa", inputs=BRIEF, text="x" * 200_001)


async def test_a_corrected_line_is_checked_at_once_and_kept_as_a_version(ana: Context) -> None:
    ctx, _ = await with_models(ana, text_of(BAD), ["nothing"])
    events = await run(ctx)
    done, ended = last(events, VariantDone), events[-1]
    assert isinstance(done, VariantDone)
    assert isinstance(ended, Done)
    started = events[0]
    assert isinstance(started, Started)

    async def correct(line: str, *, keep: bool) -> Checked:
        return await correct_line(
            ctx,
            generation_id=started.generation_id,
            letter="A",
            text=done.text,
            path=LAST,
            line=line,
            keep=keep,
        )

    measured = await correct(HEADLINES[-1], keep=False)
    kept = await correct(HEADLINES[-1], keep=True)

    assert measured.passed == kept.passed > done.passed
    document_id = parse_id(ended.document_id or "")
    assert document_id is not None
    found = await documents.get(ctx, document_id=document_id)
    assert (found.number, found.cause, found.text) == (2, "edited", kept.text)


@pytest.mark.parametrize("letter", ["A", "Z", ""])
async def test_a_line_of_another_tenants_run_is_not_there(
    ana: Context, ctx_of: Callable[..., object], letter: str, ports: Ports
) -> None:
    ctx, _ = await with_models(ana, text_of(GOOD))
    events = await run(ctx)
    started = events[0]
    assert isinstance(started, Started)
    bo = await ctx_of("bo")  # type: ignore[misc]  # a fixture's function

    with pytest.raises(NotFound):
        await correct_line(
            bo, generation_id=started.generation_id, letter=letter, text="{}", path="headlines[0]", line="x", keep=True
        )


async def test_a_repair_event_names_the_checks_that_failed(ana: Context) -> None:
    ctx, _ = await with_models(ana, text_of(BAD), ["nothing"])

    events = await run(ctx)

    repairing = last(events, Repairing)
    assert isinstance(repairing, Repairing)
    assert repairing.failing == ("length:headlines[]:google_ads.rsa.headline",)
