"""The simulator's sound is believed only as far as OpenAI's and ElevenLabs' own clients believe it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters.sound_ffmpeg import FfmpegSound
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault
from bench.simulator.sounds import duration_ms, wav
from tests.patience import PATIENCE_S

if TYPE_CHECKING:
    import openai
    from elevenlabs.client import AsyncElevenLabs

TEXT = "The doors open at nine, and the coffee is free until noon."
HEARD = "The doors open at nine. The coffee is free until noon."
VOICE = "simulatedAnna00000001"
ONE_TRY: Any = {"max_retries": 0}


@pytest.fixture
async def openai_client(simulator: Simulator) -> AsyncIterator[openai.AsyncOpenAI]:
    import openai

    client = openai.AsyncOpenAI(
        api_key="sk-any", base_url=simulator.base_url("openai"), max_retries=0, timeout=PATIENCE_S
    )
    yield client
    await client.close()


@pytest.fixture
async def elevenlabs_client(simulator: Simulator) -> AsyncIterator[AsyncElevenLabs]:
    import httpx
    from elevenlabs.client import AsyncElevenLabs

    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as http:
        yield AsyncElevenLabs(base_url=simulator.base_url("elevenlabs"), api_key="any", httpx_client=http)


async def broken(simulator: Simulator, provider: str, kind: str, **more: Any) -> None:
    await control(simulator, Control(provider=provider, fault=Fault.model_validate({"kind": kind, **more})))


async def test_openais_client_streams_sound_that_can_be_heard(openai_client: openai.AsyncOpenAI) -> None:
    chunks = []
    async with openai_client.audio.speech.with_streaming_response.create(
        model="tts-simulated", voice="alloy", input=TEXT
    ) as response:
        chunks = [chunk async for chunk in response.iter_bytes(2048)]
    measured = await FfmpegSound().measure(b"".join(chunks))

    assert len(chunks) > 5
    assert measured.duration_ms == pytest.approx(duration_ms(TEXT), abs=300)
    assert -30 < measured.loudness_lufs < -8
    assert measured.silence_share < 0.3


async def test_openais_client_reads_a_transcript_with_segments_and_words(
    simulator: Simulator, openai_client: openai.AsyncOpenAI
) -> None:
    simulator.answers.add(Answer(match="talk.wav", text=HEARD))

    answer = await openai_client.audio.transcriptions.create(
        model="whisper-simulated",
        file=("talk.wav", wav(TEXT)),
        response_format="verbose_json",
        timestamp_granularities=["segment", "word"],
    )

    assert (HEARD, "english") == (answer.text, answer.language)
    assert ["The doors open at nine.", "The coffee is free until noon."] == [
        s.text.strip() for s in answer.segments or ()
    ]
    assert HEARD.split() == [word.word for word in answer.words or ()]
    assert answer.duration == pytest.approx(duration_ms(TEXT) / 1000, abs=0.02)


async def test_openais_client_reads_plain_forms_and_translations(
    simulator: Simulator, openai_client: openai.AsyncOpenAI
) -> None:
    simulator.answers.add(Answer(match="translate vortrag.wav", text=HEARD))
    sound = ("vortrag.wav", wav(TEXT))

    json_form = await openai_client.audio.translations.create(model="whisper-1", file=sound)
    text_form = await openai_client.audio.translations.create(model="whisper-1", file=sound, response_format="text")

    assert HEARD == json_form.text
    assert HEARD == str(text_form).strip()


async def test_a_file_that_is_no_sound_is_a_bad_request_to_openais_client(openai_client: openai.AsyncOpenAI) -> None:
    import openai

    with pytest.raises(openai.BadRequestError):
        await openai_client.audio.transcriptions.create(model="whisper-1", file=("page.mp3", b"<html></html>"))


async def test_elevenlabs_client_lists_voices_that_say_they_are_simulated(elevenlabs_client: AsyncElevenLabs) -> None:
    voices = (await elevenlabs_client.voices.get_all()).voices

    assert voices
    assert all("simulated" in (voice.name or "") for voice in voices)


async def test_elevenlabs_client_streams_sound_that_can_be_heard(elevenlabs_client: AsyncElevenLabs) -> None:
    stream = elevenlabs_client.text_to_speech.stream(VOICE, text=TEXT, model_id="eleven_simulated_v2")
    whole = elevenlabs_client.text_to_speech.convert(VOICE, text=TEXT, model_id="eleven_simulated_v2")

    streamed = b"".join([chunk async for chunk in stream])
    measured = await FfmpegSound().measure(streamed)

    assert streamed == b"".join([chunk async for chunk in whole])
    assert measured.duration_ms == pytest.approx(duration_ms(TEXT), abs=300)
    assert measured.loudness_lufs > -30


async def test_elevenlabs_client_reads_the_time_of_every_character(elevenlabs_client: AsyncElevenLabs) -> None:
    stream = elevenlabs_client.text_to_speech.stream_with_timestamps(VOICE, text=TEXT, model_id="eleven_simulated_v2")
    chunks = [chunk async for chunk in stream]
    whole = await elevenlabs_client.text_to_speech.convert_with_timestamps(
        VOICE, text=TEXT, model_id="eleven_simulated"
    )
    ends = [s for chunk in chunks if chunk.alignment for s in chunk.alignment.character_end_times_seconds]

    assert len(chunks) > 5
    assert list(TEXT) == [char for chunk in chunks if chunk.alignment for char in chunk.alignment.characters]
    assert ends == sorted(ends)
    assert b"".join(base64.b64decode(c.audio_base_64) for c in chunks) == base64.b64decode(whole.audio_base_64)


async def test_elevenlabs_client_reads_a_transcript_with_words(
    simulator: Simulator, elevenlabs_client: AsyncElevenLabs
) -> None:
    simulator.answers.add(Answer(match="talk.wav", text=HEARD))

    answer: Any = await elevenlabs_client.speech_to_text.convert(model_id="scribe", file=("talk.wav", wav(TEXT)))

    assert (HEARD, "eng") == (answer.text, answer.language_code)
    assert HEARD.split() == [word.text for word in answer.words if word.type == "word"]


@pytest.mark.parametrize("status", [401, 429, 400])
async def test_elevenlabs_refusals_reach_its_client(
    simulator: Simulator, elevenlabs_client: AsyncElevenLabs, status: int
) -> None:
    from elevenlabs.core.api_error import ApiError

    model = "missing-model" if status == 400 else "eleven_simulated_v2"
    if status != 400:
        await broken(simulator, "elevenlabs", {401: "unauthorized", 429: "rate_limited"}[status])

    with pytest.raises(ApiError) as caught:
        stream = elevenlabs_client.text_to_speech.convert(VOICE, text=TEXT, model_id=model, request_options=ONE_TRY)
        _ = [chunk async for chunk in stream]

    assert status == caught.value.status_code


async def test_a_cut_stream_is_an_error_to_both_clients(
    simulator: Simulator, openai_client: openai.AsyncOpenAI, elevenlabs_client: AsyncElevenLabs
) -> None:
    import httpx
    import openai

    await broken(simulator, "*", "cut")

    with pytest.raises((openai.APIError, httpx.TransportError)):
        await openai_client.audio.speech.create(model="tts-simulated", voice="alloy", input=TEXT)
    with pytest.raises(httpx.TransportError):
        stream = elevenlabs_client.text_to_speech.stream(VOICE, text=TEXT, model_id="eleven_simulated_v2")
        _ = [chunk async for chunk in stream]


async def test_a_listener_who_leaves_shows_as_cancelled_in_the_log(
    simulator: Simulator, openai_client: openai.AsyncOpenAI
) -> None:
    await control(simulator, Control(tokens_per_s=5))

    async def listen() -> None:
        async with openai_client.audio.speech.with_streaming_response.create(
            model="tts-simulated", voice="alloy", input=TEXT
        ) as response:
            async for _ in response.iter_bytes(1024):
                await asyncio.sleep(60)

    listener = asyncio.create_task(listen())
    async with asyncio.timeout(PATIENCE_S):
        while not (simulator.log.entries and simulator.log.entries[-1].tokens_sent):
            await asyncio.sleep(0.01)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        while simulator.log.entries[-1].outcome == "open":
            await asyncio.sleep(0.01)

    assert "cancelled" == simulator.log.entries[-1].outcome
