"""`bench`: one measurement, one table, the reference row measured in the same run."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run one bench."""
    from bench.harness import main as run

    return run(list(arguments))
