"""A run on the wire: each event of the service as one server-sent event, named by its class in lower case."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, fields
from uuid import UUID

from app.api.event_stream import frame
from app.api.rest.verdicts import check_out, line_out
from app.content.errors import RunStopped
from app.content.events import Checked, Chosen, Event, Failed, Started
from app.core.errors import fill
from app.core.ids import NOBODY


@dataclass(slots=True)
class RunOutcome:
    """How a run ended, filled while its events pass."""

    generation_id: UUID = NOBODY
    failure: Failed | None = None

    def note(self, event: Event) -> None:
        """Take an event into account."""
        if isinstance(event, Started):
            self.generation_id = UUID(event.generation_id)
        elif isinstance(event, Failed):
            self.failure = event

    @property
    def is_final(self) -> bool:
        """Whether repeating the request should give this result: a run that failed may be tried again."""
        return self.failure is None or self.failure.code == RunStopped.code

    @property
    def detail(self) -> str:
        """Why it failed, in English; empty where it did not."""
        return fill(self.failure.message, self.failure.params) if self.failure else ""


async def frames(first: Event, events: AsyncGenerator[Event], ended: RunOutcome) -> AsyncGenerator[bytes]:
    """Yield the events as frames, numbered from 1; closes `events`."""
    number = 1
    async with aclosing(events):
        ended.note(first)
        yield _frame(first, number)
        async for event in events:
            number += 1
            ended.note(event)
            yield _frame(event, number)


async def outcome(first: Event, events: AsyncGenerator[Event]) -> RunOutcome:
    """Let the run go to its end, and return how it ended."""
    ended = RunOutcome()
    ended.note(first)
    async for event in events:
        ended.note(event)
    return ended


def _frame(event: Event, number: int) -> bytes:
    return frame(type(event).__name__.lower(), number, _data(event))


def _data(event: Event) -> dict[str, object]:
    match event:
        case Checked():
            return {
                "variant": event.variant,
                "text": event.text,
                "passed": event.passed,
                "total": event.total,
                "checks": [check_out(one).model_dump() for one in event.results],
                "lines": [line_out(one).model_dump() for one in event.lines],
            }
        case Chosen():
            why = [{"model": m, "code": c, "text": t, "params": dict(p)} for m, c, t, p in event.why]
            return {**_plain(event), "provider": _provider(event), "why": why}
        case Failed():
            return {**_plain(event), "detail": fill(event.message, event.params), "params": dict(event.params)}
        case _:
            shown = _plain(event)
            return {**shown, "provider": "embedded"} if shown.get("embedded") else shown


def _provider(event: Chosen) -> str:
    return "embedded" if event.embedded else event.provider


def _plain(event: Event) -> dict[str, object]:
    return {field.name: getattr(event, field.name) for field in fields(event)}
