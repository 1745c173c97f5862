"""Who was resolved within the last second, by the hash of their secret: a page of twenty requests asks once."""

from __future__ import annotations

from app.core.kept import Kept
from app.core.ports import Ports
from app.tenancy.principal import Principal

LASTS_S = 1.0  # a revocation is felt everywhere within this time: OWASP ASVS 5.0, 8.3.2

known: Kept[str, Principal | None] = Kept(lasts_s=LASTS_S)


def forget(ports: Ports, *secret_hashes: str) -> None:
    """Ask anew for these."""
    known.forget(ports, *secret_hashes)


def forget_all(ports: Ports) -> None:
    """Ask anew for everybody: after roles, memberships or persons changed in this process."""
    known.forget_all(ports)
