"""Stability AI's v2beta pictures: generate, edit and control; after platform.stability.ai/docs/api-reference."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bench.simulator.media import MediaAsk, MediaRoute
from bench.simulator.pictures import Form, made, read_form, size_of, sized_for, whitest
from bench.simulator.wire import Refusal, Trouble, known_model
from bench.simulator.wire_openai import OpenAIWire

RATIOS = ("16:9", "1:1", "21:9", "2:3", "3:2", "4:5", "5:4", "9:16", "9:21")
SD3_MODELS = ("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium", "sd3.5-flash")
NO_PROMPT = ("remove-background", "erase", "outpaint")
_STATUSES: dict[Trouble, int] = {
    "unauthorized": 401, "rate_limited": 429, "server_error": 500, "unavailable": 503, "bad_request": 400,
    "unknown_model": 404,
}  # fmt: skip


class StabilityWire(OpenAIWire):
    """It writes no texts: of OpenAI's form only the way to show a key is its own."""

    def __init__(self) -> None:
        super().__init__("stability")

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        headers = {"Retry-After": str(retry_after_s)} if trouble == "rate_limited" else {}
        body = {"id": "simulated", "name": trouble, "errors": [message or "(simulated)"]}
        return Refusal(_STATUSES[trouble], body, headers)


async def balance(ask: MediaAsk) -> web.StreamResponse:
    """GET /v1/user/balance."""
    return await ask.json({"credits": 1000.0})


async def picture(ask: MediaAsk) -> web.StreamResponse:
    """POST /v2beta/stable-image/{generate, edit, control}/…"""
    _, group, name = ask.request.match_info["tail"].rsplit("/", 2)
    form = await read_form(ask)
    if ask.fault is not None and ask.fault.kind == "filtered":
        return _moderated(ask)
    prompt = form.fields.get("prompt", "") if name in NO_PROMPT else form.needed("prompt")
    width, height = _size(ask, form, group=group, name=name)
    transparent = name == "remove-background"
    data = made(ask, f"{name} {prompt}", width=width, height=height, transparent=transparent)
    if "application/json" in ask.request.headers.get("accept", ""):
        seed = int(form.fields.get("seed", 0)) or 343_940_597
        return await ask.json({"image": b64encode(data).decode(), "finish_reason": "SUCCESS", "seed": seed})
    return await ask.whole(data, media_type="image/png")


def _size(ask: MediaAsk, form: Form, *, group: str, name: str) -> tuple[int, int]:
    from bench.simulator.wire import BadRequest

    if group == "generate":
        model = form.fields.get("model", "sd3.5-large") if name == "sd3" else f"stable-image-{name}"
        ask.seen.model = known_model(model)
        if name == "sd3" and model not in SD3_MODELS and "simulated" not in model:
            raise BadRequest(f"model: must be one of {', '.join(SD3_MODELS)}")
        ratio = form.fields.get("aspect_ratio", "1:1")
        if ratio not in RATIOS:
            raise BadRequest(f"aspect_ratio: must be one of {', '.join(RATIOS)}")
        return sized_for(ratio)
    ask.seen.model = name
    if name == "inpaint" and "mask" in form.files:
        white: Mapping[str, Any] = {"mask_white_pixels": whitest(form.picture("mask"))}  # Any: as the log has it
        ask.seen.body = {**(ask.seen.body or {}), **white}
    return size_of(form.picture("image"))


def _moderated(ask: MediaAsk) -> web.Response:
    ask.seen.status, ask.seen.outcome = 403, "refused"
    errors = ["Your request was flagged by our content moderation system (simulated)."]
    return web.json_response({"id": "simulated", "name": "content_moderation", "errors": errors}, status=403)


_PICTURES = r"v2beta/stable-image/(generate/(ultra|core|sd3)|edit/[a-z-]+|control/(sketch|structure|style))$"
STABILITY_ROUTES = (
    MediaRoute(("stability",), "GET", re.compile(r"v1/user/balance$"), balance),
    MediaRoute(("stability",), "POST", re.compile(_PICTURES), picture),
)
