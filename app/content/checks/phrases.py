"""Set words of a document in each language: headings, legal sentences, footer lines. Prompts ask for them, checks look for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from app.content.checks.lexicons import lexicon
from app.content.checks.stems import fold


class FooterLine(NamedTuple):
    """A line of a mail's footer: what the prompt asks for, the slot in it, and the words that are as good."""

    text: str
    slot: str
    words: tuple[str, ...]


def heading(section: str, language: str) -> str:
    """Return the heading of a section in a language; the English id itself where none was written."""
    return str(lexicon("headings").get(section, {}).get(language, section))


def sections_by_heading(sections: Iterable[str]) -> dict[str, str]:
    """Return folded heading -> section id, over all languages, for the sections of one document."""
    known: dict[str, str] = {}
    for section in sections:
        for text in (section, *lexicon("headings").get(section, {}).values()):
            known.setdefault(heading_key(text), section)
    return known


def heading_key(text: str) -> str:
    """Return the form by which headings are compared: folded, without marks, numbering or a closing colon."""
    return fold(text).strip("#*_ \t:：.").lstrip("0123456789.) ")


def disclosure(kind: str, language: str) -> str | None:
    """Return the legal sentence of a kind in a language, None where none was written."""
    text = lexicon("disclosures").get(kind, {}).get(language)
    return str(text) if text else None


def footer_line(slot: str, language: str) -> FooterLine | None:
    """Return a line of the mail footer (`unsubscribe`, `postal_address`), None where none was written."""
    entry = lexicon("footers").get(slot, {})
    line = entry.get(language)
    return FooterLine(str(line["text"]), str(entry["slot"]), tuple(line["words"])) if line else None
