"""The operator's prices: set for a model from a date on, with their source; they go before the shipped list."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from app.core.db import Database
from app.core.ports import Ports
from app.usage import queries
from app.usage.prices import Price, overlay

KEPT_S = 2.0

_read_s: WeakKeyDictionary[Database, float] = WeakKeyDictionary()


async def refresh(ports: Ports) -> None:
    """Read the operator's prices unless that was done within two seconds."""
    now_s = ports.clock.monotonic_s()
    read_s = _read_s.get(ports.db)
    if read_s is not None and 0 <= now_s - read_s < KEPT_S:
        return
    async with ports.db.bound(tenant_id=None).read() as session:
        rows = await queries.prices(session)
    prices = [
        (row.kind, row.model, Price(row.input_micros, row.output_micros, row.source, row.valid_from)) for row in rows
    ]
    overlay.replace(prices, today=ports.clock.now().date())
    _read_s.clear()  # the overlay is of one database: another one reads anew
    _read_s[ports.db] = now_s
