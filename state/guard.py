"""Deny by default: every event of every browser passes here before its handler, background events too.

An event is served when its handler carries a mark, the tab belongs to the session that speaks, the session has the
scope (read from the database), the payload fits the handler, and the sender is not too fast. Reflex asks none of this:
names are resolved in a global registry, and the tab's token, which the browser chooses itself, opens a whole state to
whoever presents it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext

from app.core.errors import NotAllowed, NotInDemo
from app.core.telemetry import EVENTS_REFUSED, log
from state.marks import PUBLIC, mark_of
from state.payloads import PayloadRefused, Unannotated, refuse_unfit
from state.rates import Buckets, Rate, Visitors
from state.session import SessionState, ports, principal_of, session_token
from state.tabs import forget_soon

if TYPE_CHECKING:
    from reflex.app import App

    from app.tenancy.principal import Principal

ROOT = "reflex___state____state"
HYDRATE = frozenset({f"{ROOT}.hydrate", f"{ROOT}.hydrate_and_load"})
FRAMEWORK = HYDRATE | {
    f"{ROOT}.set_is_hydrated",
    f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal",
    f"{ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
    f"{ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
}
"""Reflex's own events that a page cannot do without.
Whatever else it registers (setvar, the storage updates) is refused.
"""

SIGNED_IN = Rate(burst=120, per_s=30)
VISITOR = Rate(burst=60, per_s=8)
MOST_VISITORS = 1000  # about 0.2 MB each

_KEPT_ON_WIPE = ("rx_router_session", "rx_router_headers", "rx_router_page", "rx_router_url", "rx_router_route_id")


class Guard(Middleware):
    """The one gate of the socket."""

    def __init__(self) -> None:
        self._sessions = Buckets(SIGNED_IN)
        self._addresses = Buckets(VISITOR)
        self._visitors = Visitors(most=MOST_VISITORS)

    async def preprocess(self, app: App, state: BaseState, event: Event) -> StateUpdate | None:
        """Return None to let the event through, an update to answer in its place."""
        principal = await principal_of(state)
        owner = _owner(state, principal)
        if refused := self._refuse_rush(app, state, owner):
            return refused
        session = await state.get_state(SessionState)
        if session._owner != owner:
            # An unowned state is one that was dropped while its tab slept; Reflex fills the tab anew by itself.
            if event.name not in HYDRATE and session._owner:
                return _refuse("owner", event, {"expired": True})
            await _hand_over(state, owner)
        if event.name in FRAMEWORK:
            return _check_framework(event)
        return _check_handler(event, principal)

    def _refuse_rush(self, app: App, state: BaseState, owner: str) -> StateUpdate | None:
        now_s = ports().clock.monotonic_s()
        tab = state.router.session.client_token
        forget_soon(app, self._visitors.gone(now_s=now_s))
        if owner:
            self._visitors.forget(tab)
            allowed = self._sessions.take(owner, now_s=now_s)
        else:
            address = state.router.session.client_ip
            admitted = self._visitors.admit(tab, now_s=now_s)
            allowed = self._addresses.take(address, now_s=now_s) and admitted
            if not admitted:
                forget_soon(app, [tab])
        if allowed:
            return None
        return _refuse(
            "rate", None, _notice("error.too_many", "Too many requests. Try again in {seconds} seconds.", seconds=5)
        )


def _owner(state: BaseState, principal: Principal | None) -> str:
    """Name the session, person and workspace that speak; "" for a visitor.
    The cookie itself is not kept in the state.
    """
    if principal is None:
        return ""
    told = f"{session_token(state)}|{principal.user_id}|{principal.tenant_id}"
    return hashlib.sha256(told.encode()).hexdigest()


async def _hand_over(state: BaseState, owner: str) -> None:
    """Empty a tab's state before another session sees it, and bind it to that session.

    The route and the headers of the socket stay: they belong to the one who speaks now.
    """
    root = state._get_root_state()
    kept = {name: getattr(root, name) for name in _KEPT_ON_WIPE}
    router_data = root.router_data
    root.reset()
    root.router_data = router_data
    for name, value in kept.items():
        setattr(root, name, value)
    session = await root.get_state(SessionState)
    session._owner = owner


def _check_framework(event: Event) -> StateUpdate | None:
    # We keep nothing in the browser's storage, so a page that sends stored values was not made by us.
    if event.payload.get("vars"):
        return _refuse("storage", event, {})
    return None


def _check_handler(event: Event, principal: Principal | None) -> StateUpdate | None:
    registered = RegistrationContext.get().event_handlers.get(event.name)
    scope = mark_of(registered.handler.fn) if registered else None
    if registered is None or scope is None:
        return _refuse("unmarked", event, {})
    if scope != PUBLIC and principal is None:
        return _refuse("signed_out", event, {"expired": True})
    if scope != PUBLIC and principal is not None and scope not in principal.scopes:
        refusal = NotInDemo if principal.is_demo else NotAllowed
        return _refuse("scope", event, _notice(f"error.{refusal.code}", refusal.message))
    try:
        refuse_unfit(registered.handler.fn, event.payload)
    except (PayloadRefused, Unannotated):
        return _refuse("payload", event, _notice("error.invalid", "This value cannot be used."))
    return None


def _refuse(reason: str, event: Event | None, shown: Mapping[str, Any]) -> StateUpdate:
    """Return the answer in place of the handler: it changes what the browser shows, not what the server keeps."""
    EVENTS_REFUSED.labels(reason=reason).inc()
    log.warning("event.refused", reason=reason, handler=_known_name(event))
    if not shown:
        return StateUpdate()
    name = SessionState.get_full_name()
    return StateUpdate(delta={name: {f"{var}_rx_state_": value for var, value in shown.items()}})


def _known_name(event: Event | None) -> str:
    """Return the handler's name if it exists; a made-up one is the sender's text and stays out of the log."""
    return event.name if event and event.name in RegistrationContext.get().event_handlers else "unknown"


def _notice(key: str, text: str, **params: object) -> dict[str, Any]:
    words = {name: str(value) for name, value in params.items()}
    stamp = f"guard-{ports().clock.monotonic_s()}"
    return {"notice": {"id": stamp, "tone": "bad", "key": key, "text": text, **words}}
