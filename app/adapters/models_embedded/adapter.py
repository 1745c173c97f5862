"""The Models port without a model: the text is written at once and handed over at a pace that can be watched."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import regex

from app.adapters.models_embedded.writer import CannotWrite, write
from app.content.checks.words import word_count
from app.core.ports import ModelCall, ModelEvent, ModelFinished, ProviderRefusedRequest, TextDelta

MODEL_NAME = "built-in demo writer"
PROVIDER = "embedded"
_LONGEST_S = 15.0  # a speech of a quarter of an hour is not worth watching at the pace of a headline
_PIECE = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}]{1,3}[^\w\s]*\s*|[^\s\p{Han}\p{Hiragana}\p{Katakana}]{1,24}\s*|\s+"
)


class EmbeddedModels:
    """Writes by rule from `call.brief`. `pieces_per_s` is the pace of the stream; 0 sends as fast as it is read."""

    def __init__(self, *, pieces_per_s: float = 60.0) -> None:
        self._pause_s = 1.0 / pieces_per_s if pieces_per_s > 0 else 0.0

    async def stream(self, call: ModelCall) -> AsyncIterator[ModelEvent]:
        """Yield the text in small pieces, then the finish with word counts as token counts.

        Raises:
            ProviderRefusedRequest: no brief, no recipe for its template, or no phrases for its language.
        """
        text = await asyncio.to_thread(self._text, call)  # a long source takes tenths of a second
        parts = list(pieces(text))
        pause_s = min(self._pause_s, _LONGEST_S / max(1, len(parts)))
        for piece in parts:
            yield TextDelta(piece)
            await asyncio.sleep(pause_s)
        yield ModelFinished("stop", tokens_in=_words_in(call), tokens_out=word_count(text))

    async def warm(self) -> None:
        """Return at once: a bank is read when its language is first asked for."""

    async def close(self) -> None:
        """Return at once: there is no connection."""

    async def ping(self) -> None:
        """Return at once: nothing is loaded, nothing is called."""

    def _text(self, call: ModelCall) -> str:
        if call.brief is None:
            raise ProviderRefusedRequest(params={"provider": MODEL_NAME, "reason": "it writes templates only"})
        try:
            return write(call.brief)
        except CannotWrite as error:
            raise ProviderRefusedRequest(params={"provider": MODEL_NAME, "reason": str(error)}) from None


def pieces(text: str) -> Iterator[str]:
    """Yield the pieces of a stream: about a word each, a few signs where words are unspaced; joined they are `text`."""
    return (match.group() for match in _PIECE.finditer(text))


def _words_in(call: ModelCall) -> int:
    return sum(word_count(message.text) for message in call.messages)
