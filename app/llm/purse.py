"""The money of one call: who can be asked for what is held, so that no race and no second leg overspends it."""

from __future__ import annotations

from app.core.context import Context
from app.core.ports import Message
from app.llm.routing import Candidate
from app.usage.estimates import estimate
from app.usage.tokens import estimate_tokens


class Purse:
    """What a call may still cost; `held_micros` None: there is no budget to keep to."""

    def __init__(self, ctx: Context, messages: tuple[Message, ...], *, max_tokens: int) -> None:
        self.held_micros: int | None = None
        self._committed_micros = 0
        self._flat_micros = ctx.ports.settings.flat_price
        self._tokens_in = sum(estimate_tokens(message.text) for message in messages)
        self._max_tokens = max_tokens

    def most_of(self, candidate: Candidate) -> int:
        """Return the most that a candidate's text can cost, in micro-dollars."""
        return estimate(self._tokens_in, self._max_tokens, [candidate], flat_micros=self._flat_micros).high_micros

    def affords(self, candidate: Candidate) -> bool:
        """Whether a candidate can be asked for what is left."""
        if self.held_micros is None:
            return True
        return self._committed_micros + self.most_of(candidate) <= self.held_micros

    def commit(self, candidate: Candidate) -> None:
        """Note that a candidate is asked."""
        self._committed_micros += self.most_of(candidate)

    def refund(self, candidate: Candidate) -> None:
        """Note that a candidate refused before it worked."""
        self._committed_micros -= self.most_of(candidate)
