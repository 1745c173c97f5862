"""Every adapter of the Transcription port: the same words with their times, and every fault its own typed error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest

from app.adapters.transcription_by_kind import TranscriptionByKind
from app.core.errors import AppError, Unavailable
from app.core.media_ports import Segment, TranscriptionCall
from app.core.ports import (
    ModelTarget,
    ProviderBadAnswer,
    ProviderBusy,
    ProviderDown,
    ProviderKeyRefused,
    ProviderRefusedRequest,
    ProviderTimeout,
)
from app.media.captions import faults, from_segments
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Answer, Control, Fault
from bench.simulator.sounds import duration_ms, wav
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")

HOSTED = {
    "openai": "openai", "openai-compatible": "local", "azure": "azure", "mistral": "mistral",
    "elevenlabs": "elevenlabs",
}  # fmt: skip
OPENAI_LIKE = tuple(kind for kind in HOSTED if kind != "elevenlabs")
KEY = "sk-very-secret-key-0003"
HEARD = "The doors open at nine. Everybody in the city is welcome."
SOUND = wav(HEARD)
every_hosted = pytest.mark.parametrize("kind", HOSTED)


@pytest.fixture
async def transcription() -> AsyncIterator[TranscriptionByKind]:
    transcription = TranscriptionByKind()
    yield transcription
    await transcription.close()


@pytest.fixture
def simulator(simulator: Simulator) -> Simulator:
    simulator.answers.add(Answer(match="recording.wav", text=HEARD))
    return simulator


def call_to(simulator: Simulator, kind: str, **more: Any) -> TranscriptionCall:
    target = ModelTarget(
        provider="Provider One",
        kind=cast("Any", kind),
        model=more.pop("model", "whisper-1"),
        base_url=simulator.base_url(HOSTED[kind], own_port=True) if kind in HOSTED else "",
        api_key=more.pop("api_key", KEY),
        inside_allowed=more.pop("inside_allowed", True),
    )
    return TranscriptionCall(target, **({"data": SOUND, "media_type": "audio/wav", "timeout_s": 20.0} | more))


async def break_it(simulator: Simulator, kind: str, fault: str, **more: Any) -> None:
    await control(simulator, Control(provider=HOSTED[kind], fault=Fault.model_validate({"kind": fault, **more})))


async def failure_of(transcription: TranscriptionByKind, call: TranscriptionCall) -> AppError:
    with pytest.raises(AppError) as caught:
        await transcription.write_down(call)
    return caught.value


@every_hosted
async def test_a_recording_becomes_sentences_with_their_times(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str
) -> None:
    written = await transcription.write_down(call_to(simulator, kind, locale="en"))
    first, second = written.segments

    assert (HEARD, "en") == (written.text, written.locale)
    assert ("The doors open at nine.", "Everybody in the city is welcome.") == (first.text, second.text)
    assert 0 == first.start_ms < first.end_ms <= second.start_ms < second.end_ms
    assert duration_ms(HEARD) == pytest.approx(written.duration_ms, abs=20)
    assert () == faults(from_segments(written.segments, locale="en"), locale="en")


@every_hosted
@pytest.mark.parametrize(
    ("asked", "sent", "heard"), [("pt-BR", "pt", "pt-BR"), ("zh-Hans", "zh", "zh-Hans"), ("", None, "en")]
)
async def test_the_language_is_said_and_heard_in_each_sides_words(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str, asked: str, sent: str | None, heard: str
) -> None:
    written = await transcription.write_down(call_to(simulator, kind, locale=asked))
    body = simulator.log.entries[-1].body

    assert sent == body.get("language", body.get("language_code"))
    assert heard == written.locale


@pytest.mark.parametrize("kind", OPENAI_LIKE)
async def test_a_recording_is_translated_into_english(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str
) -> None:
    simulator.answers.add(Answer(match="translate recording.wav", text="In English now."))

    written = await transcription.write_down(call_to(simulator, kind, translate_to="en", locale="de"))

    assert ("In English now.", "en") == (written.text, written.locale)
    assert ["In English now."] == [segment.text for segment in written.segments]


async def test_elevenlabs_does_not_translate_and_says_so(
    simulator: Simulator, transcription: TranscriptionByKind
) -> None:
    failure = await failure_of(transcription, call_to(simulator, "elevenlabs", translate_to="en"))

    assert ProviderRefusedRequest is type(failure)
    assert not simulator.log.entries


async def test_a_model_without_times_gives_its_text_alone(
    simulator: Simulator, transcription: TranscriptionByKind
) -> None:
    written = await transcription.write_down(call_to(simulator, "openai", model="gpt-4o-transcribe"))

    assert (HEARD, ()) == (written.text, written.segments)


FAULTS: list[tuple[str, type[AppError]]] = [
    ("refuse", ProviderDown),
    ("reset", ProviderDown),
    ("unauthorized", ProviderKeyRefused),
    ("rate_limited", ProviderBusy),
    ("server_error", ProviderDown),
    ("unavailable", ProviderDown),
    ("hang", ProviderTimeout),
    ("slow_first_token", ProviderTimeout),
    ("stall", ProviderTimeout),
    ("wrong_content_type", ProviderBadAnswer),
    ("malformed_line", ProviderBadAnswer),
    ("in_band_error", ProviderBadAnswer),
    ("cut", ProviderDown),
    ("redirect", ProviderBadAnswer),
]


@pytest.mark.parametrize("kind", ["openai", "openai-compatible", "elevenlabs"])
@pytest.mark.parametrize(("fault", "expected"), FAULTS)
async def test_every_fault_is_its_own_typed_error(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str, fault: str, expected: type[AppError]
) -> None:
    await transcription.write_down(call_to(simulator, kind))  # loads what is slow to load
    await break_it(simulator, kind, fault, delay_ms=60_000, location=simulator.url)
    timeout_s = 1.5 if expected is ProviderTimeout else 20.0

    failure = await failure_of(transcription, call_to(simulator, kind, timeout_s=timeout_s))

    assert expected is type(failure)
    assert KEY not in str(failure)


@pytest.mark.parametrize("kind", ["openai", "elevenlabs"])
async def test_a_wrong_key_is_said_to_be_one(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str
) -> None:
    assert ProviderKeyRefused is type(await failure_of(transcription, call_to(simulator, kind, api_key="bad-key")))


@every_hosted
async def test_a_file_that_is_no_sound_and_an_unknown_model_are_refused_requests(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str
) -> None:
    page = await failure_of(transcription, call_to(simulator, kind, data=b"<html></html>"))
    model = await failure_of(transcription, call_to(simulator, kind, model="missing-model"))

    assert [ProviderRefusedRequest] * 2 == [type(page), type(model)]


@pytest.mark.parametrize("kind", ["openai", "elevenlabs"])
async def test_cancelling_ends_the_providers_work(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str
) -> None:
    await break_it(simulator, kind, "hang")
    writer = asyncio.create_task(transcription.write_down(call_to(simulator, kind)))
    async with asyncio.timeout(PATIENCE_S):
        while not simulator.log.entries:
            await asyncio.sleep(0.01)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
        while simulator.log.entries[-1].outcome == "open":
            await asyncio.sleep(0.01)

    assert writer.cancelled()
    assert "cancelled" == simulator.log.entries[-1].outcome


@every_hosted
async def test_an_address_inside_is_not_asked_unless_the_operator_allows_it(
    simulator: Simulator, transcription: TranscriptionByKind, kind: str
) -> None:
    failure = await failure_of(transcription, call_to(simulator, kind, inside_allowed=False))

    assert ProviderRefusedRequest is type(failure)
    assert not simulator.log.entries


async def test_litellm_never_sees_the_key(
    simulator: Simulator, transcription: TranscriptionByKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    await transcription.write_down(call_to(simulator, "openai"))
    import litellm

    seen: list[str] = []
    original = litellm.atranscription

    async def listening(**wanted: Any) -> Any:
        seen.append(repr({name: value for name, value in wanted.items() if name != "file"}))
        return await original(**wanted)

    monkeypatch.setattr(litellm, "atranscription", listening)

    await transcription.write_down(call_to(simulator, "openai"))

    assert seen
    assert KEY not in seen[0]
    assert KEY[-4:] == simulator.log.entries[-1].key_tail


async def test_there_is_no_built_in_recogniser_and_it_says_what_is_needed(
    simulator: Simulator, transcription: TranscriptionByKind
) -> None:
    failure = await failure_of(transcription, call_to(simulator, "embedded"))

    assert (Unavailable, "transcription.needs_provider") == (type(failure), failure.code)


async def test_a_provider_that_cannot_listen_says_so(simulator: Simulator, transcription: TranscriptionByKind) -> None:
    call = call_to(simulator, "openai")

    failure = await failure_of(transcription, replace(call, target=replace(call.target, kind="anthropic")))

    assert ProviderRefusedRequest is type(failure)


async def test_long_pauses_part_the_words_of_elevenlabs(simulator: Simulator) -> None:
    from types import SimpleNamespace

    from app.adapters.transcription_elevenlabs import LONGEST_PAUSE_MS, _segments

    def words(pause_ms: int) -> list[SimpleNamespace]:
        said = (("one", 0.0, 0.5), ("two", 0.5 + pause_ms / 1000, 1.0 + pause_ms / 1000))
        return [SimpleNamespace(type="word", text=f"{text} ", start=start, end=end) for text, start, end in said]

    assert [Segment(0, 500, "one"), Segment(1401, 1901, "two")] == list(_segments(words(LONGEST_PAUSE_MS + 1)))
    assert 1 == len(list(_segments(words(LONGEST_PAUSE_MS))))
