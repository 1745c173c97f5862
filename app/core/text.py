"""Text from outside, made fit to be stored: PostgreSQL takes no NUL, UTF-8 no lone surrogate."""

from __future__ import annotations

import math
import unicodedata
from functools import lru_cache

import regex

_KEPT_CONTROLS = {"\n", "\t"}
_GRAPHEME = regex.compile(r"\X")
SENTENCE_END = regex.compile(r"(?<![.!?…؟।])[.!?…؟।]++[\"'”“»’)\]*_]*+(?=\s|$)|[。！？｡]+[」』）”\"]*|\n+")
"""Where a sentence is over, in eleven languages; a line end closes one as well."""
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー々〆"
"""The letters of scripts that put no spaces between words, as part of a pattern's set."""
UNSPACED_RUN = regex.compile(rf"[{UNSPACED}]+")
# UAX 29 splits at hyphens; a writer's word count does so too
_COUNTED = regex.compile(
    rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{UNSPACED}]]+(?:['’.,](?=[\p{{L}}\p{{N}}])[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+)*",
    regex.V1,
)


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


def unspaced_characters(text: str) -> int:
    """Count Han and kana characters."""
    return sum(len(run) for run in UNSPACED_RUN.findall(text))


def word_count(text: str) -> int:
    """Count words; two characters of Han or kana make one."""
    unspaced = 0 if text.isascii() else unspaced_characters(text)
    return len(_COUNTED.findall(text)) + math.ceil(unspaced / 2)
