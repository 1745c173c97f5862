"""What happens when a handler or the browser's side breaks: noted without anybody's text, told in our words."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import reflex as rx
from reflex.event import EventSpec

from app.core.errors import AppError
from app.core.ids import new_id
from app.core.telemetry import log
from state.marks import public
from state.session import SessionState


class FailureState(rx.State):
    """Turns an error of any handler into a notice."""

    @rx.event
    @public
    async def show(self, key: str, text: str, request_id: str) -> None:
        """Show the notice; only the server sends this, and what a browser could send changes its own tab alone."""
        session = await self.get_state(SessionState)
        session._say(key, text, tone="bad", request=request_id)


def report_backend(exception: Exception) -> EventSpec | None:
    """Note what broke in a handler and tell its tab; an AppError is told by its code, anything else is a bug."""
    if isinstance(exception, AppError):
        return FailureState.show(f"error.{exception.code}", exception.text(), "")
    event_id = str(new_id())
    log.error("event.failed", error=type(exception).__name__, event_id=event_id, where=_where(exception))
    words = "Something went wrong on our side. Quote {request} if you ask about it."
    return FailureState.show("error.event", words, event_id)


def sentence_of(code: str) -> str:
    """Return the English sentence of an error that is kept by its code alone, as the errors of jobs are."""
    return next((kind.message for kind in _kinds(AppError) if kind.code == code), AppError.message)


def _kinds(root: type[AppError]) -> Iterator[type[AppError]]:
    yield root
    for kind in root.__subclasses__():
        yield from _kinds(kind)


def report_frontend(exception: Exception) -> None:
    """Note that the browser's side broke. Its words are the sender's and stay out of the log."""
    log.warning("screen.failed", chars=len(str(exception)))


def _where(exception: Exception) -> list[str]:
    """Name the places and drop the words: messages of errors quote what people typed."""
    frames = traceback.extract_tb(exception.__traceback__)[-6:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
