"""The three vendors' words for the same thing.

OpenAI: platform.openai.com/docs/api-reference/videos. Runway: docs.dev.runwayml.com/api, version 2024-11-06.
Google: ai.google.dev/gemini-api/docs/video (predictLongRunning and operations).
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import orjson
from aiohttp import web

from bench.simulator.media import MediaAsk, MediaRoute
from bench.simulator.wire import BadRequest, known_model
from bench.simulator.wire_video import SIMULATED, Task, Wish, delivered, told

METHODS = ("POST", "GET", "DELETE")
RUNWAY_VERSION = "2024-11-06"
SORA_SIZES = ("1280x720", "720x1280", "1792x1024", "1024x1792")
SORA_SECONDS = ("4", "8", "12")
RUNWAY_FIELDS = {"model", "promptText", "promptImage", "ratio", "duration", "seed", "audio"}
RUNWAY_RATIOS = ("1280:720", "720:1280", "1104:832", "832:1104", "960:960", "1584:672")
VEO_SECONDS = (4, 6, 8)
VEO_SIZES = {
    ("16:9", "720p"): (1280, 720),
    ("9:16", "720p"): (720, 1280),
    ("16:9", "1080p"): (1920, 1080),
    ("9:16", "1080p"): (1080, 1920),
}


def _begin(asked: MediaAsk, wish: Wish) -> Task:
    """Begin the task that was wished for."""
    asked.seen.model, asked.seen.prompt = known_model(wish.model), wish.prompt
    return asked.simulator.videos.begin(asked.provider, wish, asked.fault)


async def _body(asked: MediaAsk) -> dict[str, Any]:
    try:
        body = orjson.loads(await asked.request.read())
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not an object")
    asked.seen.body = body
    return body


async def _openai(asked: MediaAsk) -> web.StreamResponse:
    method, rest = asked.request.method, asked.request.match_info["tail"].partition("videos")[2]
    if method == "POST":
        return told(_sora(_begin(asked, await _sora_wish(asked))), asked.seen)
    desk = asked.simulator.videos
    if not rest:
        return told({"object": "list", "data": [_sora(task) for task in desk.tasks.values()]}, asked.seen)
    name, _, part = rest[1:].partition("/")
    task = desk.found(name)
    if method == "DELETE":
        task.cancelled = True
        del desk.tasks[name]
        return told({"id": name, "object": "video.deleted", "deleted": True}, asked.seen)
    if not part:
        return told(_sora(task), asked.seen)
    if part != "content" or not task.is_over or task.end not in ("clip", "nothing"):
        raise BadRequest("Video is not ready yet, use GET /v1/videos/{video_id} to check status.")
    if task.end == "nothing":
        raise BadRequest(name, "unknown_model")
    return await delivered(asked.request, await desk.clip(task), asked.fault, asked.seen)


async def _sora_wish(asked: MediaAsk) -> Wish:
    form: Mapping[str, Any]
    form = await _body(asked) if asked.request.content_type == "application/json" else await asked.request.post()
    asked.seen.body = {name: value for name, value in form.items() if isinstance(value, str)}
    size, seconds = str(form.get("size", "720x1280")), str(form.get("seconds", "4"))
    prompt, model = form.get("prompt"), str(form.get("model", "sora-2"))
    if not isinstance(prompt, str) or not prompt:
        raise BadRequest("Missing required parameter: 'prompt'.")
    if size not in SORA_SIZES or (not model.endswith("-pro") and size not in SORA_SIZES[:2]):
        raise BadRequest(f"Invalid value: '{size}'. Supported values are: {', '.join(SORA_SIZES)}.")
    if seconds not in SORA_SECONDS:
        raise BadRequest(f"Invalid value: '{seconds}'. Supported values are: '4', '8', and '12'.")
    width, height = map(int, size.split("x"))
    picture = form.get("input_reference")
    if isinstance(picture, web.FileField) and _size_of(picture.file.read()) != (width, height):
        raise BadRequest("Inpaint image must match the requested width and height")
    return Wish(model, prompt, width, height, int(seconds), picture is not None)


def _size_of(data: bytes) -> tuple[int, int]:
    from PIL import Image

    try:
        with Image.open(BytesIO(data)) as picture:
            return picture.size
    except OSError as error:
        raise BadRequest("Invalid image") from error


def _sora(task: Task) -> dict[str, Any]:
    bad = task.is_over and task.end in ("error", "filtered")
    code = "moderation_blocked" if task.end == "filtered" else "video_generation_failed"
    over = "failed" if bad else "completed"
    return {
        "id": task.id, "object": "video", "model": task.wish.model, "created_at": int(task.begun_s),
        "status": over if task.is_over else ("in_progress" if task.share > 0.2 else "queued"),
        "progress": int(task.share * 100), "seconds": str(task.wish.seconds),
        "size": f"{task.wish.width}x{task.wish.height}", "prompt": task.wish.prompt,
        "completed_at": int(task.begun_s + task.takes_s) if task.is_over else None, "expires_at": None,
        "remixed_from_video_id": None, "error": {"code": code, "message": "(simulated)"} if bad else None,
    }  # fmt: skip


async def _runway(asked: MediaAsk) -> web.StreamResponse:
    method, request, desk = asked.request.method, asked.request, asked.simulator.videos
    if request.headers.get("X-Runway-Version") != RUNWAY_VERSION:
        raise BadRequest("Missing or invalid X-Runway-Version header")
    verb, _, name = request.match_info["tail"].removeprefix("v1/").partition("/")
    if method == "GET" and verb == "organization":
        return told(
            {"tier": {"maxMonthlyCreditSpend": 100}, "creditBalance": 1000, "usage": {"models": {}}}, asked.seen
        )
    if method == "POST" and verb in ("text_to_video", "image_to_video"):
        return told({"id": _begin(asked, await _runway_wish(asked, verb)).id}, asked.seen)
    if verb != "tasks":
        raise BadRequest("Not found", "unknown_model")
    task = desk.found(name)
    if method == "DELETE":
        task.cancelled = True
        asked.seen.status, asked.seen.outcome = 204, "finished"
        return web.Response(status=204, headers=SIMULATED)
    return told(_runway_task(task, asked.simulator.url), asked.seen)


async def _runway_wish(asked: MediaAsk, verb: str) -> Wish:
    body = await _body(asked)
    model, picture = str(body.get("model", "")), body.get("promptImage")
    if unknown := set(body) - RUNWAY_FIELDS:
        raise BadRequest(f"Validation of body failed: unrecognized keys {sorted(unknown)}")
    if (verb == "image_to_video") != isinstance(picture, str):
        raise BadRequest("Validation of body failed: promptImage")
    if verb == "text_to_video" and model == "gen4_turbo":
        raise BadRequest("Validation of body failed: model gen4_turbo needs promptImage")
    if isinstance(picture, str) and picture.startswith("data:"):
        _size_of(base64.b64decode(picture.partition(",")[2]))
    ratio, seconds = str(body.get("ratio")), body.get("duration", 5)
    if ratio not in RUNWAY_RATIOS or not isinstance(seconds, int) or not 2 <= seconds <= 10:
        raise BadRequest("Validation of body failed: ratio or duration")
    width, height = map(int, ratio.split(":"))
    return Wish(model, str(body.get("promptText", "")), width, height, seconds, isinstance(picture, str))


def _runway_task(task: Task, url: str) -> dict[str, Any]:
    created = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(task.begun_s))
    body: dict[str, Any] = {"id": task.id, "createdAt": created}
    if task.cancelled:
        return body | {"status": "CANCELLED"}
    if not task.is_over:
        return body | ({"status": "RUNNING", "progress": task.share} if task.share > 0.2 else {"status": "PENDING"})
    if task.end in ("error", "filtered"):
        code = "SAFETY.INPUT.TEXT" if task.end == "filtered" else "INTERNAL.BAD_OUTPUT.CODE01"
        return body | {"status": "FAILED", "failure": "(simulated)", "failureCode": code}
    output = [f"{url}/_clips/{task.id}.mp4?_jwt=simulated"] if task.end == "clip" else []
    return body | {"status": "SUCCEEDED", "output": output}


async def _google(asked: MediaAsk) -> web.StreamResponse:
    desk, place = asked.simulator.videos, asked.request.match_info["tail"].removeprefix("v1beta/")
    if asked.request.method == "POST":
        model = place.removeprefix("models/").removesuffix(":predictLongRunning")
        task = _begin(asked, await _veo_wish(asked, model))
        return told({"name": f"models/{model}/operations/{task.id}"}, asked.seen)
    if "/operations/" in place:
        task = desk.found(place.rpartition("/")[2])
        return told(_operation(task, place, asked.simulator.base_url("gemini")), asked.seen)
    task = desk.found(place.removeprefix("files/").removesuffix(":download"))
    return await delivered(asked.request, await desk.clip(task), asked.fault, asked.seen)


async def _veo_wish(asked: MediaAsk, model: str) -> Wish:
    body = await _body(asked)
    instance = (body.get("instances") or [{}])[0]
    wanted = body.get("parameters") or {}
    seconds = int(wanted.get("durationSeconds", 8))
    size = VEO_SIZES.get((wanted.get("aspectRatio", "16:9"), wanted.get("resolution", "720p")))
    if not instance.get("prompt"):
        raise BadRequest("instances[0].prompt is required")
    if size is None or seconds not in VEO_SECONDS or (max(size) > 1280 and seconds != 8):
        raise BadRequest("aspectRatio, resolution or durationSeconds is out of bound")
    picture = instance.get("image")
    if picture is not None:
        _size_of(base64.b64decode(picture["bytesBase64Encoded"]))
    return Wish(model, instance["prompt"], *size, seconds, picture is not None)


def _operation(task: Task, name: str, base: str) -> dict[str, Any]:
    if not task.is_over:
        return {"name": name}
    if task.end == "error":
        return {"name": name, "done": True, "error": {"code": 13, "message": "(simulated)"}}
    kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"
    samples = [{"video": {"uri": f"{base}/v1beta/files/{task.id}:download?alt=media"}}]
    result: dict[str, Any] = {"generatedSamples": samples if task.end == "clip" else []}
    if task.end == "filtered":
        result = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["(simulated)"]}
    return {"name": name, "done": True, "response": {"@type": kind, "generateVideoResponse": result}}


VIDEO_ROUTES = (
    *(MediaRoute(("openai", "local"), method, re.compile(r"^v1/videos(/|$)"), _openai) for method in METHODS),
    *(MediaRoute(("runway",), method, re.compile(r"^v1/"), _runway) for method in METHODS),
    MediaRoute(("gemini",), "POST", re.compile(r"^v1beta/models/[^/]+:predictLongRunning$"), _google),
    MediaRoute(("gemini",), "GET", re.compile(r"^v1beta/(models/[^/]+/operations/|files/)"), _google),
)
