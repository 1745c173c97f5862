"""One candidate's try at a task: its text, its times, and what is to be booked for it, however it ends."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from app.core.context import Context
from app.core.db import assert_no_open_session
from app.core.ports import ModelCall, ModelFinished, ProviderBadAnswer, ProviderError, ProviderTimeout, TextDelta
from app.core.telemetry import log
from app.llm.candidates import vitals
from app.llm.errors import AnswerFiltered
from app.llm.overlap import Overlap
from app.llm.routing import Candidate
from app.llm.task import Task
from app.llm.vitals import Call, Ended
from app.usage.schemas import Attempt as UsedAttempt
from app.usage.schemas import Outcome
from app.usage.tokens import estimate_tokens

BEATEN = "provider.beaten"
"""The error code of a call that was ended because another provider was quicker."""
PROMPT_TOKENS_SLACK = 2_000
"""What a provider may add to a prompt of its own: instructions, tools, turns."""


class Attempt:
    """One try. `first` waits for the first text, `texts` yields all of it; afterwards `used` says what it took.

    `overlap` finds the joint where the try goes on with another one's text; it `continues` that text.
    """

    def __init__(
        self, ctx: Context, task: Task, candidate: Candidate, call: ModelCall, *, overlap: Overlap | None = None
    ) -> None:
        self.candidate = candidate
        self.continues = overlap is not None
        self.overlap = overlap or Overlap("")
        self.used: UsedAttempt | None = None
        self.finished: ModelFinished | None = None
        self.flowed = False
        self._ctx = ctx
        self._task = task
        self._call = call
        self._clock = ctx.ports.clock
        self._started_s = self._clock.monotonic_s()
        self._first_token_ms: int | None = None
        self._pieces: list[str] = []
        self._first: str | None = None
        self._left: Ended = "left"
        self._stream = self._run()

    async def first(self) -> None:
        """Return when the first text is there.

        Raises:
            ProviderError: the provider failed before it wrote anything.
        """
        self._first = await anext(self._stream)

    async def texts(self) -> AsyncGenerator[str]:
        """Yield the text as it comes, the first piece again included; closing this ends the provider's work.

        Raises:
            ProviderError: the provider did not deliver a whole text.
        """
        async with aclosing(self._stream) as stream:
            if self._first is not None:
                yield self._first
            async for text in stream:
                yield text

    def is_slow(self) -> None:
        """Say beforehand that the end that comes now is for slowness."""
        self._left = "slow"

    async def close(self) -> None:
        """End the provider's work; what it used is known afterwards."""
        await self._stream.aclose()

    async def _run(self) -> AsyncGenerator[str]:
        """Yield the text; whatever happens, what was used is known when this ends."""
        assert_no_open_session()
        outcome: Outcome = "cancelled"
        error: ProviderError | None = None
        latest_s = self._started_s + self._ctx.ports.settings.call_timeout_s
        try:
            stream = self._ctx.ports.models.stream(self._call)
            async with aclosing(stream) as events:  # type: ignore[type-var]  # adapters are generators; the port asks for less
                async for event in events:
                    if not isinstance(event, TextDelta):
                        self.finished = event
                        continue
                    if self._first_token_ms is None:
                        self._first_token_ms, self.flowed = self._elapsed_ms(), True
                    self._pieces.append(event.text)
                    yield event.text
                    if self._clock.monotonic_s() > latest_s:
                        raise self._problem(ProviderTimeout, "the answer takes too long")
            self._judge()
            outcome = "ok"
        except ProviderError as failed:
            outcome, error = "failed", failed
            raise
        except Exception as bug:  # an adapter's bug must not keep the next provider from delivering
            log.exception("models.adapter_broken", kind=self.candidate.target.kind, error=type(bug).__name__)
            outcome, error = "failed", self._problem(ProviderBadAnswer, "the adapter failed")
            raise error from bug
        finally:
            self.used = self._book(outcome, error)

    def _judge(self) -> None:
        """Refuse what is no whole answer."""
        if self.finished is None:
            raise self._problem(ProviderBadAnswer, "the answer ended without a finish")
        if self.finished.reason == "filtered":
            raise self._problem(AnswerFiltered, "its filter stopped the answer")
        if not self.flowed:
            raise self._problem(ProviderBadAnswer, "the answer is empty")

    def _book(self, outcome: Outcome, error: ProviderError | None) -> UsedAttempt:
        target = self.candidate.target
        beaten = outcome == "cancelled" and self._left == "slow"
        code = error.code if error else BEATEN if beaten else ""
        ended: Ended = self._left if outcome == "cancelled" else outcome
        first_ms = self._elapsed_ms() if ended == "slow" else self._first_token_ms
        vitals.note(self.candidate.key, target.model, Call(self._clock.now(), ended, first_ms, code))
        prompt = "\n".join(message.text for message in self._call.messages)
        prompt_guess = sum(estimate_tokens(message.text) for message in self._call.messages)
        output = "".join(self._pieces)
        tokens_in = tokens_out = None
        if self.finished is not None:
            seen_in, seen_out = len(prompt.encode()), max(self._call.max_tokens, len(output.encode()))
            tokens_in = believed(self.finished.tokens_in, most=seen_in + PROMPT_TOKENS_SLACK)
            tokens_out = believed(self.finished.tokens_out, most=seen_out + seen_out // 10)
        return UsedAttempt(
            feature=self._task.feature,
            provider=target.provider,
            kind=target.kind,
            model=target.model,
            outcome=outcome,
            total_ms=self._elapsed_ms(),
            generation_id=self._task.generation_id,
            error_code=code,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            prompt_tokens_guess=prompt_guess,
            output_tokens_guess=estimate_tokens(output),
            billable=self._billable(error),
            first_token_ms=self._first_token_ms,
            own_price=self.candidate.own_price,
            tier=target.tier,
            asked_tier=self._task.tier,
            quality=self._task.quality,
            template_id=self._task.template_id,
            task_kind=self._task.task_kind,
            language=self._task.language,
            prompt_chars=len(prompt),
            max_tokens=self._call.max_tokens,
            failed_checks=self._task.failed_checks,
        )

    def _billable(self, error: ProviderError | None) -> bool:
        """Whether the provider has worked: it has written something, or may have, in silence."""
        if error is None or self.flowed or self.finished is not None:
            return True
        return isinstance(error, ProviderTimeout) and error.params.get("phase") != "connect"

    def _problem(self, kind: type[ProviderError], reason: str) -> ProviderError:
        return kind(params={"provider": self.candidate.target.provider, "reason": reason})

    def _elapsed_ms(self) -> int:
        return round((self._clock.monotonic_s() - self._started_s) * 1000)


def believed(count: int | None, *, most: int) -> int | None:
    """Return a provider's count of tokens, or None where it cannot be true: no token is shorter than a byte."""
    if count is None or 0 <= count <= most:
        return count
    log.warning("usage.absurd", count=count, most=most)
    return None
