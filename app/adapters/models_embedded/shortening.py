"""Brings a text to a number of words: whole sentences and clauses; a sentence is cut only if nothing else fits."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.adapters.models_embedded.desk import Desk, one_line, upper_first
from app.adapters.models_embedded.ranking import central
from app.adapters.models_embedded.sentences import clauses, main_parts, open_at, phrase_end, units_of, without_end
from app.content.checks.names import names_in
from app.content.checks.words import word_count
from app.content.folding import fold

_TOLERANCE = 0.1
_WEIGHED_MOST = 40  # sentences between which the best fit is searched; more are taken or left by rank alone
_SEARCHED_WORDS = 90
_PART_WORDS_LEAST = 4
_PART_WORTH = 0.6  # a whole sentence says what its author meant


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to say a sentence: its place, text, words and worth."""

    at: int
    text: str
    words: int
    worth: float


def shortened(desk: Desk, text: str, *, words: int) -> str:
    """Return `text` in about `words` words, names kept: within a tenth wherever its sentences allow it."""
    least, most = math.ceil(words * (1 - _TOLERANCE)), max(1, math.floor(words * (1 + _TOLERANCE)))
    if word_count(text) <= most:
        return text.strip()
    facts = [one_line(sentence) for sentence in desk.sentences(text)] or [one_line(text)]
    ranked = central(facts, language=desk.profile.code)
    required = _names_by_sentence(desk, text, facts, ranked)
    settled, open_places = _settled(facts, ranked, required, wanted=least - _SEARCHED_WORDS)
    used = sum(option.words for option in settled)
    ways = [_options(desk, facts[at], at, 1 / (1 + ranked.index(at)), required.get(at, ())) for at in open_places]
    must = [at in required for at in open_places]
    chosen = _best(ways, must, least=least - used, most=most - used, nth=desk.variant)
    if chosen is None:
        first = [*required, *(at for at in ranked if at not in required)]
        return _cut(desk, [facts[at] for at in first], least=least, most=most)
    return desk.paragraph(*(upper_first(way.text) for way in sorted((*settled, *chosen), key=lambda way: way.at)))


def _names_by_sentence(
    desk: Desk, text: str, facts: Sequence[str], ranked: Sequence[int]
) -> Mapping[int, tuple[str, ...]]:
    """Return the sentences that have to stay, with the names for which they stay: the shortest ones that have them."""
    folded = [fold(fact) for fact in facts]
    counts = [word_count(fact) for fact in facts]
    required: dict[int, tuple[str, ...]] = {}
    for name in sorted(map(fold, names_in(text, desk.profile.code)), key=len, reverse=True):
        holders = [at for at in ranked if name in folded[at]]
        if not holders:
            continue
        at = min(holders, key=lambda at: (at not in required, counts[at]))
        required[at] = (*required.get(at, ()), name)
    return required


def _settled(
    facts: Sequence[str], ranked: Sequence[int], required: Mapping[int, tuple[str, ...]], *, wanted: int
) -> tuple[list[_Option], list[int]]:
    """Take whole sentences by rank until `wanted` words are there; return them and the places still to be weighed."""
    taken: list[_Option] = []
    total = 0
    for at in (*required, *(at for at in ranked if at not in required)):
        words = word_count(facts[at])
        if total + words <= wanted:
            taken.append(_Option(at, facts[at], words, 0.0))
            total += words
    left = {option.at for option in taken}
    rest = [at for at in (*required, *ranked) if at not in left]
    return taken, sorted(dict.fromkeys(rest[:_WEIGHED_MOST]))


def _options(desk: Desk, sentence: str, at: int, worth: float, names: Collection[str]) -> list[_Option]:
    """Return the ways to keep a sentence: whole, without its opener, or its main part only; `names` stay in it."""
    found = [sentence]
    parts = clauses(sentence)
    openers = {fold(opener) for opener in desk.bank.words["openers"]}
    if len(parts) > 1 and fold(parts[0]) in openers:
        found.append(sentence[sentence.find(parts[0]) + len(parts[0]) :].lstrip(" ,:、，،"))
    shorter = main_parts(sentence, language=desk.profile.code, least_share=0.3 if names else 0.4)
    found += [part for part in shorter if word_count(part) >= _PART_WORDS_LEAST]
    total = word_count(sentence) or 1
    return [
        _Option(at, text, words, worth * (words / total) ** 0.5 * (1.0 if text == sentence else _PART_WORTH))
        for text in found
        if (words := word_count(text))
        and (text == sentence or open_at(text) is None)
        and all(name in fold(text) for name in names)
    ]


def _best(
    ways: Sequence[Sequence[_Option]], must: Sequence[bool], *, least: int, most: int, nth: int
) -> list[_Option] | None:
    """Return a worthy choice of `least` to `most` words, at most one way a sentence; the best for `nth` 0.

    A sentence that must stay cannot be left out. None where no choice fits.
    """
    reached: dict[int, tuple[float, tuple[_Option, ...]]] = {0: (0.0, ())}
    for options, must_stay in zip(ways, must, strict=True):
        after = {} if must_stay else dict(reached)
        for total, (worth, taken) in reached.items():
            for way in options:
                words = total + way.words
                if words <= most and worth + way.worth > after.get(words, (-1.0, ()))[0]:
                    after[words] = (worth + way.worth, (*taken, way))
        reached = after
    fitting = sorted((value for words, value in reached.items() if words >= least), key=lambda value: -value[0])
    return list(fitting[nth % len(fitting)][1]) if fitting else None


def _cut(desk: Desk, facts: Sequence[str], *, least: int, most: int) -> str:
    """Take the sentences in turn and end the last one where a phrase ends."""
    kept: list[str] = []
    for fact in facts:
        used = word_count(" ".join(kept))
        pieces = units_of(fact)
        fitting = _count_within(pieces, most - used)
        if not fitting:
            break
        enough = _count_within(pieces, least - used - 1) + 1
        end = phrase_end(pieces, fitting, desk.stop_words)
        kept.append(without_end("".join(pieces[: end if end >= enough else fitting])))
        if fitting >= enough:
            break
    return desk.paragraph(*kept) or facts[0]  # one long word cannot be cut


def _count_within(pieces: Sequence[str], most: int) -> int:
    """Return how many pieces from the start have at most `most` words."""
    low, high = 0, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if word_count("".join(pieces[:middle])) <= most else (low, middle - 1)
    return low
