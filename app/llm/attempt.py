"""One candidate's try at a task: its text, its times, and its usage row, however it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

from prometheus_client import Counter

from app.core.context import Context
from app.core.db import assert_no_open_session
from app.core.ports import (
    ModelCall,
    ModelFinished,
    ProviderBadAnswer,
    ProviderError,
    ProviderTimeout,
    TextDelta,
)
from app.core.telemetry import log
from app.llm.errors import AnswerFiltered
from app.llm.events import Settled
from app.llm.routing import Candidate
from app.llm.task import Task
from app.usage import service as usage
from app.usage.schemas import Attempt as UsedAttempt
from app.usage.schemas import Outcome
from app.usage.tokens import estimate_tokens

USAGE_LOST = Counter("galley_usage_lost_total", "Usage rows that could not be written")

_writing: set[asyncio.Task[None]] = set()
"""Rows on their way to the database: held here, since the loop holds its tasks weakly."""


class Attempt:
    """One try. After `texts()` has ended without an error, `settled` holds the result."""

    def __init__(self, ctx: Context, task: Task, candidate: Candidate) -> None:
        self.flowed = False
        self._ctx = ctx
        self._task = task
        self._candidate = candidate
        self._clock = ctx.ports.clock
        self._started_s = self._clock.monotonic_s()
        self._first_token_ms: int | None = None
        self._pieces: list[str] = []
        self._finished: ModelFinished | None = None
        self._used: UsedAttempt | None = None
        self.row: asyncio.Task[None] | None = None

    async def texts(self) -> AsyncGenerator[str, None]:
        """Yield the text as it comes. A usage row is on its way when this ends, also when it is closed or cancelled.

        Raises:
            ProviderError: the provider did not deliver a whole text.
        """
        assert_no_open_session()
        outcome: Outcome = "cancelled"
        error: ProviderError | None = None
        try:
            async with aclosing(self._events()) as texts:
                async for text in texts:
                    yield text
            outcome = "ok"
        except ProviderError as failed:
            outcome, error = "failed", failed
            raise
        except Exception as bug:  # an adapter's bug must not keep the next provider from delivering
            log.exception("models.adapter_broken", kind=self._candidate.target.kind, error=type(bug).__name__)
            outcome, error = "failed", self._problem(ProviderBadAnswer, "the adapter failed")
            raise error from bug
        finally:
            self._used = self._attempt(outcome, error)
            self._write_down(self._used)

    @property
    def settled(self) -> Settled:
        """The result, as it is booked."""
        assert self._used is not None
        assert self._finished is not None
        booked = usage.book(self._ctx, self._used)
        target = self._candidate.target
        return Settled(
            provider=target.provider,
            model=target.model,
            embedded=self._candidate.embedded,
            tokens_in=booked.tokens_in,
            tokens_out=booked.tokens_out,
            tokens_estimated=booked.tokens_estimated,
            cost_micros=booked.cost_micros,
            cost_known=booked.cost_known,
            first_token_ms=self._first_token_ms or 0,
            total_ms=self._used.total_ms,
            finish_reason=self._finished.reason,
        )

    async def _events(self) -> AsyncGenerator[str, None]:
        stream = self._ctx.ports.models.stream(self._call())
        async with aclosing(stream) as events:  # type: ignore[type-var]  # adapters are generators; the port asks for less
            async for event in events:
                if isinstance(event, TextDelta):
                    if self._first_token_ms is None:
                        self._first_token_ms = self._elapsed_ms()
                    self.flowed = True
                    self._pieces.append(event.text)
                    yield event.text
                else:
                    self._finished = event
        if self._finished is None:
            raise self._problem(ProviderBadAnswer, "the answer ended without a finish")
        if self._finished.reason == "filtered":
            raise self._problem(AnswerFiltered, "its filter stopped the answer")
        if not self.flowed:
            raise self._problem(ProviderBadAnswer, "the answer is empty")

    def _call(self) -> ModelCall:
        return ModelCall(
            target=self._candidate.target,
            messages=self._task.messages,
            brief=self._task.brief,
            max_tokens=self._task.max_tokens,
            temperature=self._task.temperature,
            json_output=self._task.json_output,
        )

    def _attempt(self, outcome: Outcome, error: ProviderError | None) -> UsedAttempt:
        target, finished = self._candidate.target, self._finished
        return UsedAttempt(
            feature=self._task.feature,
            provider=target.provider,
            kind=target.kind,
            model=target.model,
            outcome=outcome,
            total_ms=self._elapsed_ms(),
            generation_id=self._task.generation_id,
            error_code=error.code if error else "",
            tokens_in=finished.tokens_in if finished else None,
            tokens_out=finished.tokens_out if finished else None,
            prompt_tokens_guess=sum(estimate_tokens(message.text) for message in self._task.messages),
            output_tokens_guess=estimate_tokens("".join(self._pieces)),
            billable=self._billable(error),
            first_token_ms=self._first_token_ms,
            own_price=self._candidate.own_price,
        )

    def _billable(self, error: ProviderError | None) -> bool:
        """Whether the provider has worked: it has written something, or may have, in silence."""
        if error is None or self.flowed or self._finished is not None:
            return True
        return isinstance(error, ProviderTimeout) and error.params.get("phase") != "connect"

    def _write_down(self, used: UsedAttempt) -> None:
        self.row = asyncio.get_running_loop().create_task(_record(self._ctx, used))
        _writing.add(self.row)
        self.row.add_done_callback(_writing.discard)

    def _problem(self, kind: type[ProviderError], reason: str) -> ProviderError:
        return kind(params={"provider": self._candidate.target.provider, "reason": reason})

    def _elapsed_ms(self) -> int:
        return round((self._clock.monotonic_s() - self._started_s) * 1000)


async def written_down(attempts: Iterable[Attempt]) -> None:
    """Return when the usage rows of `attempts` are written; a caller who is cancelled here does not stop them."""
    rows = [attempt.row for attempt in attempts if attempt.row is not None]
    if rows:
        await asyncio.wait(rows)


async def _record(ctx: Context, used: UsedAttempt) -> None:
    try:
        await usage.record(ctx, used)
    except Exception as error:  # the text is there: losing its row must not lose it, but is counted
        USAGE_LOST.inc()
        log.exception("usage.lost", error=type(error).__name__, outcome=used.outcome, kind=used.kind)
