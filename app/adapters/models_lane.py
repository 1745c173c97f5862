"""Text from hosted models and local servers over a thin lane of our own: pooled connections, one parse per line.

LiteLLM costs 850-1,180 us of processor time per streamed token, this 40-60. It speaks the wires that carry the traffic
(OpenAI and what is like it, Anthropic, Gemini) and is held to LiteLLM's results by the same tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from app.adapters.models_lane_failures import from_connection
from app.adapters.models_lane_requests import Outgoing, outgoing
from app.adapters.models_litellm_failures import failure, from_status
from app.adapters.models_wire import BadWire, WireWatch, key_headers
from app.core.ports import (
    ModelCall,
    ModelEvent,
    ModelFinished,
    ProviderBadAnswer,
    ProviderError,
    ProviderTimeout,
    TextDelta,
)

if TYPE_CHECKING:
    import aiohttp

    from app.adapters.models_lane_pools import LanePools

MAX_TEXT_CHARS = 400_000
MAX_CHARS_PER_TOKEN = 32
"""A provider that sends more than this times what was asked for does not stop by itself."""
MAX_CALL_S = 900.0
"""No answer takes longer: an endless drip of tokens would never meet the idle limit."""
MAX_ERROR_BYTES = 65_536
AFTER_FINISH_S = 2.0
"""How long the usage may come after the finish."""
GOODBYE_S = 0.05
"""How long the end of a whole answer is waited for, so that its connection can be used again."""


class LaneModels:
    """The Models port over the lane."""

    def __init__(self, *, max_text_chars: int = MAX_TEXT_CHARS) -> None:
        self._max_text_chars = max_text_chars
        self._pools: LanePools | None = None

    async def warm(self) -> None:
        """Import what the first call would; there is nothing else to load."""
        await asyncio.to_thread(_new_pools)

    async def ping(self) -> None:
        """Return at once: the lane can always serve."""

    async def close(self) -> None:
        """Close every connection."""
        if self._pools is not None:
            await self._pools.close()

    async def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        """Yield text as it comes, then exactly one ModelFinished.

        Raises:
            ProviderError: one of its kinds, with the provider and a reason in words of ours.
        """
        if self._pools is None:
            self._pools = _new_pools()
        exchange = _Exchange(call, self._pools.get(inside_allowed=call.target.inside_allowed), self._max_text_chars)
        try:
            await exchange.open(outgoing(call))
            while not exchange.over:
                if text := await exchange.read():
                    yield TextDelta(text)
            yield exchange.finished
        finally:
            exchange.close()


class _TooLate(Exception):
    """The deadline has passed."""


class _Exchange:
    """One request and its answer."""

    def __init__(self, call: ModelCall, session: aiohttp.ClientSession, max_text_chars: int) -> None:
        self.over = False
        self._call = call
        self._provider = call.target.provider
        self._session = session
        self._clock = asyncio.get_running_loop().time
        self._started_s = self._clock()
        self._deadline_s = self._started_s + call.first_token_timeout_s
        self._watch = WireWatch(call.target.kind, sse=True)
        self._response: aiohttp.ClientResponse | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._chars = 0
        self._limit = min(max_text_chars, 1000 + call.max_tokens * MAX_CHARS_PER_TOKEN)

    @property
    def finished(self) -> ModelFinished:
        """The regular end.

        Raises:
            ProviderBadAnswer: there was none.
        """
        if self._watch.finish is None:
            raise self._bad("the answer ended without a finish")
        return ModelFinished(self._watch.finish, self._watch.tokens_in, self._watch.tokens_out)

    async def open(self, request: Outgoing) -> None:
        """Send the request and look at the head of the answer.

        Raises:
            ProviderError: refused, unreachable, or not a model's stream.
        """
        headers = {
            "content-type": "application/json",
            "accept": "text/event-stream",
            "accept-encoding": "identity",
            "user-agent": "Galley",
            **request.headers,
            **key_headers(self._call.target),
        }
        try:
            async with asyncio.timeout_at(self._deadline_s):
                response = self._response = await self._asked(request, headers)
                if response.status != 200:
                    raise await self._refused(response)
        except ProviderError:
            raise
        except Exception as error:  # aiohttp's own, of many classes
            raise from_connection(self._provider, error) from None
        content_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != "text/event-stream":
            raise self._bad("the answer is not a model's; is this the right address?")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise self._bad("the answer is packed, which was not asked for")
        self._watch_clock()

    def _wait_until(self, deadline_s: float) -> None:
        self._deadline_s = deadline_s
        if self._alarm is not None and self._alarm.when() > deadline_s:
            self._alarm.cancel()
            self._watch_clock()

    def _watch_clock(self) -> None:
        """Wake the reader at the deadline.

        It moves with every token: one timer that looks again when it rings costs next to nothing, a time-out around
        every read a tenth of the whole.
        """
        loop = asyncio.get_running_loop()
        assert self._response is not None
        if loop.time() >= self._deadline_s:
            self._response.content.set_exception(_TooLate())
        else:
            self._alarm = loop.call_at(self._deadline_s, self._watch_clock)

    async def _asked(self, request: Outgoing, headers: dict[str, str]) -> aiohttp.ClientResponse:
        from aiohttp import ClientTimeout
        from yarl import URL

        return await self._session.post(
            URL(request.url, encoded=True),
            data=request.body,
            headers=headers,
            allow_redirects=False,
            timeout=ClientTimeout(total=None, connect=self._call.connect_timeout_s),
        )

    async def _refused(self, response: aiohttp.ClientResponse) -> ProviderError:
        from aiohttp import ClientError

        body = b""
        try:
            while len(body) < MAX_ERROR_BYTES and (more := await response.content.readany()):
                body += more
        except ClientError:
            pass  # the status says enough
        retry_after = response.headers.get("retry-after", "")
        return from_status(self._provider, response.status, body=body[:MAX_ERROR_BYTES], retry_after=retry_after)

    async def read(self) -> str:
        """Return the text that has come since the last time; `over` is set when the answer is whole.

        Raises:
            ProviderError: it broke, cannot be read, stands still or does not end.
        """
        assert self._response is not None
        watch = self._watch
        try:
            data = await self._response.content.readany()
            text = watch.feed(data) if data else watch.end()
        except BadWire as error:
            raise self._bad(str(error)) from None
        except _TooLate:
            return self._broken(self._too_late())
        except Exception as error:  # aiohttp's own, of many classes
            return self._broken(from_connection(self._provider, error))
        self.over = not data
        if watch.finish is not None:
            await self._after_finish()
        if text:
            self._count(len(text))
        return text

    async def _after_finish(self) -> None:
        """Wait a moment for what belongs to a whole answer: its usage, then the end of its connection's turn."""
        assert self._response is not None
        self._wait_until(self._clock() + AFTER_FINISH_S)
        if self._response.content.at_eof():
            self.over = True
        elif self._watch.over:
            self.over = True
            try:
                async with asyncio.timeout(GOODBYE_S):
                    await self._response.content.readany()
            except Exception:  # a rude goodbye takes nothing from a whole answer
                return

    def _count(self, chars: int) -> None:
        self._chars += chars
        if self._chars > self._limit:
            raise self._bad("the answer does not end")
        if self._watch.finish is None:
            now_s = self._clock()
            self._wait_until(min(now_s + self._call.idle_timeout_s, self._started_s + MAX_CALL_S))

    def _broken(self, error: ProviderError) -> str:
        """End the answer: whole, where its finish had come, else with `error`."""
        if self._watch.finish is None:
            raise error
        self.over = True
        return ""

    def _too_late(self) -> ProviderError:
        reason = "no further token in time" if self._chars else "no first token in time"
        return failure(ProviderTimeout, self._provider, reason)

    def _bad(self, reason: str) -> ProviderError:
        return failure(ProviderBadAnswer, self._provider, reason)

    def close(self) -> None:
        """Let go of the connection; if its answer was not read to the end it closes, which ends the provider's work."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self._response is not None:
            self._response.close()


def _new_pools() -> LanePools:
    from app.adapters.models_lane_pools import LanePools

    return LanePools()
