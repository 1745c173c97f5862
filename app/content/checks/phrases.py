"""Set words of a document in each language: headings of sections and lines of a mail's footer.

Prompts ask for exactly these words and checks look for exactly these words. Headings and legal sentences live in the
locale profiles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.content.checks.lexicons import lexicon
from app.content.checks.stems import fold


class FooterLine(NamedTuple):
    """A line of a mail's footer: what the prompt asks for, the slot in it, and the words that are as good."""

    text: str
    slot: str
    words: tuple[str, ...]


def sections_by_heading(sections: Iterable[str], headings: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return folded heading -> section id for one document; `headings` holds one map of id -> heading per language."""
    known: dict[str, str] = {heading_key(section): section for section in sections}
    for by_id in headings:
        for section in tuple(known.values()):
            if section in by_id:
                known.setdefault(heading_key(by_id[section]), section)
    return known


def heading_key(text: str) -> str:
    """Return the form by which headings are compared: folded, without marks, numbering or a closing colon."""
    return fold(text).strip("#*_ \t:：.").lstrip("0123456789.) ")


def footer_line(slot: str, language: str) -> FooterLine | None:
    """Return a line of the mail footer (`unsubscribe`, `postal_address`), None where none was written."""
    entry = lexicon("footers").get(slot, {})
    line = entry.get(language)
    return FooterLine(str(line["text"]), str(entry["slot"]), tuple(line["words"])) if line else None
