"""Texts said by espeak-ng, without key, network or service: a draft voice, robotic and honest about it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import orjson
import regex

from app.adapters.limited_child import ChildFailed, ChildOverCpu, ChildTimedOut, run_limited
from app.adapters.models_litellm_failures import failure
from app.adapters.sound_heads import wav_head
from app.adapters.speech_embedded.japanese import Reading, read
from app.adapters.speech_embedded.voices import BuiltInVoice, chosen, offered
from app.core.errors import Unavailable
from app.core.media_ports import SpeechCall, SpeechPiece, Voice, Word
from app.core.ports import (
    ModelTarget,
    ProviderBadAnswer,
    ProviderDown,
    ProviderError,
    ProviderRefusedRequest,
    ProviderTimeout,
)
from app.core.telemetry import log

MAX_CHARS = 3_000
"""About three minutes; 9 MB of sound."""
MEMORY_MB = 512
CPU_S = 60
OUTPUT_MB = 128
SLOWEST, FASTEST = 80, 450
"""Words a minute that espeak-ng takes."""
PIECE_BYTES = 65_536
PITCH, PITCH_OF_A_WOMAN = 45, 60
_EAST_ASIAN = r"\p{Han}\p{Hiragana}\p{Katakana}ー々〆"
_MARKS = rf"[^\s\p{{L}}\p{{M}}\p{{N}}{_EAST_ASIAN}]*"
_TOKEN = regex.compile(rf"{_MARKS}[{_EAST_ASIAN}]{_MARKS}|[^\s{_EAST_ASIAN}]+")
"""A word between spaces, or a character of a script without them with the marks around it."""
SPEAKER = Path(__file__).with_name("speaker.py")


@dataclass(frozen=True, slots=True)
class _Said:
    """What the child said: 16-bit samples, mono."""

    rate_hz: int
    samples: bytes
    words: tuple[Word, ...]


class EmbeddedSpeech:
    """The Speech port over espeak-ng, one child for each text."""

    def max_chars(self, target: ModelTarget) -> int:
        """Return how long one call's text may be."""
        return MAX_CHARS

    async def voices(self, target: ModelTarget) -> Sequence[Voice]:
        """Return the voices of all languages that espeak-ng speaks well enough."""
        return offered()

    async def say(self, call: SpeechCall) -> AsyncIterator[SpeechPiece]:
        """Yield a WAV file; the whole text is said before its first piece, in a tenth of a second.

        Raises:
            ProviderRefusedRequest: no voice for the language, no such voice, or nothing to say.
            ProviderError: the child failed.
        """
        said = await _said(call, _voice_for(call))
        head = wav_head(len(said.samples), rate_hz=said.rate_hz)
        for piece in _pieces(said):
            yield SpeechPiece(head + piece.data, piece.media_type, piece.words)
            head = b""

    async def ping(self) -> None:
        """Return when espeak-ng is there.

        Raises:
            Unavailable: it is not.
        """
        if _library() is None:
            raise Unavailable("The built-in voice is not installed on this machine.", code="speech.missing")


def _voice_for(call: SpeechCall) -> BuiltInVoice:
    voice = chosen(call.voice, call.locale)
    if voice is None:
        raise failure(ProviderRefusedRequest, call.target.provider, "there is no such built-in voice for this language")
    if not any(char.isalnum() for char in call.text):
        raise failure(ProviderRefusedRequest, call.target.provider, "there is nothing to say")
    if len(call.text) > MAX_CHARS:
        raise failure(ProviderRefusedRequest, call.target.provider, "the text is too long for one call")
    return voice


@lru_cache(maxsize=1)
def _library() -> tuple[Path, Path] | None:
    """Return where espeak-ng's library and its data lie; the wheel that brings them is found, not imported."""
    found = find_spec("espeakng_loader")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    name = {"darwin": "libespeak-ng.dylib"}.get(sys.platform, "libespeak-ng.so")
    library, data = folder / name, folder / "espeak-ng-data"
    return (library, data) if library.is_file() and data.is_dir() else None


async def _said(call: SpeechCall, voice: BuiltInVoice) -> _Said:
    found = _library()
    provider = call.target.provider
    if found is None:
        raise failure(ProviderDown, provider, "espeak-ng is not installed on this machine")
    pace = min(max(round(voice.words_per_minute * call.speed), SLOWEST), FASTEST)
    pitch = PITCH_OF_A_WOMAN if voice.gender == "female" else PITCH
    text = call.text.replace("\0", " ")
    reading = await asyncio.to_thread(read, text) if voice.locale == "ja" else None
    if reading is not None and not reading.places:
        raise failure(ProviderRefusedRequest, provider, "there is nothing to say")
    spoken = reading.kana if reading else text
    order = {"voice": voice.espeak_name, "text": spoken, "words_per_minute": pace, "pitch": pitch}
    try:
        done = await run_limited(
            [sys.executable, "-I", "-S", SPEAKER, *found],
            stdin=orjson.dumps(order), timeout_s=call.timeout_s, memory_mb=MEMORY_MB, cpu_s=CPU_S, output_mb=OUTPUT_MB,
        )  # fmt: skip
    except (ChildTimedOut, ChildOverCpu):
        raise failure(ProviderTimeout, provider, "the built-in voice took too long") from None
    except ChildFailed as error:
        raise _failed(provider, type(error).__name__) from None
    if done.code != 0:
        raise _failed(provider, f"code {done.code}")
    return _read(done.stdout, text, reading, provider)


def _read(answer: bytes, text: str, reading: Reading | None, provider: str) -> _Said:
    size = int.from_bytes(answer[:4], "big")
    head, samples = orjson.loads(answer[4 : 4 + size]), answer[4 + size :]
    if not samples:
        raise failure(ProviderBadAnswer, provider, "the built-in voice stayed silent")
    told = reading.told(head["words"]) if reading else head["words"]
    return _Said(head["rate_hz"], samples, tuple(_words(text, told)))


def _words(text: str, said: Sequence[tuple[int, int, int, int]]) -> Iterator[Word]:
    """Yield every word of the text as it is written, with its time.

    espeak tells of no marks, of half of some words, of several pieces of others, of some pairs as one: a word has the
    time of all its pieces, and words that nothing is told of share the time of the one before them.
    """
    told = sorted((at, start_ms, end_ms) for at, _, start_ms, end_ms in said)
    group: list[str] = []
    start_ms = end_ms = 0
    for token in _TOKEN.finditer(text):
        pieces = [times for times in told if token.start() <= times[0] < token.end()]
        if pieces and any(char.isalnum() for word in group for char in word):
            yield from _spread(group, start_ms, end_ms)
            group = []
        if pieces:
            start_ms, end_ms = pieces[0][1], max(times[2] for times in pieces)
        group.append(token.group())
    yield from _spread(group, start_ms, end_ms)


def _spread(texts: list[str], start_ms: int, end_ms: int) -> Iterator[Word]:
    """Yield words that are said as one, such as `in the`: they share its time by their length."""
    total, said = sum(map(len, texts)), 0
    for text in texts:
        begins_ms = start_ms + (end_ms - start_ms) * said // total
        said += len(text)
        yield Word(text, begins_ms, start_ms + (end_ms - start_ms) * said // total)


def _failed(provider: str, reason: str) -> ProviderError:
    log.warning("speech.child_failed", reason=reason)
    return failure(ProviderDown, provider, "the built-in voice failed")


def _pieces(said: _Said) -> Iterator[SpeechPiece]:
    """Yield the samples in pieces, each with the words that begin in it."""
    waiting = list(said.words)
    for start in range(0, len(said.samples), PIECE_BYTES):
        end_ms = (start + PIECE_BYTES) / 2 * 1000 / said.rate_hz
        last = start + PIECE_BYTES >= len(said.samples)
        begun = [word for word in waiting if last or word.start_ms < end_ms]
        waiting = waiting[len(begun) :]
        yield SpeechPiece(said.samples[start : start + PIECE_BYTES], "audio/wav", tuple(begun))
