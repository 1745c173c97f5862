"""Text as masks: fitted into a box, broken into lines, shaped by HarfBuzz, right to left where it is read so.

A line may mix scripts (a brand's Latin name in Arabic): each run takes the face that has its letters. Neutral signs
belong to the run around them, so that a sentence's full stop stays at its end in both directions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.adapters.video_embedded.faces import Faces, Role, Script, script_of

if TYPE_CHECKING:
    from PIL.Image import Image

RTL_LOCALES = ("ar", "he", "fa", "ur")
UNSPACED: tuple[Script, ...] = ("han", "japanese")  # broken between any two letters
NEVER_FIRST = "、。，．・：；？！ー）」』】〕〉》’”…々ゝぁぃぅぇぉっゃゅょァィゥェォッャュョ%,.:;?!)]}»"
NEVER_LAST = "（「『【〔〈《‘“([{«$€£¥"
LEADING = {"arabic": 1.5, "devanagari": 1.45, "han": 1.35, "japanese": 1.35, "korean": 1.35, "latin": 1.16}
Align = Literal["start", "center"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line as a mask of 8-bit coverage; `left` and `top` are where it stands in the box's coordinates."""

    mask: Image
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Setting:
    """A text that fits its box. `height` is that of all lines, leading included."""

    lines: tuple[Line, ...]
    size_px: int
    width: int
    height: int


class Lettering:
    """Sets texts of one language. Holds its own fonts: one render, one thread."""

    def __init__(self, locale: str) -> None:
        self.is_rtl = locale.split("-")[0] in RTL_LOCALES
        self._faces = Faces(locale)

    def fit(
        self, text: str, *, role: Role, width: int, height: int, largest_px: float, smallest_px: float,
        align: Align = "start",
    ) -> Setting:  # fmt: skip
        """Return the text as large as it fits; at the smallest size the last line that fits ends in an ellipsis."""
        low, high = max(round(smallest_px), 8), max(round(largest_px), 8)
        best = low
        while low <= high:
            size = (low + high) // 2
            if self._fits(text, role, size, width, height):
                best, low = size, size + 1
            else:
                high = size - 1
        return self._set(text, role, best, width, height, align)

    def _fits(self, text: str, role: Role, size: int, width: int, height: int) -> bool:
        lines = list(self._broken(text, role, size, width))
        return len(lines) * self._pitch(text, size) <= height and all(
            self._measure(line, role, size) <= width for line in lines
        )

    def _set(self, text: str, role: Role, size: int, width: int, height: int, align: Align) -> Setting:
        pitch = self._pitch(text, size)
        lines = self._balanced(text, role, size, width)
        most = max(height // pitch, 1)
        if len(lines) > most:
            lines = [*lines[: most - 1], self._shortened(" ".join(lines[most - 1 :]), role, size, width)]
        drawn = tuple(
            self._line(line, number * pitch, role, size, pitch, width, align) for number, line in enumerate(lines)
        )
        return Setting(drawn, size, max((line.mask.width for line in drawn), default=0), len(drawn) * pitch)

    def _balanced(self, text: str, role: Role, size: int, width: int) -> list[str]:
        """Return as few lines as the width allows, of about equal length: no last word stands alone."""
        lines = list(self._broken(text, role, size, width))
        low, high = width // 3, width
        while len(lines) > 1 and high - low > size // 4:
            middle = (low + high) // 2
            tried = list(self._broken(text, role, size, middle))
            if len(tried) == len(lines) and all(self._measure(line, role, size) <= middle for line in tried):
                lines, high = tried, middle
            else:
                low = middle
        return lines

    def _shortened(self, text: str, role: Role, size: int, width: int) -> str:
        while text and self._measure(text + "…", role, size) > width:
            text = text[:-1].rstrip()
        return text + "…"

    def _pitch(self, text: str, size: int) -> int:
        return round(size * max(LEADING[script] for script in {"latin", *map(script_of, text)} if script in LEADING))

    def _broken(self, text: str, role: Role, size: int, width: int) -> Iterator[str]:
        for paragraph in text.split("\n"):
            line = ""
            for piece in _pieces(" ".join(paragraph.split())):
                if line and self._measure((line + piece).rstrip(), role, size) > width:
                    yield line.rstrip()
                    line = piece.lstrip()
                else:
                    line += piece
            if line.strip():
                yield line.rstrip()

    def _measure(self, text: str, role: Role, size: int) -> float:
        return sum(self._faces.font(role, script, size).getlength(run) for script, run in self._runs(text))

    def _runs(self, text: str) -> list[tuple[Script, str]]:
        """Return (script, text) in reading order; what has no script of its own joins what surrounds it."""
        base: Script = self._faces.base if self._faces.base != "latin" else "latin"
        scripts: list[Script | None] = [script_of(sign) for sign in text]
        settled: list[Script] = []
        for at, script in enumerate(scripts):
            if script is None:
                before = settled[-1] if settled else base
                after = next((other for other in scripts[at:] if other is not None), base)
                script = before if before == after else base if base in (before, after) else before
            settled.append(script)
        runs: list[tuple[Script, str]] = []
        for script, sign in zip(settled, text, strict=True):
            if runs and runs[-1][0] == script:
                runs[-1] = (script, runs[-1][1] + sign)
            else:
                runs.append((script, sign))
        return runs

    def _line(self, text: str, top: int, role: Role, size: int, pitch: int, width: int, align: Align) -> Line:
        from PIL import Image, ImageDraw

        runs = self._runs(text)
        lengths = [self._faces.font(role, script, size).getlength(run) for script, run in runs]
        bleed = size // 4  # italics and swashes reach beyond their advance
        mask = Image.new("L", (round(sum(lengths)) + 2 * bleed, pitch + 2 * bleed))
        draw = ImageDraw.Draw(mask)
        at = float(bleed)
        placed = list(zip(runs, lengths, strict=True))
        for (script, run), length in reversed(placed) if self.is_rtl else placed:
            draw.text(
                (at, bleed + pitch * 0.5 + size * 0.34), run, fill=255, font=self._faces.font(role, script, size),
                anchor="ls", direction="rtl" if script == "arabic" else "ltr",
            )  # fmt: skip
            at += length
        free = width - round(sum(lengths))
        left = free // 2 if align == "center" else (free if self.is_rtl else 0)
        return Line(mask, left - bleed, top - bleed)


def _pieces(text: str) -> Iterator[str]:
    """Yield what is not broken: a word with the space before it, or one letter of a script that has no spaces."""
    piece = ""
    for sign in text:
        breaks = sign == " " or (
            piece
            and (script_of(sign) in UNSPACED or script_of(piece[-1]) in UNSPACED)
            and sign not in NEVER_FIRST
            and piece[-1] not in NEVER_LAST
        )
        if breaks and piece:
            yield piece
            piece = ""
        piece += sign
    if piece:
        yield piece


def tidy(text: str) -> str:
    """Return the text without marks that only a page understands."""
    return re.sub(r"[*_#`]+", "", " ".join(text.split()))
