"""Texts said aloud, of any length: cut where a voice breathes, said part by part, joined and levelled.

text -> as it sounds (pronunciation list) -> parts -> [a voice says each] -> joined at one loudness -> MP3 or WAV
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.context import Context
from app.core.errors import InvalidInput
from app.core.jobs.names import JobName
from app.core.jobs.run import JobRun
from app.core.media_ports import JoinedSound, Media, Segment, SpeechCall, Voice, Word
from app.core.media_tools import Cleaned
from app.core.ports import ModelTarget, ProviderBadAnswer, ProviderError
from app.llm.candidates import built_in_target, candidates
from app.llm.routing import Candidate
from app.media import asking, captions, making
from app.media.asking import Order
from app.media.brands import branded
from app.media.making import Charge, Made
from app.media.recipes import Recipe, said_in
from app.media.schemas import Asked
from app.media.sources import order_of
from app.media.speakable import Pronunciation, as_written, parts, speakable
from app.usage.media_prices import Amount

FEATURE = "speech"
KINDS = ("mp3", "wav")
CHARACTERS_PER_S = 14.0
"""Of speech at its usual pace, in any of the languages that are spelt; for estimates only."""
AROUND_CHARACTERS = 300
PAUSE_MS = 250


async def ask(ctx: Context, *, recipe: Recipe, title: str, folder_id: UUID | None = None) -> Asked:
    """Ask for a text to be said.

    Raises:
        InvalidInput: there is no text.
        NoModel: nothing can say it.
        NotFound, NotReady: as for asking.ask; or there is no such brand.
    """
    return await ask_as_it_is(ctx, recipe=await branded(ctx, recipe), title=title, folder_id=folder_id)


async def ask_as_it_is(ctx: Context, *, recipe: Recipe, title: str, folder_id: UUID | None = None) -> Asked:
    """Ask for a text to be said by a recipe that has what its brand and the workspace gave; else as `ask`."""
    if not recipe.text.strip():
        raise InvalidInput("There is no text to say.", code="media.text_missing", field="text")
    found = await _who(ctx, recipe)
    order = Order("speech", JobName.SPEECH, recipe, title or recipe.text[:80], folder_id)
    return await asking.ask(ctx, order, estimate=making.dearest(ctx, found, amount_of(recipe.text)))


def amount_of(text: str, *, duration_ms: int = 0) -> Amount:
    """Return what saying a text is charged by; before it is said its length is guessed, on the long side."""
    seconds = duration_ms / 1000 if duration_ms else 1.5 * len(text) / CHARACTERS_PER_S + 1
    return Amount(seconds=seconds, characters=len(text))


async def voices(ctx: Context) -> list[tuple[Candidate, Sequence[Voice]]]:
    """Return who can speak, each with its voices; a provider that does not answer is left out.

    Raises:
        NoModel: nothing can.
    """
    found = []
    for candidate in making.in_order(ctx, await candidates(ctx, kind="speech"), Recipe(verb="say")):
        try:
            found.append((candidate, await ctx.ports.speech.voices(candidate.target)))
        except ProviderError:
            continue
    return found


async def sample(ctx: Context, *, text: str, locale: str) -> Media:
    """Return how the built-in voice says a few words; nothing is kept and nothing is charged.

    Raises:
        ProviderError: it has no voice for the language, or there is nothing to say.
    """
    target = built_in_target()
    voice = await voice_of(ctx, target, Recipe(verb="say", locale=locale))
    call = SpeechCall(target=target, text=text, voice=voice, locale=locale)
    pieces = [piece async for piece in ctx.ports.speech.say(call)]
    return Media(b"".join(piece.data for piece in pieces), pieces[0].media_type)


async def _who(ctx: Context, recipe: Recipe) -> list[Candidate]:
    return making.in_order(ctx, await candidates(ctx, kind="speech"), recipe)


async def make(ctx: Context, run: JobRun) -> dict[str, object]:
    """Do the job: see making.py."""
    order = await order_of(ctx, run)
    if order is None:
        return {"kept": False}
    recipe = order.recipe
    found = await _who(ctx, recipe)
    estimate = amount_of(recipe.text)
    bill = await making.hold(ctx, run, feature=FEATURE, micros=making.dearest(ctx, found, estimate).micros)

    async def say(candidate: Candidate) -> tuple[tuple[Cleaned, str], Charge]:
        voiced = await speak(ctx, run, candidate.target, recipe, recipe.text, shares=(0.0, 0.8))
        cleaned = await making.checked(ctx, voiced.sound.data, kinds=KINDS, by=candidate)
        amount = amount_of(recipe.text, duration_ms=voiced.sound.duration_ms)
        return (cleaned, captions.write_vtt(voiced.captions)), Charge(amount)

    try:
        made = await making.first_that_delivers(ctx, run, bill, found, say, estimate=estimate)
        await run.progress("keep", 0.95)
        cleaned, written = made.value
        result = Made(cleaned, made.by, captions=written)
        return await making.keep(ctx, run, bill, asset_id=order.asset_id, title=order.title, made=result)
    except BaseException as why:
        await making.close_bill(ctx, run, bill, why)
        raise


@dataclass(frozen=True, slots=True)
class Voiced:
    """A text as a sound, and its captions."""

    sound: Media
    captions: tuple[Segment, ...]


async def speak(
    ctx: Context, run: JobRun, target: ModelTarget, recipe: Recipe, text: str, *, shares: tuple[float, float]
) -> Voiced:
    """Return a text of any length as one levelled sound; `shares`: from where to where the job's progress goes.

    Raises:
        ProviderError: one of its kinds; a provider's sound that cannot be read is a bad answer.
    """
    voice = await voice_of(ctx, target, recipe)
    spoken = speakable(text, pronunciations_of(recipe))
    said = parts(spoken.text, max_chars=ctx.ports.speech.max_chars(target))
    sounds: list[bytes] = []
    words: list[tuple[Word, ...]] = []
    begin, end = shares
    for place, part in enumerate(said):
        await run.progress("speak", begin + (end - begin) * place / len(said))
        call = SpeechCall(
            target=target,
            text=part,
            voice=voice,
            locale=recipe.locale,
            speed=recipe.speed,
            previous=said[place - 1][-AROUND_CHARACTERS:] if place else "",
            following=said[place + 1][:AROUND_CHARACTERS] if place + 1 < len(said) else "",
        )
        pieces = [piece async for piece in ctx.ports.speech.say(call)]
        sounds.append(b"".join(piece.data for piece in pieces))
        words.append(tuple(word for piece in pieces for word in piece.words))
    await run.progress("join", end)
    try:
        joined = await ctx.ports.sound_tools.join(sounds, form=recipe.form, pause_ms=PAUSE_MS)
    except InvalidInput as error:
        raise ProviderBadAnswer(params={"provider": target.provider}) from error
    timed = as_written(_timed(said, words, joined), spoken)
    return Voiced(joined.media, captions.from_words(timed, locale=recipe.locale))


def pronunciations_of(recipe: Recipe) -> list[Pronunciation]:
    """Return how words are said in the language of a recipe."""
    return [Pronunciation(one.written, one.spoken) for one in said_in(recipe.locale, recipe.said)]


def _timed(said: Sequence[str], words: Sequence[tuple[Word, ...]], joined: JoinedSound) -> list[Word]:
    """Return every word with its time in the joined sound; where the voice tells none, by the words' lengths."""
    ends_ms = [*(start - PAUSE_MS for start in joined.starts_ms[1:]), joined.media.duration_ms]
    timed: list[Word] = []
    for part, told, start_ms, end_ms in zip(said, words, joined.starts_ms, ends_ms, strict=True):
        if told:
            timed += [Word(word.text, start_ms + word.start_ms, start_ms + word.end_ms) for word in told]
        else:
            timed += captions.spread(Segment(start_ms, end_ms, part))
    return timed


async def voice_of(ctx: Context, target: ModelTarget, recipe: Recipe) -> str:
    """Return the voice that was asked for where the provider has it, else one that speaks the language."""
    known = await ctx.ports.speech.voices(target)
    if any(voice.id == recipe.voice for voice in known):
        return recipe.voice
    language = recipe.locale.split("-")[0].lower()
    speaks = [voice for voice in known if any(one.lower().split("-")[0] == language for one in voice.locales)]
    anywhere = [voice for voice in known if not voice.locales]
    return next((voice.id for voice in (*speaks, *anywhere, *known)), recipe.voice)
