"""Pictures from a ComfyUI server: a small workflow is queued, asked after, and its picture fetched.

The workflow is the plain one (checkpoint, two prompts, sampler, decoder); its end is a preview, so that the server
keeps nothing for good.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import SystemRandom
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from app.adapters.images_a1111 import CHANGED, LARGEST_SIDE_PX, SMALL_ANSWER_BYTES, in_eights
from app.adapters.images_check import MAX_PICTURE_BYTES, as_png, picture_of
from app.adapters.images_wait import EVERY_S, watched
from app.adapters.media_lane import MediaLane, Outgoing, Part
from app.adapters.models_litellm_failures import failure
from app.adapters.models_litellm_request import base_url_of
from app.core.media_ports import ImageCall, Media, Progress
from app.core.ports import ProviderBadAnswer, ProviderError, ProviderRefusedRequest, ProviderTimeout

VERBS = frozenset({"generate", "edit", "vary"})
STEPS, GUIDANCE = 25, 7.0
LARGEST_SEED = 2**64 - 1
_ASK_S = 15.0


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a picture lies on the server."""

    filename: str
    subfolder: str
    type: str


class ComfyUIImages:
    """One side of the Images port: /prompt, /history and /view."""

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
        task = await self._queued(call, base_url)

        async def look() -> None:
            waits = await self._waits(call, base_url, task)
            await progress("waiting" if waits else "making", 0.1 if waits else 0.3)

        async def stop() -> None:
            target = call.target
            forget = Outgoing("POST", f"{base_url}/queue", json={"delete": [task]})
            await self._lane.ask(target, forget, timeout_s=_ASK_S)
            ending = Outgoing("POST", f"{base_url}/interrupt", json={"prompt_id": task})
            await self._lane.ask(target, ending, timeout_s=_ASK_S)

        try:
            async with asyncio.timeout(call.timeout_s):
                work = self._finished(call, base_url, task)
                place = await watched(work, look=look, stop=stop, every_s=self._every_s)
        except TimeoutError:
            raise failure(ProviderTimeout, call.target.provider, "no picture in time") from None
        await progress("fetching", 0.95)
        query = urlencode({"filename": place.filename, "subfolder": place.subfolder, "type": place.type})
        request = Outgoing("GET", f"{base_url}/view?{query}", limit_bytes=MAX_PICTURE_BYTES)
        answer = await self._lane.ask(call.target, request, timeout_s=call.timeout_s)
        return await picture_of(answer.data, call.target, cost_micros=0)

    async def _queued(self, call: ImageCall, base_url: str) -> str:
        if max(call.width_px, call.height_px) > LARGEST_SIDE_PX:
            raise failure(ProviderRefusedRequest, call.target.provider, f"a side has at most {LARGEST_SIDE_PX} pixels")
        if call.mask:
            raise failure(ProviderRefusedRequest, call.target.provider, "this server paints without a mask")
        source = await self._sent(call, base_url) if call.verb != "generate" else ""
        body = {"prompt": workflow(call, source=source), "client_id": uuid4().hex}
        request = Outgoing("POST", f"{base_url}/prompt", json=body, limit_bytes=SMALL_ANSWER_BYTES)
        answer = await self._json(call, request)
        task = answer.get("prompt_id")
        if answer.get("node_errors") or not isinstance(task, str) or not task:
            raise failure(ProviderRefusedRequest, call.target.provider, "the workflow was refused; is the model there?")
        return quote(task, safe="")

    async def _sent(self, call: ImageCall, base_url: str) -> str:
        """Send the picture to start from and return its name on the server."""
        if not call.source:
            raise failure(ProviderRefusedRequest, call.target.provider, "there is no picture to start from")
        data = await as_png(call.source, call.target)
        parts = (Part("image", data, f"galley-{uuid4().hex}.png", "image/png"), Part("type", "temp"))
        answer = await self._json(call, Outgoing("POST", f"{base_url}/upload/image", form=parts))
        name, folder = answer.get("name"), answer.get("subfolder", "")
        if not isinstance(name, str) or not isinstance(folder, str):
            raise failure(ProviderBadAnswer, call.target.provider, "the server does not say where the picture lies")
        return (f"{folder}/{name}" if folder else name) + " [temp]"

    async def _finished(self, call: ImageCall, base_url: str, task: str) -> _Place:
        """Ask after the task until it is done."""
        while True:
            request = Outgoing("GET", f"{base_url}/history/{task}", limit_bytes=SMALL_ANSWER_BYTES)
            told = (await self._json(call, request)).get(task)
            if isinstance(told, dict):
                status = told.get("status") or {}
                if isinstance(status, dict) and status.get("status_str") == "error":
                    raise failure(ProviderBadAnswer, call.target.provider, "the workflow failed on the server")
                if place := _place(told.get("outputs")):
                    return place
                if isinstance(status, dict) and status.get("completed"):
                    raise failure(ProviderBadAnswer, call.target.provider, "the workflow made no picture")
            await asyncio.sleep(self._every_s)

    async def _waits(self, call: ImageCall, base_url: str, task: str) -> bool:
        """Whether others are still before it."""
        try:
            queue = await self._json(call, Outgoing("GET", f"{base_url}/queue", limit_bytes=SMALL_ANSWER_BYTES))
        except ProviderError:
            return False
        waiting = queue.get("queue_pending")
        return isinstance(waiting, list) and any(isinstance(one, list) and task in one[:2] for one in waiting)

    async def _json(self, call: ImageCall, request: Outgoing) -> dict[str, Any]:  # Any: the server's JSON
        answer = await self._lane.ask(call.target, request, timeout_s=min(_ASK_S, call.timeout_s))
        found: dict[str, Any] = answer.json(call.target.provider)
        return found


def _place(outputs: object) -> _Place | None:
    nodes = outputs.values() if isinstance(outputs, dict) else ()
    for node in nodes:
        for image in node.get("images", ()) if isinstance(node, dict) else ():
            if isinstance(image, dict) and isinstance(image.get("filename"), str):
                return _Place(image["filename"], str(image.get("subfolder", "")), str(image.get("type", "temp")))
    return None


def workflow(call: ImageCall, *, source: str) -> dict[str, Any]:  # Any: ComfyUI's API format
    """Return the nodes; `source` is the name of the picture to start from, empty for none."""

    def node(kind: str, **inputs: object) -> dict[str, Any]:  # Any: as above
        return {"class_type": kind, "inputs": inputs}

    seed = call.seed if call.seed is not None else SystemRandom().randrange(2**48)
    width, height = in_eights(call.width_px), in_eights(call.height_px)
    nodes = {
        "model": node("CheckpointLoaderSimple", ckpt_name=call.target.model),
        "wanted": node("CLIPTextEncode", text=call.prompt, clip=["model", 1]),
        "unwanted": node("CLIPTextEncode", text=call.negative, clip=["model", 1]),
        "canvas": node("EmptyLatentImage", width=width, height=height, batch_size=1),
        "sampler": node(
            "KSampler",
            model=["model", 0],
            positive=["wanted", 0],
            negative=["unwanted", 0],
            latent_image=["canvas", 0],
            seed=seed % (LARGEST_SEED + 1),
            steps=STEPS,
            cfg=GUIDANCE,
            sampler_name="euler",
            scheduler="normal",
            denoise=CHANGED.get(call.verb, 1.0),
        ),
        "picture": node("VAEDecode", samples=["sampler", 0], vae=["model", 2]),
        "end": node("PreviewImage", images=["picture", 0]),
    }
    if source:
        nodes["source"] = node("LoadImage", image=source)
        nodes["sized"] = node(
            "ImageScale", image=["source", 0], width=width, height=height, upscale_method="lanczos", crop="center"
        )
        nodes["canvas"] = node("VAEEncode", pixels=["sized", 0], vae=["model", 2])
    return nodes
