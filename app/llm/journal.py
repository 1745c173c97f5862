"""What a reader has been given so far, whoever wrote it, and where one provider went on for another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Opener(Protocol):
    """Puts back into a stream of text what was taken out of the question."""

    def feed(self, piece: str) -> str:
        """Return what can be shown of the text up to here."""
        ...

    def end(self) -> str:
        """Return what was held back to the end."""
        ...


class _Plain:
    """Nothing was taken out."""

    def feed(self, piece: str) -> str:
        return piece

    def end(self) -> str:
        return ""


class Journal:
    """A text in the making. Providers see `text`; the reader sees what `take` and `end` return."""

    def __init__(self, opener: Callable[[], Opener] = _Plain) -> None:
        self.seams: list[int] = []
        self._opener_of = opener
        self._opener = opener()
        self._pieces: list[str] = []
        self._shown_chars = 0

    @property
    def text(self) -> str:
        """The text so far, as the providers wrote it."""
        return "".join(self._pieces)

    @property
    def flowed(self) -> bool:
        """Whether there is any text."""
        return bool(self._pieces)

    def take(self, piece: str) -> str:
        """Note the next piece and return what the reader is to see of it."""
        self._pieces.append(piece)
        return self._shown(self._opener.feed(piece))

    def end(self) -> str:
        """Return what was held back from the reader to the end."""
        return self._shown(self._opener.end())

    def seam(self) -> int | None:
        """Note that another provider goes on here; return after how many of the reader's characters.

        None where there is nothing to join: nothing was shown yet, or nothing since the last seam.
        """
        if self._shown_chars in (0, *self.seams):
            return None
        self.seams.append(self._shown_chars)
        return self._shown_chars

    def void(self) -> None:
        """Forget the text: the next provider begins from the start."""
        self._pieces.clear()
        self.seams.clear()
        self._shown_chars = 0
        self._opener = self._opener_of()

    def _shown(self, text: str) -> str:
        self._shown_chars += len(text)
        return text
