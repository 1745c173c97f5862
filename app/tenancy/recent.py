"""Who was resolved within the last second, so that a page of twenty requests asks the database once."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from app.core.db import Database
from app.core.ports import Ports
from app.tenancy.principal import Principal

LASTS_S = 1.0  # a revocation is felt everywhere within this time: OWASP ASVS 5.0, 8.3.2
MANY = 10_000

_by_database: WeakKeyDictionary[Database, dict[str, tuple[float, Principal]]] = WeakKeyDictionary()


def _of(ports: Ports) -> dict[str, tuple[float, Principal]]:
    return _by_database.setdefault(ports.db, {})


def recall(ports: Ports, secret_hash: str) -> Principal | None:
    """Return who the secret of this hash stood for a moment ago, if that is known."""
    known = _of(ports).get(secret_hash)
    if known is None or ports.clock.monotonic_s() - known[0] >= LASTS_S:
        return None
    return known[1]


def remember(ports: Ports, secret_hash: str, principal: Principal, *, asked_at_s: float) -> None:
    """Keep an answer; it is as old as the question, not as the answer."""
    known = _of(ports)
    if len(known) >= MANY:
        known.clear()
    known[secret_hash] = (asked_at_s, principal)


def forget(ports: Ports, *secret_hashes: str) -> None:
    """Ask anew for these."""
    for secret_hash in secret_hashes:
        _of(ports).pop(secret_hash, None)


def forget_all(ports: Ports) -> None:
    """Ask anew for everybody: after roles, memberships or persons changed in this process."""
    _of(ports).clear()
