"""Picture servers of one's own: AUTOMATIC1111's web UI (/sdapi/v1) and ComfyUI (/prompt, /history, /view, /queue).

After both projects' API pages. How long a picture takes is the provider's first-token time; a `stall` never ends.
"""

from __future__ import annotations

import asyncio
import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from bench.simulator.media import MediaAsk, MediaRoute
from bench.simulator.pictures import made, read_form, size_of, whitest
from bench.simulator.wire import BadRequest, Refusal, Trouble, known_model, required
from bench.simulator.wire_images import body_of
from bench.simulator.wire_openai import OpenAIWire

STEP_S = 0.02
_STATUSES: dict[Trouble, int] = {
    "unauthorized": 401, "rate_limited": 429, "server_error": 500, "unavailable": 503, "bad_request": 422,
    "unknown_model": 404,
}  # fmt: skip


class PictureServerWire(OpenAIWire):
    """Keys and errors; a key is shown as a browser would show a name and a word."""

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        shown = headers.get("authorization", "")
        try:
            return b64decode(shown.removeprefix("Basic ")).decode() if shown.startswith("Basic ") else shown[7:]
        except (binascii.Error, UnicodeDecodeError):
            return "bad-"

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        return Refusal(_STATUSES[trouble], {"detail": message or "(simulated)"}, {})


async def options(ask: MediaAsk) -> web.StreamResponse:
    """GET /sdapi/v1/options."""
    return await ask.json({"sd_model_checkpoint": "sd-simulated.safetensors"})


async def txt2img(ask: MediaAsk) -> web.StreamResponse:
    """POST /sdapi/v1/txt2img and img2img."""
    body = await body_of(ask)
    sources = body.pop("init_images", [])
    mask = body.pop("mask", None)
    if ask.request.match_info["tail"].endswith("img2img"):
        if not sources:
            raise BadRequest("init_images: field required")
        size_of(b64decode(sources[0]))
        body["pictures"] = len(sources)
    if mask:
        body["mask_white_pixels"] = whitest(b64decode(mask))
    wanted = (body.get("override_settings") or {}).get("sd_model_checkpoint", "sd-simulated.safetensors")
    ask.seen.model, ask.seen.prompt, ask.seen.body = known_model(wanted), required(body, "prompt", str), body
    width, height = body.get("width", 512), body.get("height", 512)
    if width % 8 or height % 8:
        raise BadRequest("width and height: multiples of 8")
    desk = ask.simulator.pictures
    task = desk.begin(ask, f"{body['prompt']}{body.get('seed')}", width=width, height=height)
    while task.share() < 1 and not task.ended:
        await asyncio.sleep(STEP_S)
    data = made(ask, task.words, width=width, height=height)
    info = orjson.dumps({"prompt": body["prompt"], "seed": body.get("seed", -1)}).decode()
    del desk.tasks[task.id]
    return await ask.json({"images": [b64encode(data).decode()], "parameters": body, "info": info})


async def progress(ask: MediaAsk) -> web.StreamResponse:
    """GET /sdapi/v1/progress."""
    running = [task.share() for task in ask.simulator.pictures.tasks.values()]
    return web.json_response({"progress": running[0] if running else 0.0, "eta_relative": 0.0, "state": {}})


async def stop(ask: MediaAsk) -> web.StreamResponse:
    """POST /sdapi/v1/interrupt, and ComfyUI's /interrupt."""
    desk = ask.simulator.pictures
    desk.stopped += 1
    for task in desk.tasks.values():
        task.ended = True
    return web.json_response({})


async def system_stats(ask: MediaAsk) -> web.StreamResponse:
    """GET /system_stats."""
    return await ask.json({"system": {"comfyui_version": "simulated"}, "devices": []})


async def prompt(ask: MediaAsk) -> web.StreamResponse:
    """POST /prompt: a workflow of the kind that a checkpoint, two texts, a sampler and a preview make."""
    body = await body_of(ask)
    nodes: dict[str, Any] = required(body, "prompt", dict)
    kinds = {node["class_type"]: node["inputs"] for node in nodes.values()}
    missing = {"CheckpointLoaderSimple", "CLIPTextEncode", "KSampler", "VAEDecode", "PreviewImage"} - kinds.keys()
    _linked(nodes)
    if missing:
        raise BadRequest(f"prompt: no {', '.join(sorted(missing))}")
    ask.seen.model = str(kinds["CheckpointLoaderSimple"]["ckpt_name"])
    if ask.seen.model.startswith("missing-"):
        wrong = {"type": "value_not_in_list", "message": "Value not in list", "details": "ckpt_name"}
        told = {"error": {"type": "prompt_outputs_failed_validation"}, "node_errors": {"model": {"errors": [wrong]}}}
        return web.json_response(told, status=400)
    sampler = kinds["KSampler"]
    ask.seen.prompt = str(nodes[sampler["positive"][0]]["inputs"]["text"])
    ask.seen.body = {"sampler": sampler, "kinds": sorted(kinds)}
    if (
        "LoadImage" in kinds
        and kinds["LoadImage"]["image"].removesuffix(" [temp]") not in ask.simulator.pictures.uploads
    ):
        raise BadRequest("LoadImage: no such picture")
    size = kinds.get("EmptyLatentImage") or kinds["ImageScale"]
    desk = ask.simulator.pictures
    task = desk.begin(ask, f"{ask.seen.prompt}{sampler['seed']}", width=size["width"], height=size["height"])
    return web.json_response({"prompt_id": task.id, "number": ask.seen.number, "node_errors": {}})


def _linked(nodes: Mapping[str, Any]) -> None:
    """Refuse a workflow in which a node is fed by one that is not there."""
    for name, node in nodes.items():
        for value in node["inputs"].values():
            if isinstance(value, list) and value[0] not in nodes:
                raise BadRequest(f"prompt: {name} is fed by {value[0]}, which is not there")


async def history(ask: MediaAsk) -> web.StreamResponse:
    """GET /history/{id}."""
    number = ask.request.match_info["tail"].rpartition("/")[2]
    task = ask.simulator.pictures.tasks.get(number)
    stalled = ask.provider.fault is not None and ask.provider.fault.kind == "stall"
    if task is None or task.share() < 1 or stalled:
        return web.json_response({})
    place = {"filename": f"{number}.png", "subfolder": "", "type": "temp"}
    status = {"status_str": "success", "completed": True, "messages": []}
    if ask.fault is not None and ask.fault.kind == "in_band_error":
        status, place = {"status_str": "error", "completed": False, "messages": []}, {}
    outputs = {"end": {"images": [place]}} if place else {}
    return web.json_response({number: {"prompt": [], "outputs": outputs, "status": status}})


async def view(ask: MediaAsk) -> web.StreamResponse:
    """GET /view."""
    task = ask.simulator.pictures.found(ask.request.query.get("filename", "").removesuffix(".png"))
    data = made(ask, task.words, width=task.width, height=task.height)
    return web.Response(body=data, content_type="image/png")


async def queue(ask: MediaAsk) -> web.StreamResponse:
    """GET and POST /queue: what waits and what runs; to take something out of it."""
    desk = ask.simulator.pictures
    if ask.request.method == "POST":
        for number in (await body_of(ask)).get("delete", ()):
            desk.tasks.pop(number, None)
        return web.json_response({})
    waiting = [[at, task.id, {}, {}, []] for at, task in enumerate(desk.tasks.values()) if task.share() < 0.5]
    running = [[at, task.id, {}, {}, []] for at, task in enumerate(desk.tasks.values()) if 0.5 <= task.share() < 1]
    return web.json_response({"queue_running": running, "queue_pending": waiting})


async def upload(ask: MediaAsk) -> web.StreamResponse:
    """POST /upload/image."""
    form = await read_form(ask)
    name = form.names.get("image", "")
    ask.simulator.pictures.uploads[name] = form.picture("image")
    return web.json_response({"name": name, "subfolder": "", "type": form.fields.get("type", "input")})


_A1111, _COMFYUI = ("automatic1111",), ("comfyui",)
PICTURE_SERVER_ROUTES = (
    MediaRoute(_A1111, "GET", re.compile(r"sdapi/v1/options$"), options),
    MediaRoute(_A1111, "POST", re.compile(r"sdapi/v1/(txt|img)2img$"), txt2img),
    MediaRoute(_A1111, "GET", re.compile(r"sdapi/v1/progress$"), progress),
    MediaRoute(_A1111, "POST", re.compile(r"sdapi/v1/interrupt$"), stop),
    MediaRoute(_COMFYUI, "GET", re.compile(r"^system_stats$"), system_stats),
    MediaRoute(_COMFYUI, "POST", re.compile(r"^prompt$"), prompt),
    MediaRoute(_COMFYUI, "GET", re.compile(r"^history/"), history),
    MediaRoute(_COMFYUI, "GET", re.compile(r"^view$"), view),
    MediaRoute(_COMFYUI, "GET", re.compile(r"^queue$"), queue),
    MediaRoute(_COMFYUI, "POST", re.compile(r"^queue$"), queue),
    MediaRoute(_COMFYUI, "POST", re.compile(r"^interrupt$"), stop),
    MediaRoute(_COMFYUI, "POST", re.compile(r"^upload/image$"), upload),
)
