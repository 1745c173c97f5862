"""What the simulator writes: a registered answer when the prompt holds its marker, else a short deterministic text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from zlib import crc32

import orjson

from bench.simulator.settings import Answer

SENTENCES = (
    "This text comes from the simulator.",
    "It is the same for the same question, every time.",
    "A café in Zürich, 東京 and القاهرة would all read it alike 🙂.",
    "Nothing in it was thought up by a model.",
    "Prices, dates and names are left to the brief.",
    "The tokens arrive one by one, at the pace that was set.",
    "Whoever reads this can be sure that the line works.",
)
SENTENCES_PER_ANSWER = 4
_PIECE = re.compile(r"\s*\S{1,6}|\s+")


def pieces(text: str) -> list[str]:
    """Cut `text` into tokens of at most six visible characters; joined they give `text` again."""
    return _PIECE.findall(text)


def count_tokens(prompt: str) -> int:
    """Return the prompt's size as the simulator bills it."""
    return len(pieces(prompt))


@dataclass(slots=True)
class _Registered:
    match: str
    texts: list[str]
    provider: str
    given: int = 0

    def next(self) -> str:
        text = self.texts[min(self.given, len(self.texts) - 1)]
        self.given += 1
        return text


@dataclass(slots=True)
class AnswerBook:
    """Registered answers; the longest match wins, of equals the latest."""

    entries: list[_Registered] = field(default_factory=list)

    def add(self, answer: Answer) -> None:
        """Register an answer; the same match for the same provider is replaced."""
        texts = answer.texts or [answer.text or ""]
        self.entries = [e for e in self.entries if (e.match, e.provider) != (answer.match, answer.provider)]
        self.entries.append(_Registered(answer.match, texts, answer.provider))
        self.entries.sort(key=lambda e: len(e.match))

    def clear(self) -> None:
        """Forget every answer."""
        self.entries.clear()

    def text_for(self, prompt: str, *, provider: str, json_output: bool) -> str:
        """Return what to say to `prompt`."""
        for entry in reversed(self.entries):
            if entry.provider in ("*", provider) and entry.match in prompt:
                return entry.next()
        start = crc32(prompt.encode("utf-8", "surrogatepass"))
        chosen = [SENTENCES[(start + i) % len(SENTENCES)] for i in range(SENTENCES_PER_ANSWER)]
        text = " ".join(chosen)
        return orjson.dumps({"text": text}).decode() if json_output else text
