"""The work of the streaming benches: the template `shorten`, with an answer that passes its checks: no repair."""

from __future__ import annotations

import time
from dataclasses import dataclass

import aiohttp
import orjson

from bench.simulator.answers import count_tokens
from bench.stand import Stand

SENTENCES = (
    "the chairs on the third floor began to complain before the people did.",
    "a repair takes one key and the time of a short break.",
    "nothing is thrown away that can be put right by hand.",
    "the parts come in a small box and fit without a drawing.",
    "who sits well all day does not think about sitting at all.",
    "every screw is where a hand expects it to be.",
)


@dataclass(frozen=True, slots=True)
class Work:
    """A brief whose answer is known: `tokens` as the simulator counts them."""

    marker: str
    source: str
    answer: str

    @property
    def tokens(self) -> int:
        """How many tokens the answer is streamed in."""
        return count_tokens(self.answer)

    @property
    def run(self) -> dict[str, object]:
        """The body of the request to Galley."""
        inputs = {"text": self.source, "words": len(self.answer.split()), "language": "en"}
        return {"template": "shorten", "inputs": inputs, "fresh": True}

    @property
    def completion(self) -> dict[str, object]:
        """The body of the request to the provider itself."""
        messages = [{"role": "system", "content": "Shorten the text."}, {"role": "user", "content": self.source}]
        return {"model": "simulated-fast", "stream": True, "messages": messages}


def work_of(sentences: int) -> Work:
    """Return work whose answer has so many sentences."""
    marker = f"reference number {sentences}"
    text = " ".join(SENTENCES[number % len(SENTENCES)].capitalize() for number in range(sentences))
    return Work(marker, f"{text} And this is the {marker}, which may go.", text)


async def prepare(session: aiohttp.ClientSession, stand: Stand, *works: Work, **pace: float) -> None:
    """Tell the simulator what to answer and how fast (`first_token_ms`, `tokens_per_s`)."""
    answers = [{"match": work.marker, "text": work.answer} for work in works]
    async with session.post(f"{stand.simulator}/_control/answers", json=answers) as answer:
        answer.raise_for_status()
    async with session.post(f"{stand.simulator}/_control", json={"provider": "*", **pace}) as answer:
        answer.raise_for_status()


@dataclass(frozen=True, slots=True)
class Timing:
    """One streamed request, in milliseconds from its start."""

    first_ms: float
    total_ms: float


async def through_galley(session: aiohttp.ClientSession, stand: Stand, work: Work) -> Timing:
    """Run the template over REST, streamed; the first token is the first delta.

    Raises:
        RuntimeError: the run did not end well, or the text was not the simulator's.
    """
    began_s = time.perf_counter()
    first_s = 0.0
    tail = b""
    headers = {**stand.headers, "accept": "text/event-stream"}
    async with session.post(f"{stand.address}/api/v1/generations", json=work.run, headers=headers) as answer:
        async for chunk in answer.content.iter_any():
            tail = (tail + chunk)[-20_000:]
            if not first_s and b"event: delta" in tail:
                first_s = time.perf_counter()
    if not first_s or b"event: done" not in tail or b'"embedded":true' in tail:
        raise RuntimeError(f"the run did not end well ({answer.status}): {tail[-600:]!r}")
    return Timing((first_s - began_s) * 1000, (time.perf_counter() - began_s) * 1000)


async def directly(session: aiohttp.ClientSession, stand: Stand, work: Work) -> Timing:
    """Ask the simulator itself, streamed; the first token is the first piece of content.

    Raises:
        RuntimeError: the stream was not whole.
    """
    began_s = time.perf_counter()
    first_s = 0.0
    pieces: list[str] = []
    async with session.post(f"{stand.simulator}/local/v1/chat/completions", json=work.completion) as answer:
        async for line in answer.content:
            if not line.startswith(b"data: {"):
                continue
            for choice in orjson.loads(line[6:])["choices"]:
                if text := choice["delta"].get("content"):
                    pieces.append(text)
                    first_s = first_s or time.perf_counter()
    if "".join(pieces) != work.answer:
        raise RuntimeError(f"the simulator's stream was not whole ({answer.status})")
    return Timing((first_s - began_s) * 1000, (time.perf_counter() - began_s) * 1000)
