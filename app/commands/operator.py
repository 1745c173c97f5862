"""`operator`: prints a one-time token that makes a person the operator, until there is one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from app.commands.configuration import checked_settings


def main(arguments: Sequence[str]) -> int:
    """Print a fresh token; earlier ones end. Prints nothing of use once there is an operator."""
    settings = checked_settings()
    os.umask(0o077)
    from app.bootstrap import build_ports
    from app.core.ports import Ports
    from app.tenancy.operators import first_claim

    async def make(ports: Ports) -> str | None:
        try:
            return await first_claim(ports)
        finally:
            await ports.db.close()

    token = asyncio.run(make(build_ports(settings)))
    if token is None:
        print("There is an operator already.")
        return 0
    print(f"No operator yet. The one-time token for the first one (docs/operator.md): {token}")
    return 0
