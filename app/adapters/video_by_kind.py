"""One Video port over two adapters: the built-in composer, and the vendors' models."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from app.adapters.video_embedded import EmbeddedVideo
from app.adapters.video_litellm import LiteLLMVideo
from app.core.media_ports import Media, Progress, Video, VideoCall


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
        adapter: Video = self._embedded if call.target.kind == "embedded" else self._library
        return await adapter.make(call, progress, started=started)

    async def ping(self) -> None:
        """Return when the built-in composer can serve.

        Raises:
            Unavailable: it cannot.
        """
        await self._embedded.ping()

    async def close(self) -> None:
        """End every connection of the running loop."""
        await self._library.close()
