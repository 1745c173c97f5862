"""Whether each part of the installation answers: for the probes of operators, and for the status page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from app.core.errors import AppError
from app.core.migrating import is_migrated
from app.core.ports import Ports
from app.core.telemetry import log

OK = "ok"


async def parts(ports: Ports) -> dict[str, str]:
    """Ping each part, and return "ok" or a code by its name."""
    pings = {
        "database": ports.db.ping,
        "models": ports.models.ping,
        "files": ports.blobs.ping,
        "limits": ports.limiter.ping,
        "embeddings": ports.embeddings.ping,
        "media": lambda: _media(ports),
        "queue": ports.queue.ping,
        "bus": ports.bus.ping,
    }
    return {name: await _state(name, ping) for name, ping in pings.items()}


async def _media(ports: Ports) -> None:
    """Return when what is built in can make and read pictures, sound and clips."""
    for part in (ports.media_tools, ports.sound_tools, ports.images, ports.speech, ports.video):
        await part.ping()


async def parts_to_serve(ports: Ports) -> dict[str, str]:
    """Return the same, and "not_migrated" for a database that this version of Galley cannot use yet."""
    found = await parts(ports)
    if found["database"] == OK and not await is_migrated(ports.db):
        found["database"] = "not_migrated"
    return found


async def _state(name: str, ping: Callable[[], Awaitable[None]]) -> str:
    try:
        await ping()
    except AppError as error:
        return error.code
    except Exception as error:  # whatever a part throws, the answer is that it is down
        log.warning("health.part_down", part=name, error=type(error).__name__)
        return "unavailable"
    return OK
