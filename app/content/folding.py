"""The form in which two texts are compared, whatever their case, accents, quotes and spaces."""

from __future__ import annotations

import unicodedata

import regex

# Accents of Latin, Greek and Cyrillic, vowel marks and stretch of Arabic: none tells two words apart in a brief.
_MARKS = regex.compile(r"[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u0640\u200b-\u200f\u2060\ufeff]")
_ALIKE = str.maketrans(
    {"’": "'", "‘": "'", "‛": "'", "´": "'", "`": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-",
     "‑": "-", "–": "-", "—": "-", "ß": "ss", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه"}
)  # fmt: skip


def fold(text: str) -> str:
    """Return the text as it is compared: NFKC, no case, no accents, plain quotes and hyphens, single spaces."""
    if text.isascii():
        return " ".join(text.lower().split())
    text = unicodedata.normalize("NFKD", text.translate(_ALIKE)).casefold()
    return " ".join(unicodedata.normalize("NFC", _MARKS.sub("", text)).translate(_ALIKE).split())
