"""Key points of a text: sentences or main parts of it in a number of words, each with the words that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from app.adapters.models_embedded.desk import Desk, upper_first
from app.adapters.models_embedded.sentences import clauses, is_unspaced, main_parts, open_at, units_of, without_end
from app.content.checks.words import word_count
from app.content.folding import fold

_SENTENCES_MOST = 40
_EVIDENCE_WORDS = 8
_PART_WORDS_LEAST = 4
_WORD_BEGINS = regex.compile(
    r"(?<![\p{Han}])\p{Han}|(?<![\p{Katakana}ー])\p{Katakana}|(?<=[的了在和与是有被把从到给])\p{Han}"
)
_ROOMY_WORDS = 45  # of a point: more than that nobody reads


@dataclass(frozen=True, slots=True)
class Point:
    """One key point; `at` is the place of its sentence, `worth` what it adds to a summary."""

    at: int
    text: str
    evidence: str
    words: int
    worth: float


def chosen_points(desk: Desk, facts: Sequence[str], ranked: Sequence[int], *, count: int, room: int) -> list[Point]:
    """Return exactly `count` points in reading order that fit `room` words together wherever the text allows it."""
    places = _turned(ranked, count, desk.variant)[:_SENTENCES_MOST]
    ways = [_ways(desk, facts[at], at, 1 / (2 + rank)) for rank, at in enumerate(places)]
    fitting = _best(ways, count=count, room=min(room, count * _ROOMY_WORDS)) if len(ways) >= count else None
    return sorted(fitting or _shortest(desk, ways, count), key=lambda point: point.at)


def _turned(ranked: Sequence[int], count: int, variant: int) -> list[int]:
    """A later variant gives its last point to the next sentence in rank."""
    if len(ranked) <= count:
        return list(ranked)
    next_one = ranked[count - 1 + variant % (len(ranked) - count + 1)]
    return [*ranked[: count - 1], next_one, *(at for at in ranked[count - 1 :] if at != next_one)]


def _ways(desk: Desk, sentence: str, at: int, worth: float) -> list[Point]:
    """Return the forms of one sentence: whole, without its opener, its main parts."""
    whole = without_end(sentence)
    bare = _without_opener(desk, whole)
    parts = [part for part in main_parts(bare, language=desk.profile.code) if word_count(part) >= _PART_WORDS_LEAST]
    forms = [bare, *sorted(parts, key=len)[:2]]
    points = []
    for form in forms:
        words = word_count(form)
        share = words / (word_count(whole) or 1)
        evidence = _evidence(desk, form, _EVIDENCE_WORDS)
        points.append(Point(at, desk.sentence(upper_first(form)), evidence, words, worth * share**0.5))
    return points


def _without_opener(desk: Desk, sentence: str) -> str:
    for opener in desk.bank.words["openers"]:
        rest = sentence[len(opener) :]
        if sentence.casefold().startswith(opener.casefold()) and rest[:1] in (" ", ",", "、", "，", "،"):
            return rest.lstrip(" ,、，،")
    return sentence


def _evidence(desk: Desk, form: str, longest: int) -> str:
    """Return the end of a clause, at most `longest` words: where most languages put what is new."""
    if word_count(form) <= longest:
        return form
    last = (clauses(form) or [form])[-1]
    if is_unspaced(last):  # no dictionary says where a word begins, a clause does
        return last if word_count(last) <= longest * 2 else _from_word(last, longest)
    pieces = units_of(last)
    start = len(pieces) - 1
    while start > 0 and word_count("".join(pieces[start - 1 :])) <= longest:
        start -= 1
    while start < len(pieces) - 2 and fold(pieces[start]) in desk.stop_words:
        start += 1
    end = "".join(pieces[start:]).strip()
    return end if open_at(end) is None else form


def _from_word(clause: str, longest: int) -> str:
    """Return the end of an unspaced clause from a sign that is likely to begin a word: no kana particle, no digit."""
    start = max(0, len(clause) - longest * 2)
    while start > 0 and not _WORD_BEGINS.match(clause, start):
        start -= 1
    end = clause[start:]
    return end if open_at(end) is None else clause


def _best(ways: Sequence[Sequence[Point]], *, count: int, room: int) -> list[Point] | None:
    """Return the most worthy `count` points of different sentences within `room` words; None where there are none."""
    reached: dict[tuple[int, int], tuple[float, tuple[Point, ...]]] = {(0, 0): (0.0, ())}
    for options in ways:
        for (taken, words), (worth, points) in list(reached.items()):
            for option in options:
                key = (taken + 1, words + option.words)
                if key[0] <= count and key[1] <= room and worth + option.worth > reached.get(key, (-1.0, ()))[0]:
                    if points and points[-1].at == option.at:
                        continue
                    reached[key] = (worth + option.worth, (*points, option))
    full = [value for (taken, _), value in reached.items() if taken == count]
    return list(max(full, key=lambda value: value[0])[1]) if full else None


def _shortest(desk: Desk, ways: Sequence[Sequence[Point]], count: int) -> list[Point]:
    """Return points where nothing fits: the shortest forms, clauses where sentences are too few, repeats at the end."""
    forms = sorted((min(options, key=lambda way: way.words) for options in ways), key=lambda point: point.words)[:count]
    for whole in [point for options in ways for point in options[:1]]:
        for part in clauses(whole.text)[1:]:
            if len(forms) < count and word_count(part) >= _PART_WORDS_LEAST - 1:
                forms.append(Point(whole.at, desk.sentence(upper_first(part)), part, 0, 0.0))
    return [*forms, *([forms[-1]] * (count - len(forms)))]
