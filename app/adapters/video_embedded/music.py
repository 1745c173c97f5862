"""A quiet bed of slow chords, computed: no recording, no model, nobody's rights. It is named in the clip's own notes.

Four chords of four seconds, each of soft sines that swell and fade; the bed steps back while somebody speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.adapters.video_embedded.timing import Slot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LABEL = "music: chords computed by Galley"
RATE_HZ = 48_000
CHORD_S = 4.0
SWELL_S = 1.4
A4_HZ = 440.0
CHORDS = ((50, 57, 62, 66, 69), (47, 54, 62, 66, 71), (43, 55, 59, 62, 69), (45, 52, 61, 64, 69))  # D, Bm, Gadd9, A
OVERTONES = ((1, 1.0), (2, 0.22), (3, 0.08))
DETUNE = 1.0018  # of the right side: width without an effect that must be computed over time
BED_LEVEL = 0.055  # about -28 dB below full scale at its loudest
DUCKED = 0.32
DUCK_S = 0.45
ENDS_S = (1.0, 1.6)  # fading in at the start, out at the end


def bed(start: int, stop: int, total: int) -> NDArray[np.float32]:
    """Return samples [start, stop) of a bed of `total` samples, shape (n, 2); the same wherever it is cut."""
    import numpy as np

    at = np.arange(start, stop, dtype=np.float64) / RATE_HZ
    sound = np.zeros((stop - start, 2), dtype=np.float64)
    for number in range(max(int(at[0] / CHORD_S) - 1, 0), int(at[-1] / CHORD_S) + 1):
        since = at - number * CHORD_S
        swell = np.interp(since, [0, SWELL_S, CHORD_S, CHORD_S + SWELL_S], [0, 1, 1, 0], left=0, right=0)
        if not swell.any():
            continue
        swell = np.sin(swell * np.pi / 2)
        for note in CHORDS[number % len(CHORDS)]:
            hertz = A4_HZ * 2 ** ((note - 69) / 12)
            for multiple, share in OVERTONES:
                for side, detune in enumerate((1.0, DETUNE)):
                    sound[:, side] += np.sin(2 * np.pi * hertz * multiple * detune * at) * swell * (share / multiple)
    length_s = total / RATE_HZ
    ends = np.interp(at, [0, ENDS_S[0], max(length_s - ENDS_S[1], ENDS_S[0]), length_s], [0, 1, 1, 0])
    quiet: NDArray[np.float32] = (sound * ends[:, None] * (BED_LEVEL * 2.2 / len(CHORDS[0]))).astype(np.float32)
    return quiet


def ducking(slots: Sequence[Slot], start: int, stop: int) -> NDArray[np.float32]:
    """Return how far the bed is open at samples [start, stop), shape (n,): it closes before a voice begins."""
    import numpy as np

    points: list[tuple[float, float]] = [(0.0, 1.0)]
    for slot in slots:
        if not slot.voice_length_ms:
            continue
        begins_s, ends_s = slot.voice_ms / 1000, (slot.voice_ms + slot.voice_length_ms) / 1000
        if begins_s - points[-1][0] > 2 * DUCK_S or len(points) == 1:
            points.append((max(begins_s - DUCK_S, points[-1][0]), 1.0))
        else:
            points.pop()  # a pause this short is not worth opening for
        points += [(begins_s, DUCKED), (ends_s, DUCKED), (ends_s + DUCK_S, 1.0)]
    times, levels = zip(*points, strict=True)
    at = np.arange(start, stop, dtype=np.float64) / RATE_HZ
    opened: NDArray[np.float32] = np.interp(at, times, levels).astype(np.float32)
    return opened
