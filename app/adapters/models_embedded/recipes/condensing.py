"""Shorten and summarise: the sentences are the author's, only the choice is ours."""

from __future__ import annotations

from app.adapters.models_embedded.desk import Desk, one_line, upper_first
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.ranking import central
from app.adapters.models_embedded.sentences import clauses, without_end
from app.adapters.models_embedded.shortening import shortened
from app.content.checks.words import word_count

_ONE_LINE_WORDS = (8, 30)
_EVIDENCE_WORDS = 14
_WORDS_LEAST = 4
_RATIO_MOST = 0.38  # length_ratio allows 0.4 of the words of the source
_POINTS_MOST = 50


def shorten(desk: Desk) -> Draft:
    """Return the text in the number of words asked for, give or take a tenth, with its names and figures."""
    return shortened(desk, desk.raw("text"), words=max(1, round(desk.number("words", 50))))


def summarise(desk: Desk) -> Draft:
    """Return the key points with the words of the source that prove them, and the whole in one line."""
    source = desk.raw("text")
    facts = [one_line(text) for text in desk.sentences(source)] or [one_line(source)]
    count = max(1, min(_POINTS_MOST, round(desk.number("bullets", 3))))
    ranked = central(facts, language=desk.profile.code)
    chosen = [facts[at] for at in sorted(_chosen(ranked, count, desk.variant))]
    for more in (clause for fact in facts for clause in reversed(clauses(fact))):
        if len(chosen) >= count:
            break
        if more not in chosen and word_count(more) >= 3:
            chosen.append(more)
    chosen += [chosen[-1]] * (count - len(chosen))
    one = _one_line(desk, facts, ranked)
    room = max(_WORDS_LEAST * 2, int((word_count(source) * _RATIO_MOST - word_count(one)) / count))
    points = [
        {
            "point": desk.sentence(
                upper_first(_in_words(desk, _without_opener(desk, fact), most=max(_WORDS_LEAST, room * 3 // 5)))
            ),
            "evidence": _in_words(desk, fact, most=max(_WORDS_LEAST, min(room * 2 // 5, _EVIDENCE_WORDS))),
        }
        for fact in chosen
    ]
    return {"points": points, "one_line": one}


def _chosen(ranked: list[int], count: int, variant: int) -> list[int]:
    """Return the places of the key sentences; a later variant gives its last point to the next sentence in rank."""
    if len(ranked) <= count:
        return ranked
    return [*ranked[: count - 1], ranked[count - 1 + variant % (len(ranked) - count + 1)]]


def _in_words(desk: Desk, text: str, *, most: int) -> str:
    return desk.cut_to(text, lambda piece: word_count(piece) <= most) or without_end(text)


def _without_opener(desk: Desk, sentence: str) -> str:
    for opener in desk.bank.words["openers"]:
        if sentence.casefold().startswith(opener.casefold()) and not sentence[len(opener) : len(opener) + 1].isalnum():
            return sentence[len(opener) :].lstrip(" ,:、，،")
    return sentence


def _one_line(desk: Desk, facts: list[str], ranked: list[int]) -> str:
    least, most = _ONE_LINE_WORDS
    shorter = [desk.cut_to(facts[at], lambda text: word_count(text) <= most - 8) for at in ranked]
    fitting = [text for text in shorter if word_count(text) >= least] or shorter
    return desk.sentence(
        desk.say("one_line", {"sentence": without_end(fitting[0])}, fits=lambda text: word_count(text) <= most)
    )
