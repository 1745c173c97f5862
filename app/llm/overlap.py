"""Where a continuation really begins: who goes on for another likes to say again what is there already.

The end of the text so far may come once more (a few words, or all of it from the very beginning), in pieces of any
size. What comes is held back only while it could still be such a repetition.
"""

from __future__ import annotations

from collections.abc import Iterator

LEAST_LETTERS = 3
"""Fewer are chance: "10" goes on with "0" to make 100."""
SURE_CHARS = 8
"""So long a repetition counts wherever it begins; a shorter one only from the beginning of a word."""
AGAIN_CHARS = 32
"""Who writes so much of the beginning again, and then something else, is writing a text of its own."""
_LEADING = " \t\r\n\"'`«»“”„‘’…."


class Overlap:
    """Drops from a continuation what `before` ends with; `gap` is white space at that end which nobody was shown."""

    def __init__(self, before: str, *, gap: str = "", again_chars: int = AGAIN_CHARS) -> None:
        self._before = before
        self._gap = gap
        self._again_chars = again_chars
        self._held = ""
        self._decided = not before
        self.is_another = False
        """The continuation began from the start and then went its own way: it is a text of its own, given whole."""

    def feed(self, piece: str) -> str:
        """Take the next piece and return what is new of the text."""
        if self._decided:
            return piece
        self._held += piece
        return "" if self._may_repeat() else self._decide()

    def end(self) -> str:
        """Return what is new of what was held back to the end."""
        return "" if self._decided else self._decide()

    def _may_repeat(self) -> bool:
        """Whether what has come stands somewhere in the text so far, and could yet lead up to its end."""
        return any(self._lies_inside(self._held[skip:]) for skip in {0, _lead(self._held)})

    def _lies_inside(self, said: str) -> bool:
        # Strictly inside: what reaches the end is a repetition already, and what follows is new.
        return not said or 0 <= self._before.find(said) < len(self._before) - len(said)

    def _decide(self) -> str:
        self._decided = True
        held, self._held = self._held, ""
        cut = max(self._repeated(held, skip) for skip in {0, _lead(held)})
        if not cut:
            cut = _alike(held, self._gap)
            said, text = held[_lead(held) :], self._before[_lead(self._before) :]
            self.is_another = _alike(said, text) >= self._again_chars
        return held if self.is_another else held[cut:]

    def _repeated(self, held: str, skip: int) -> int:
        """Return how many characters of `held` are a repetition, when its first `skip` are left out of account."""
        return next((skip + length for length in _borders(held[skip:], self._before) if self._counts(length)), 0)

    def _counts(self, length: int) -> bool:
        at = len(self._before) - length
        if at == 0 or length >= SURE_CHARS:
            return True
        tail = self._before[at:]
        opens_word = not (self._before[at - 1].isalnum() and tail[0].isalnum())
        return opens_word and sum(character.isalpha() for character in tail) >= LEAST_LETTERS


def _lead(text: str) -> int:
    """Return how many marks stand before the first word: quotes, dots and spaces that a model likes to begin with."""
    return len(text) - len(text.lstrip(_LEADING))


def _alike(one: str, other: str) -> int:
    """Return how many characters both begin with."""
    differing = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _borders(said: str, before: str) -> Iterator[int]:
    """Yield every length at which `before` ends as `said` begins, the longest first (Knuth, Morris and Pratt 1977)."""
    if not said:
        return
    shorter = [0] * len(said)
    matched = 0
    for at in range(1, len(said)):
        while matched and said[at] != said[matched]:
            matched = shorter[matched - 1]
        matched += said[at] == said[matched]
        shorter[at] = matched
    matched = 0
    for character in before[-len(said) :]:
        while matched and (matched == len(said) or character != said[matched]):
            matched = shorter[matched - 1]
        matched += character == said[matched]
    while matched:
        yield matched
        matched = shorter[matched - 1]
