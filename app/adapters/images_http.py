"""Pictures from a server of one's own that speaks HTTP: AUTOMATIC1111's and ComfyUI's."""

from __future__ import annotations

from app.adapters import images_a1111, images_comfyui
from app.adapters.images_a1111 import Automatic1111Images
from app.adapters.images_comfyui import ComfyUIImages
from app.adapters.images_wait import EVERY_S
from app.adapters.media_lane import MediaLane
from app.adapters.models_litellm_failures import failure
from app.core.media_ports import ImageCall, Media, Progress
from app.core.ports import ModelTarget, ProviderRefusedRequest


class HttpImages:
    """The Images port over picture servers; they cost nothing that could be booked."""

    def __init__(self, *, every_s: float = EVERY_S) -> None:
        self._lane = MediaLane()
        self._a1111 = Automatic1111Images(self._lane, every_s=every_s)
        self._comfyui = ComfyUIImages(self._lane, every_s=every_s)

    def verbs(self, target: ModelTarget) -> frozenset[str]:
        """Return what the target's server can do."""
        kinds = {"automatic1111": images_a1111.VERBS, "comfyui": images_comfyui.VERBS}
        return kinds.get(target.kind, frozenset())

    def keeps_to_mask(self, target: ModelTarget) -> bool:
        """Return whether the target's server changes only what a mask leaves open."""
        return target.kind == "automatic1111"

    async def make(self, call: ImageCall, progress: Progress) -> Media:
        """Return the picture.

        Raises:
            ProviderError: one of its kinds.
        """
        if call.verb not in self.verbs(call.target):
            raise failure(ProviderRefusedRequest, call.target.provider, "this server cannot do that with pictures")
        side = self._a1111 if call.target.kind == "automatic1111" else self._comfyui
        return await side.make(call, progress)

    async def ping(self) -> None:
        """Return at once: each server is another's."""

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._lane.close()
