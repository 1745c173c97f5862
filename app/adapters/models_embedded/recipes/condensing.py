"""Shorten and summarise: the sentences are the author's, only the choice is ours."""

from __future__ import annotations

from app.adapters.models_embedded.desk import Desk, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.points import chosen_points
from app.adapters.models_embedded.ranking import central
from app.adapters.models_embedded.sentences import without_end
from app.adapters.models_embedded.shortening import shortened
from app.content.checks.words import word_count

_ONE_LINE_WORDS = (8, 30)
_RATIO_MOST = 0.39  # length_ratio allows the points 0.4 of the words of the source
_POINTS_MOST = 15


def shorten(desk: Desk) -> Draft:
    """Return the text in the number of words asked for, give or take a tenth, with its names and figures."""
    text = desk.raw("text")
    # What holds no sentence at all, such as a row of figures, cannot be shortened without losing its only point.
    return shortened(desk, text, words=max(1, round(desk.number("words", 50)))) or text.strip()


def summarise(desk: Desk) -> Draft:
    """Return the key points with the words of the source that prove them, and the whole in one line."""
    source = desk.raw("text")
    facts = [one_line(text) for text in desk.sentences(source)] or [one_line(source)]
    count = max(1, min(_POINTS_MOST, round(desk.number("bullets", 3))))
    ranked = central(facts, language=desk.profile.code)
    told, one = _one_line(desk, facts, ranked)
    others = [at for at in ranked if at != told] if len(ranked) > count else ranked
    points = chosen_points(desk, facts, others, count=count, room=int(word_count(source) * _RATIO_MOST))
    return {"points": [{"point": point.text, "evidence": point.evidence} for point in points], "one_line": one}


def _one_line(desk: Desk, facts: list[str], ranked: list[int]) -> tuple[int, str]:
    """Return the place of the sentence that stands for the whole, and the line made of it."""
    least, most = _ONE_LINE_WORDS
    for at in (0, *ranked):  # a text says first what it is about, more often than not
        whole = {"sentence": without_end(facts[at])}
        if text := desk.say("one_line", whole, fits=lambda text: least <= word_count(text) <= most):
            return at, desk.sentence(text)
    cuts = {at: desk.cut_to(facts[at], lambda text: word_count(text) <= most) for at in ranked}
    at = next((at for at, text in cuts.items() if word_count(text) >= least), ranked[0])
    return at, desk.sentence(cuts[at] or facts[at])
