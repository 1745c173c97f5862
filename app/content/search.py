"""Finds templates by what people call them: name, synonyms, category and purpose, with prefixes and small slips.

Every word of the query must be found. A word counts most in the name or as a synonym, least in the purpose; a whole
word beats a prefix, a prefix beats a near miss (one wrong, missing or swapped letter from four letters on, two from
eight on). Scripts without spaces are searched as parts of words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from app.content.template import Template

MAX_QUERY = 200
"""Characters of a query that are read."""

_NAME, _SYNONYM, _CATEGORY, _PURPOSE = 10.0, 9.0, 4.0, 2.0
_WHOLE, _PREFIX, _INSIDE, _NEAR = 1.0, 0.7, 0.5, 0.4
_PHRASE_BONUS = 8.0
_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(["a", "an", "and", "for", "in", "of", "on", "the", "to", "with", "me", "my", "need", "i", "want"])


@dataclass(frozen=True, slots=True)
class _Entry:
    """One template in one language: words with their weight, and the phrases that name it."""

    template_id: str
    words: Mapping[str, float]
    phrases: frozenset[str]


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """Entries by language, in the order of the gallery. English is always searched too."""

    by_language: Mapping[str, tuple[_Entry, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @staticmethod
    def of(
        templates: Iterable[Template], categories: Mapping[str, str], strings: Mapping[str, Mapping[str, str]]
    ) -> SearchIndex:
        """Return the index of templates; `strings` holds translations, language to key to text."""
        listed = tuple(templates)
        languages = {"en": {}, **strings}
        return SearchIndex(
            {
                language: tuple(_entry(template, categories, texts) for template in listed)
                for language, texts in languages.items()
            }
        )

    def search(self, query: str, language: str = "en") -> list[str]:
        """Return ids of the templates that answer the query, best first; all of them for a blank one."""
        words = [word for word in _words(query[:MAX_QUERY]) if word not in _STOP]
        whole = _folded(query[:MAX_QUERY]).strip()
        entries = self.by_language.get("en", ())
        if not words:
            return [entry.template_id for entry in entries] if not whole else []
        scores: dict[str, float] = {entry.template_id: 0.0 for entry in entries}
        for searched in dict.fromkeys((language, "en")):
            for entry in self.by_language.get(searched, ()):
                scores[entry.template_id] = max(scores[entry.template_id], _score(entry, words, whole))
        found = [template_id for template_id, score in scores.items() if score > 0]
        return sorted(found, key=lambda template_id: -scores[template_id])  # stable: the gallery's order breaks a tie


def _entry(template: Template, categories: Mapping[str, str], texts: Mapping[str, str]) -> _Entry:
    at = f"template.{template.id}"
    name = texts.get(f"{at}.name", template.name)
    synonyms = [part.strip() for part in texts.get(f"{at}.synonyms", ", ".join(template.synonyms)).split(",")]
    category = texts.get(f"category.{template.category}.name", categories.get(template.category, ""))
    words: dict[str, float] = {}
    weighed = [
        (texts.get(f"{at}.purpose", template.purpose), _PURPOSE),
        (category, _CATEGORY),
        (template.id.replace("-", " "), _NAME),
        *((synonym, _SYNONYM) for synonym in synonyms),
        (name, _NAME),
    ]
    for text, weight in weighed:
        for word in _words(text):
            words[word] = max(weight, words.get(word, 0.0))
    phrases = frozenset(_folded(phrase) for phrase in (name, *synonyms) if phrase)
    return _Entry(template_id=template.id, words=words, phrases=phrases)


def _score(entry: _Entry, words: list[str], whole: str) -> float:
    total = 0.0
    for word in words:
        best = max((weight * _likeness(word, known) for known, weight in entry.words.items()), default=0.0)
        if best == 0.0:
            return 0.0
        total += best
    return total / len(words) + (_PHRASE_BONUS if whole in entry.phrases else 0.0)


def _likeness(asked: str, known: str) -> float:
    if asked == known:
        return _WHOLE
    if known.startswith(asked):
        return _PREFIX
    if not asked.isascii() and (asked in known or known in asked):
        return _INSIDE
    if len(asked) >= 4 and asked[:-1] == known and asked.endswith("s"):
        return _PREFIX
    slips = 2 if len(asked) >= 8 else 1 if len(asked) >= 4 else 0
    return _NEAR if slips and _within(asked, known, slips) else 0.0


def _within(one: str, other: str, slips: int) -> bool:
    """Whether at most `slips` letters are wrong, missing, added or swapped with their neighbour."""
    if abs(len(one) - len(other)) > slips or one[0] != other[0]:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, last, row = row, before, [at]
        for to, match in enumerate(other, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != match))
            if last and to > 1 and letter == other[to - 2] and one[at - 2] == match:
                cost = min(cost, last[to - 2] + 1)
            row.append(cost)
        if min(row) > slips:
            return False
    return row[-1] <= slips


def _folded(text: str) -> str:
    """Return text without case, accents and vowel marks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(mark for mark in apart if unicodedata.category(mark) != "Mn" or "\u0900" <= mark <= "\u097f")
    return unicodedata.normalize("NFC", kept).replace("-", " ")


def _words(text: str) -> list[str]:
    return _WORD.findall(re.sub(r"(?<=[^\W\d_])['’](?=[^\W\d_])", "", _folded(text)))
