"""A picture that is wanted, in LiteLLM's words: which call, which model, and which of a vendor's few sizes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.adapters.images_check import as_png, white_where_to_paint
from app.adapters.models_litellm_failures import failure
from app.core.media_ports import ImageCall
from app.core.ports import ModelTarget, ProviderKind, ProviderRefusedRequest

NAMES: dict[ProviderKind, str] = {
    "openai": "openai",
    "openai-compatible": "openai",
    "gemini": "gemini",
    "stability": "stability",
}
GPT_SIZES = ((1024, 1024), (1536, 1024), (1024, 1536))
DALLE_3_SIZES = ((1024, 1024), (1792, 1024), (1024, 1792))
DALLE_2_SIZES = ((256, 256), (512, 512), (1024, 1024))
STABILITY_RATIOS = ("1:1", "16:9", "9:16", "3:2", "2:3", "5:4", "4:5", "21:9", "9:21")
"""platform.stability.ai/docs/api-reference, 2026-03."""
MAX_SEED = 2**32 - 2
ANOTHER = "Another picture of the same subject in the same style, composed anew."
MASKED: frozenset[ProviderKind] = frozenset({"openai", "openai-compatible", "stability"})
"""Whose models change only what a mask leaves open."""
KEPT_STRENGTH = {"edit": 0.7, "vary": 0.4}
"""How much of a picture's structure Stability keeps."""


@dataclass(frozen=True, slots=True)
class Wish:
    """`call` of LiteLLM with `more` keywords; `form` are fields that LiteLLM leaves out of the vendor's form."""

    call: Literal["aimage_generation", "aimage_edit"]
    model: str
    prompt: str
    more: dict[str, Any]  # Any: LiteLLM's own keywords
    form: dict[str, str]


def verbs_of(target: ModelTarget) -> frozenset[str]:
    """Return what a model of these vendors can do."""
    if target.kind == "stability":
        return frozenset({"generate", "edit", "vary", "cut_out"})
    if target.kind == "gemini":
        # Google's other picture models (Imagen) end with 2026; LiteLLM asks them at an address of their own.
        return frozenset({"generate", "edit", "vary"} if "gemini" in target.model else ())
    if target.kind in ("openai", "openai-compatible"):
        return frozenset({"generate"} if target.model == "dall-e-3" else {"generate", "edit", "vary"})
    return frozenset()


async def wish_of(call: ImageCall) -> Wish:
    """Return the call in LiteLLM's words.

    Raises:
        ProviderRefusedRequest: the vendor has no words for it.
    """
    if call.verb != "generate" and not call.source:
        raise failure(ProviderRefusedRequest, call.target.provider, "there is no picture to start from")
    if call.target.kind == "stability":
        return await _stability(call)
    more: dict[str, Any] = {"n": 1, "size": _size(call)}  # Any: LiteLLM's own keywords
    model = f"{NAMES[call.target.kind]}/{call.target.model}"
    if call.target.kind == "openai-compatible":
        more["extra_body"] = {"response_format": "b64_json"}  # LiteLLM drops the word for models that it does not know
    elif call.target.model.startswith("dall-e"):
        more["response_format"] = "b64_json"
    if call.verb == "generate":
        return Wish("aimage_generation", model, _prompt(call), more, {})
    if call.mask:
        if call.target.kind not in MASKED:
            raise failure(ProviderRefusedRequest, call.target.provider, "this model paints without a mask")
        more["mask"] = await as_png(call.mask, call.target)
    more["image"] = await as_png(call.source, call.target)
    return Wish("aimage_edit", model, _prompt(call), more, {})


async def _stability(call: ImageCall) -> Wish:
    more: dict[str, Any] = {"negative_prompt": call.negative} if call.negative else {}  # Any: as above
    if call.seed is not None:
        more["seed"] = call.seed % (MAX_SEED + 1)
    model = call.target.model.lower()
    if call.verb == "generate":
        ratio = nearest_ratio(STABILITY_RATIOS, call.width_px, call.height_px)
        # All models of the SD3 address are told apart by a field that LiteLLM does not send.
        form = {"model": model} if model.startswith("sd3") else {}
        return Wish("aimage_generation", f"stability/{model}", call.prompt, {**more, "aspect_ratio": ratio}, form)
    more["image"] = await as_png(call.source, call.target)
    if call.verb == "cut_out":
        return Wish("aimage_edit", "stability/remove-background", "", {"image": more["image"]}, {})
    if call.mask:
        more["mask"] = await white_where_to_paint(call.mask, call.target)
        return Wish("aimage_edit", "stability/inpaint", call.prompt, more, {})
    more["control_strength"] = KEPT_STRENGTH[call.verb]
    return Wish("aimage_edit", "stability/structure", call.prompt or ANOTHER, more, {})


def _prompt(call: ImageCall) -> str:
    """Return what the model is told; what is unwanted has no field of its own there."""
    prompt = call.prompt
    if call.verb == "vary":
        prompt = f"{ANOTHER} {prompt}".strip()
    return f"{prompt}\n\nLeave out: {call.negative}" if call.negative else prompt


def _size(call: ImageCall) -> str:
    model = call.target.model
    sizes: Sequence[tuple[int, int]] = ()
    if call.target.kind == "openai":
        sizes = DALLE_3_SIZES if model == "dall-e-3" else DALLE_2_SIZES if model == "dall-e-2" else GPT_SIZES
    if sizes:
        width, height = nearest_size(sizes, call.width_px, call.height_px)
    else:
        width, height = (max(64, round(side / 8) * 8) for side in (call.width_px, call.height_px))
    return f"{width}x{height}"


def nearest_size(sizes: Sequence[tuple[int, int]], width_px: int, height_px: int) -> tuple[int, int]:
    """Return the size whose shape is nearest, of several the one whose area is."""
    ratio, area = math.log(width_px / height_px), math.log(width_px * height_px)
    return min(sizes, key=lambda one: (abs(math.log(one[0] / one[1]) - ratio), abs(math.log(one[0] * one[1]) - area)))


def nearest_ratio(ratios: Sequence[str], width_px: int, height_px: int) -> str:
    """Return the ratio ("16:9") that is nearest to a size's."""
    wanted = math.log(width_px / height_px)

    def distance(text: str) -> float:
        wide, _, high = text.partition(":")
        return abs(math.log(int(wide) / int(high)) - wanted)

    return min(ratios, key=distance)
