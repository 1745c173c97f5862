"""Speech and transcripts at the OpenAI-compatible door, met by OpenAI's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import openai
import pytest
from starlette.types import ASGIApp

from app.adapters.sound_ffmpeg import FfmpegSound
from app.adapters.sound_heads import sound_type
from app.adapters.speech_by_kind import SpeechByKind
from app.adapters.transcription_by_kind import TranscriptionByKind
from app.core.ports import Ports, ProviderDown
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault
from bench.simulator.sounds import wav
from tests.doors.conftest import ORIGIN, Caller, CallerOf
from tests.patience import PATIENCE_S

TEXT = "We open on Friday at nine, and the coffee is free until noon."
HEARD = "The doors open at nine. Everybody in the city is welcome."
SOUND = ("talk.wav", wav(HEARD), "audio/wav")
MODELS = {
    "openai": [{"id": "tts-1", "kind": "speech"}, {"id": "whisper-1", "kind": "transcription"}],
    "elevenlabs": [{"id": "eleven_flash_v2_5", "kind": "speech"}, {"id": "scribe_v1", "kind": "transcription"}],
}

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")


@pytest.fixture
async def ports(ports: Ports) -> AsyncIterator[Ports]:
    speech, transcription = SpeechByKind(), TranscriptionByKind()
    yield replace(ports, speech=speech, transcription=transcription)
    await speech.close()
    await transcription.close()


@pytest.fixture
async def ana(program_of: CallerOf, simulator: Simulator) -> Caller:
    simulator.answers.add(Answer(match="recording.mp3", text=HEARD))
    ana: Caller = await program_of("ana")
    return ana


@pytest.fixture
async def client(app: ASGIApp, ana: Caller) -> AsyncIterator[openai.AsyncOpenAI]:
    key = ana.http.headers["authorization"].removeprefix("Bearer ")
    transport = httpx.AsyncClient(transport=httpx.ASGITransport(app=app, raise_app_exceptions=False))
    yield openai.AsyncOpenAI(api_key=key, base_url=f"{ORIGIN}/v1", http_client=transport, max_retries=0)
    await transport.aclose()


async def connect(ana: Caller, simulator: Simulator, *kinds: str) -> dict[str, str]:
    """Connect providers in this order; return their ids."""
    ids = {}
    for kind in kinds:
        body = {"name": kind.title(), "kind": kind, "base_url": simulator.base_url(kind), "api_key": "sk-any"}
        models = [{**model, "tier": "fast"} for model in MODELS[kind]]
        made = await ana.http.post("/api/v1/providers", json={**body, "models": models})
        ids[kind] = str(made.json()["id"])
    return ids


async def test_without_a_provider_the_built_in_voice_speaks_and_says_who_it_is(client: openai.AsyncOpenAI) -> None:
    answer = await client.audio.speech.with_raw_response.create(model="galley/auto", voice="alloy", input=TEXT)
    measured = await FfmpegSound().measure(answer.content)

    assert "embedded" == answer.headers["x-galley-provider"]
    assert ("audio/mpeg", "audio/mpeg") == (answer.headers["content-type"], sound_type(answer.content))
    assert 2_000 < measured.duration_ms < 8_000
    assert -16 == pytest.approx(measured.loudness_lufs, abs=1)


@pytest.mark.parametrize("text", ["نفتح يوم الجمعة في التاسعة.", "我们星期五九点开门。", "हम नौ बजे खोलते हैं।"])
async def test_a_text_is_spoken_in_the_language_of_its_script(client: openai.AsyncOpenAI, text: str) -> None:
    answer = await client.audio.speech.create(model="galley/auto", voice="", input=text, response_format="wav")
    measured = await FfmpegSound().measure(answer.content)

    assert "audio/wav" == sound_type(answer.content)
    assert 1_000 < measured.duration_ms < 6_000


@pytest.mark.parametrize("kind", ["openai", "elevenlabs"])
async def test_a_providers_sound_is_handed_on_while_it_is_made(
    client: openai.AsyncOpenAI, ana: Caller, simulator: Simulator, kind: str
) -> None:
    await connect(ana, simulator, kind)

    answer = await client.audio.speech.with_raw_response.create(model="galley/auto", voice="alloy", input=TEXT)

    assert kind == answer.headers["x-galley-provider"]
    assert "audio/mpeg" == sound_type(answer.content)
    assert TEXT == simulator.log.entries[-1].prompt


async def test_a_model_may_be_asked_for_by_its_own_name_or_its_providers(
    client: openai.AsyncOpenAI, ana: Caller, simulator: Simulator
) -> None:
    ids = await connect(ana, simulator, "openai", "elevenlabs")
    listed = [model.id async for model in client.models.list()]
    named = f"{ids['elevenlabs']}/eleven_flash_v2_5"

    models = [
        (await client.audio.speech.with_raw_response.create(model=name, voice="", input=TEXT)).headers["x-galley-model"]
        for name in ("tts-1", named)
    ]

    assert ["tts-1", "eleven_flash_v2_5"] == models
    assert {named, f"{ids['openai']}/whisper-1"} < set(listed)


async def test_the_next_model_speaks_when_the_first_does_not_begin(
    client: openai.AsyncOpenAI, ana: Caller, simulator: Simulator
) -> None:
    await connect(ana, simulator, "openai", "elevenlabs")
    await control(simulator, Control(provider="openai", fault=Fault(kind="server_error")))

    answer = await client.audio.speech.with_raw_response.create(model="galley/auto", voice="", input=TEXT)

    assert "elevenlabs" == answer.headers["x-galley-provider"]


async def test_sound_that_breaks_off_breaks_the_answer_off_and_is_booked_as_failed(
    app: ASGIApp, ana: Caller, simulator: Simulator
) -> None:
    await connect(ana, simulator, "openai")
    await control(simulator, Control(provider="openai", tokens_per_s=50, fault=Fault(kind="cut")))
    strict = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN, headers=ana.http.headers)

    with pytest.raises(ProviderDown):
        await strict.post("/v1/audio/speech", json={"model": "galley/auto", "input": TEXT})
    await strict.aclose()

    assert "failed" in str(await _usage(ana))


async def _usage(ana: Caller) -> object:
    return (await ana.http.get("/api/v1/usage/calls")).json()


async def test_a_recording_is_written_down_in_each_form(
    client: openai.AsyncOpenAI, ana: Caller, simulator: Simulator
) -> None:
    await connect(ana, simulator, "openai")

    plain = await client.audio.transcriptions.create(model="whisper-1", file=SOUND)
    timed = await client.audio.transcriptions.create(model="galley/auto", file=SOUND, response_format="verbose_json")
    srt = await client.audio.transcriptions.create(model="galley/auto", file=SOUND, response_format="srt")
    vtt = await client.audio.transcriptions.create(model="galley/auto", file=SOUND, response_format="vtt")
    text = await client.audio.transcriptions.create(model="galley/auto", file=SOUND, response_format="text")

    assert HEARD == plain.text == str(text).strip()
    segments = [one.text for one in timed.segments or ()]
    assert ["The doors open at nine.", "Everybody in the city is welcome."] == segments
    assert 3 < float(timed.duration) < 6
    assert str(srt).startswith("1\n00:00:00,000 --> ")
    assert str(vtt).startswith("WEBVTT\n\n00:00:00.000 --> ")


async def test_a_recording_is_translated(client: openai.AsyncOpenAI, ana: Caller, simulator: Simulator) -> None:
    await connect(ana, simulator, "openai")
    simulator.answers.add(Answer(match="translate recording.mp3", text="In English now."))

    answer = await client.audio.translations.create(model="whisper-1", file=SOUND)

    assert "In English now." == answer.text


async def test_without_a_provider_nothing_is_written_down_and_it_is_said_what_is_missing(
    client: openai.AsyncOpenAI,
) -> None:
    with pytest.raises(openai.ConflictError) as caught:
        await client.audio.transcriptions.create(model="galley/auto", file=SOUND)

    assert "media.no_model" == caught.value.code


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"model": "nobody/nothing", "voice": "", "input": TEXT}, 404),
        ({"model": "galley/auto", "voice": "", "input": ""}, 422),
        ({"model": "galley/auto", "voice": "", "input": "a" * 4_097}, 422),
        ({"model": "galley/auto", "voice": "", "input": "  "}, 422),
        ({"model": "galley/auto", "voice": "", "input": TEXT, "response_format": "opus"}, 422),
        ({"model": "galley/auto", "voice": "", "input": TEXT, "speed": 5}, 422),
        ({"model": "galley/auto", "voice": "", "input": TEXT, "stream_format": "sse"}, 422),
    ],
)
async def test_what_cannot_be_said_is_refused_in_openais_form(
    ana: Caller, body: dict[str, object], status: int
) -> None:
    answer = await ana.http.post("/v1/audio/speech", json=body)

    assert status == answer.status_code
    assert answer.json()["error"]["code"]


async def test_what_is_no_recording_is_refused(ana: Caller, simulator: Simulator) -> None:
    await connect(ana, simulator, "openai")
    page = ("page.mp3", b"<html></html>", "audio/mpeg")

    answers = [
        await ana.http.post("/v1/audio/transcriptions", files={"file": page}, data={"model": "galley/auto"}),
        await ana.http.post("/v1/audio/transcriptions", data={"model": "galley/auto"}),
        await ana.http.post("/v1/audio/transcriptions", json={"model": "galley/auto"}),
        await ana.http.post(
            "/v1/audio/transcriptions", files={"file": SOUND}, data={"model": "galley/auto", "response_format": "docx"}
        ),
        await ana.http.post("/v1/audio/transcriptions", files={"file": SOUND}, data={"model": "nothing"}),
        await ana.http.post("/v1/audio/transcriptions", content=b"x", headers={"content-type": "multipart/form-data"}),
    ]

    assert [422, 422, 422, 422, 404, 400] == [answer.status_code for answer in answers]
    assert ["sound.unreadable", "audio.form", "audio.form", "audio.response_format", "model.unknown"] == [
        answer.json()["error"]["code"] for answer in answers[:5]
    ]
    assert not simulator.log.entries


async def test_a_key_that_may_only_read_does_not_speak(program_of: CallerOf, ana: Caller) -> None:
    reader = await program_of(ana.ctx, scopes=["media:read"])

    answer = await reader.http.post("/v1/audio/speech", json={"model": "galley/auto", "input": TEXT})

    assert 403 == answer.status_code


async def test_what_was_said_and_written_down_is_booked(
    client: openai.AsyncOpenAI, ana: Caller, simulator: Simulator
) -> None:
    await connect(ana, simulator, "openai")
    await client.audio.speech.create(model="galley/auto", voice="", input=TEXT)
    await client.audio.transcriptions.create(model="galley/auto", file=SOUND)

    booked = str(await _usage(ana))

    assert "tts-1" in booked
    assert "whisper-1" in booked


async def test_a_repeated_key_speaks_again_instead_of_breaking(ana: Caller) -> None:
    asked = {"json": {"model": "galley/auto", "input": TEXT}, "headers": {"Idempotency-Key": "again"}}

    answers = [await ana.http.post("/v1/audio/speech", **asked) for _ in range(2)]

    assert [200, 200] == [answer.status_code for answer in answers]
    assert {"audio/mpeg"} == {sound_type(answer.content) for answer in answers}


async def test_a_listener_who_leaves_ends_the_providers_work_and_the_bill_is_settled(
    app: ASGIApp, ana: Caller, simulator: Simulator
) -> None:
    await connect(ana, simulator, "openai")
    await control(simulator, Control(tokens_per_s=5))
    task = asyncio.create_task(ana.http.post("/v1/audio/speech", json={"model": "galley/auto", "input": TEXT}))
    async with asyncio.timeout(PATIENCE_S):
        while not (simulator.log.entries and simulator.log.entries[-1].tokens_sent):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        while simulator.log.entries[-1].outcome == "open":
            await asyncio.sleep(0.01)
        while "cancelled" not in str(booked := await _usage(ana)):
            await asyncio.sleep(0.05)

    assert "cancelled" == simulator.log.entries[-1].outcome
    assert "tts-1" in str(booked)
