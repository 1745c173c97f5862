"""The simulator's clips are believed as far as the vendors' own clients believe them."""

from __future__ import annotations

import asyncio
import base64
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from app.adapters.clip_ffmpeg import FfmpegClips
from bench.simulator.control import control
from bench.simulator.server import Simulator
from bench.simulator.settings import Control, Fault
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")


def picture(width: int, height: int) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height), "teal").save(data, "PNG")
    return data.getvalue()


async def facts_of(data: bytes, folder: Path) -> tuple[int, int, int, bool]:
    path = folder / "clip"
    path.write_bytes(data)
    facts = await FfmpegClips().facts(path)
    return facts.width_px, facts.height_px, facts.duration_ms, facts.plays_anywhere


def openai_client(simulator: Simulator, *, key: str = "any") -> Any:
    import openai

    return openai.AsyncOpenAI(api_key=key, base_url=simulator.base_url("openai"), max_retries=0, timeout=PATIENCE_S)


async def test_openais_client_makes_a_clip(simulator: Simulator, tmp_path: Path) -> None:
    async with openai_client(simulator) as client:
        made = await client.videos.create_and_poll(
            model="sora-2", prompt="A chair", seconds="4", size="1280x720", poll_interval_ms=10,
            input_reference=("first.png", picture(1280, 720), "image/png"),
        )  # fmt: skip
        content = await client.videos.download_content(made.id)
        listed = await client.videos.list()

    assert (made.status, made.progress, made.seconds, made.size) == ("completed", 100, "4", "1280x720")
    assert await facts_of(content.content, tmp_path) == (320, 180, 4000, True)
    assert [video.id for video in listed.data] == [made.id]


async def test_openais_client_is_told_what_cannot_be_made(simulator: Simulator) -> None:
    import openai

    async with openai_client(simulator) as client:
        with pytest.raises(openai.BadRequestError, match="Supported values"):
            await client.videos.create(model="sora-2", prompt="A chair", size="1792x1024")
        with pytest.raises(openai.BadRequestError, match="must match"):
            await client.videos.create(
                model="sora-2", prompt="A chair", size="1280x720", input_reference=("a.png", picture(10, 10))
            )
        with pytest.raises(openai.NotFoundError):
            await client.videos.retrieve("unknown")


async def test_openais_client_sees_progress_and_deletes(simulator: Simulator) -> None:
    await control(simulator, Control(provider="openai", first_token_ms=60_000))
    async with openai_client(simulator) as client:
        made = await client.videos.create(model="sora-2", prompt="A chair")
        gone = await client.videos.delete(made.id)

    assert (made.status, made.progress) == ("queued", 0)
    assert (gone.deleted, simulator.videos.tasks) == (True, {})


async def test_openais_client_sees_a_task_fail(simulator: Simulator) -> None:
    await control(simulator, Control(provider="openai", fault=Fault(kind="filtered", times=1)))
    async with openai_client(simulator) as client:
        made = await client.videos.create_and_poll(model="sora-2", prompt="A chair", poll_interval_ms=10)

    assert (made.status, made.error.code) == ("failed", "moderation_blocked")


async def test_googles_client_follows_an_operation_and_fetches_its_clip(simulator: Simulator, tmp_path: Path) -> None:
    """Beginning one is no longer in its client for keys of the Gemini API (google-genai 3.4): that goes by hand."""
    from google import genai
    from google.genai import types

    await control(simulator, Control(provider="gemini", first_token_ms=700))
    base = simulator.base_url("gemini")
    client = genai.Client(api_key="any", http_options=types.HttpOptions(base_url=base, api_version="v1beta"))
    image = {"bytesBase64Encoded": base64.b64encode(picture(10, 10)).decode(), "mimeType": "image/png"}
    wish = {
        "instances": [{"prompt": "A chair", "image": image}],
        "parameters": {"aspectRatio": "9:16", "durationSeconds": 4, "resolution": "720p"},
    }
    async with httpx.AsyncClient(headers={"x-goog-api-key": "any"}) as plain:
        begun = await plain.post(f"{base}/v1beta/models/veo-3.1-generate-preview:predictLongRunning", json=wish)
    operation = first = await client.aio.operations.get(types.GenerateVideosOperation(name=begun.json()["name"]))
    while not operation.done:
        await asyncio.sleep(0.05)
        operation = await client.aio.operations.get(operation)
    uri = operation.response.generated_videos[0].video.uri  # of these its client takes https alone: by name, then
    name = "files/" + uri.rpartition("/files/")[2].partition(":")[0]
    data = await client.aio.files.download(file=name)
    await client.aio.aclose()

    assert not first.done
    assert await facts_of(data, tmp_path) == (180, 320, 4000, True)


async def test_runways_tasks_follow_its_reference(simulator: Simulator, tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer any", "X-Runway-Version": "2024-11-06"}
    wish = {"model": "gen4_turbo", "promptText": "A chair", "ratio": "960:960", "duration": 3}
    wish["promptImage"] = "data:image/png;base64," + base64.b64encode(picture(10, 10)).decode()
    async with httpx.AsyncClient(base_url=simulator.base_url("runway"), headers=headers) as client:
        begun = (await client.post("/v1/image_to_video", json=wish)).json()
        task = (await client.get(f"/v1/tasks/{begun['id']}")).json()
        refused = await client.post("/v1/text_to_video", json=wish)
        no_version = await client.get("/v1/organization", headers={"X-Runway-Version": ""})
        ended = await client.delete(f"/v1/tasks/{begun['id']}")
    async with httpx.AsyncClient() as anybody:
        clip = await anybody.get(task["output"][0])

    assert (task["status"], ended.status_code) == ("SUCCEEDED", 204)
    assert (refused.status_code, no_version.status_code) == (400, 400)
    assert await facts_of(clip.content, tmp_path) == (240, 240, 3000, True)
