"""The bidirectional algorithm of Unicode (UAX #9) for one line without embeddings: which letters run from the right.

W1-W7, N0-N2, I1-I2, L1 and L2 are rules of https://www.unicode.org/reports/tr9/ (revision 50). The classes of letters
are Python's own; the wheels that order text give back its letters, not the runs that shaping needs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Literal, TypeVar

Kind = Literal["L", "R", "AL", "EN", "ES", "ET", "AN", "CS", "NSM", "BN", "B", "S", "WS", "ON"]
_Item = TypeVar("_Item")

_OPENING, _CLOSING = "([{⟨（［｛「『【〈《〔", ")]}⟩）］｝」』】〉》〕"
_PAIR = dict(zip(_CLOSING, _OPENING, strict=True))
_WEAK, _NEUTRAL = ("ES", "ET", "CS"), ("B", "S", "WS", "ON")


def levels(text: str, *, rtl: bool, held: Sequence[tuple[int, int, Kind]] = ()) -> list[int]:
    """Return each letter's level: even ones run from the left, odd ones from the right.

    `rtl`: the line as a whole is read from the right. `held`: letters from a first to before a last one that count as
    of one kind, whatever they are (HL3).
    """
    base = 1 if rtl else 0
    own: Kind = "R" if rtl else "L"
    kinds: list[Kind] = [_kind(letter) for letter in text]
    for start, end, kind in held:
        kinds[start:end] = [kind] * (end - start)
    _resolve_weak(kinds, own)
    _resolve_brackets(text, kinds, own)
    _resolve_neutral(kinds, own)
    rises = {"L": 1, "R": 0, "AN": 1, "EN": 1} if rtl else {"L": 0, "R": 1, "AN": 2, "EN": 2}
    found = [base + rises[kind] for kind in kinds]
    for at in range(len(text.rstrip()), len(text)):
        found[at] = base  # L1
    return found


def visual(items: Sequence[_Item], item_levels: Sequence[int]) -> list[_Item]:
    """Return items, each of one level, in the order in which they stand from left to right (L2)."""
    order = list(range(len(items)))
    for level in range(max(item_levels, default=0), 0, -1):
        at = 0
        while at < len(order):
            end = at
            while end < len(order) and item_levels[order[end]] >= level:
                end += 1
            order[at:end] = order[at:end][::-1]
            at = max(end, at + 1)
    return [items[at] for at in order]


def _kind(letter: str) -> Kind:
    return unicodedata.bidirectional(letter) or "ON"  # type: ignore[return-value]  # its answers are these


def _resolve_weak(kinds: list[Kind], own: Kind) -> None:
    before: Kind = own
    for at, kind in enumerate(kinds):  # W1; a joiner is like a mark
        if kind in ("NSM", "BN"):
            kinds[at] = before
        before = kinds[at]
    strong: Kind = own
    for at, kind in enumerate(kinds):  # W2, W3
        if kind == "EN" and strong == "AL":
            kinds[at] = "AN"
        elif kind in ("L", "R", "AL"):
            strong = kind
            kinds[at] = "R" if kind == "AL" else kind
    for at in range(1, len(kinds) - 1):  # W4
        left, kind, right = kinds[at - 1 : at + 2]
        if left == right and (kind, left) in (("ES", "EN"), ("CS", "EN"), ("CS", "AN")):
            kinds[at] = left
    for ahead in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):  # W5
        step = -1 if ahead.step > 0 else 1
        for at in ahead:
            if kinds[at] == "ET" and kinds[at + step] == "EN":
                kinds[at] = "EN"
    strong = own
    for at, kind in enumerate(kinds):  # W6, W7
        if kind in _WEAK:
            kinds[at] = "ON"
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
        elif kind in ("L", "R"):
            strong = kind


def _side(kind: Kind) -> Kind | None:
    return "R" if kind in ("R", "EN", "AN") else "L" if kind == "L" else None


def _resolve_brackets(text: str, kinds: list[Kind], own: Kind) -> None:
    """Give brackets the direction of what stands between them (N0)."""
    for start, end in sorted(_pairs(text, kinds)):
        inside = {_side(kind) for kind in kinds[start + 1 : end]} - {None}
        if not inside:
            continue
        chosen = own
        if own not in inside:
            chosen = next((side for kind in kinds[start - 1 :: -1] if start and (side := _side(kind))), own)
        for at in (start, end):
            kinds[at] = chosen
            while at + 1 < len(text) and _kind(text[at + 1]) == "NSM":  # its marks go with it
                at += 1
                kinds[at] = chosen


def _pairs(text: str, kinds: Sequence[Kind]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    waiting: list[int] = []
    for at, letter in enumerate(text):
        if kinds[at] != "ON":
            continue
        if letter in _OPENING:
            waiting.append(at)
        elif letter in _PAIR:
            match = next((one for one in reversed(waiting) if text[one] == _PAIR[letter]), None)
            if match is not None:
                pairs.append((match, at))
                waiting = waiting[: waiting.index(match)]
    return pairs


def _resolve_neutral(kinds: list[Kind], own: Kind) -> None:
    """Let what has no direction take that of both sides, or the line's (N1, N2)."""
    at = 0
    while at < len(kinds):
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > at:
            left = _side(kinds[at - 1]) if at else own
            right = _side(kinds[end]) if end < len(kinds) else own
            kinds[at:end] = [left if left and left == right else own] * (end - at)
        at = max(end, at + 1)
