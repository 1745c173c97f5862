"""Chooses sentences of a pool so that their sizes come as close to a target as they can."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_TARGET_MOST = 60_000
_TURNS_MOST = 60


def chosen_to_fill(pool: Sequence[str], *, size: Callable[[str], int], target: int) -> list[str]:
    """Return sentences of `pool`, in its order, whose sizes add up to `target` as closely as possible.

    A target beyond the whole pool takes the pool again from its beginning: a speaker comes back to a thought.
    """
    sizes = [size(text) for text in pool]
    whole = sum(sizes)
    if target <= 0 or whole == 0:
        return []
    turns = min(_TURNS_MOST, min(target, _TARGET_MOST) // whole)
    rest = min(target, _TARGET_MOST) - turns * whole
    return [*pool] * turns + [pool[index] for index in _closest_subset(sizes, rest)]


def _closest_subset(sizes: Sequence[int], target: int) -> list[int]:
    """Return the indices of a subset whose sum is closest to `target`; early sentences are preferred."""
    if target <= 0:
        return []
    taken, total = [], 0
    for index, amount in enumerate(sizes):  # the beginning of the pool as it stands, room left for two sentences
        if total + amount > target:
            break
        taken.append(index)
        total += amount
    best, best_gap = taken, target - total
    for kept in range(len(taken), max(-1, len(taken) - 4), -1):
        start = sum(sizes[:kept])
        for extra in _extras(sizes, kept, target - start):
            gap = abs(target - start - sum(sizes[index] for index in extra))
            if gap < best_gap:
                best, best_gap = [*taken[:kept], *extra], gap
    return best


def _extras(sizes: Sequence[int], start: int, room: int) -> list[list[int]]:
    """Return the ways to go on with one or two later sentences that do not overshoot by much."""
    later = range(start, len(sizes))
    singles = [[index] for index in later if sizes[index] <= room + 2]
    pairs = [
        [left, right] for left in later for right in later if left < right and sizes[left] + sizes[right] <= room + 2
    ]
    return singles + pairs
