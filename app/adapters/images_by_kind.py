"""One Images port over three adapters: the built-in composer, LiteLLM, and picture servers."""

from __future__ import annotations

from app.adapters.images_embedded import EmbeddedImages
from app.adapters.images_http import HttpImages
from app.adapters.images_litellm import LiteLLMImages
from app.core.media_ports import ImageCall, Images, Media, Progress
from app.core.ports import ModelTarget


class ImagesByKind:
    """Sends each call to the adapter of its target's kind."""

    def __init__(self) -> None:
        self._embedded = EmbeddedImages()
        self._library = LiteLLMImages()
        self._http = HttpImages()

    def verbs(self, target: ModelTarget) -> frozenset[str]:
        """Return which verbs of ImageCall the target can do; none for a kind that makes no pictures."""
        return self._adapter(target).verbs(target)

    def keeps_to_mask(self, target: ModelTarget) -> bool:
        """Return whether the target, when it edits, changes only what a mask leaves open."""
        return self._adapter(target).keeps_to_mask(target)

    async def make(self, call: ImageCall, progress: Progress) -> Media:
        """Return the picture.

        Raises:
            ProviderError: one of its kinds.
        """
        return await self._adapter(call.target).make(call, progress)

    async def ping(self) -> None:
        """Return when the embedded adapter can serve."""
        await self._embedded.ping()

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._library.close()
        await self._http.close()

    def _adapter(self, target: ModelTarget) -> Images:
        if target.kind == "embedded":
            return self._embedded
        return self._http if target.kind in ("automatic1111", "comfyui") else self._library
