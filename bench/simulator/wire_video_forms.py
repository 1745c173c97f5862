"""The three vendors' words for the same thing.

OpenAI: platform.openai.com/docs/api-reference/videos. Runway: docs.dev.runwayml.com/api, version 2024-11-06.
Google: ai.google.dev/gemini-api/docs/video (predictLongRunning and operations).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from bench.simulator.log import Seen
from bench.simulator.settings import Fault
from bench.simulator.wire import BadRequest, known_model
from bench.simulator.wire_video import SIMULATED, Task, Wish, delivered, told

if TYPE_CHECKING:
    from bench.simulator.providers import Provider
    from bench.simulator.server import Simulator

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


@dataclass(frozen=True, slots=True)
class Asking:
    """One request about clips."""

    simulator: Simulator
    provider: Provider
    request: web.Request
    fault: Fault | None
    seen: Seen

    def begin(self, wish: Wish) -> Task:
        """Begin the task that was wished for."""
        self.seen.model, self.seen.prompt = known_model(wish.model), wish.prompt
        return self.simulator.videos.begin(self.provider, wish, self.fault)

    async def json(self) -> dict[str, Any]:
        """Return the body."""
        try:
            body = orjson.loads(await self.request.read())
        except orjson.JSONDecodeError as error:
            raise BadRequest("the body is not JSON") from error
        if not isinstance(body, dict):
            raise BadRequest("the body is not an object")
        self.seen.body = body
        return body


async def answer_about_clips(
    simulator: Simulator, provider: Provider, request: web.Request, fault: Fault | None, seen: Seen
) -> web.StreamResponse | None:
    """Answer a request about clips; None where it is about something else."""
    route = ROUTES.get(provider.name)
    if route is None:
        return None
    try:
        return await route(Asking(simulator, provider, request, fault, seen), request.match_info["tail"])
    except BadRequest as error:
        refusal = provider.wire.refusal(error.trouble, str(error))
        return told(refusal.body, seen, status=refusal.status)


async def _openai(asked: Asking, tail: str) -> web.StreamResponse | None:
    method, (head, _, rest) = asked.request.method, tail.partition("videos")
    if head != "v1/" or (rest and not rest.startswith("/")):
        return None
    if method == "POST":
        return told(_sora(asked.begin(await _sora_wish(asked))), asked.seen)
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


async def _sora_wish(asked: Asking) -> Wish:
    form: Mapping[str, Any]
    form = await asked.json() if asked.request.content_type == "application/json" else await asked.request.post()
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


async def _runway(asked: Asking, tail: str) -> web.StreamResponse | None:
    method, request, desk = asked.request.method, asked.request, asked.simulator.videos
    if not tail.startswith("v1/"):
        return None
    if request.headers.get("X-Runway-Version") != RUNWAY_VERSION:
        raise BadRequest("Missing or invalid X-Runway-Version header")
    verb, _, name = tail.removeprefix("v1/").partition("/")
    if method == "GET" and verb == "organization":
        return told(
            {"tier": {"maxMonthlyCreditSpend": 100}, "creditBalance": 1000, "usage": {"models": {}}}, asked.seen
        )
    if method == "POST" and verb in ("text_to_video", "image_to_video"):
        return told({"id": asked.begin(await _runway_wish(asked, verb)).id}, asked.seen)
    if verb != "tasks":
        raise BadRequest("Not found", "unknown_model")
    task = desk.found(name)
    if method == "DELETE":
        task.cancelled = True
        asked.seen.status, asked.seen.outcome = 204, "finished"
        return web.Response(status=204, headers=SIMULATED)
    return told(_runway_task(task, asked.simulator.url), asked.seen)


async def _runway_wish(asked: Asking, verb: str) -> Wish:
    body = await asked.json()
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


async def _google(asked: Asking, tail: str) -> web.StreamResponse | None:
    method, desk = asked.request.method, asked.simulator.videos
    place = tail.removeprefix("v1beta/")
    if method == "POST" and place.endswith(":predictLongRunning"):
        model = place.removeprefix("models/").removesuffix(":predictLongRunning")
        task = asked.begin(await _veo_wish(asked, model))
        return told({"name": f"models/{model}/operations/{task.id}"}, asked.seen)
    if method == "GET" and "/operations/" in place:
        task = desk.found(place.rpartition("/")[2])
        return told(_operation(task, place, asked.simulator.base_url("gemini")), asked.seen)
    if method == "GET" and place.startswith("files/"):
        task = desk.found(place.removeprefix("files/").removesuffix(":download"))
        return await delivered(asked.request, await desk.clip(task), asked.fault, asked.seen)
    return None


async def _veo_wish(asked: Asking, model: str) -> Wish:
    body = await asked.json()
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


ROUTES: dict[str, Callable[[Asking, str], Awaitable[web.StreamResponse | None]]] = {
    "openai": _openai,
    "local": _openai,
    "runway": _runway,
    "gemini": _google,
}
