"""Marketplace listing."""

from __future__ import annotations

from collections import Counter

import regex

from app.adapters.models_embedded.desk import Desk
from app.adapters.models_embedded.drafts import Draft
from app.content.checks.units import emojis
from app.content.checks.words import words
from app.content.folding import fold

_TITLE, _BULLET, _DESCRIPTION, _TERMS = "amazon.title", "amazon.bullet", "amazon.description", "amazon.search_terms"
_MARKS = ".,;:()[]\"'“”„«»、，。؛،"
_FIRST_SIGN = regex.compile(r"[\p{L}\p{N}]")
_RUNS = {  # no dictionary: runs of one script in Japanese, what stands between the commonest particles in Chinese
    "ja": regex.compile(r"\p{Katakana}[\p{Katakana}ー]+|\p{Han}{2,}"),
    "zh-Hans": regex.compile(r"[\p{Han}--[的和与及在可为一从到]]{2,6}", regex.V1),
}
_FEATURES_RETOLD = 3  # the bullets have them all
_TERMS_ENOUGH = 3
_BULLETS = 5
_NOT_IN_TITLE = regex.compile(r"[!$?_{}^¬¦]")
_MOST_OF_A_WORD = 2
_ROOM_FOR_FRAME = 40


def amazon_listing(desk: Desk) -> Draft:
    """Write title, five bullets, description and search terms from the facts of the brief."""
    facts = {name: _clean(desk.text(name)) for name in ("product", "brand", "materials", "size")}
    features = [feature for feature in map(_clean, desk.items("features")) if feature]
    title = _title(desk, facts, features)
    return {
        "title": title,
        "bullets": _bullets(desk, facts, features),
        "description": _description(desk, facts, features),
        "search_terms": _search_terms(desk, title, facts, features),
    }


def _clean(text: str) -> str:
    for emoji in emojis(text):
        text = text.replace(emoji, " ")
    return " ".join(text.split()).rstrip(".。")


def _title(desk: Desk, facts: dict[str, str], features: list[str]) -> str:
    parts = [_NOT_IN_TITLE.sub("", part).strip() for part in (*features, facts["materials"], facts["size"])]
    named = facts["product"] if facts["brand"].casefold() in facts["product"].casefold() else ""
    title = named or desk.say("title", {"product": facts["product"], "brand": facts["brand"]})
    title = desk.cut(_NOT_IN_TITLE.sub("", title).strip(), _TITLE)
    fits = desk.within(_TITLE)
    for part in parts:
        longer = desk.listed([title, part])
        if part and fits(longer) and max(Counter(_words(longer)).values(), default=0) <= _MOST_OF_A_WORD:
            title = longer
    return title


def _bullets(desk: Desk, facts: dict[str, str], features: list[str]) -> list[str]:
    while len(features) > _BULLETS:  # the sheet takes five: the last ones share a line
        features = [*features[: _BULLETS - 1], desk.listed(features[_BULLETS - 1 :])]
    bullets = []
    for index, feature in enumerate(features):
        frames = desk.phrases("bullet", {"feature": feature, **{name: facts[name] for name in ("product", "brand")}})
        short = len(feature) < _ROOM_FOR_FRAME
        bullets.append(frames[index % len(frames)] if short else feature)
    extras = [
        *([desk.say("material", {"materials": facts["materials"]})] if facts["materials"] else []),
        *([desk.say("size", {"size": facts["size"]})] if facts["size"] else []),
        *desk.phrases("extra", {"product": facts["product"], "brand": facts["brand"]}),
    ]
    bullets += extras[: _BULLETS - len(bullets)]
    fits = desk.within(_BULLET)
    return [_capital_first(bullet if fits(bullet) else desk.cut(bullet, _BULLET)) for bullet in bullets]


def _description(desk: Desk, facts: dict[str, str], features: list[str]) -> str:
    fits = desk.within(_DESCRIPTION)
    sentences = [
        desk.say("description_lead", {"product": facts["product"], "brand": facts["brand"]}),
        desk.say("description_features", {"features": desk.listed(features[:_FEATURES_RETOLD])}) if features else "",
        desk.say("material", {"materials": facts["materials"]}) if facts["materials"] else "",
        desk.say("size", {"size": facts["size"]}) if facts["size"] else "",
        desk.say("description_close"),
    ]
    text = ""
    for sentence in sentences:
        longer = desk.paragraph(text, sentence)
        text = longer if fits(longer) else text
    return text or desk.cut(facts["product"], _DESCRIPTION)


def _search_terms(desk: Desk, title: str, facts: dict[str, str], features: list[str]) -> str:
    """Return words that the title lacks, first those of the brief, then general ones, within the byte limit."""
    taken = {*_words(title), *desk.stop_words}
    within = desk.within(_TERMS)
    terms: list[str] = []
    own = _candidates(desk, " ".join([*features, facts["materials"], facts["product"]]), title)
    for count, term in enumerate((*own, *desk.phrases("term"))):
        if count >= len(own) and len(terms) >= _TERMS_ENOUGH:
            break  # general words only where the brief has few left
        folded = set(_words(term))
        if folded & taken or term in terms or any(char.isdigit() for char in term):
            continue
        if not within(" ".join([*terms, term.casefold()])):
            break
        terms.append(term.casefold())
        taken |= folded
    return " ".join(terms) or desk.cut_to(facts["brand"], within)


def _candidates(desk: Desk, source: str, title: str) -> list[str]:
    """Return what may be a search word: a word where words are spaced, else a run of signs that the title lacks."""
    if desk.profile.code not in ("ja", "zh-Hans"):
        return [word for piece in source.split() if (word := piece.strip(_MARKS)) and _words(word)]
    runs = _RUNS[desk.profile.code].findall(source)
    return [run for run in runs if run not in title]


def _words(text: str) -> list[str]:
    return [fold(span.text) for span in words(text)]


def _capital_first(text: str) -> str:
    found = _FIRST_SIGN.search(text)
    return text[: found.start()] + found.group().upper() + text[found.end() :] if found else text
