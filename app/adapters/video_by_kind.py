"""One Video port over two adapters: the built-in composer, and the vendors' models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from app.adapters.video_embedded import EmbeddedVideo
from app.adapters.video_litellm import LiteLLMVideo
from app.core.media_ports import Media, Progress, Video, VideoCall
from app.core.ports import ModelTarget


class VideoByKind:
    """Sends each call to the adapter of its target's kind."""

    def __init__(self) -> None:
        self._embedded = EmbeddedVideo()
        self._library = LiteLLMVideo()

    async def make(
        self, call: VideoCall, progress: Progress, *, started: Callable[[Mapping[str, str]], Awaitable[None]]
    ) -> Media:
        """Make the clip with the adapter that serves the target's kind.

        Raises:
            ProviderError: one of its kinds.
        """
        return await self._of(call.target).make(call, progress, started=started)

    async def give_up(self, target: ModelTarget, task: Mapping[str, str]) -> None:
        """Ask the provider to end a task that nobody wants any more."""
        await self._of(target).give_up(target, task)

    def _of(self, target: ModelTarget) -> Video:
        return self._embedded if target.kind == "embedded" else self._library

    async def ping(self) -> None:
        """Return when the built-in composer can serve.

        Raises:
            Unavailable: it cannot.
        """
        await self._embedded.ping()

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._library.close()
