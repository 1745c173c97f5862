"""Brings a text to a number of words: whole sentences and clauses; a sentence is cut only if nothing else fits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.adapters.models_embedded.desk import Desk, one_line, upper_first
from app.adapters.models_embedded.ranking import central
from app.adapters.models_embedded.sentences import clauses, phrase_end, units_of, without_end
from app.content.checks.stems import fold
from app.content.checks.words import word_count

_TOLERANCE = 0.1
_SENTENCES_MOST = 60
_CLAUSE_WORDS_LEAST = 4
_PREFIXES_MOST = 6


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to say a sentence: its text, its words, its worth."""

    text: str
    words: int
    worth: float


def shortened(desk: Desk, text: str, *, words: int) -> str:
    """Return `text` in about `words` words: within a tenth wherever its sentences allow it."""
    least, most = math.ceil(words * (1 - _TOLERANCE)), max(1, math.floor(words * (1 + _TOLERANCE)))
    if word_count(text) <= most:
        return text.strip()
    facts = [one_line(sentence) for sentence in desk.sentences(text)] or [one_line(text)]
    ranked = central(facts, language=desk.profile.code)[:_SENTENCES_MOST]
    worths = {at: 1.0 / (1 + place) for place, at in enumerate(ranked)}
    order = sorted(worths)
    options = [_options(desk, facts[at], worths[at]) for at in order]
    chosen = _best(options, least=least, most=most)
    if chosen is None:
        return _cut(desk, [facts[at] for at in order], worths=[worths[at] for at in order], least=least, most=most)
    return desk.paragraph(*(upper_first(option.text) for option in chosen))


def _options(desk: Desk, sentence: str, worth: float) -> list[_Option]:
    """Return the ways to keep a sentence: whole, without its opener, or its first clauses only."""
    found = [sentence]
    parts = clauses(sentence)
    openers = {fold(opener) for opener in desk.bank.words["openers"]}
    if len(parts) > 1 and fold(parts[0]) in openers:
        found.append(sentence[sentence.find(parts[0]) + len(parts[0]) :].lstrip(" ,:、，،"))
    whole = without_end(sentence)
    at = 0
    for part in parts[: min(len(parts) - 1, _PREFIXES_MOST)]:
        at = whole.find(part, at) + len(part)
        if word_count(whole[:at]) >= _CLAUSE_WORDS_LEAST:
            found.append(whole[:at])
    total = word_count(sentence) or 1
    return [_Option(text, word_count(text), worth * (word_count(text) / total) ** 0.5) for text in found]


def _best(options: Sequence[Sequence[_Option]], *, least: int, most: int) -> list[_Option] | None:
    """Return the most worthy choice of `least` to `most` words, one option a sentence; None where there is none."""
    reached: dict[int, tuple[float, tuple[_Option, ...]]] = {0: (0.0, ())}
    for ways in options:
        for total, (worth, taken) in list(reached.items()):
            for way in ways:
                words = total + way.words
                if way.words and words <= most and worth + way.worth > reached.get(words, (-1.0, ()))[0]:
                    reached[words] = (worth + way.worth, (*taken, way))
    fitting = [value for words, value in reached.items() if words >= least]
    return list(max(fitting, key=lambda value: value[0])[1]) if fitting else None


def _cut(desk: Desk, facts: Sequence[str], *, worths: Sequence[float], least: int, most: int) -> str:
    """Take the best sentences and end the last one at a word where a phrase ends."""
    kept: list[str] = []
    for at in sorted(range(len(facts)), key=lambda index: -worths[index]):
        room = most - word_count(" ".join(kept))
        pieces = units_of(facts[at])
        fitting = _count_within(pieces, room)
        if not fitting:
            break
        enough = _count_within(pieces, least - word_count(" ".join(kept)) - 1) + 1
        end = phrase_end(pieces, fitting, desk.stop_words)
        kept.append(without_end("".join(pieces[: end if end >= enough else fitting])))
        if fitting >= enough:
            break
    return desk.paragraph(*kept)


def _count_within(pieces: Sequence[str], most: int) -> int:
    """Return how many pieces from the start have at most `most` words."""
    low, high = 0, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if word_count("".join(pieces[:middle])) <= most else (low, middle - 1)
    return low
