"""Text from outside, made fit to be stored: PostgreSQL takes no NUL, UTF-8 no lone surrogate."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

_KEPT_CONTROLS = {"\n", "\t"}
_GRAPHEME = regex.compile(r"\X")
SENTENCE_END = regex.compile(r"(?<![.!?…؟।])[.!?…؟।]++[\"'”“»’)\]*_]*+(?=\s|$)|[。！？｡]+[」』）”\"]*|\n+")
"""Where a sentence is over, in eleven languages; a line end closes one as well."""


def storable(text: str) -> str:
    """Return `text` in NFC without control characters and lone surrogates; line breaks become LF, tabs stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs"})


def one_line(text: str) -> str:
    """Return `text` fit to be stored, on one line, with single spaces."""
    return " ".join(storable(text).split())


@lru_cache(maxsize=1)
def _digits() -> dict[int, str]:
    """Every decimal digit of Unicode to its ASCII one; lengths stay, so offsets hold."""
    digits = (code for code in range(0x80, 0x1FBFA) if unicodedata.category(chr(code)) == "Nd")
    return {code: str(unicodedata.digit(chr(code))) for code in digits}


def ascii_digits(text: str) -> str:
    """Return the text with all digits as 0 to 9; every character keeps its place."""
    return text if text.isascii() else text.translate(_digits())


def graphemes(text: str) -> int:
    """Count what a reader calls characters; of the NFC form."""
    return len(_GRAPHEME.findall(unicodedata.normalize("NFC", text)))
