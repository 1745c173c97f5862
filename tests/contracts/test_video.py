"""What every Video adapter does; then what only models of vendors do, against their simulated selves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.adapters.clip_ffmpeg import FfmpegClips
from app.adapters.models_litellm import LiteLLMModels
from app.adapters.video_by_kind import VideoByKind
from app.adapters.video_litellm import LiteLLMVideo
from app.core.media_ports import ClipFacts, Design, Media, Scene, Segment, VideoCall
from app.core.ports import (
    ModelTarget,
    ProviderBadAnswer,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderKeyRefused,
    ProviderKind,
    ProviderRefusedRequest,
    ProviderTimeout,
)
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Control, Fault

VENDORS: tuple[ProviderKind, ...] = ("openai", "runway", "gemini")
MODELS: dict[ProviderKind, str] = {"openai": "sora-2", "runway": "gen4.5", "gemini": "veo-3.1-generate-preview"}


class Cancelled(Exception):
    """What the ledger's progress raises when the job is to end."""


@dataclass
class Watch:
    """A job that watches; `until` lets it end at the first report of that step."""

    steps: list[str] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    tasks: list[Mapping[str, str]] = field(default_factory=list)
    until: str = ""

    async def progress(self, step: str, share: float) -> None:
        self.steps.append(step)
        self.shares.append(share)
        if step == self.until:
            raise Cancelled

    async def started(self, task: Mapping[str, str]) -> None:
        self.tasks.append(task)


def target(simulator: Simulator, kind: ProviderKind, **more: str) -> ModelTarget:
    if kind == "embedded":
        return ModelTarget("embedded", "embedded", "galley-composer")
    at = ModelTarget(kind, kind, MODELS[kind], simulator.base_url(kind), "any", inside_allowed=True)
    return replace(at, **more)


def picture(width: int = 64, height: int = 36) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, "PNG")
    return data.getvalue()


def wish(at: ModelTarget, **more: object) -> VideoCall:
    scene = Scene("A chair", "It can be mended.", captions=(Segment(0, 900, "It can be mended."),), duration_ms=1200)
    call = VideoCall(
        at, "A chair that can be mended", 640, 360, 4.0, scenes=(scene,), design=Design(brand="Aldersay"), draft=True
    )
    return replace(call, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def _library(loaded_library: LiteLLMModels) -> None:
    """LiteLLM takes seconds to load: once, before any test's clock runs."""


@pytest.fixture
async def video(_library: None) -> AsyncIterator[VideoByKind]:
    adapter = VideoByKind()
    adapter._library = LiteLLMVideo(first_wait_s=0.02, clip_max_bytes=4_000_000)
    yield adapter
    await adapter.close()


async def facts_of(media: Media, folder: Path) -> ClipFacts:
    path = folder / "clip.bin"
    path.write_bytes(media.data)
    return await FfmpegClips().facts(path)


@pytest.mark.parametrize("kind", ["embedded", *VENDORS])
async def test_a_clip_plays_anywhere_and_is_what_it_says(
    kind: ProviderKind, video: VideoByKind, simulator: Simulator, tmp_path: Path
) -> None:
    watch = Watch()
    media = await video.make(wish(target(simulator, kind)), watch.progress, started=watch.started)
    facts = await facts_of(media, tmp_path)

    assert media.media_type == "video/mp4"
    assert facts.plays_anywhere
    assert facts.audio_codec == "aac"
    assert (media.width_px, media.height_px) == (facts.width_px, facts.height_px)
    assert media.width_px > media.height_px
    assert abs(media.duration_ms - facts.duration_ms) <= 100
    assert media.data.index(b"moov") < media.data.index(b"mdat")


@pytest.mark.parametrize("kind", ["embedded", *VENDORS])
async def test_progress_goes_up_to_the_end(kind: ProviderKind, video: VideoByKind, simulator: Simulator) -> None:
    await control(simulator, Control(first_token_ms=200))
    watch = Watch()
    await video.make(wish(target(simulator, kind)), watch.progress, started=watch.started)

    assert watch.shares == sorted(watch.shares)
    assert (watch.shares[0], watch.shares[-1], watch.steps[-1]) == (0.0, 1.0, "done")
    assert len(watch.tasks) == (kind != "embedded")


@pytest.mark.parametrize("kind", ["embedded", *VENDORS])
async def test_a_job_that_is_to_end_ends_the_work_here_alone(
    kind: ProviderKind, video: VideoByKind, simulator: Simulator
) -> None:
    await control(simulator, Control(first_token_ms=500))
    watch = Watch(until="frames" if kind == "embedded" else "making")
    with pytest.raises(Cancelled):
        await video.make(wish(target(simulator, kind)), watch.progress, started=watch.started)

    assert not any(task.cancelled for task in simulator.videos.tasks.values())  # it may be another worker's already


@pytest.mark.parametrize(("kind", "ends"), [("embedded", False), ("openai", True), ("runway", True), ("gemini", False)])
async def test_a_task_that_nobody_wants_is_ended_where_there_is_a_way(
    kind: ProviderKind, ends: bool, video: VideoByKind, simulator: Simulator
) -> None:
    await control(simulator, Control(first_token_ms=500))
    watch = Watch(until="frames" if kind == "embedded" else "making")
    with pytest.raises(Cancelled):
        await video.make(wish(target(simulator, kind)), watch.progress, started=watch.started)
    begun = list(simulator.videos.tasks.values())
    for _ in range(2):
        await video.give_up(target(simulator, kind), watch.tasks[0] if watch.tasks else {})

    assert [task.cancelled for task in begun] == ([] if kind == "embedded" else [ends])


@pytest.mark.parametrize("kind", ["openai", "runway"])
async def test_a_task_that_was_ended_meanwhile_is_begun_anew(
    kind: ProviderKind, video: VideoByKind, simulator: Simulator
) -> None:
    await control(simulator, Control(first_token_ms=500))
    first, again = Watch(until="making"), Watch()
    with pytest.raises(Cancelled):
        await video.make(wish(target(simulator, kind)), first.progress, started=first.started)
    await video.give_up(target(simulator, kind), first.tasks[0])
    await control(simulator, Control(first_token_ms=0))
    call = wish(target(simulator, kind), resume=first.tasks[0])
    media = await video.make(call, again.progress, started=again.started)

    assert media.data[4:8] == b"ftyp"
    assert len(again.tasks) == 1
    assert again.tasks[0]["task"] != first.tasks[0]["task"]


@pytest.mark.parametrize("kind", VENDORS)
async def test_a_task_that_failed_before_is_begun_anew(
    kind: ProviderKind, video: VideoByKind, simulator: Simulator
) -> None:
    await control(simulator, Control(provider=kind, fault=Fault(kind="in_band_error", times=1)))
    first, again = Watch(), Watch()
    with pytest.raises(ProviderError):
        await video.make(wish(target(simulator, kind)), first.progress, started=first.started)
    call = wish(target(simulator, kind), resume=first.tasks[0])
    media = await video.make(call, again.progress, started=again.started)

    assert media.data[4:8] == b"ftyp"
    assert len(again.tasks) == 1


@pytest.mark.parametrize("kind", ["embedded", *VENDORS])
async def test_the_composer_serves_without_any_provider(kind: ProviderKind, video: VideoByKind) -> None:
    await video.ping()


@pytest.mark.parametrize("kind", VENDORS)
async def test_a_task_is_found_again_and_not_begun_anew(
    kind: ProviderKind, video: VideoByKind, simulator: Simulator
) -> None:
    await control(simulator, Control(first_token_ms=300))
    watch = Watch()
    call = wish(target(simulator, kind))
    first = asyncio.create_task(video.make(call, watch.progress, started=watch.started))
    while not watch.tasks:
        await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    again = Watch()
    media = await video.make(replace(call, resume=watch.tasks[0]), again.progress, started=again.started)

    assert media.data[4:8] == b"ftyp"
    assert (len(simulator.videos.tasks), again.tasks) == (1, [])


@pytest.mark.parametrize("kind", VENDORS)
async def test_a_first_frame_is_begun_from(kind: ProviderKind, video: VideoByKind, simulator: Simulator) -> None:
    watch = Watch()
    call = wish(target(simulator, kind), first_frame=picture())
    await video.make(call, watch.progress, started=watch.started)
    (task,) = simulator.videos.tasks.values()

    assert task.wish.has_first_frame
    assert task.wish.prompt == "A chair that can be mended"


@pytest.mark.parametrize("kind", VENDORS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("unauthorized", ProviderKeyRefused),
        ("rate_limited", ProviderBusy),
        ("server_error", ProviderDown),
        ("reset", ProviderDown),
        ("wrong_content_type", ProviderBadAnswer),
        ("redirect", ProviderBadAnswer),
        ("filtered", ProviderRefusedRequest),
        ("in_band_error", ProviderError),
        ("no_finish", ProviderError),
    ],
)
async def test_what_goes_wrong_is_told_in_our_words(
    kind: ProviderKind, fault: str, error: type[ProviderError], video: VideoByKind, simulator: Simulator
) -> None:
    await control(simulator, Control(provider=kind, fault=Fault.model_validate({"kind": fault, "times": 1})))
    watch = Watch()
    with pytest.raises(error) as told:
        await video.make(wish(target(simulator, kind)), watch.progress, started=watch.started)

    assert told.value.params["provider"] == kind
    assert "simulated" not in told.value.text()


@pytest.mark.parametrize("kind", VENDORS)
@pytest.mark.parametrize("fault", ["wrong_content_type", "cut", "huge_line"])
async def test_a_clip_that_comes_broken_is_not_taken(
    kind: ProviderKind, fault: str, video: VideoByKind, simulator: Simulator
) -> None:
    class Breaking(Watch):
        async def progress(self, step: str, share: float) -> None:
            if step == "fetching":
                broken = Fault.model_validate({"kind": fault, "size_bytes": 16_000_000})
                await control(simulator, Control(provider=kind, fault=broken))

    watch = Breaking()
    with pytest.raises((ProviderBadAnswer, ProviderDown)):
        await video.make(wish(target(simulator, kind)), watch.progress, started=watch.started)


@pytest.mark.parametrize("kind", VENDORS)
async def test_a_provider_that_fails_for_a_moment_is_asked_again(
    kind: ProviderKind, video: VideoByKind, simulator: Simulator
) -> None:
    class Failing(Watch):
        async def started(self, task: Mapping[str, str]) -> None:
            await control(simulator, Control(provider=kind, fault=Fault(kind="server_error")))

        async def progress(self, step: str, share: float) -> None:
            await super().progress(step, share)
            if self.steps.count("waiting") == 2:
                await control(simulator, Control(provider=kind, fault=None))

    watch = Failing()
    media = await video.make(wish(target(simulator, kind)), watch.progress, started=watch.started)

    assert media.data[4:8] == b"ftyp"


@pytest.mark.parametrize("kind", VENDORS)
async def test_a_clip_that_takes_too_long_is_left_for_a_later_try(
    kind: ProviderKind, video: VideoByKind, simulator: Simulator
) -> None:
    await control(simulator, Control(first_token_ms=60_000))
    watch = Watch()
    with pytest.raises(ProviderTimeout):
        await video.make(wish(target(simulator, kind), timeout_s=0.3), watch.progress, started=watch.started)

    assert not next(iter(simulator.videos.tasks.values())).cancelled


async def test_a_key_goes_to_its_vendor_and_nowhere_else(video: VideoByKind, simulator: Simulator) -> None:
    watch = Watch()
    await video.make(wish(target(simulator, "runway")), watch.progress, started=watch.started)
    shown = {entry.path.split("/")[1]: entry.key_tail for entry in simulator.log.entries}

    assert (shown["runway"], shown["_clips"]) == ("any", "")


async def test_an_address_inside_is_not_reached_for_others(video: VideoByKind, simulator: Simulator) -> None:
    outsider = replace(target(simulator, "openai"), inside_allowed=False)
    watch = Watch()
    with pytest.raises(ProviderRefusedRequest, match="inside"):
        await video.make(wish(outsider), watch.progress, started=watch.started)

    assert not simulator.log.entries


@pytest.mark.parametrize("task", ["../../secrets", "a/b", "a?b", "", "a b"])
async def test_a_tasks_name_leads_nowhere_else(task: str, video: VideoByKind, simulator: Simulator) -> None:
    watch = Watch()
    call = wish(target(simulator, "openai"), resume={"task": task})
    with pytest.raises(ProviderBadAnswer):
        await video.make(call, watch.progress, started=watch.started)

    assert not simulator.log.entries


async def test_what_a_known_model_costs_is_told(video: VideoByKind, simulator: Simulator) -> None:
    watch = Watch()
    media = await video.make(wish(target(simulator, "openai")), watch.progress, started=watch.started)

    assert media.cost_micros == 400_000
    assert watch.tasks[0]["cost_micros"] == "400000"


async def test_a_provider_of_texts_makes_no_clips(video: VideoByKind, simulator: Simulator) -> None:
    watch = Watch()
    other = ModelTarget("anthropic", "anthropic", "x", simulator.base_url("anthropic"), "any", inside_allowed=True)
    with pytest.raises(ProviderRefusedRequest, match="no clips"):
        await video.make(wish(other), watch.progress, started=watch.started)
