"""Clips from OpenAI (Sora), Runway and Google (Veo).

LiteLLM begins the task: it knows how each vendor words a wish, and what it costs. How the task stands, the clip itself
and its end are asked for over our own lane, since LiteLLM fetches Veo's clips on the event loop's own thread over a
connection of its own making, and Runway's past every limit; it also tells neither Veo's errors nor where its clip lies.
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.adapters.clip_ffmpeg import FfmpegClips
from app.adapters.media_lane import Outgoing
from app.adapters.models_litellm_failures import failure
from app.adapters.speech_stream import call_failure
from app.adapters.video_lane import VideoLane
from app.adapters.video_shapes import Size, fitted
from app.adapters.video_tasks import Told, asking, cancelling, checked_task, needs_key, root_of, told
from app.core.errors import InvalidInput
from app.core.media_ports import Media, Progress, VideoCall
from app.core.ports import (
    ModelTarget,
    ProviderBadAnswer,
    ProviderBusy,
    ProviderDown,
    ProviderError,
    ProviderKind,
    ProviderRefusedRequest,
    ProviderTimeout,
)
from app.core.telemetry import log

if TYPE_CHECKING:
    from types import ModuleType

    from app.adapters.media_link import MediaLink
    from app.adapters.models_litellm_pools import Pools

Started = Callable[[Mapping[str, str]], Awaitable[None]]
NAMES: dict[ProviderKind, str] = {
    "openai": "openai", "openai-compatible": "openai", "gemini": "gemini", "runway": "runwayml"
}  # fmt: skip
ANSWER_MAX_BYTES = 2**20
CLIP_MAX_BYTES = 512 * 2**20
BEGIN_S = 120.0
ASK_S = 30.0
DOWNLOAD_S = 300.0
FIRST_WAIT_S = 3.0
LONGEST_WAIT_S = 15.0
SLOWER = 1.4
FAULTS_IN_A_ROW = 5
BEGUN, MADE = 0.03, 0.92  # shares of the work that are done when the task runs, and when the clip is fetched


class LiteLLMVideo:
    """The Video port over the three vendors; LiteLLM is loaded at the first use."""

    def __init__(self, *, first_wait_s: float = FIRST_WAIT_S, clip_max_bytes: int = CLIP_MAX_BYTES) -> None:
        self._library: ModuleType | None = None
        self._first_wait_s = first_wait_s
        self._clip_max_bytes = clip_max_bytes
        self._lane = VideoLane()
        self._pools: Pools | None = None

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._lane.close()
        if self._pools is not None:
            await self._pools.close()

    async def ping(self) -> None:
        """Return at once: each provider is another's."""

    async def make(self, call: VideoCall, progress: Progress, *, started: Started) -> Media:
        """Return the clip. `call.resume` finds a task that was begun before: it is asked after, not begun anew.

        A task of before that is gone, or came to nothing, is begun anew: else no later try could do better.

        Raises:
            ProviderError: one of its kinds.
        """
        noted = dict(call.resume)
        done = await self._wait(call, noted["task"], progress, resumed=True) if "task" in noted else None
        if done is None:
            await progress("asking", 0.0)
            noted = await self._begin(call)
            await started(noted)
            done = await self._wait(call, noted["task"], progress)
        if done is None:
            raise failure(ProviderError, call.target.provider, "the clip could not be made")
        await progress("fetching", MADE)
        return await self._fetched(call, done, progress, cost=noted.get("cost_micros", ""))

    async def give_up(self, target: ModelTarget, task: Mapping[str, str]) -> None:
        """Ask the vendor to end the task. Google has no way; a task that is over already is fine."""
        request = cancelling(target, checked_task(target, task["task"])) if "task" in task else None
        if request is None:
            return
        try:
            await self._lane.ask(target, request, timeout_s=ASK_S)
        except ProviderError as error:
            log.info("video.give_up_failed", provider_kind=target.kind, code=error.code)

    async def _begin(self, call: VideoCall) -> dict[str, str]:
        """Ask for the clip and return what finds it again."""
        target = call.target
        name = NAMES.get(target.kind)
        if name is None:
            raise failure(ProviderRefusedRequest, target.provider, "this kind of provider makes no clips here")
        library = await self._loaded(target.provider)
        link = self._link(target)
        wish = await self._wish(call, name, link)
        try:
            async with asyncio.timeout(BEGIN_S):
                begun = await library.avideo_generation(**wish)
        except Exception as error:  # LiteLLM's own, of any class
            raise call_failure(link, target, error) from None
        finally:
            await link.close()
        task = library.types.videos.utils.extract_original_video_id(str(begun.id))
        cost = (getattr(begun, "_hidden_params", None) or {}).get("response_cost")
        price = {"cost_micros": str(round(cost * 1_000_000))} if isinstance(cost, float) and cost > 0 else {}
        return {"task": checked_task(target, task), **price}

    async def _loaded(self, provider: str) -> ModuleType:
        from app.adapters.models_litellm import load_library

        if self._library is None:
            try:
                self._library = await asyncio.to_thread(load_library)
            except Exception as error:  # an import can fail in any way
                log.error("video.library_missing", error=type(error).__name__)
                raise failure(ProviderDown, provider, "the model library cannot be loaded") from error
        return self._library

    def _link(self, target: ModelTarget) -> MediaLink:
        from app.adapters.media_link import MediaLink
        from app.adapters.models_litellm_pools import Pools

        if self._pools is None:
            self._pools = Pools()
        return MediaLink(
            self._pools, target, base_url=root_of(target), answers=("application/json",), limit_bytes=ANSWER_MAX_BYTES
        )

    async def _wish(self, call: VideoCall, name: str, link: MediaLink) -> dict[str, Any]:  # Any: LiteLLM's own keywords
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler

        from app.adapters.media_link import KEY_IS_SET_HERE

        target = call.target
        size, seconds = fitted(target, width_px=call.width_px, height_px=call.height_px, duration_s=call.duration_s)
        root = root_of(target)
        wish: dict[str, Any] = {
            "model": f"{name}/{target.model}",
            "prompt": call.prompt,
            "seconds": str(seconds),
            "size": f"{size[0]}x{size[1]}",
            "api_base": root.removesuffix("/v1beta") if target.kind == "gemini" else root,
            "api_key": KEY_IS_SET_HERE,
            "client": AsyncHTTPHandler(transport=link, follow_redirects=False),
            "timeout": BEGIN_S,
            "num_retries": 0,
            "max_retries": 0,
        }
        if call.first_frame:
            picture = await asyncio.to_thread(_first_frame, target, call.first_frame, size)
            wish["input_reference"] = _as_wanted(target, picture)
        return wish

    async def _wait(self, call: VideoCall, task: str, progress: Progress, *, resumed: bool = False) -> Told | None:
        """Ask after the task, less and less often, until it is done; None where it comes to nothing.

        A few faults in a row are lived through.
        """
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + call.timeout_s
        wait_s, faults, share = self._first_wait_s, 0, 0.0
        task = checked_task(call.target, task)
        while True:
            try:
                now = await self._asked(call.target, task)
                faults = 0
            except (ProviderBusy, ProviderDown, ProviderTimeout) as error:
                faults += 1
                if faults >= FAULTS_IN_A_ROW:
                    raise
                now = Told("waiting")
                wait_s = max(wait_s, min(float(error.retry_after_s or 0), LONGEST_WAIT_S))
            except ProviderRefusedRequest:
                if resumed:  # it was deleted meanwhile, or is another account's
                    return None
                raise
            if now.state == "refused":
                raise failure(
                    ProviderRefusedRequest, call.target.provider, "the clip was refused for what it would show"
                )
            if now.state in ("done", "failed"):
                return now if now.state == "done" else None
            share = max(share, now.share or 0.0)
            await progress("waiting" if now.state == "waiting" else "making", BEGUN + share * (MADE - BEGUN))
            if loop.time() + wait_s > deadline_s:
                raise failure(ProviderTimeout, call.target.provider, "the clip was not made in time")
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * SLOWER, LONGEST_WAIT_S)

    async def _asked(self, target: ModelTarget, task: str) -> Told:
        answer = await self._lane.ask(target, asking(target, task), timeout_s=ASK_S)
        return told(target, task, answer.json(target.provider))

    async def _fetched(self, call: VideoCall, done: Told, progress: Progress, *, cost: str) -> Media:
        target = call.target
        asked = target if needs_key(target, done.url) else replace(target, api_key="")
        request = Outgoing("GET", done.url, limit_bytes=self._clip_max_bytes)
        data = await self._lane.download(asked, request, timeout_s=DOWNLOAD_S)
        if data[4:8] != b"ftyp":
            raise failure(ProviderBadAnswer, target.provider, "what came is no MP4")
        await progress("checking", 0.97)
        media = await _checked(target, data)
        await progress("done", 1.0)
        return replace(media, cost_micros=int(cost) if cost else None)


async def _checked(target: ModelTarget, data: bytes) -> Media:
    """Return the clip as every browser plays it, after a look at what it really is."""
    clips = FfmpegClips()
    with tempfile.TemporaryDirectory(prefix="galley-clip-", ignore_cleanup_errors=True) as folder:
        came, plain = Path(folder) / "came.mp4", Path(folder) / "plain.mp4"
        await asyncio.to_thread(came.write_bytes, data)
        try:
            facts = await clips.facts(came)
            if not facts.plays_anywhere:
                facts = await clips.playable(came, plain)
                data = await asyncio.to_thread(plain.read_bytes)
            await clips.poster(came, longest_side_px=64)  # at least its first picture can be seen
        except InvalidInput:
            raise failure(ProviderBadAnswer, target.provider, "the clip cannot be read") from None
    return Media(data, "video/mp4", facts.width_px, facts.height_px, facts.duration_ms)


def _first_frame(target: ModelTarget, picture: bytes, size: Size) -> bytes:
    """Return the picture as PNG in the clip's own size: Sora takes no other, and the rest would crop it their way.

    Raises:
        ProviderRefusedRequest: it is no picture.
    """
    from io import BytesIO

    from PIL import Image, ImageOps

    try:
        opened = Image.open(BytesIO(picture), formats=("PNG", "JPEG", "WEBP"))
        made = ImageOps.fit(ImageOps.exif_transpose(opened).convert("RGB"), size, Image.Resampling.LANCZOS)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as broken:
        raise failure(ProviderRefusedRequest, target.provider, "the first frame is no picture") from broken
    written = BytesIO()
    made.save(written, "PNG")
    return written.getvalue()


def _as_wanted(target: ModelTarget, picture: bytes) -> object:
    if target.kind == "openai" or target.kind == "openai-compatible":
        return picture
    encoded = base64.b64encode(picture).decode("ascii")
    if target.kind == "gemini":
        return {"bytesBase64Encoded": encoded, "mimeType": "image/png"}
    return f"data:image/png;base64,{encoded}"
