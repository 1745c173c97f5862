"""Writes the variants of one run. It runs in a task of its own, so that leaving, stopping and failing all end in one
place, where what is there is saved.

    for each variant:  write -> check -> (repair once -> check, keep the better) -> save
    at the end, however it came:  save what is half done, close the run, keep the first complete variant as a document
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from uuid import UUID

from app.content.asking import first_ask, repair_ask
from app.content.drafts import Draft, Leg, checked, variant_done
from app.content.errors import RunStopped
from app.content.events import Chosen, Continued, Delta, Done, Event, Failed, Repairing, Restarted, Started
from app.content.inputs import Inputs
from app.content.judging import MOST_CHARACTERS, Judged, judge_aside
from app.content.keeping import close_run, keep, title_of
from app.content.models import Variant
from app.content.rendering import failing_places, paths_of
from app.content.repair import merge_repair
from app.content.schemas import RunRequest, State
from app.content.template import Template
from app.core.context import Context
from app.core.errors import AppError
from app.core.ports import ProviderBadAnswer, ProviderError
from app.core.telemetry import log
from app.llm import events as llm_events
from app.llm import gateway
from app.llm.task import Task
from app.usage.errors import BudgetUsedUp
from app.usage.queries import spent_on

LETTERS = "ABCDE"
EVENTS_WAITING = 64  # a reader that is slower than the model holds the model back, instead of filling the memory
STOPPED_WITHIN_S = 10.0


class Runner:
    """One run at work. `events` yields None at its end."""

    def __init__(
        self, ctx: Context, *, generation_id: UUID, template: Template, inputs: Inputs, request: RunRequest
    ) -> None:
        self.events: asyncio.Queue[Event | None] = asyncio.Queue(EVENTS_WAITING)
        self._ctx = ctx
        self.generation_id = generation_id
        self._template = template
        self._inputs = inputs
        self._request = request
        self._draft: Draft | None = None
        self._complete: list[tuple[Draft, Variant]] = []
        self._task: asyncio.Task[None] | None = None
        self._nobody_reads = False
        self._ending = False

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._main(), name=f"run-{self.generation_id}")

    async def leave(self) -> None:
        """Stop because nobody reads any more; return when everything is saved."""
        self._nobody_reads = True
        while not self.events.empty():
            self.events.get_nowait()  # lets a writer go that waits for room
        await self.stop()

    async def stop(self) -> None:
        """Stop writing; return when what is there is saved, or a reader holds up its end for too long."""
        if self._task is None or self._task.done():
            return
        if not self._ending:
            self._ending = True
            self._task.cancel()
        await asyncio.wait({self._task}, timeout=STOPPED_WITHIN_S)

    async def _main(self) -> None:
        state: State = "failed"
        failure: Failed | None = None
        try:
            await self._emit(
                Started(str(self.generation_id), self._template.id, self._template.version, self._inputs.variants)
            )
            for index in range(self._inputs.variants):
                await self._variant(Draft(LETTERS[index], index))
            state = "done"
        except asyncio.CancelledError:
            state = "stopped"
            failure = Failed(self._letter, RunStopped.code, RunStopped.message)
        except AppError as error:
            failure = Failed(self._letter, error.code, error.message, error.params)
        except Exception as error:  # a bug must not lose the variants that are complete, nor leave the run open
            log.exception("generation.broken", template=self._template.id, error=type(error).__name__)
            failure = Failed(self._letter, AppError.code, AppError.message)
        self._ending = True
        try:
            document_id, cost_micros = await self._close(state, failure.code if failure else "")
            await self._emit(
                failure or Done(str(self.generation_id), str(document_id) if document_id else None, cost_micros)
            )
        except Exception as error:  # the database is gone: the run stays open, the reader must not wait for ever
            log.exception("generation.not_closed", error=type(error).__name__)
            await self._emit(Failed(self._letter, AppError.code, AppError.message))
        if not self._nobody_reads:
            await self.events.put(None)

    @property
    def _letter(self) -> str:
        return self._draft.letter if self._draft else LETTERS[min(len(self._complete), len(LETTERS) - 1)]

    async def _emit(self, event: Event) -> None:
        if not self._nobody_reads:
            await self.events.put(event)

    async def _variant(self, draft: Draft) -> None:
        self._draft = draft
        ask = first_ask(
            self._template,
            self._inputs,
            request=self._request,
            generation_id=self.generation_id,
            variant=draft.index,
        )
        await self._write(draft, draft.first, ask)
        draft.judged = await judge_aside(self._template, self._inputs, draft.first.text)
        await self._emit(checked(draft, draft.judged))
        if draft.judged.failing:
            await self._repair(draft, draft.judged)
        await self._emit(variant_done(await self._save(draft)))

    async def _save(self, draft: Draft) -> Variant:
        """Save a complete variant, whole: a stop that comes meanwhile waits for it."""
        saving = asyncio.ensure_future(self._store(draft))
        try:
            return await asyncio.shield(saving)
        except asyncio.CancelledError:
            await saving
            raise

    async def _store(self, draft: Draft) -> Variant:
        row = draft.row(self.generation_id, "done")
        async with self._ctx.db.write() as session:
            session.add(row)
        self._complete.append((draft, row))
        self._draft = None
        return row

    async def _write(self, draft: Draft, leg: Leg, task: Task) -> None:
        """Take one call's text into `leg`.

        Raises:
            ProviderError: no provider delivered.
        """
        written = 0
        stream = gateway.stream(self._ctx, task)
        async with aclosing(stream) as events:  # type: ignore[type-var]  # a generator; its type says less
            async for event in events:
                match event:
                    case llm_events.Text():
                        leg.pieces.append(event.text)
                        written += len(event.text)
                        if written > MOST_CHARACTERS:
                            raise ProviderBadAnswer(params={"provider": draft.provider})
                        await self._emit(Delta(draft.letter, event.text))
                    case llm_events.Chosen():
                        leg.chosen = event.why.chosen_rows()
                        if leg is draft.first:
                            await self._choose(draft, event)
                    case llm_events.Continued():
                        await self._emit(Continued(draft.letter, event.reason_code, event.provider, event.at_chars))
                    case llm_events.Restarted():
                        leg.pieces.clear()
                        written = 0
                        await self._emit(Restarted(draft.letter, event.reason_code, event.provider))
                    case llm_events.Settled():
                        leg.settled = event
                        if leg is draft.first:
                            draft.provider, draft.model = event.provider, event.model
                            draft.embedded = event.embedded

    async def _choose(self, draft: Draft, event: llm_events.Chosen) -> None:
        draft.why = event.why.rows()
        draft.provider, draft.model, draft.embedded = event.provider, event.model, event.embedded
        await self._emit(Chosen(draft.letter, event.provider, event.model, event.embedded, draft.why))

    async def _repair(self, draft: Draft, before: Judged) -> None:
        """Ask once more for what failed, and keep the better version."""
        failing = before.failing
        paths = paths_of(failing_places(before.output, failing))
        await self._emit(Repairing(draft.letter, tuple(result.id for result in failing)))
        leg = draft.repair = Leg()
        ask = repair_ask(
            self._template,
            self._inputs,
            request=self._request,
            generation_id=self.generation_id,
            variant=draft.index,
            previous=before.output,
            failing=failing,
            paths=paths,
        )
        try:
            await self._write(draft, leg, ask)
        except (ProviderError, BudgetUsedUp) as error:  # the first version is complete: it stands
            log.warning("generation.not_repaired", code=error.code)
            await self._emit(checked(draft, before))
            return
        merged = merge_repair(self._template, before.output, leg.text, paths=paths)
        after = await judge_aside(self._template, self._inputs, merged)
        if after.rank > before.rank and draft.keep_repair(after):
            await self._emit(Chosen(draft.letter, draft.provider, draft.model, draft.embedded, draft.why))
        await self._emit(checked(draft, draft.judged or before))

    async def _close(self, state: State, error_code: str) -> tuple[UUID | None, int]:
        """Save what is half done, close the run, and keep its first complete variant as a document.

        Return the document and what the run cost: every call of it, also those that brought nothing.
        """
        document_id = None
        async with self._ctx.db.write() as session:
            if self._draft is not None and self._draft.text.strip():
                session.add(self._draft.row(self.generation_id, "failed" if state == "failed" else "stopped"))
            cost_micros = await spent_on(session, generation_id=self.generation_id)
            run = await close_run(
                self._ctx, session, self.generation_id, state=state, error_code=error_code, cost_micros=cost_micros
            )
            if self._complete:
                draft, row = self._complete[0]
                document_id = keep(self._ctx, session, row, run, title_of(self._template, draft.judged)).id
        return document_id, cost_micros
