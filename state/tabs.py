"""Memory of tabs nobody needs: Reflex keeps a state for an hour after its last event, a visitor's costs as much as a
member's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
from reflex.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reflex.app import App

AFTER_S = 1.0
"""The event that is being answered still holds the state."""


def forget_soon(app: App | None, tabs: Iterable[str]) -> None:
    """Drop the states of these tabs once the present event is over; states in Redis end by themselves."""
    manager = app.state_manager if app is not None else None
    if isinstance(manager, StateManagerMemory):
        for tab in tabs:
            asyncio.get_running_loop().call_later(AFTER_S, forget, manager, tab)


def forget(manager: StateManagerMemory, tab: str) -> None:
    """Drop the state of a tab, unless an event is using it."""
    token = BaseStateToken(ident=tab, cls=State)
    lock = manager._states_locks.get(token.lock_key)
    if lock is None or not lock.locked():
        manager._purge_token(token)
