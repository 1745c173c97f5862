"""The simulated pictures are understood by the vendors' own clients, and by what the picture servers' pages say."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Control, Fault


def png(width: int = 64, height: int = 64, color: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "PNG")
    return out.getvalue()


def size_of(encoded: str | bytes | None) -> tuple[int, int]:
    data = base64.b64decode(encoded) if isinstance(encoded, str) else encoded or b""
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "PNG"
        return image.size


def openai_client(simulator: Simulator, key: str = "sk-any") -> Any:
    import openai

    return openai.AsyncOpenAI(api_key=key, base_url=simulator.base_url("openai"), max_retries=0)


def google_client(simulator: Simulator, key: str = "any") -> Any:
    from google import genai

    options = genai.types.HttpOptions(base_url=simulator.base_url("gemini"))
    return genai.Client(api_key=key, http_options=options)


async def test_openais_client_generates(simulator: Simulator) -> None:
    async with openai_client(simulator) as client:
        answer = await client.images.generate(model="gpt-image-1", prompt="A chair", size="1536x1024")

    assert size_of(answer.data[0].b64_json) == (1536, 1024)
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens


async def test_openais_client_edits_with_a_mask(simulator: Simulator) -> None:
    async with openai_client(simulator) as client:
        answer = await client.images.edit(
            model="gpt-image-1", image=("a.png", png()), mask=("m.png", png()), prompt="Greener", size="1024x1024"
        )

    assert size_of(answer.data[0].b64_json) == (1024, 1024)
    assert simulator.log.entries[-1].body["image_bytes"] == len(png())


async def test_openais_client_gets_an_address_from_older_models(simulator: Simulator) -> None:
    async with openai_client(simulator) as client:
        with_address = await client.images.generate(model="dall-e-3", prompt="A chair", size="1024x1024")
        with_data = await client.images.generate(
            model="dall-e-3", prompt="A chair", response_format="b64_json", size="1024x1024"
        )

    assert with_address.data[0].url.startswith("https://")
    assert size_of(with_data.data[0].b64_json) == (1024, 1024)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"size": "640x480"}, "BadRequestError"),
        ({"response_format": "b64_json"}, "BadRequestError"),
        ({"model": "missing-model"}, "NotFoundError"),
    ],
)
async def test_openais_client_understands_refusals(simulator: Simulator, more: dict[str, Any], error: str) -> None:
    import openai

    async with openai_client(simulator) as client:
        with pytest.raises(getattr(openai, error)):
            await client.images.generate(**({"model": "gpt-image-1", "prompt": "A chair"} | more))


async def test_a_bad_key_and_a_fault_are_answered_as_for_texts(simulator: Simulator) -> None:
    import openai

    async with openai_client(simulator, "bad-key") as client:
        with pytest.raises(openai.AuthenticationError):
            await client.images.generate(model="gpt-image-1", prompt="A chair")
    await control(simulator, Control(provider="openai", fault=Fault(kind="rate_limited", times=1)))
    async with openai_client(simulator) as client:
        with pytest.raises(openai.RateLimitError):
            await client.images.generate(model="gpt-image-1", prompt="A chair")


@pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")  # of the vendor's own session class
async def test_googles_client_generates_with_a_picture_model(simulator: Simulator) -> None:
    from google.genai import types

    client = google_client(simulator)
    answer = await client.aio.models.generate_content(
        model="gemini-2.5-flash-image",
        contents=["A chair", types.Part.from_bytes(data=png(), mime_type="image/png")],
        config=types.GenerateContentConfig(
            response_modalities=["IMAGE", "TEXT"], image_config=types.ImageConfig(aspect_ratio="16:9")
        ),
    )
    await client.aio.aclose()
    parts = answer.candidates[0].content.parts

    width, height = size_of(parts[0].inline_data.data)
    assert width / height == pytest.approx(16 / 9, rel=0.03)
    assert answer.usage_metadata.candidates_token_count == 1290
    assert simulator.log.entries[-1].body["pictures"] == 1


async def ask(simulator: Simulator, provider: str, path: str, **more: Any) -> tuple[int, str, bytes]:
    method = "POST" if {"json", "data"} & more.keys() else "GET"
    address = f"{simulator.base_url(provider)}/{path}"
    async with aiohttp.ClientSession() as session, session.request(method, address, **more) as answer:
        return answer.status, answer.content_type, await answer.read()


def form(**fields: str | bytes) -> aiohttp.FormData:
    made = aiohttp.FormData()
    for name, value in fields.items():
        if isinstance(value, bytes):
            made.add_field(name, value, filename=f"{name}.png", content_type="image/png")
        else:
            made.add_field(name, value)
    if all(isinstance(value, str) for value in fields.values()):
        made.add_field("none", b"", filename="none")
    return made


KEY = {"authorization": "Bearer sk-any"}


async def test_stability_answers_with_bytes_or_with_json(simulator: Simulator) -> None:
    path = "v2beta/stable-image/generate/sd3"
    wish = {"prompt": "A chair", "aspect_ratio": "9:16", "model": "sd3.5-large"}
    as_bytes = await ask(simulator, "stability", path, data=form(**wish), headers={**KEY, "accept": "image/*"})
    as_json = await ask(simulator, "stability", path, data=form(**wish), headers={**KEY, "accept": "application/json"})

    assert as_bytes[:2] == (200, "image/png")
    assert size_of(as_bytes[2]) == (768, 1360)
    assert as_json[1] == "application/json"
    assert b'"finish_reason":"SUCCESS"' in as_json[2]


async def test_stability_cuts_out_and_keeps_the_size(simulator: Simulator) -> None:
    path = "v2beta/stable-image/edit/remove-background"
    status, _, data = await ask(
        simulator, "stability", path, data=form(image=png(80, 40)), headers={**KEY, "accept": "image/*"}
    )

    assert status == 200
    with Image.open(io.BytesIO(data)) as image:
        assert (image.mode, image.size) == ("RGBA", (80, 40))


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("v2beta/stable-image/generate/sd3", {}, 400),
        ("v2beta/stable-image/generate/sd3", {"prompt": "x", "aspect_ratio": "7:5"}, 400),
        ("v2beta/stable-image/generate/sd3", {"prompt": "x", "model": "sd9"}, 400),
        ("v2beta/stable-image/edit/remove-background", {"image": b"no picture"}, 400),
        ("v2beta/stable-image/edit/erase/more", {"prompt": "x"}, 400),
    ],
)
async def test_stability_refuses_what_it_cannot_do(
    simulator: Simulator, path: str, fields: dict[str, Any], status: int
) -> None:
    assert (await ask(simulator, "stability", path, data=form(**fields), headers=KEY))[0] == status


async def test_a_picture_server_tells_how_far_it_is(simulator: Simulator) -> None:
    status, _, data = await ask(
        simulator, "automatic1111", "sdapi/v1/txt2img", json={"prompt": "A chair", "width": 512, "height": 640}
    )
    progress = await ask(simulator, "automatic1111", "sdapi/v1/progress?skip_current_image=true")

    assert status == 200
    assert b'"images":["' in data
    assert json.loads(progress[2])["progress"] == 0.0


async def test_an_svg_can_stand_where_a_picture_should(simulator: Simulator) -> None:
    await control(simulator, Control(provider="openai", fault=Fault(kind="foreign_picture")))
    async with openai_client(simulator) as client:
        answer = await client.images.generate(model="gpt-image-1", prompt="A chair")

    assert base64.b64decode(answer.data[0].b64_json).startswith(b"<svg")


@pytest.mark.parametrize(
    ("provider", "path"),
    [
        ("stability", "v1/user/balance"),
        ("automatic1111", "sdapi/v1/options"),
        ("comfyui", "system_stats"),
    ],
)
async def test_each_has_a_light_call(simulator: Simulator, provider: str, path: str) -> None:
    status, media_type, _ = await ask(simulator, provider, path, headers=KEY if provider == "stability" else {})

    assert (status, media_type) == (200, "application/json")
