"""One failing line is asked for again; the rest of the text stays."""

from __future__ import annotations

import json

import pytest

from app.content import documents
from app.content.asking_again import ask_again
from app.content.errors import NothingFails
from app.content.events import Checked, Done, Started, VariantDone
from app.core.context import Context
from app.core.errors import NotFound
from app.core.ids import parse_id
from tests.databases import CtxOf
from tests.unit.test_generate import BAD, GOOD, HEADLINES, LAST, TOO_LONG, Scripted, run, text_of, with_models

AGAIN = [json.dumps({LAST: HEADLINES[-1]})]
STILL_BAD = [json.dumps({LAST: TOO_LONG})]


@pytest.fixture
async def ana(ctx_of: CtxOf) -> Context:
    return await ctx_of("ana")


@pytest.fixture
def engine() -> str:
    return "sqlite"


async def bad_run(ana: Context, *answers: list[object]) -> tuple[Context, Scripted, Started, VariantDone, Done]:
    """Return a run whose last headline is too long, also after its repair; `answers` are what comes then."""
    ctx, models = await with_models(ana, text_of(BAD), STILL_BAD, *answers)
    events = await run(ctx)
    started, done, ended = (
        next(event for event in events if isinstance(event, kind)) for kind in (Started, VariantDone, Done)
    )
    assert isinstance(started, Started)
    assert isinstance(done, VariantDone)
    assert isinstance(ended, Done)
    return ctx, models, started, done, ended


async def again(ctx: Context, started: Started, text: str, path: str = LAST) -> Checked:
    return await ask_again(ctx, generation_id=started.generation_id, letter="A", text=text, path=path)


async def test_only_the_failing_line_is_written_again_and_kept_as_a_version(ana: Context) -> None:
    ctx, models, started, done, ended = await bad_run(ana, AGAIN)

    checked = await again(ctx, started, done.text)

    assert json.loads(checked.text) == GOOD
    assert models.calls[-1].brief is not None
    assert models.calls[-1].brief.only == (LAST,)
    document_id = parse_id(ended.document_id or "")
    assert document_id is not None
    found = await documents.get(ctx, document_id=document_id)
    assert (found.number, found.text) == (2, checked.text)


async def test_a_line_that_is_worse_than_before_changes_nothing(ana: Context) -> None:
    worse = [json.dumps({LAST: TOO_LONG + " " + TOO_LONG})]
    ctx, _, started, done, _ = await bad_run(ana, worse)

    checked = await again(ctx, started, done.text)

    assert (checked.passed, checked.total) == (done.passed, done.total)


async def test_nobody_is_asked_about_a_line_in_which_nothing_fails(ana: Context) -> None:
    ctx, models, started, done, _ = await bad_run(ana)
    before = len(models.calls)

    with pytest.raises(NothingFails):
        await again(ctx, started, done.text, "headlines[0]")

    assert len(models.calls) == before


async def test_a_line_of_another_workspace_is_not_there(ana: Context, ctx_of: CtxOf) -> None:
    _, _, started, done, _ = await bad_run(ana)

    with pytest.raises(NotFound):
        await again(await ctx_of("ben"), started, done.text)
