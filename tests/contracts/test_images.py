"""What every Images adapter does; then what only those do that ask somebody else, against the simulated vendors."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from PIL import Image

from app.adapters.images_by_kind import ImagesByKind
from app.adapters.images_check import MAX_PIXELS, bytes_of, picture_of
from app.adapters.images_http import HttpImages
from app.adapters.images_litellm import LiteLLMImages
from app.adapters.images_litellm_request import nearest_ratio, nearest_size
from app.adapters.media_tools import LimitedMediaTools
from app.adapters.models_litellm import LiteLLMModels
from app.core.media_ports import Design, ImageCall
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
from app.media.aspects import size_of
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Control, Fault
from tests.patience import PATIENCE_S

EVERY_S = 0.03
MODELS: dict[ProviderKind, str] = {
    "embedded": "built-in",
    "openai": "gpt-image-1",
    "openai-compatible": "flux",
    "gemini": "gemini-2.5-flash-image",
    "stability": "sd3.5-medium",
    "automatic1111": "sd-simulated.safetensors",
    "comfyui": "sd-simulated.safetensors",
}
OTHERS = tuple(kind for kind in MODELS if kind != "embedded")
SIMULATED: dict[ProviderKind, str] = {"openai-compatible": "local"}
every_kind = pytest.mark.parametrize("kind", MODELS)
every_other = pytest.mark.parametrize("kind", OTHERS)


class Cancelled(Exception):
    """What the ledger's progress raises when the job is to end."""


@dataclass
class Watch:
    """A job that watches; `until` lets it end at a report of that step, once `arrived` is true."""

    steps: list[str] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    until: str = ""
    arrived: Callable[[], bool] = lambda: True

    async def progress(self, step: str, share: float) -> None:
        self.steps.append(step)
        self.shares.append(share)
        if step == self.until and self.arrived():
            raise Cancelled


@pytest.fixture
async def images(loaded_library: LiteLLMModels) -> AsyncIterator[ImagesByKind]:
    images = ImagesByKind()
    images._http = HttpImages(every_s=EVERY_S)
    images._library = LiteLLMImages(every_s=EVERY_S)
    yield images
    await images.close()


def png(width: int = 512, height: int = 512, color: Any = "teal", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), color).save(out, "PNG")
    return out.getvalue()


def target(simulator: Simulator, kind: ProviderKind, **more: Any) -> ModelTarget:
    name = SIMULATED.get(kind, kind)
    address = simulator.base_url(name) if kind != "embedded" else ""
    key = "me:word" if kind == "automatic1111" else "" if kind in ("comfyui", "openai-compatible") else "sk-any"
    return replace(ModelTarget("First", kind, MODELS[kind], address, key, inside_allowed=True), **more)


def wish(at: ModelTarget, **more: Any) -> ImageCall:
    usual: dict[str, Any] = {"verb": "generate", "prompt": "A chair on ochre", "width_px": 1024, "height_px": 1024}
    return ImageCall(target=at, **(usual | {"design": Design(headline="A chair", brand="Aldersay")} | more))


async def slow(simulator: Simulator, kind: ProviderKind, first_token_ms: float = 300_000) -> None:
    await control(simulator, Control(provider=SIMULATED.get(kind, kind), first_token_ms=first_token_ms))


async def broken(simulator: Simulator, kind: ProviderKind, fault: str, **more: Any) -> None:
    made = Fault(kind=fault, **more)  # type: ignore[arg-type]  # one of the kinds
    await control(simulator, Control(provider=SIMULATED.get(kind, kind), fault=made))


@every_kind
async def test_a_picture_is_one_by_content_and_says_its_size(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    watch = Watch()
    made = await images.make(wish(target(simulator, kind)), watch.progress)

    with Image.open(io.BytesIO(made.data)) as image:
        assert (image.format, image.size) == ("PNG", (made.width_px, made.height_px))
    assert made.media_type == "image/png"
    assert watch.steps
    assert watch.shares == sorted(watch.shares)


@every_kind
@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (1080, 1080)])
async def test_the_shape_is_the_nearest_that_the_vendor_has(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind, size: tuple[int, int]
) -> None:
    made = await images.make(wish(target(simulator, kind), width_px=size[0], height_px=size[1]), Watch().progress)

    assert (made.width_px > made.height_px) == (size[0] > size[1])
    assert (made.width_px < made.height_px) == (size[0] < size[1])


@every_other
@pytest.mark.parametrize("aspect", ["instagram", "story", "linkedin", "youtube", "square"])
async def test_cut_and_scaled_it_has_the_pixels_of_the_network(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind, aspect: str
) -> None:
    size = size_of(aspect)
    wanted = (size.width_px, size.height_px)
    made = await images.make(wish(target(simulator, kind), width_px=wanted[0], height_px=wanted[1]), Watch().progress)
    cleaned = await LimitedMediaTools().clean(made.data, kind="png", fit_px=wanted)

    assert made.words is None
    assert cleaned.came_px == (made.width_px, made.height_px)
    assert (cleaned.width_px, cleaned.height_px) == wanted
    with Image.open(io.BytesIO(cleaned.data)) as image:
        assert image.size == wanted


@every_kind
@pytest.mark.parametrize("verb", ["edit", "vary", "cut_out"])
async def test_each_verb_is_done_or_refused_as_was_said(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind, verb: Any
) -> None:
    at = target(simulator, kind)
    source = (await images.make(wish(at, width_px=512, height_px=512), Watch().progress)).data
    call = wish(at, verb=verb, source=source, width_px=512, height_px=512)
    call = replace(call, prompt="The chair, greener", design=Design(headline="A greener chair"))

    if verb in images.verbs(at):
        assert (await images.make(call, Watch().progress)).data != source
    else:
        with pytest.raises(ProviderRefusedRequest):
            await images.make(call, Watch().progress)


def test_backgrounds_are_cut_out_where_a_provider_can(simulator_of_nobody: ModelTarget) -> None:
    images = ImagesByKind()
    able = {kind for kind in MODELS if "cut_out" in images.verbs(replace(simulator_of_nobody, kind=kind))}

    assert able == {"stability"}
    assert images.verbs(replace(simulator_of_nobody, kind="anthropic")) == frozenset()


@pytest.fixture
def simulator_of_nobody() -> ModelTarget:
    return ModelTarget("First", "openai", "some-gemini")


@every_other
async def test_what_starts_from_a_picture_needs_one(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    with pytest.raises(ProviderRefusedRequest):
        await images.make(wish(target(simulator, kind), verb="edit"), Watch().progress)


FAULTS = {
    "unauthorized": ProviderKeyRefused,
    "rate_limited": ProviderBusy,
    "server_error": ProviderDown,
    "unavailable": ProviderDown,
    "reset": ProviderDown,
    "wrong_content_type": ProviderBadAnswer,
    "redirect": ProviderBadAnswer,
}


@every_other
@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_an_error_of_its_kind(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind, fault: str
) -> None:
    await broken(simulator, kind, fault, **({"location": "http://127.0.0.1:9/"} if fault == "redirect" else {}))

    with pytest.raises(FAULTS[fault]) as caught:
        await images.make(wish(target(simulator, kind)), Watch().progress)
    assert caught.value.params["provider"] == "First"


@every_other
async def test_an_svg_is_no_picture(images: ImagesByKind, simulator: Simulator, kind: ProviderKind) -> None:
    await broken(simulator, kind, "foreign_picture")

    with pytest.raises(ProviderBadAnswer, match="cannot be read") as caught:
        await images.make(wish(target(simulator, kind)), Watch().progress)
    assert "no picture" in str(caught.value.params["reason"])


@pytest.mark.parametrize("kind", ["openai", "gemini", "stability", "automatic1111"])
@pytest.mark.parametrize("fault", ["malformed_line", "cut", "in_band_error"])
async def test_half_an_answer_is_none(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind, fault: str
) -> None:
    await broken(simulator, kind, fault)

    with pytest.raises((ProviderBadAnswer, ProviderDown)):
        await images.make(wish(target(simulator, kind)), Watch().progress)


@every_other
async def test_nothing_is_asked_twice(images: ImagesByKind, simulator: Simulator, kind: ProviderKind) -> None:
    await broken(simulator, kind, "server_error")
    with pytest.raises(ProviderDown):
        await images.make(wish(target(simulator, kind)), Watch().progress)

    assert len([seen for seen in simulator.log.entries if seen.path.count("/sdapi/v1/progress") == 0]) == 1


@every_other
async def test_a_provider_that_is_too_slow_is_a_timeout(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    await slow(simulator, kind)

    with pytest.raises(ProviderTimeout):
        await images.make(wish(target(simulator, kind), timeout_s=0.4), Watch().progress)


@every_other
async def test_a_key_goes_to_the_providers_own_address_and_into_no_error(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    with pytest.raises(ProviderKeyRefused) as caught:
        await images.make(wish(target(simulator, kind, api_key="bad-secret")), Watch().progress)

    assert "secret" not in repr(caught.value) + str(caught.value.params)


@every_other
async def test_an_inside_address_is_not_reached_where_it_is_forbidden(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    with pytest.raises(ProviderRefusedRequest, match="inside"):
        await images.make(wish(target(simulator, kind, inside_allowed=False)), Watch().progress)

    assert not simulator.log.entries


@every_other
async def test_a_cancelled_job_ends_the_providers_work(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    await slow(simulator, kind)
    watch = Watch(until="waiting" if kind == "comfyui" else "making", arrived=lambda: bool(simulator.log.entries))
    with pytest.raises(Cancelled):
        await images.make(wish(target(simulator, kind)), watch.progress)
    await all_calls_closed(simulator)

    if kind in ("automatic1111", "comfyui"):
        assert simulator.pictures.stopped == 1
    if kind != "comfyui":
        async with asyncio.timeout(PATIENCE_S):
            while simulator.log.entries[0].outcome not in ("cancelled", "finished"):
                await asyncio.sleep(0.01)


async def all_calls_closed(simulator: Simulator) -> None:
    """Return when no provider works any more; fails when one goes on."""
    async with asyncio.timeout(PATIENCE_S):
        while any(provider.open_requests for provider in simulator.providers.values()):
            await asyncio.sleep(0.01)


@every_other
async def test_a_caller_that_goes_away_closes_the_call(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    await slow(simulator, kind)
    task = asyncio.create_task(images.make(wish(target(simulator, kind)), Watch().progress))
    while not simulator.log.entries:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await all_calls_closed(simulator)


@pytest.mark.parametrize(("kind", "micros"), [("openai", 42_280), ("gemini", 39_000), ("stability", 35_000)])
async def test_the_library_knows_what_a_picture_costs(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind, micros: int
) -> None:
    made = await images.make(wish(target(simulator, kind)), Watch().progress)

    assert made.cost_micros == pytest.approx(micros, rel=0.05)


async def test_an_unknown_model_has_no_price(images: ImagesByKind, simulator: Simulator) -> None:
    assert (await images.make(wish(target(simulator, "openai-compatible")), Watch().progress)).cost_micros is None


async def test_stability_is_told_which_model_seed_and_what_to_leave_out(
    images: ImagesByKind, simulator: Simulator
) -> None:
    await images.make(wish(target(simulator, "stability"), seed=2**40, negative="people"), Watch().progress)
    body = simulator.log.entries[-1].body

    assert (body["model"], body["aspect_ratio"], body["negative_prompt"]) == ("sd3.5-medium", "1:1", "people")
    assert 0 <= int(body["seed"]) < 2**32 - 1


@pytest.mark.parametrize(("kind", "white"), [("stability", 2048), ("automatic1111", 2048)])
async def test_a_mask_is_white_where_ours_is_transparent(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind, white: int
) -> None:
    mask = Image.new("RGBA", (64, 64), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 64, 32))
    out = io.BytesIO()
    mask.save(out, "PNG")
    call = wish(
        target(simulator, kind), verb="edit", source=png(64, 64), mask=out.getvalue(), width_px=64, height_px=64
    )
    await images.make(call, Watch().progress)

    asked = next(seen for seen in simulator.log.entries if "mask_white_pixels" in seen.body)
    assert asked.body["mask_white_pixels"] == white


@pytest.mark.parametrize("kind", ["gemini", "comfyui"])
async def test_a_mask_is_refused_where_it_would_be_ignored(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    with pytest.raises(ProviderRefusedRequest, match="without a mask"):
        call = wish(target(simulator, kind), verb="edit", source=png(), mask=png(mode="RGBA"))
        await images.make(call, Watch().progress)


async def test_forbidden_content_is_a_refused_request(images: ImagesByKind, simulator: Simulator) -> None:
    await broken(simulator, "stability", "filtered")

    with pytest.raises(ProviderRefusedRequest, match="forbid"):
        await images.make(wish(target(simulator, "stability")), Watch().progress)


async def test_a_model_that_gave_no_picture_gave_a_bad_answer(images: ImagesByKind, simulator: Simulator) -> None:
    await broken(simulator, "gemini", "filtered")

    with pytest.raises(ProviderBadAnswer):
        await images.make(wish(target(simulator, "gemini")), Watch().progress)


async def test_a_picture_servers_progress_is_told(images: ImagesByKind, simulator: Simulator) -> None:
    await slow(simulator, "automatic1111", 900)
    watch = Watch()
    await images.make(wish(target(simulator, "automatic1111")), watch.progress)

    assert watch.steps.count("making") >= 2
    assert any(0.2 < share < 0.95 for share in watch.shares)


async def test_a_queue_is_waited_in(images: ImagesByKind, simulator: Simulator) -> None:
    await slow(simulator, "comfyui", 600)
    watch = Watch()
    await images.make(wish(target(simulator, "comfyui")), watch.progress)

    assert list(dict.fromkeys(watch.steps)) == ["asking", "waiting", "making", "fetching"]


@pytest.mark.parametrize("kind", ["automatic1111", "comfyui"])
async def test_a_servers_seed_repeats_its_picture(
    images: ImagesByKind, simulator: Simulator, kind: ProviderKind
) -> None:
    one, two, three = [
        (await images.make(wish(target(simulator, kind), seed=seed), Watch().progress)).data for seed in (5, 5, 6)
    ]

    assert one == two
    assert two != three


async def test_a_model_that_the_server_lacks_is_a_refused_request(images: ImagesByKind, simulator: Simulator) -> None:
    with pytest.raises(ProviderRefusedRequest):
        await images.make(wish(target(simulator, "comfyui", model="missing-model")), Watch().progress)


async def test_a_workflow_that_fails_is_a_bad_answer(images: ImagesByKind, simulator: Simulator) -> None:
    await broken(simulator, "comfyui", "in_band_error")

    with pytest.raises(ProviderBadAnswer):
        await images.make(wish(target(simulator, "comfyui")), Watch().progress)


AT = ModelTarget("First", "openai", "gpt-image-1")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><p>Sign in",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\x00\x01\x00",
        png()[:200],
        b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
        b"%PDF-1.4",
    ],
)
async def test_what_is_no_picture_is_a_bad_answer(data: bytes) -> None:
    with pytest.raises(ProviderBadAnswer):
        await picture_of(data, AT)


async def test_a_pixel_bomb_is_not_unpacked() -> None:
    side = int(MAX_PIXELS**0.5) + 2
    data = png(side, side, 0, "1")

    with pytest.raises(ProviderBadAnswer) as caught:
        await picture_of(data, AT)
    assert "too many pixels" in str(caught.value.params["reason"])


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
async def test_the_three_kinds_of_pictures_are_taken(form: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (30, 20)).save(out, form)
    made = await picture_of(out.getvalue(), AT, cost_micros=7)

    assert (made.media_type, made.width_px, made.height_px, made.cost_micros) == (f"image/{form.lower()}", 30, 20, 7)


@pytest.mark.parametrize("encoded", [None, 3, "", "not base64!", "data:image/png;base64,%%%"])
def test_what_is_not_encoded_is_a_bad_answer(encoded: object) -> None:
    with pytest.raises(ProviderError):
        bytes_of(encoded, AT)


def test_the_nearest_shape_is_found() -> None:
    assert nearest_size(((1024, 1024), (1536, 1024), (1024, 1536)), 1200, 628) == (1536, 1024)
    assert nearest_size(((256, 256), (512, 512), (1024, 1024)), 500, 480) == (512, 512)
    assert nearest_ratio(("1:1", "16:9", "9:16", "4:5"), 1080, 1350) == "4:5"
