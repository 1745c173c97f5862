"""Spend by day as a drawing: paths, columns and labels in the units of the SVG's view box. Pure arithmetic.

0 --+-------------------------------+-- label per feature (wide drawing only)
    |   columns, one per day        |
y0 -+-------------------------------+   y0 is the ground line, the last 26 units hold the days' numbers
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import ceil

from state import money

TONES = 5
GAP = 1.0
"""Paper between two features of a column."""
LABEL_STEP = 36.0
STEPS = (1, 2, 5)
MOST_LINES = 3
LEAST_STEP = 1_000
"""A tenth of a cent: what a label beside the drawing has room for."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a drawing's parts stand."""

    start: float
    end: float
    top: float
    ground: float
    bar_share: float
    labels_x: float = 0
    all_days: bool = True


WIDE = Frame(start=34, end=1014, top=60.7, ground=274, bar_share=0.68, labels_x=1030)
PHONE = Frame(start=28, end=341, top=47.3, ground=194, bar_share=0.68, all_days=False)


@dataclass(frozen=True, slots=True)
class DaySpend:
    """What a day cost by feature, in micro-dollars; `features` in the order in which they are stacked."""

    day: date
    features: Mapping[str, int]
    calls: int

    @property
    def micros(self) -> int:
        """The whole day."""
        return sum(self.features.values())

    @property
    def mostly(self) -> str:
        """The feature that cost more than all others together, "" where none did."""
        dearest = max(self.features, key=lambda name: self.features[name], default="")
        return dearest if len(self.features) > 1 and 2 * self.features[dearest] > self.micros else ""


@dataclass
class Column:
    """A day: the strip one presses, its number and its words; `amount` "" means no charge."""

    day: str = ""
    number: str = ""
    x: float = 0
    middle: float = 0
    width: float = 0
    numbered: bool = True
    amount: str = ""
    calls: int = 0
    mostly: str = ""
    ahead: bool = False


@dataclass
class Layer:
    """One feature over all days; `amount` "" means no charge."""

    feature: str = ""
    tone: int = 1
    path: str = ""
    amount: str = ""
    label_y: float = 0


@dataclass
class GridLine:
    """A horizontal line and its amount."""

    y: float = 0
    amount: str = ""


@dataclass
class Chart:
    """A whole drawing."""

    columns: list[Column] = field(default_factory=list)
    layers: list[Layer] = field(default_factory=list)
    lines: list[GridLine] = field(default_factory=list)
    ahead: str = ""
    pace_y: float = 0


def draw(
    days: Sequence[DaySpend], *, order: Sequence[str], frame: Frame, pace_micros: int = 0, ahead: Sequence[int] = ()
) -> Chart:
    """Return the drawing of a month.

    `days` are all days of the month; `order` names at most TONES features from the ground up; `pace_micros` is the
    budget's share of a day (0: no budget); `ahead` holds what the last days are expected to cost, one per coming day.
    """
    most = max([pace_micros, *(day.micros for day in days), *ahead, 0])
    step = _step(most)
    lines = ceil(most / step)
    scale = (frame.ground - frame.top) / (max(1, lines) * step)
    width = (frame.end - frame.start) / max(1, len(days))
    bar = width * frame.bar_share
    first_ahead = len(days) - len(ahead)
    return Chart(
        columns=[
            _column(day, at, width, frame, ahead=at >= first_ahead, days=len(days)) for at, day in enumerate(days)
        ],
        layers=_layers(days, order, frame, scale, width, bar),
        lines=[GridLine(_r(frame.ground - at * step * scale), _tick(at * step)) for at in range(lines + 1)],
        ahead="".join(
            _outline(frame.start + (first_ahead + at) * width + (width - bar) / 2, bar, micros * scale, frame.ground)
            for at, micros in enumerate(ahead)
            if micros * scale >= 1
        ),
        pace_y=_r(frame.ground - pace_micros * scale) if pace_micros else 0,
    )


def _step(most: int) -> int:
    """Return a round amount of which at most three reach `most`."""
    power = LEAST_STEP
    while True:
        for digit in STEPS:
            if digit * power * MOST_LINES >= most:
                return digit * power
        power *= 10


def _tick(micros: int) -> str:
    if micros % money.MICROS == 0:
        return money.limit(micros)
    return f"${micros / money.MICROS:.6f}".rstrip("0")


def _column(day: DaySpend, at: int, width: float, frame: Frame, *, ahead: bool, days: int) -> Column:
    number = day.day.day
    return Column(
        day=day.day.isoformat(),
        number=str(number),
        x=_r(frame.start + at * width),
        middle=_r(frame.start + (at + 0.5) * width),
        width=_r(width),
        numbered=frame.all_days or number == 1 or (number % 5 == 0 and number <= days),
        amount=money.total(day.micros) if day.micros else "",
        calls=day.calls,
        mostly=day.mostly,
        ahead=ahead,
    )


def _layers(
    days: Sequence[DaySpend], order: Sequence[str], frame: Frame, scale: float, width: float, bar: float
) -> list[Layer]:
    grounds = [frame.ground - GAP] * len(days)
    made = []
    for tone, feature in enumerate(order[:TONES], start=1):
        path = ""
        for at, day in enumerate(days):
            height = day.features.get(feature, 0) * scale
            if height <= 0:
                continue
            drawn = max(0.4, height - GAP)
            x = frame.start + at * width + (width - bar) / 2
            path += f"M{_r(x)} {_r(grounds[at])}v{_r(-drawn)}h{_r(bar)}v{_r(drawn)}z"
            grounds[at] -= drawn + GAP
        spent = sum(day.features.get(feature, 0) for day in days)
        label_y = frame.ground - 15 - (tone - 1) * LABEL_STEP
        made.append(Layer(feature, tone, path, money.total(spent) if spent else "", label_y))
    return made


def _outline(x: float, bar: float, height: float, ground: float) -> str:
    return f"M{_r(x)} {_r(ground)}v{_r(-height)}h{_r(bar)}v{_r(height)}"


def _r(value: float) -> float:
    return round(value, 1)
