"""The end of a process: every connection to the outside is closed, whoever holds it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from app.core.ports import Ports


@runtime_checkable
class Closing(Protocol):
    """An adapter that holds connections."""

    async def close(self) -> None:
        """End every connection of the running loop."""
        ...


async def close_media(ports: Ports) -> None:
    """Close what the adapters of media hold; what is built in holds nothing."""
    for part in (ports.images, ports.speech, ports.transcription, ports.video):
        if isinstance(part, Closing):
            await part.close()
