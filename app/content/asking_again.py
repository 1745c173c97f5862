"""One place of a text asked for again, because its checks failed: the rest of the text stays as it is."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import replace
from uuid import UUID

from app.content import documents
from app.content.asking import repair_ask
from app.content.briefs import brief_of
from app.content.checks.model import CheckResult
from app.content.errors import NothingFails
from app.content.events import Checked
from app.content.generating import LETTERS
from app.content.judging import MOST_CHARACTERS, Judged, judge_aside, refuse_too_long
from app.content.models import Generation
from app.content.rendering import failing_places, paths_of
from app.content.repair import merge_repair
from app.content.schemas import RunRequest
from app.core.context import Context
from app.core.errors import NotFound
from app.core.ids import parse_id
from app.core.ports import ProviderBadAnswer, Quality
from app.llm import gateway
from app.llm.events import Chosen, Restarted, Text
from app.llm.pacing import count_run
from app.llm.task import Task


async def ask_again(
    ctx: Context, *, generation_id: str, letter: str, text: str, path: str, quality: Quality = "balanced"
) -> Checked:
    """Ask once more for the place `path` of a variant's text; the better of the two texts is kept as a version.

    Raises:
        NotFound: there is no such run or variant.
        NothingFails: no check fails there.
        TooMany: too many runs a minute.
        BudgetUsedUp: a budget is gone.
        ProviderError: nobody delivered.
    """
    run_id = parse_id(generation_id)
    if run_id is None or letter not in LETTERS:
        raise NotFound
    refuse_too_long(text)
    async with ctx.db.read() as session:
        run = await session.get(Generation, run_id)
    if run is None:
        raise NotFound
    template, inputs = brief_of(run)
    before = await judge_aside(template, inputs, text)
    failing = _failing_at(before, path)
    if not failing:
        raise NothingFails
    await count_run(ctx)
    paths = paths_of(failing_places(before.output, failing))
    ask = repair_ask(
        template,
        inputs,
        request=RunRequest(template.id, {}, quality=quality),
        generation_id=run_id,
        variant=LETTERS.index(letter),
        previous=before.output,
        failing=failing,
        paths=paths,
    )
    answer = await _whole(ctx, ask)
    after = await judge_aside(template, inputs, merge_repair(template, before.output, answer, paths=paths))
    return await _better(ctx, run_id, letter, before, after)


def _failing_at(judged: Judged, path: str) -> tuple[CheckResult, ...]:
    """Return the failed checks of one place, with what they found there and nowhere else."""
    found = []
    for result in judged.results:
        here = tuple(finding for finding in result.findings if finding.path == path)
        if result.status == "failed" and here:
            found.append(replace(result, findings=here))
    return tuple(found)


async def _whole(ctx: Context, ask: Task) -> str:
    """Return what came; where one provider went on for another, both parts."""
    pieces: list[str] = []
    written, provider = 0, ""
    stream = gateway.stream(ctx, ask)
    async with aclosing(stream) as events:  # type: ignore[type-var]  # a generator; its type says less
        async for event in events:
            match event:
                case Text():
                    pieces.append(event.text)
                    written += len(event.text)
                    if written > MOST_CHARACTERS:
                        raise ProviderBadAnswer(params={"provider": provider})
                case Chosen():
                    provider = event.provider
                case Restarted():
                    pieces.clear()
    return "".join(pieces)


async def _better(ctx: Context, run_id: UUID, letter: str, before: Judged, after: Judged) -> Checked:
    best = after if after.rank >= before.rank else before
    if best.text != before.text:
        await documents.save_from_variant(ctx, generation_id=run_id, letter=letter, judged=best)
    return Checked(letter, best.text, best.results, best.lines, best.passed, best.total)
