"""How a sound measures: what ebur128 says of its level, and what its samples tell of silence and shape."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EBUR128 = "ebur128=peak=true:framelog=quiet"
"""ffmpeg's measuring filter; it tells its result at the end of what it prints."""
SILENCE_LUFS = -70.0
"""Gate of EBU R 128: nothing below it has a loudness."""
SILENCE_DBFS = -50.0
SILENCE_WINDOW_S = 0.02
_NOTHING_DB = -99.0
_LEVEL = re.compile(rb"I:\s+(-?[\d.]+|-inf|nan) LUFS")
_PEAK = re.compile(rb"Peak:\s+(-?[\d.]+|-inf|nan) dBFS")


def level_of(said: bytes) -> tuple[float, float]:
    """Return loudness in LUFS and true peak in dB from the end of what ebur128 says."""
    level, peak = _LEVEL.findall(said), _PEAK.findall(said)
    return _number(level), _number(peak)


def _number(found: list[bytes]) -> float:
    value = float(found[-1]) if found else -math.inf
    return value if math.isfinite(value) else _NOTHING_DB


def points_of(data: bytes) -> NDArray[np.float32]:
    """Return samples of 16 bits as numbers from -1 to 1, shape (n,)."""
    import numpy as np

    return np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2").astype(np.float32) / np.float32(32_768)


def silence_share(points: NDArray[np.float32], *, rate_hz: int) -> float:
    """Return the share of the sound that is below -50 dBFS."""
    import numpy as np

    window = int(rate_hz * SILENCE_WINDOW_S)
    count = max(1, len(points) // window)
    windows = points[: count * window].reshape(count, -1)
    quiet = np.sqrt((windows**2).mean(axis=1)) < 10 ** (SILENCE_DBFS / 20)
    return round(float(quiet.mean()), 3)


def peaks_of(points: NDArray[np.float32], count: int) -> tuple[float, ...]:
    """Return the loudest point of each of `count` equal stretches, from 0 to 1."""
    import numpy as np

    if not count:
        return ()
    edges = np.linspace(0, len(points), count + 1).astype(int)
    loud = np.abs(points)
    return tuple(round(float(loud[start:end].max()), 3) if end > start else 0.0 for start, end in pairwise(edges))
