"""Large geometric subjects: each fills a box with a few shapes, the same ones for the same seed.

Every motif takes a painter that ends at the box's edges, the box, three colours (light or strong, lively, calm) on a
ground that is there already, and a source of chance for its proportions. None is noise: all are constructed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from app.adapters.images_embedded.palette import RGB
from app.adapters.images_embedded.shapes import Box, Painter

Colors = tuple[RGB, RGB, RGB]
Motif = Callable[[Painter, Box, Colors, Random], None]


def rings(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """Concentric rings around a point off the middle, running off the edges."""
    strong, lively, calm = colors
    x = box.x + box.w * chance.choice((0.38, 0.5, 0.62))
    y = box.y + box.h * chance.choice((0.42, 0.5, 0.6))
    step = box.short * chance.choice((0.085, 0.1))
    for at in range(int(math.hypot(box.w, box.h) / step), 1, -2):
        painter.ring(x, y, step * (at + 0.9), step, calm)
    for at in (5, 3):
        painter.ring(x, y, step * at, step, strong)
    painter.disc(x, y, step, lively)


def sunrise(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """A disc over a horizon that is cut into ever thinner bands."""
    strong, lively, calm = colors
    x = box.x + box.w * chance.choice((0.36, 0.5, 0.64))
    horizon = box.y + box.h * 0.62
    radius = box.short * 0.34
    painter.ring(x, horizon - radius * 0.25, radius * 1.42, radius * 0.16, calm)
    painter.disc(x, horizon - radius * 0.25, radius, lively)
    painter.rectangle(Box(box.x, horizon, box.w, box.bottom - horizon), strong)
    top, gap, thick = horizon + box.h * 0.05, box.h * 0.016, box.h * 0.016
    for _ in range(5):
        half = radius * (1.02 - (top - horizon) / box.h)
        painter.rectangle(Box(x - half, top, 2 * half, thick), lively)
        top += thick + gap
        gap, thick = gap * 1.35, thick * 0.86


def arches(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """Nested arches that stand on the lower edge, a smaller row beside."""
    strong, lively, calm = colors
    count = max(1, round(box.w / (box.h * 0.72)))
    wide = box.w / count
    for at in range(count):
        x = box.x + wide * (at + 0.5)
        tall = box.h * (0.86 if (at + chance.randrange(2)) % 2 == 0 else 0.62)
        for turn, color in enumerate((strong, calm, lively, strong)):
            half = wide * (0.46 - 0.115 * turn)
            if half <= 0:
                break
            foot = box.bottom - tall + wide * 0.46
            painter.arch(Box(x - half, foot - half, 2 * half, box.bottom - foot + half), color)
    painter.disc(box.x + wide * 0.5, box.y + box.h * 0.08, box.short * 0.035, lively)


def steps(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """Columns that rise in even steps, with round heads; one of them is the lively one."""
    strong, lively, calm = colors
    count = max(4, min(8, round(box.w / box.h * 6)))
    pitch = box.w / count
    chosen = chance.randrange(count // 2, count)
    for at in range(count):
        tall = box.h * (0.24 + 0.62 * at / (count - 1))
        half = pitch * 0.36
        x, top = box.x + pitch * (at + 0.5), box.bottom - tall
        color = lively if at == chosen else strong if at % 2 else calm
        painter.arch(Box(x - half, top, 2 * half, tall), color)


def waves(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """Even bands that swing across the box, one above the other."""
    strong, lively, calm = colors
    rows = 7
    pitch = box.h / rows
    swing, length = pitch * 0.62, max(box.w / chance.choice((1.5, 2, 2.5)), pitch * 3)
    shift = chance.random() * math.tau
    marked = chance.randrange(2, rows - 2)
    start, reach = box.x - pitch, box.w + 2 * pitch
    for row in range(-1, rows + 1):
        y = box.y + pitch * (row + 0.5)
        points = [
            (start + reach * step / 90, y + swing * math.sin(shift + reach * step / 90 / length * math.tau))
            for step in range(91)
        ]
        painter.line(points, pitch * 0.46, lively if row == marked else strong if row % 2 else calm)


def still_life(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """A vase, a ball and a bowl on a table, against a tall arch."""
    strong, lively, calm = colors
    unit, table = box.short, box.y + box.h * 0.80
    x = box.x + box.w * 0.5
    flip = chance.choice((-1, 1))
    half, head = unit * 0.27, table - unit * 0.44
    painter.arch(Box(x - half, head - half, 2 * half, table - head + half), calm)
    painter.rectangle(Box(box.x, table, box.w, box.bottom - table), strong)
    vase = x - flip * unit * 0.12
    _vase(painter, vase, table, unit * 0.4, strong)
    painter.line([(vase, table - unit * 0.36), (vase + flip * unit * 0.03, table - unit * 0.62)], unit * 0.012, strong)
    painter.disc(vase + flip * unit * 0.03, table - unit * 0.64, unit * 0.05, lively)
    ball = unit * 0.115
    painter.disc(x + flip * unit * 0.16, table - ball, ball, lively)
    bowl = unit * 0.1
    painter.slice(x + flip * unit * 0.4, table - bowl, bowl, 0, 180, strong)


def _vase(painter: Painter, x: float, foot: float, tall: float, color: RGB) -> None:
    outline = (
        (0.0, 0.30),
        (0.10, 0.36),
        (0.28, 0.40),
        (0.46, 0.36),
        (0.64, 0.22),
        (0.80, 0.12),
        (0.92, 0.11),
        (1.0, 0.15),
    )
    right = [(x + width * tall * 0.62, foot - high * tall) for high, width in outline]
    left = [(x - width * tall * 0.62, foot - high * tall) for high, width in outline]
    painter.polygon([*right, *left[::-1]], color)


def fan(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """Rays from a lower corner or the foot, with a disc where they meet."""
    strong, lively, calm = colors
    side = chance.choice((0.0, 0.5, 1.0))
    x, y, reach = box.x + box.w * side, box.bottom, math.hypot(box.w, box.h)
    rays = 24
    for at in range(0, rays * 2, 2):
        painter.slice(x, y, reach, at * 180 / rays, (at + 1) * 180 / rays, calm)
    painter.disc(x, y, box.short * 0.56, strong)
    painter.disc(x, y, box.short * 0.34, lively)
    painter.disc(x, y, box.short * 0.14, calm)


def leaves(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """A stem with pairs of leaves that grow smaller, and a fruit on top."""
    strong, lively, calm = colors
    x, lean = box.x + box.w * 0.5, chance.choice((-1, 1))
    painter.disc(x + lean * box.short * 0.1, box.y + box.h * 0.46, box.short * 0.4, calm)
    top, foot = box.y + box.h * 0.14, box.bottom
    painter.line([(x, foot), (x, top)], box.short * 0.014, strong)
    for at in range(4):
        y = foot - (foot - top) * (0.16 + 0.205 * at)
        long = box.short * (0.34 - 0.052 * at)
        for side in (-1, 1):
            _leaf(painter, x, y, long, -90 + side * (52 - 4 * at), lively if (at == 1 and side == lean) else strong)
    painter.disc(x, top, box.short * 0.045, lively)


def _leaf(painter: Painter, x: float, y: float, long: float, degrees: float, color: RGB) -> None:
    turn = math.radians(degrees)
    along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
    edge = []
    for step in range(41):
        share = step / 20 if step <= 20 else (40 - step) / 20
        side = 1 if step <= 20 else -1
        bulge = side * 0.24 * math.sin(share * math.pi) ** 0.9 * long
        edge.append((x + along[0] * share * long + across[0] * bulge, y + along[1] * share * long + across[1] * bulge))
    painter.polygon(edge, color)


def orbits(painter: Painter, box: Box, colors: Colors, chance: Random) -> None:
    """Thin circles through one point, with bodies of different sizes on them."""
    strong, lively, calm = colors
    x, y = box.x + box.w * 0.5, box.y + box.h * 0.5
    unit = box.short
    painter.disc(x, y, unit * 0.15, strong)
    for at, share in enumerate((0.27, 0.385, 0.5, 0.64, 0.8)):
        painter.ring(x, y, unit * share, max(1.5, unit * 0.006), calm)
        turn = chance.random() * math.tau
        body = unit * (0.03, 0.055, 0.022, 0.04, 0.03)[at]
        painter.disc(
            x + unit * share * math.cos(turn), y + unit * share * math.sin(turn), body, lively if at == 1 else strong
        )


STANDING: tuple[Motif, ...] = (sunrise, arches, steps, still_life, fan, leaves)
"""Those that stand on the lower edge and need no ground of their own."""
SUBJECTS: tuple[Motif, ...] = (*STANDING, rings, waves, orbits)


def tiles(painter: Painter, box: Box, colors: Colors, chance: Random, *, across: int = 0) -> None:
    """A field of square tiles with a quarter, half or whole disc, a leaf or a ring in each."""
    across = across or max(2, round(box.w / box.short * 3))
    side = box.w / across
    down = max(1, math.ceil(box.h / side - 0.02))
    before = -1
    for row in range(down):
        for column in range(across):
            kind = chance.choice([one for one in range(6) if one != before])
            before = kind
            place = Box(box.x + column * side, box.y + row * side, side, side)
            _tile(painter, place, kind, colors, chance)


def _tile(painter: Painter, box: Box, kind: int, colors: Colors, chance: Random) -> None:
    strong, lively, calm = colors
    color = chance.choices((strong, lively, calm), (5, 2, 4))[0]
    side, turn = box.w, chance.randrange(4)
    x, y = box.x + side * (turn in (1, 2)), box.y + side * (turn in (2, 3))
    inside = painter.within(box)
    if kind == 0:
        inside.disc(x, y, side, color)
    elif kind == 1:
        inside.disc(x, y, side, color)
        inside.disc(x, y, side * 0.5, lively if color is not lively else calm)
    elif kind == 2:
        inside.disc(box.x + side / 2, box.y + side / 2, side * 0.36, color)
    elif kind == 3:
        ends = ((0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5))[turn]
        inside.disc(box.x + side * ends[0], box.y + side * ends[1], side * 0.5, color)
    elif kind == 4:
        corners = [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)]
        inside.polygon([corners[(turn + at) % 4] for at in range(3)], color)
    else:
        inside.ring(x, y, side * 0.92, side * 0.22, color)
        inside.ring(x, y, side * 0.5, side * 0.22, color)
