"""`setup`: all the work was done before this was called; say so."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Say that everything is in place."""
    print("Galley is set up. Start it with: python3 -m app")
    return 0
