"""What happens when the cache itself fails: it is logged, counted, and the model is asked."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from app.core.errors import AppError
from app.core.telemetry import log
from app.llm.cache.metrics import BROKEN

Result = TypeVar("Result")


async def or_none(verb: str, work: Awaitable[Result]) -> Result | None:
    """Return what `work` gives, None when it fails: a cache that is broken must not cost an answer."""
    try:
        return await work
    except AppError as error:
        log.warning("cache.unavailable", verb=verb, code=error.code)
    except Exception as error:  # a bug here must not keep a model from being asked
        log.exception("cache.broken", verb=verb, error=type(error).__name__)
    BROKEN.labels(verb).inc()
    return None
