"""Clips without any provider: a storyboard is set as typeset slides, spoken over, captioned and encoded here.

No model is asked and nothing is invented: what is seen and heard is what the scenes hold. It says so in the clip's own
notes, and whoever shows the clip says it too.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from app.adapters.ffmpeg_program import ffmpeg_path
from app.adapters.limited_child import ChildFailed, ChildTimedOut
from app.adapters.video_embedded.cards import PictureUnreadable
from app.adapters.video_embedded.encoding import DRAFT, FINAL, encode, size_of
from app.adapters.video_embedded.frames import Film
from app.adapters.video_embedded.layout import plan
from app.adapters.video_embedded.music import LABEL
from app.adapters.video_embedded.palette import palette
from app.adapters.video_embedded.sound import SoundUnreadable, decode_voices, mix
from app.adapters.video_embedded.timing import lay_out
from app.core.errors import Unavailable
from app.core.media_ports import Media, Progress, VideoCall
from app.core.ports import ModelTarget, ProviderError, ProviderRefusedRequest, ProviderTimeout

NAME = "Galley"
NOTE = "Set from a storyboard by Galley's built-in composer; no model made these pictures"
SCENES_MAX = 60
LENGTH_MAX_MS = 600_000
SIDE_PX = (96, 3840)
STEP_PARTS = {"sound": 0.08, "frames": 0.98}  # the share that is done when each step ends


class EmbeddedVideo:
    """The built-in composer."""

    async def ping(self) -> None:
        """Return when it can serve.

        Raises:
            Unavailable: there is no ffmpeg for this machine.
        """
        try:
            ffmpeg_path()
        except RuntimeError as missing:
            raise Unavailable from missing

    async def make(
        self, call: VideoCall, progress: Progress, *, started: Callable[[Mapping[str, str]], Awaitable[None]]
    ) -> Media:
        """Return the clip. There is no task elsewhere to find again: `started` is not called.

        Raises:
            ProviderError: the scenes cannot be shown, or the encoder failed.
        """
        _check(call)
        try:
            with tempfile.TemporaryDirectory(prefix="galley-clip-", ignore_cleanup_errors=True) as folder:
                return await self._make(call, progress, Path(folder))
        except SoundUnreadable as failure:
            raise _refused("the sound of a scene cannot be read") from failure
        except PictureUnreadable as failure:
            raise _refused(str(failure)) from failure
        except ChildTimedOut as failure:
            raise ProviderTimeout(params={"provider": NAME}) from failure
        except ChildFailed as failure:
            raise ProviderError(params={"provider": NAME, "reason": type(failure).__name__}) from failure

    async def give_up(self, target: ModelTarget, task: Mapping[str, str]) -> None:
        """Return at once: what is set here ends with whoever asked for it."""

    async def _make(self, call: VideoCall, progress: Progress, folder: Path) -> Media:
        preset = DRAFT if call.draft else FINAL
        width, height = size_of(call.width_px, call.height_px, preset)
        await progress("sound", 0.0)
        voices = await decode_voices(call.scenes, folder)
        slots = lay_out(call.scenes, voices, wanted_ms=round(call.duration_s * 1000))
        if slots[-1].end_ms > LENGTH_MAX_MS:
            raise _refused(f"a clip is at most {LENGTH_MAX_MS // 60_000} minutes long")
        sound = await asyncio.to_thread(mix, slots, folder, music=call.music)
        await progress("frames", STEP_PARTS["sound"])
        layout = plan(width, height, has_captions=any(slot.captions for slot in slots))
        film = await asyncio.to_thread(
            Film, call.scenes, slots, design=call.design, layout=layout, palette=palette(call.design.colors),
            fps=preset.fps,
        )  # fmt: skip

        async def seen(share: float) -> None:
            await progress("frames", STEP_PARTS["sound"] + share * (STEP_PARTS["frames"] - STEP_PARTS["sound"]))

        clip, finished = await encode(
            film.raw(), size=(width, height), preset=preset, count=film.count, sound=sound,
            note=f"{NOTE}; {LABEL}" if call.music else NOTE, seen=seen, timeout_s=call.timeout_s,
        )  # fmt: skip
        if finished.code != 0 or not clip.exists():
            raise ProviderError(params={"provider": NAME, "reason": "the encoder stopped"})
        await progress("done", 1.0)
        length_ms = round(film.count * 1000 / preset.fps)
        return Media(await asyncio.to_thread(clip.read_bytes), "video/mp4", width, height, length_ms, cost_micros=0)


def _check(call: VideoCall) -> None:
    if not call.scenes:
        raise _refused("there are no scenes")
    if len(call.scenes) > SCENES_MAX:
        raise _refused(f"a clip has at most {SCENES_MAX} scenes")
    if not all(SIDE_PX[0] <= side <= SIDE_PX[1] for side in (call.width_px, call.height_px)):
        raise _refused(f"a side is {SIDE_PX[0]} to {SIDE_PX[1]} pixels long")


def _refused(reason: str) -> ProviderRefusedRequest:
    return ProviderRefusedRequest(params={"provider": NAME, "reason": reason})
