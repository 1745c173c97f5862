"""One text on its way through the candidates: who begins, who goes on, and where.

race for the first token -> text flows -> whole
        ^                       | breaks, stalls, or ends without a finish
        +--- Continued: the next one goes on with what is there (Restarted where nobody can)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from prometheus_client import Counter

from app.core.context import Context
from app.core.ports import Message, ModelCall, ProviderBadAnswer, ProviderError, ProviderKeyRefused
from app.llm.attempt import Attempt
from app.llm.candidates import breaker, vitals
from app.llm.continuing import go_on
from app.llm.errors import AnswerFiltered, PartsDoNotFit
from app.llm.events import Chosen, Continued, Restarted, Text
from app.llm.hedge import HedgeBudget, Race
from app.llm.journal import Journal
from app.llm.line import Line
from app.llm.routing import Candidate
from app.llm.task import Task
from app.usage.schemas import Attempt as UsedAttempt

BREAKS = Counter("galley_stream_breaks_total", "Texts whose provider broke off in the middle", ["result"])
WritingEvent = Chosen | Text | Continued | Restarted

budget = HedgeBudget()
"""This process's second calls, by workspace."""


class Writing:
    """One task at work. After `events` has ended without an error, `finished` is the attempt that ended the text.

    `messages` are the task's as providers may see them; `journal` opens for the reader what was taken out of them.
    """

    def __init__(
        self,
        ctx: Context,
        task: Task,
        line: Line,
        *,
        messages: tuple[Message, ...],
        journal: Journal,
        hedging: bool = True,
    ) -> None:
        self.finished: Attempt | None = None
        self._ctx = ctx
        self._task = task
        self._line = line
        self._messages = messages
        self._journal = journal
        self._hedging = hedging
        self._attempts: list[Attempt] = []
        self._ending: list[asyncio.Task[None]] = []
        self._announced: Attempt | None = None
        self._broken: tuple[str, str] = ("", "")
        self._from_start = False

    async def events(self) -> AsyncGenerator[WritingEvent]:
        """Yield the text and what happens to it. Closing this ends every provider's work.

        Raises:
            ProviderError: nobody delivered.
        """
        budget.earn(self._ctx.tenant_id)
        while self.finished is None:
            winner: Attempt | None = None
            async with aclosing(self._race().run()) as leaders:
                async for winner in leaders:
                    for event in self._announce(winner):
                        yield event
            assert winner is not None
            async with aclosing(self._texts(winner)) as texts:
                async for event in texts:
                    yield event

    async def used(self) -> list[UsedAttempt]:
        """Return what every attempt has used, in the order in which they began; call it when `events` has ended."""
        if self._ending:
            await asyncio.wait(self._ending)
        for attempt in self._attempts:
            await attempt.close()
        return [attempt.used for attempt in self._attempts if attempt.used is not None]

    def _race(self) -> Race:
        return Race(
            self._line, self._begin, deadline_s=self._deadline_s, may_hedge=self._may_hedge, ending=self._ending
        )

    def _begin(self, candidate: Candidate) -> Attempt:
        task, settings = self._task, self._ctx.ports.settings
        messages, overlap = self._messages, None
        text = self._journal.text
        if not self._from_start and text.strip() and not candidate.embedded:
            continuation = go_on(messages, text, candidate.target, json_output=task.json_output)
            messages, overlap = continuation.messages, continuation.overlap
        call = ModelCall(
            target=candidate.target,
            messages=task.messages if candidate.embedded else messages,
            brief=task.brief,
            max_tokens=task.max_tokens,
            temperature=task.temperature,
            json_output=task.json_output and overlap is None,
            connect_timeout_s=settings.connect_timeout_s,
            first_token_timeout_s=settings.first_token_timeout_s,
            idle_timeout_s=settings.idle_timeout_s,
        )
        attempt = Attempt(self._ctx, task, candidate, call, overlap=overlap)
        self._attempts.append(attempt)
        return attempt

    def _announce(self, attempt: Attempt) -> Iterator[WritingEvent]:
        """Tell who writes now, and what becomes of the text so far; once for each attempt."""
        if attempt is self._announced:
            return
        self._announced = attempt
        if self._journal.flowed and not attempt.continues:
            yield self._void()
        elif attempt.continues and (at_chars := self._journal.seam()) is not None:
            BREAKS.labels("continued").inc()
            yield Continued(*self._broken, at_chars)
        yield self._line.chosen(attempt.candidate)

    async def _texts(self, attempt: Attempt) -> AsyncGenerator[WritingEvent]:
        """Yield one attempt's part of the text; `finished` is set when it was the last."""
        try:
            async with aclosing(attempt.texts()) as texts:
                async for text in texts:
                    for event in self._shown(attempt, attempt.overlap.feed(text)):
                        yield event
            for event in self._shown(attempt, attempt.overlap.end()):
                yield event
            if self._task.json_output and attempt.continues and not is_json(self._journal.text):
                raise PartsDoNotFit(params={"provider": attempt.candidate.target.provider})
        except ProviderError as error:
            self._broke(attempt, error)
            return
        if not attempt.candidate.embedded:
            breaker.succeeded(attempt.candidate.key)
        self.finished = attempt
        if tail := self._journal.end():
            yield Text(tail)

    def _shown(self, attempt: Attempt, text: str) -> Iterator[WritingEvent]:
        if attempt.overlap.is_another:
            attempt.overlap.is_another = False
            self._broken = (ProviderBadAnswer.code, attempt.candidate.target.provider)
            yield self._void()
        if text and (shown := self._journal.take(text)):
            yield Text(shown)

    def _void(self) -> Restarted:
        BREAKS.labels("restarted").inc()
        self._journal.void()
        self._from_start = False
        return Restarted(*self._broken)

    def _broke(self, attempt: Attempt, error: ProviderError) -> None:
        """Note that an attempt ended in mid-text; the only provider there is may be asked once more to go on."""
        self._broken = (error.code, attempt.candidate.target.provider)
        self._line.failed(attempt.candidate, error)
        if isinstance(error, PartsDoNotFit | AnswerFiltered):
            self._from_start = True
        hopeless = attempt.candidate.embedded or isinstance(error, AnswerFiltered | ProviderKeyRefused)
        if isinstance(error, PartsDoNotFit) or not (hopeless or self._line.has_hosted):
            self._line.again(attempt.candidate)

    def _deadline_s(self, candidate: Candidate) -> float:
        start_s = self._ctx.ports.settings.hedge_after_ms / 1000
        return vitals.deadline_s(candidate.key, candidate.target.model, start_s=start_s)

    def _may_hedge(self, candidate: Candidate) -> bool:
        """Whether a second provider may be asked beside a silent one; always, where that one failed lately."""
        return self._hedging and (breaker.knows(candidate.key) or budget.spend(self._ctx.tenant_id))


def is_json(text: str) -> bool:
    """Whether `text` is one JSON value, in a code fence or not."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        json.loads(bare, strict=False)
    except ValueError:
        return False
    return True
