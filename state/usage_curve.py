"""Who makes the cost, as a Lorenz curve: people from the cheapest to the dearest along, their share of the cost up.

M. O. Lorenz, Methods of Measuring the Concentration of Wealth, 1905. Drawn in a square of SIDE units, y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

SIDE = 280.0
MOST_POINTS = 200
HALF = 0.5


@dataclass
class Curve:
    """The drawing, and what it says: the dearest `people` per cent make `cost` per cent; `x` and `y` are that point."""

    path: str = ""
    people: int = 0
    cost: int = 0
    x: float = 0
    y: float = 0


def lorenz(costs: Sequence[int]) -> Curve:
    """Return the curve of what each person cost, in any order and unit; empty where nothing cost anything."""
    ranked = sorted(cost for cost in costs if cost >= 0)
    whole = sum(ranked)
    if not whole:
        return Curve()
    sums = [0, *accumulate(ranked)]
    count = len(ranked)
    step = max(1, count // MOST_POINTS)
    kept = sorted({*range(0, count + 1, step), count})
    path = "".join(f"{'L' if at else 'M'}{_r(at / count * SIDE)} {_r(SIDE - sums[at] / whole * SIDE)}" for at in kept)
    few = next(few for few in range(1, count + 1) if whole - sums[count - few] >= HALF * whole)
    below = count - few
    return Curve(
        path,
        people=max(1, round(100 * few / count)),
        cost=round(100 * (whole - sums[below]) / whole),
        x=_r(below / count * SIDE),
        y=_r(SIDE - sums[below] / whole * SIDE),
    )


def _r(value: float) -> float:
    return round(value, 1)
