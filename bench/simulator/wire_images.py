"""Pictures of OpenAI (generations, edits) and Google (Gemini's picture models).

After platform.openai.com/docs/api-reference/images and ai.google.dev/gemini-api/docs/image-generation.
"""

from __future__ import annotations

import re
import time
from base64 import b64decode, b64encode
from typing import Any

import orjson
from aiohttp import web

from bench.simulator.media import MediaAsk, MediaRoute
from bench.simulator.pictures import made, read_form, size_of, sized_for
from bench.simulator.wire import BadRequest, known_model, required

OPENAI_LIKE = ("openai", "azure", "local")
SIZES = {
    "gpt": ("auto", "1024x1024", "1536x1024", "1024x1536"),
    "dall-e-3": ("1024x1024", "1792x1024", "1024x1792"),
    "dall-e-2": ("256x256", "512x512", "1024x1024"),
}
MAX_PROMPT_CHARS = 32_000
_URL_SAFE = str.maketrans("-_", "+/")  # the vendor's own client writes base64 so


async def body_of(ask: MediaAsk) -> dict[str, Any]:
    """Return the request's JSON object.

    Raises:
        BadRequest: it is none.
    """
    try:
        body = orjson.loads(await ask.request.read())
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not an object")
    return body


async def generation(ask: MediaAsk) -> web.StreamResponse:
    """POST /images/generations."""
    body = await body_of(ask)
    ask.seen.body, ask.seen.prompt = body, required(body, "prompt", str)
    return await _drawn(ask, body)


async def edit(ask: MediaAsk) -> web.StreamResponse:
    """POST /images/edits."""
    form = await read_form(ask)
    size = size_of(form.picture("image"))
    if "mask" in form.files and size_of(form.picture("mask")) != size:
        raise BadRequest("mask: must have the size of the image")
    form.needed("prompt")
    return await _drawn(ask, dict(form.fields))


async def _drawn(ask: MediaAsk, body: dict[str, Any]) -> web.StreamResponse:
    model = ask.seen.model = known_model(required(body, "model", str))
    prompt = body["prompt"]
    if not prompt or len(prompt) > MAX_PROMPT_CHARS:
        raise BadRequest("prompt: too short or too long")
    is_gpt = model.startswith(("gpt-", "chatgpt-"))
    if is_gpt and "response_format" in body:
        raise BadRequest("Unknown parameter: 'response_format'.")
    width, height = _size(ask, model, str(body.get("size", "auto")), is_gpt=is_gpt)
    data = made(ask, prompt, width=width, height=height, transparent=body.get("background") == "transparent")
    if not is_gpt and body.get("response_format", "url") != "b64_json":
        return await ask.json({"created": int(time.time()), "data": [{"url": "https://pictures.example/1.png"}]})
    answer: dict[str, Any] = {"created": int(time.time()), "data": [{"b64_json": b64encode(data).decode()}]}
    if is_gpt:
        read, written = 8 + len(prompt) // 4, 1056 * width * height // (1024 * 1024)
        answer |= {
            "background": "opaque",
            "output_format": "png",
            "quality": "medium",
            "size": f"{width}x{height}",
            "usage": {
                "input_tokens": read,
                "input_tokens_details": {"text_tokens": read, "image_tokens": 0},
                "output_tokens": written,
                "total_tokens": read + written,
            },
        }
    return await ask.json(answer)


def _size(ask: MediaAsk, model: str, size: str, *, is_gpt: bool) -> tuple[int, int]:
    allowed = SIZES["gpt"] if is_gpt else SIZES.get(model, ())
    if allowed and size not in allowed:
        raise BadRequest(f"size: {size} is not one of {', '.join(allowed)}")
    wide, _, high = ("1024x1024" if size == "auto" else size).partition("x")
    if not (wide.isdigit() and high.isdigit()):
        raise BadRequest(f"size: {size} is none")
    return int(wide), int(high)


async def gemini(ask: MediaAsk) -> web.StreamResponse:
    """POST /models/{a model of pictures}:generateContent."""
    body = await body_of(ask)
    model = ask.seen.model = known_model(ask.request.match_info["tail"].rpartition("models/")[2].partition(":")[0])
    parts = [part for turn in required(body, "contents", list) for part in turn.get("parts", ())]
    prompt = ask.seen.prompt = "\n".join(part["text"] for part in parts if "text" in part)
    sources = [part.get("inlineData") or part.get("inline_data") for part in parts if "text" not in part]
    for source in sources:
        size_of(b64decode(source["data"].translate(_URL_SAFE)))
    config = body.get("generationConfig") or {}
    ask.seen.body = {"generationConfig": config, "pictures": len(sources)}
    wanted = config.get("responseModalities") or config.get("response_modalities") or ["TEXT", "IMAGE"]
    if "IMAGE" not in [str(one).upper() for one in wanted]:
        raise BadRequest("responseModalities: this model makes pictures")
    if not prompt:
        raise BadRequest("contents: no text")
    width, height = sized_for((config.get("imageConfig") or {}).get("aspectRatio", "1:1"))
    reason, answer = "STOP", [{"inlineData": {"mimeType": "image/png", "data": _drawn_b64(ask, prompt, width, height)}}]
    if ask.fault is not None and ask.fault.kind == "filtered":
        reason, answer = "IMAGE_SAFETY", []
    read = 2 + len(prompt) // 4
    return await ask.json(
        {
            "candidates": [{"content": {"role": "model", "parts": answer}, "finishReason": reason, "index": 0}],
            "usageMetadata": {
                "promptTokenCount": read,
                "candidatesTokenCount": 1290,
                "totalTokenCount": read + 1290,
                "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
            },
            "modelVersion": model,
            "responseId": f"simulated-{ask.seen.number}",
        }
    )


def _drawn_b64(ask: MediaAsk, prompt: str, width: int, height: int) -> str:
    return b64encode(made(ask, prompt, width=width, height=height)).decode()


IMAGE_ROUTES = (
    MediaRoute(OPENAI_LIKE, "POST", re.compile(r"images/generations$"), generation),
    MediaRoute(OPENAI_LIKE, "POST", re.compile(r"images/edits$"), edit),
    MediaRoute(("gemini",), "POST", re.compile(r"models/[^/:]*image[^/:]*:generateContent$"), gemini),
)
