"""`simulator`: the provider simulator by itself; no model is behind it."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Serve until stopped."""
    from bench.simulator.__main__ import main as serve

    return serve(list(arguments))
