"""How tests wait: for what must happen, as long as a busy machine may need for it. A sleep that hopes it has happened
by then, or a limit that a loaded machine reaches, fails where nothing is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE_S = 30.0
"""How long a test waits for what must happen; a limit that must be reached has a length of its own.
What is made to hang for a test hangs for longer, so that it does not end by itself in time."""


async def until(holds: Callable[[], object]) -> None:
    """Wait until `holds()` is true.

    Raises:
        TimeoutError: it is not within PATIENCE_S.
    """
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.005)
