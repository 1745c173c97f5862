"""From the bus to the open tabs: what happens to a workspace's jobs reaches each tab that follows them within 200 ms.

    page's on_load ── await live.follow(self, JobsState.told) ──> a seat: which tab, whose workspace, which handlers
    bus ──> `tell_tabs` (one task of the web process) ──> the workspace's seats ──> an ordinary event for each handler

The handler is a state's own, marked like every other one, and takes `changes: list[dict[str, str | int]]`: each with
`id`, `name`, `state`, `step`, `done_permille`, `error_code`, `user_id`, the newest of each job. A change with an empty
id says that something may have been missed: read the list again. The event passes the guard as if the tab had sent it,
so who was signed out meanwhile is told nothing; what a handler shows it reads through `ctx_for(self)`.

Reflex has no public way for this: what is taken of its inside stays in this module.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reflex_base.event import Event
from reflex_base.utils.format import format_event_handler

from app.core.jobs.names import ENDED
from app.core.jobs.placing import EVENT
from app.core.signals import MISSED
from app.core.telemetry import log
from state.session import ports, principal_of

if TYPE_CHECKING:
    from uuid import UUID

    from reflex.app import App
    from reflex.state import BaseState
    from reflex_base.event import EventHandler

    from app.core.signals import BusEvent

Change = dict[str, str | int]

GATHER_S = 0.1
"""Changes that come faster reach a tab together."""
GATHER_ENDS_S = 0.03
"""What has ended is waited for by somebody, and is told sooner, with all that is still untold."""
AWAY_AGAIN_S = 1.0
AWAY_AT_MOST_S = 900.0
"""A tab whose socket broke keeps its seat for so long; a page opened anew takes one of its own."""
MOST_CHANGES = 100


@dataclass
class Seat:
    """A tab that follows its workspace's jobs, and what it has not been told yet, by job."""

    tenant_id: UUID
    handlers: set[str] = field(default_factory=set)
    untold: dict[str, Change] = field(default_factory=dict)
    told_s: float = float("-inf")
    away_s: float | None = None
    telling: asyncio.TimerHandle | None = None


_seats: dict[str, Seat] = {}
"""By the tab's token; never leaves the server."""


async def follow(state: BaseState, handler: EventHandler) -> None:
    """Tell this tab of its workspace's jobs through `handler`, from now on; following twice is following once."""
    principal = await principal_of(state)
    tab = state.router.session.client_token
    seat = _seats.get(tab)
    if principal is None:
        _give_up(tab)
        return
    if seat is None or seat.tenant_id != principal.tenant_id:
        _give_up(tab)
        seat = _seats[tab] = Seat(principal.tenant_id)
    seat.handlers.add(format_event_handler(handler))


def leave(state: BaseState, handler: EventHandler) -> None:
    """Tell this tab nothing more through `handler`."""
    tab = state.router.session.client_token
    if (seat := _seats.get(tab)) is not None:
        seat.handlers.discard(format_event_handler(handler))
        if not seat.handlers:
            _give_up(tab)


def _give_up(tab: str) -> None:
    seat = _seats.pop(tab, None)
    if seat is not None and seat.telling is not None:
        seat.telling.cancel()


async def tell_tabs(app: App) -> None:
    """Hand what the bus says to the tabs, for as long as the web process runs."""
    async for event in ports().bus.listen():
        try:
            _note(app, event)
        except Exception as error:  # one event that cannot be told must not silence the next ones
            log.exception("live.broken", error=type(error).__name__)


def _note(app: App, event: BusEvent) -> None:
    missed = event.name == MISSED
    if not missed and event.name != EVENT:
        return
    change: Change = {"id": ""} if missed else dict(event.data)
    for tab, seat in list(_seats.items()):
        if missed or seat.tenant_id == event.tenant_id:
            seat.untold.pop(str(change["id"]), None)
            seat.untold[str(change["id"])] = change
            if len(seat.untold) > MOST_CHANGES:
                seat.untold = {"": {"id": ""}}
            has_ended = change.get("state") in ENDED
            if seat.telling is None or (has_ended and seat.away_s is None):
                _tell_soon(app, tab, seat, gather_s=GATHER_ENDS_S if has_ended else GATHER_S)


def _tell_soon(app: App, tab: str, seat: Seat, *, after_s: float = 0.0, gather_s: float = GATHER_S) -> None:
    if seat.telling is not None:
        seat.telling.cancel()
    loop = asyncio.get_running_loop()
    wait_s = max(after_s, seat.told_s + gather_s - loop.time())
    seat.telling = loop.call_later(max(0.0, wait_s), lambda: _begin(app, tab, seat))


_telling: set[asyncio.Task[None]] = set()


def _begin(app: App, tab: str, seat: Seat) -> None:
    seat.telling = None
    if _seats.get(tab) is not seat:
        return
    now_s = asyncio.get_running_loop().time()
    if not is_connected(app, tab):
        seat.away_s = seat.away_s or now_s
        if now_s - seat.away_s > AWAY_AT_MOST_S:
            _give_up(tab)
        else:
            _tell_soon(app, tab, seat, after_s=AWAY_AGAIN_S)
        return
    seat.away_s, seat.told_s = None, now_s
    changes, seat.untold = list(seat.untold.values()), {}
    task = asyncio.ensure_future(_tell(app, tab, seat, changes))
    _telling.add(task)
    task.add_done_callback(_telling.discard)


async def _tell(app: App, tab: str, seat: Seat, changes: list[Change]) -> None:
    for name in sorted(seat.handlers):
        try:
            await app.event_processor.enqueue(tab, Event(name=name, payload={"changes": changes}))
        except Exception as error:  # Reflex is stopping, or has dropped the tab
            log.warning("live.not_told", error=type(error).__name__)


def is_connected(app: App, tab: str) -> bool:
    """Whether the tab's socket ends in this very process: touching the state of another one would make a new one."""
    manager: Any = app.event_namespace._token_manager if app.event_namespace else None
    record = manager.token_to_socket.get(tab) if manager else None
    return record is not None and record.instance_id == manager.instance_id
