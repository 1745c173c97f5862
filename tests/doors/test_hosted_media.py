"""Media from vendors, as the simulator plays them: each through the adapter and SDK that serve it, into the library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from app.adapters.images_by_kind import ImagesByKind
from app.adapters.speech_by_kind import SpeechByKind
from app.adapters.transcription_by_kind import TranscriptionByKind
from app.adapters.video_by_kind import VideoByKind
from app.core.context import Context
from app.core.jobs import ledger as jobs_ledger
from app.core.ports import ProviderKind
from app.llm import providers
from app.llm.schemas import ModelForm, ProviderForm
from app.media import images, library, speech, transcription, video
from app.media.asking import Asked
from app.media.recipes import Recipe
from app.media.schemas import AssetView
from app.usage.service import list_events
from bench.simulator.answers import Answer
from bench.simulator.control import Control, control
from bench.simulator.server import Simulator
from bench.simulator.settings import Fault
from jobs import media as handlers
from tests.databases import CtxOf
from tests.working import start

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

WORK = {
    "image": handlers.make_image,
    "speech": handlers.say_text,
    "transcript": handlers.write_down,
    "video": handlers.make_clip,
}
TEXT = "The kettle is on and this chair pulls to the left. Tip it over. There, the wheel that will not turn."
POSTER = Recipe(verb="generate", prompt="A chair on a workshop floor", aspect="square")


@pytest.fixture
async def ana(ctx_of: CtxOf) -> AsyncIterator[Context]:
    """Somebody whose studio has the real adapters."""
    ctx = await ctx_of("ana")
    real = replace(
        ctx.ports,
        images=ImagesByKind(),
        speech=SpeechByKind(),
        transcription=TranscriptionByKind(),
        video=VideoByKind(),
    )
    yield replace(ctx, ports=real)
    for part in (real.images, real.speech, real.transcription, real.video):
        await part.close()


async def connect(ctx: Context, simulator: Simulator, kind: ProviderKind, model: str, makes: str) -> None:
    """Connect one model of a simulated provider."""
    form = ProviderForm(
        name=kind,
        kind=kind,  # type: ignore[arg-type]  # hosted
        base_url=simulator.base_url(kind, own_port=kind == "elevenlabs"),
        api_key="sk-test-key-0123456789",
        models=(ModelForm(id=model, tier="strong", kind=makes),),  # type: ignore[arg-type]  # one of the kinds
    )
    await providers.create(ctx, form=form)


async def made(ctx: Context, asked: Asked) -> AssetView:
    """Do the job, and return what came of it."""
    run = await start(ctx, asked.job_id)
    result = await WORK[asked.asset.kind](ctx, run)
    await jobs_ledger.finish(ctx.ports, run.lease, result)
    return (await library.show(ctx, asset_id=asked.asset.id)).asset


def assert_hosted(asset: AssetView, provider: str) -> None:
    assert (asset.state, asset.provider, asset.embedded) == ("ready", provider, False)
    assert asset.cost_micros > 0
    assert asset.kind == "transcript" or (asset.size_bytes > 0 and asset.has_preview)


@pytest.mark.parametrize(
    ("kind", "model"),
    [("openai", "gpt-image-1"), ("gemini", "gemini-2.5-flash-image"), ("stability", "sd3.5-large")],
)
async def test_a_picture_of_a_vendor(kind: ProviderKind, model: str, ana: Context, simulator: Simulator) -> None:
    await connect(ana, simulator, kind, model, "image")
    asset = await made(ana, await images.ask(ana, recipe=POSTER, title="Poster"))

    assert_hosted(asset, kind)
    assert asset.width_px > 0


@pytest.mark.parametrize(("kind", "model"), [("openai", "tts-1"), ("elevenlabs", "eleven_multilingual_v2")])
async def test_a_text_said_by_a_vendor(kind: ProviderKind, model: str, ana: Context, simulator: Simulator) -> None:
    await connect(ana, simulator, kind, model, "speech")
    asset = await made(ana, await speech.ask(ana, recipe=Recipe(verb="say", text=TEXT), title="Kettle"))

    assert_hosted(asset, kind)
    assert asset.duration_ms > 1_000
    assert "kettle" in await library.captions(ana, asset_id=asset.id)


@pytest.mark.parametrize(("kind", "model"), [("openai", "whisper-1"), ("elevenlabs", "scribe_v1")])
async def test_a_recording_written_down_by_a_vendor(
    kind: ProviderKind, model: str, ana: Context, simulator: Simulator
) -> None:
    simulator.answers.add(Answer(match="recording", text="The chair is whole again. Sit down and roll."))
    said = await made(ana, await speech.ask(ana, recipe=Recipe(verb="say", text=TEXT), title="Kettle"))
    await connect(ana, simulator, kind, model, "transcription")
    recipe = Recipe(verb="write_down", sources=(said.id,), locale="en")
    asset = await made(ana, await transcription.ask(ana, recipe=recipe, title=""))

    assert_hosted(asset, kind)
    assert (await library.captions(ana, asset_id=asset.id, form="txt")).strip()


@pytest.mark.parametrize(
    ("kind", "model"), [("openai", "sora-2"), ("runway", "gen4.5"), ("gemini", "veo-3.1-generate-preview")]
)
async def test_a_clip_of_a_vendor(kind: ProviderKind, model: str, ana: Context, simulator: Simulator) -> None:
    await connect(ana, simulator, kind, model, "video")
    recipe = Recipe(verb="film", prompt="A chair is put upright", aspect="wide")
    asset = await made(ana, await video.ask(ana, recipe=recipe, title="Clip", script=TEXT))

    assert_hosted(asset, kind)
    assert asset.media_type == "video/mp4"
    assert asset.duration_ms > 500


async def test_when_the_vendor_is_down_what_is_built_in_makes_it(ana: Context, simulator: Simulator) -> None:
    await connect(ana, simulator, "openai", "gpt-image-1", "image")
    await control(simulator, Control(provider="openai", fault=Fault(kind="server_error")))
    asset = await made(ana, await images.ask(ana, recipe=POSTER, title="Poster"))
    booked = [(one.provider, one.outcome, one.cost_micros) for one in (await list_events(ana)).items]

    assert (asset.state, asset.embedded, asset.cost_micros) == ("ready", True, 0)
    assert ("openai", "failed", 0) in booked
