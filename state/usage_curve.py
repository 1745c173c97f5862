"""Who makes the cost, as a Lorenz curve: people from the cheapest to the dearest along, their share of the cost up.

M. O. Lorenz, Methods of Measuring the Concentration of Wealth, 1905. Drawn in a square of SIDE units, y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SIDE = 280.0


@dataclass
class Curve:
    """The drawing, and what it says: the dearest `people` per cent make `cost` per cent; `x` and `y` are that point."""

    path: str = ""
    people: str = ""
    cost: str = ""
    x: float = 0
    y: float = 0


def draw_curve(points: Sequence[tuple[float, float]], *, top_percent: float, top_cost_percent: float) -> Curve:
    """Return the drawing of `points` (share of people, share of cost, from 0 to 1); empty where nothing cost anything.

    The dearest `top_percent` of the people make `top_cost_percent` of the cost.
    """
    if not top_percent:
        return Curve()
    path = "".join(
        f"{'L' if at else 'M'}{_r(people * SIDE)} {_r((1 - cost) * SIDE)}" for at, (people, cost) in enumerate(points)
    )
    return Curve(
        path,
        people=f"{top_percent:.3g}%",
        cost=f"{top_cost_percent:.3g}%",
        x=_r((1 - top_percent / 100) * SIDE),
        y=_r(top_cost_percent / 100 * SIDE),
    )


def _r(value: float) -> float:
    return round(value, 1)
