"""Headings of sections in every language: templates name a section in English, documents carry the language's heading.

Prompts ask for exactly the words of the locale profiles, and checks look for exactly these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from app.content.folding import fold
from app.content.strict_yaml import read_yaml

_PROFILES = Path(__file__).parent / "locales"


@lru_cache(maxsize=1)
def all_headings() -> tuple[dict[str, str], ...]:
    """Return the headings of every locale profile: English id of a section to its heading in that language."""
    found = []
    for path in sorted(_PROFILES.glob("*.yaml")):
        profile = read_yaml(path)
        by_id = profile.get("headings", {}) if isinstance(profile, dict) else {}
        found.append({str(section): str(text) for section, text in by_id.items()})
    return tuple(found)


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
