"""Speech and transcripts for a program that waits for them: no job and no asset, the same models and the same money.

    reserve -> ask one model after the other until one begins -> hand on what comes -> settle, also when nobody listens

Once a model's sound has been handed on no other can take over: two voices in one sentence would be worse than an end.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import regex

from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.ids import new_id
from app.core.media_ports import Segment, SpeechCall, Transcript, TranscriptionCall
from app.core.ports import ProviderBadAnswer, ProviderError
from app.core.telemetry import log
from app.llm.candidates import breaker, candidates
from app.llm.routing import Candidate
from app.media import making, speech, transcription
from app.media.brands import branded
from app.media.recipes import Recipe
from app.media.speakable import parts, pronounced
from app.usage import ledger
from app.usage.media_prices import Amount
from app.usage.prices import Cost
from app.usage.schemas import Attempt, Outcome, Reservation

MEDIA_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_SCRIPTS = (
    ("ar", regex.compile(r"\p{Arabic}")),
    ("hi", regex.compile(r"\p{Devanagari}")),
    ("ko", regex.compile(r"\p{Hangul}")),
    ("ja", regex.compile(r"[\p{Hiragana}\p{Katakana}]")),
    ("zh-Hans", regex.compile(r"\p{Han}")),
)


@dataclass(frozen=True, slots=True)
class SpokenNow:
    """Sound on its way: who says it, and its bytes, which settle the bill when they end or are closed."""

    by: Candidate
    media_type: str
    chunks: AsyncGenerator[bytes]


@dataclass(frozen=True, slots=True)
class HeardNow:
    """What was said in a recording, and who wrote it down."""

    by: Candidate
    transcript: Transcript
    segments: tuple[Segment, ...]


def language_of(text: str, otherwise: str) -> str:
    """Return the language that a text's script tells, `otherwise` where it could be several."""
    return next((language for language, script in _SCRIPTS if script.search(text)), otherwise)


async def say(ctx: Context, *, recipe: Recipe) -> SpokenNow:
    """Return a text as sound, as soon as it begins, with the workspace's pronunciations; a long text is said in parts.

    Raises:
        InvalidInput: there is no text.
        NoModel: nothing can say it.
        ProviderError: nobody began.
        BudgetUsedUp: a hard budget leaves no room.
    """
    if not recipe.text.strip():
        raise InvalidInput("There is no text to say.", code="media.text_missing", field="text")
    recipe = await branded(ctx, recipe)
    found = making.in_order(ctx, await candidates(ctx, kind="speech"), recipe)
    bill = await _Bill.open(ctx, found, speech.FEATURE, speech.amount_of(recipe.text))
    try:
        for candidate in found:
            sound = _sound(ctx, candidate, recipe, bill)
            try:
                first = await anext(sound)
            except ProviderError as error:
                failure = error
                continue
            return SpokenNow(candidate, MEDIA_TYPES[recipe.form], _handed_on(first, sound, bill))
        raise failure
    except BaseException:
        await bill.settle()
        raise


async def _handed_on(first: bytes, sound: AsyncGenerator[bytes], bill: _Bill) -> AsyncGenerator[bytes]:
    try:
        async with aclosing(sound):
            yield first
            async for chunk in sound:
                yield chunk
    finally:
        await bill.settle()


async def _sound(ctx: Context, candidate: Candidate, recipe: Recipe, bill: _Bill) -> AsyncGenerator[bytes]:
    """Yield a model's sound in the form that was asked for: as it comes where it has it, else once it is whole."""
    wanted = MEDIA_TYPES[recipe.form]
    held_back: list[bytes] = []
    async with bill.attempt(candidate):
        voice = await speech.voice_of(ctx, candidate.target, recipe)
        spoken = pronounced(recipe.text, speech.pronunciations_of(recipe))
        for part in parts(spoken.text, max_chars=ctx.ports.speech.max_chars(candidate.target)):
            call = SpeechCall(candidate.target, part, voice, recipe.locale, recipe.speed)
            said: list[bytes] = []
            async for piece in ctx.ports.speech.say(call):
                if piece.media_type == wanted == "audio/mpeg":
                    yield piece.data
                else:
                    said.append(piece.data)
            held_back += [b"".join(said)] if said else []
        if held_back:
            yield await _joined(ctx, held_back, candidate, recipe)


async def _joined(ctx: Context, sounds: Sequence[bytes], candidate: Candidate, recipe: Recipe) -> bytes:
    try:
        joined = await ctx.ports.sound_tools.join(sounds, form=recipe.form, pause_ms=speech.PAUSE_MS)
    except InvalidInput as error:
        raise ProviderBadAnswer(params={"provider": candidate.target.provider}) from error
    return joined.media.data


async def write_down(ctx: Context, *, recipe: Recipe, data: bytes) -> HeardNow:
    """Return what is said in a recording or a clip.

    Raises:
        InvalidInput: it holds no sound.
        NoModel: no provider that can is connected.
        ProviderError: nobody delivered.
        BudgetUsedUp: a hard budget leaves no room.
    """
    able = await candidates(ctx, kind="transcription")
    found = making.in_order(ctx, able, recipe, lambda one: not one.embedded)
    track = await ctx.ports.sound_tools.voice_track(data)
    bill = await _Bill.open(ctx, found, transcription.FEATURE, Amount(seconds=track.duration_ms / 1000))
    try:
        for candidate in found:
            call = TranscriptionCall(
                candidate.target, track.data, track.media_type, recipe.locale, translate_to=recipe.translate_to
            )
            try:
                async with bill.attempt(candidate):
                    transcript = await ctx.ports.transcription.write_down(call)
            except ProviderError as error:
                failure = error
                continue
            whole = Segment(0, transcript.duration_ms or track.duration_ms, transcript.text)
            return HeardNow(candidate, transcript, transcript.segments or (whole,))
        raise failure
    finally:
        await bill.settle()


class _Bill:
    """What one request asked of models so far, against what was held for it."""

    def __init__(self, ctx: Context, held: Reservation, amount: Amount) -> None:
        self._ctx = ctx
        self._held = held
        self._amount = amount
        self._attempts: list[Attempt] = []
        self._settled = False

    @classmethod
    async def open(cls, ctx: Context, found: Sequence[Candidate], feature: str, amount: Amount) -> _Bill:
        """Hold the upper estimate.

        Raises:
            BudgetUsedUp: a hard budget leaves no room.
        """
        micros = making.dearest(ctx, found, amount).micros
        return cls(ctx, await ledger.reserve(ctx, call_id=new_id(), feature=feature, micros=micros), amount)

    @asynccontextmanager
    async def attempt(self, candidate: Candidate) -> AsyncIterator[None]:
        """Put what is asked of a model inside on the bill, however it ends."""
        began_s, name = time.monotonic(), making.breaker_key(candidate)
        try:
            yield
        except ProviderError as error:
            breaker.failed(name, now=self._ctx.ports.clock.now(), retry_after_s=error.retry_after_s)
            log.warning("media.failover", kind=candidate.target.kind, code=error.code)
            self._add(candidate, began_s, outcome="failed", error_code=error.code)
            raise
        except BaseException:
            # It may be charged for all the same: what was stopped is booked as if it had been done.
            self._add(candidate, began_s, outcome="cancelled")
            raise
        breaker.succeeded(name)
        self._add(candidate, began_s, outcome="ok")

    def _add(self, candidate: Candidate, began_s: float, *, outcome: Outcome, error_code: str = "") -> None:
        owed = outcome != "failed"
        self._attempts.append(
            Attempt(
                feature=self._held.feature,
                provider=candidate.target.provider,
                kind=candidate.target.kind,
                model=candidate.target.model,
                outcome=outcome,
                total_ms=round((time.monotonic() - began_s) * 1000),
                error_code=error_code,
                tier=candidate.target.tier,
                billable=owed,
                attempt_no=len(self._attempts) + 1,
                cost=making.dearest(self._ctx, [candidate], self._amount) if owed else Cost(0, known=True),
            )
        )

    async def settle(self) -> None:
        """Book the attempts and give back what was held; a caller who leaves does not stop it."""
        if not self._settled:
            self._settled = True
            await asyncio.shield(ledger.settle(self._ctx, self._held, attempts=self._attempts))
