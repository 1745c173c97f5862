"""Words, sentences and paragraphs in eleven languages, and whether two words are forms of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import regex

from app.content.checks.lexicons import function_words
from app.content.checks.stems import same_word, stem, stems
from app.content.folding import fold
from app.content.passages import Span as Span
from app.content.passages import paragraphs as paragraphs
from app.content.passages import trimmed
from app.core.text import SENTENCE_END, UNSPACED, UNSPACED_RUN
from app.core.text import unspaced_characters as unspaced_characters
from app.core.text import word_count as word_count

_WORD = regex.compile(
    rf"[[\p{{L}}\p{{M}}\p{{N}}_]--[{UNSPACED}]]+(?:['’.,·\-](?=[\p{{L}}\p{{N}}])[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+)*",
    regex.V1,
)
_MARKUP = regex.compile(r"^[ \t]*(?:#{1,6}|[-*+•]|\d{1,3}[.)])[ \t]+|[*_`|]+", regex.MULTILINE)


def words(text: str) -> list[Span]:
    """Return the words of a text that puts spaces between them; Han and kana are left out."""
    return [Span(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]


def sentences(text: str) -> list[Span]:
    """Return the sentences of a text; a line end closes one as well."""
    found, start = [], 0
    for match in SENTENCE_END.finditer(text):
        found.append((start, match.end()))
        start = match.end()
    found.append((start, len(text)))
    return [span for start, end in found if (span := trimmed(text, start, end)).text]


def without_markup(text: str) -> str:
    """Return the text without list marks, heading marks and emphasis."""
    bare: str = _MARKUP.sub("", text)
    return bare


def content_words(text: str, language: str) -> list[str]:
    """Return the folded words that carry meaning; all of them where only function words are there."""
    ignored = function_words(language)
    folded = [fold(span.text) for span in words(text)]
    return [word for word in folded if word not in ignored and (len(word) > 1 or word.isdigit())] or folded


def bigrams(text: str) -> set[str]:
    """Return the pairs of neighbours in runs of Han and kana; a run of one character stands for itself."""
    pairs: set[str] = set()
    for run in UNSPACED_RUN.findall(fold(text)):
        pairs.update(run[i : i + 2] for i in range(max(1, len(run) - 1)))
    return pairs


class WordIndex:
    """The words of one text, made ready to be asked for many phrases."""

    def __init__(self, texts: Iterable[str], language: str) -> None:
        self._language = language
        self._by_beginning: dict[str, set[str]] = defaultdict(set)
        self._bigrams: set[str] = set()
        for text in texts:
            self._bigrams |= bigrams(text)
            for span in words(text):
                word = fold(span.text)
                pieces = word.split("-") if "-" in word else ()
                for root in (*stems(word, language), *(stem(piece, language) for piece in pieces)):
                    self._by_beginning[root[:2]].add(root)

    def has(self, word: str) -> bool:
        """Whether a form of the folded word is in the text."""
        root = stem(word, self._language)
        return any(same_word(root, other) for other in self._by_beginning.get(root[:2], ()))

    def share(self, phrase: str) -> float:
        """Return how much of the phrase's content is in the text, 0 to 1; 1 where the phrase has no words."""
        asked = content_words(phrase, self._language)
        pairs = bigrams(phrase)
        total = len(asked) + len(pairs)
        if not total:
            return 1.0
        return (sum(self.has(word) for word in asked) + len(pairs & self._bigrams)) / total

    def missing(self, phrase: str) -> list[str]:
        """Return the content words of the phrase that are not in the text."""
        return [word for word in content_words(phrase, self._language) if not self.has(word)]
