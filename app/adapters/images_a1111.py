"""Pictures from a server that speaks as AUTOMATIC1111's Stable Diffusion web UI does (also Forge and SD.Next)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from app.adapters.images_check import as_png, bytes_of, picture_of, white_where_to_paint
from app.adapters.images_wait import EVERY_S, watched
from app.adapters.media_lane import MediaLane, Outgoing
from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import base_url_of
from app.core.media_ports import ImageCall, Media, Progress
from app.core.ports import ProviderBadAnswer, ProviderError, ProviderRefusedRequest

VERBS = frozenset({"generate", "edit", "vary"})
CURRENT = "current"
"""The name of whichever checkpoint the server has loaded."""
LARGEST_SIDE_PX = 2048
SMALL_ANSWER_BYTES = 4 * 2**20
CHANGED = {"edit": 0.55, "vary": 0.75}
"""How much of the picture is painted anew ("denoising strength")."""
_ASK_S = 10.0


class Automatic1111Images:
    """One side of the Images port: /sdapi/v1."""

    def __init__(self, lane: MediaLane, *, every_s: float = EVERY_S) -> None:
        self._lane = lane
        self._every_s = every_s

    async def make(self, call: ImageCall, progress: Progress) -> Media:
        """Return the picture; the server is told to stop when the job is cancelled.

        Raises:
            ProviderError: one of its kinds.
        """
        base_url = base_url_of(call.target)
        await progress("asking", 0.0)
        address = "txt2img" if call.verb == "generate" else "img2img"
        request = Outgoing("POST", f"{base_url}/sdapi/v1/{address}", json=await _wish(call))

        async def look() -> None:
            await progress("making", await self._share(call, base_url))

        async def stop() -> None:
            await self._lane.ask(call.target, Outgoing("POST", f"{base_url}/sdapi/v1/interrupt"), timeout_s=_ASK_S)

        work = self._lane.ask(call.target, request, timeout_s=call.timeout_s)
        answer = await watched(work, look=look, stop=stop, every_s=self._every_s)
        images = answer.json(call.target.provider).get("images")
        if not isinstance(images, list) or not images:
            raise failure(ProviderBadAnswer, call.target.provider, "the answer holds no picture")
        return await picture_of(bytes_of(images[0], call.target), call.target, cost_micros=0)

    async def _share(self, call: ImageCall, base_url: str) -> float:
        """Return how far the server says that it is; one that does not say is at its beginning."""
        address = f"{base_url}/sdapi/v1/progress?skip_current_image=true"
        request = Outgoing("GET", address, limit_bytes=SMALL_ANSWER_BYTES)
        try:
            answer = await self._lane.ask(call.target, request, timeout_s=_ASK_S)
            share = answer.json(call.target.provider).get("progress")
        except ProviderError:
            return 0.0
        return min(0.95, max(0.0, float(share))) if isinstance(share, int | float) else 0.0


async def _wish(call: ImageCall) -> dict[str, Any]:  # Any: the server's JSON
    if max(call.width_px, call.height_px) > LARGEST_SIDE_PX:
        raise failure(ProviderRefusedRequest, call.target.provider, f"a side has at most {LARGEST_SIDE_PX} pixels")
    wish: dict[str, Any] = {  # Any: the server's JSON
        "prompt": call.prompt,
        "negative_prompt": call.negative,
        "seed": -1 if call.seed is None else call.seed,
        "width": in_eights(call.width_px),
        "height": in_eights(call.height_px),
        "n_iter": 1,
        "batch_size": 1,
        "send_images": True,
        "save_images": False,
    }
    if call.target.model != CURRENT:
        wish["override_settings"] = {"sd_model_checkpoint": call.target.model}
    if call.verb != "generate":
        if not call.source:
            raise failure(ProviderRefusedRequest, call.target.provider, "there is no picture to start from")
        wish["init_images"] = [_encoded(await as_png(call.source, call.target))]
        wish["denoising_strength"] = CHANGED[call.verb]
        if call.mask:
            wish["mask"] = _encoded(await white_where_to_paint(call.mask, call.target))
            wish["inpainting_fill"] = 1
    return wish


def in_eights(side_px: int) -> int:
    """Return a side as the models want it: a multiple of 8."""
    return max(64, round(side_px / 8) * 8)


def _encoded(data: bytes) -> str:
    return b64encode(data).decode("ascii")
