"""How different two colours look: CIEDE2000.

Sharma, Wu, Dalal: The CIEDE2000 Color-Difference Formula, Color Research and Application 30 (2005), pages 21-30; their
table of test pairs is in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

WHITE_D65 = (0.95047, 1.0, 1.08883)
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
"""Linear sRGB to XYZ under D65 (IEC 61966-2-1)."""
_TWENTY_FIVE_7 = 25.0**7


@dataclass(frozen=True, slots=True)
class Lab:
    """A colour in CIE L*a*b* under D65."""

    l: float  # noqa: E741 - its name in every text on colour
    a: float
    b: float

    @property
    def chroma(self) -> float:
        """How far it is from grey."""
        return hypot(self.a, self.b)


def lab_of(color: str) -> Lab:
    """Return `#rrggbb` of sRGB in L*a*b*."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    shares = [sum(w * c for w, c in zip(row, linear, strict=True)) for row in _TO_XYZ]
    x, y, z = (_root(share / white) for share, white in zip(shares, WHITE_D65, strict=True))
    return Lab(116 * y - 16, 500 * (x - y), 200 * (y - z))


def _root(share: float) -> float:
    return float(share ** (1 / 3)) if share > 216 / 24389 else (share * 24389 / 27 + 16) / 116


def difference(one: Lab, other: Lab) -> float:
    """Return the CIEDE2000 difference: about 1 is just seen, 20 is another shade, 50 another colour."""
    g = 0.5 * (1 - _seventh((one.chroma + other.chroma) / 2))
    a1, a2 = one.a * (1 + g), other.a * (1 + g)
    c1, c2 = hypot(a1, one.b), hypot(a2, other.b)
    h1, h2 = (degrees(atan2(b, a)) % 360 if a or b else 0.0 for a, b in ((a1, one.b), (a2, other.b)))
    turn, mean_h = _hues(h1, h2, is_grey=c1 * c2 == 0)
    mean_l, mean_c = (one.l + other.l) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * cos(radians(mean_h - 30))
        + 0.24 * cos(radians(2 * mean_h))
        + 0.32 * cos(radians(3 * mean_h + 6))
        - 0.20 * cos(radians(4 * mean_h - 63))
    )
    light = (other.l - one.l) / (1 + 0.015 * (mean_l - 50) ** 2 / sqrt(20 + (mean_l - 50) ** 2))
    strong = (c2 - c1) / (1 + 0.045 * mean_c)
    hue = 2 * sqrt(c1 * c2) * sin(radians(turn / 2)) / (1 + 0.015 * mean_c * t)
    blue = -2 * _seventh(mean_c) * sin(radians(60 * exp(-(((mean_h - 275) / 25) ** 2))))
    return sqrt(light**2 + strong**2 + hue**2 + blue * strong * hue)


def _seventh(chroma: float) -> float:
    return sqrt(chroma**7 / (chroma**7 + _TWENTY_FIVE_7))


def _hues(h1: float, h2: float, *, is_grey: bool) -> tuple[float, float]:
    """Return the shorter turn from one hue to the other, and the hue between them, in degrees; a grey has no hue."""
    if is_grey:
        return 0.0, h1 + h2
    turn = (h2 - h1 + 180) % 360 - 180
    if abs(h2 - h1) <= 180:
        return h2 - h1, (h1 + h2) / 2
    return turn, (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
