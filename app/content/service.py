"""The verbs of writing: run a template, check a text again, correct a line. One service behind every door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from uuid import UUID

from app.content import documents, generations, queries
from app.content.briefs import brief_of, inputs_text
from app.content.catalogue_files import load_catalogue
from app.content.errors import DemoUsedUp
from app.content.events import Checked, Delta, Event
from app.content.generating import LETTERS, Runner
from app.content.inputs import Inputs, validate_inputs
from app.content.judging import Judged, judge_aside, refuse_too_long
from app.content.models import Generation
from app.content.outputs import parse_output, replace_at
from app.content.schemas import RunRequest
from app.core.context import Context
from app.core.errors import NotFound
from app.core.ids import new_id, parse_id
from app.llm.pacing import count_run
from app.llm.policies import check_pin

__all__ = ["RunRequest", "correct_line", "generate", "recheck"]

LOOKED_EVERY_S = 2.0


async def generate(ctx: Context, *, request: RunRequest) -> AsyncGenerator[Event]:
    """Write the variants of one run; yields events as app/content/events.py draws them.

    The first complete variant becomes a document. Closing the iterator stops the run and saves what is there.

    Raises:
        NotFound: there is no such template.
        InvalidInput: the brief cannot be used, or its pin names nobody; nothing was written.
        TooMany: too many runs a minute, or a demo workspace has used up its runs.
    """
    template = load_catalogue().get(request.template_id)
    inputs = validate_inputs(template, request.inputs)
    if request.pin:
        await check_pin(ctx, request.pin)
    await count_run(ctx)
    runner = Runner(
        ctx,
        generation_id=await _open_run(ctx, inputs, template_id=template.id, version=template.version),
        template=template,
        inputs=inputs,
        request=request,
    )
    generations.running[runner.generation_id] = runner
    watching = _watch(ctx, runner)
    runner.start()
    try:
        held: Event | None = None
        while (event := held or await runner.events.get()) is not None:
            held = None
            if isinstance(event, Delta):
                event, held, ended = _joined(runner.events, event)
                yield event
                if ended:
                    return
            else:
                yield event
    finally:
        if watching:
            watching.cancel()
        await asyncio.shield(asyncio.ensure_future(_leave(runner)))


async def _leave(runner: Runner) -> None:
    await runner.leave()
    generations.running.pop(runner.generation_id, None)


def _joined(waiting: asyncio.Queue[Event | None], first: Delta) -> tuple[Delta, Event | None, bool]:
    """Join pieces that came while the reader was busy; also return what follows them, and whether that is the end."""
    texts = [first.text]
    while not waiting.empty():
        following = waiting.get_nowait()
        if isinstance(following, Delta) and following.variant == first.variant:
            texts.append(following.text)
            continue
        return Delta(first.variant, "".join(texts)), following, following is None
    return (first if len(texts) == 1 else Delta(first.variant, "".join(texts))), None, False


async def _open_run(ctx: Context, inputs: Inputs, *, template_id: str, version: int) -> UUID:
    """Save the run as running, and return its id."""
    most = ctx.ports.settings.demo_runs
    row = Generation(
        id=new_id(),
        template_id=template_id,
        template_version=version,
        language=inputs.language,
        inputs=inputs_text(inputs),
        variants=inputs.variants,
        state="running",
        user_id=ctx.user_id,
        api_key_id=ctx.api_key_id,
        created_at=ctx.ports.clock.now(),
    )
    async with ctx.db.write() as session:
        if ctx.is_demo and await queries.count_runs(session, tenant_id=ctx.tenant) >= most:
            raise DemoUsedUp(params={"limit": most})
        session.add(row)
    return row.id


def _watch(ctx: Context, runner: Runner) -> asyncio.Task[None] | None:
    """Look now and then whether another web process was asked to stop this run; there is one only with Redis."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(LOOKED_EVERY_S)
            if await generations.is_asked_to_stop(ctx, generation_id=runner.generation_id):
                await runner.stop()
                return

    return asyncio.create_task(watch()) if ctx.ports.settings.redis_url else None


async def recheck(ctx: Context, *, template_id: str, inputs: Mapping[str, object], text: str) -> Judged:
    """Check a text against a template and a brief without a run; nothing is kept.

    Raises:
        NotFound: there is no such template.
        InvalidInput: the brief cannot be used.
        TooLarge: the text is longer than any that is checked.
    """
    template = load_catalogue().get(template_id)
    refuse_too_long(text)
    return await judge_aside(template, validate_inputs(template, inputs), text)


async def correct_line(
    ctx: Context, *, generation_id: str, letter: str, text: str, path: str, line: str, keep: bool
) -> Checked:
    """Put a corrected line into a variant's text and check it again; `keep` saves it as a version of its document.

    Raises:
        NotFound: there is no such run or variant.
        InvalidInput: the path leads nowhere.
        TooLarge: the text is longer than any that is checked.
    """
    run_id = parse_id(generation_id)
    if run_id is None or letter not in LETTERS:
        raise NotFound
    refuse_too_long(text + line)
    async with ctx.db.read() as session:
        run = await session.get(Generation, run_id)
    if run is None:
        raise NotFound
    template, inputs = brief_of(run)
    output = replace_at(parse_output(template, text), path, line)
    judged = await judge_aside(template, inputs, output)
    if keep:
        await documents.save_from_variant(ctx, generation_id=run_id, letter=letter, judged=judged)
    return Checked(letter, judged.text, judged.results, judged.lines, judged.passed, judged.total)
