"""Text from outside, made fit to be stored: PostgreSQL takes no NUL, UTF-8 no lone surrogate."""

from __future__ import annotations

import unicodedata

_KEPT_CONTROLS = {"\n", "\t"}


def storable(text: str) -> str:
    """Return `text` in NFC without control characters and lone surrogates; line breaks become LF, tabs stay."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in _KEPT_CONTROLS or unicodedata.category(c) not in {"Cc", "Cs"})


def one_line(text: str) -> str:
    """Return `text` fit to be stored, on one line, with single spaces."""
    return " ".join(storable(text).split())
