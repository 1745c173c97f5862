"""Set lines of a mail's footer in each language: prompts ask for exactly these words, and checks look for them."""

from __future__ import annotations

from typing import NamedTuple

from app.content.checks.lexicons import lexicon


class FooterLine(NamedTuple):
    """A line of a mail's footer: what the prompt asks for, the slot in it, and the words that are as good."""

    text: str
    slot: str
    words: tuple[str, ...]


def footer_line(slot: str, language: str) -> FooterLine | None:
    """Return a line of the mail footer (`unsubscribe`, `postal_address`), None where none was written."""
    entry = lexicon("footers").get(slot, {})
    line = entry.get(language)
    return FooterLine(str(line["text"]), str(entry["slot"]), tuple(line["words"])) if line else None
