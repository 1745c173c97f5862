"""Search ads: headlines and descriptions inside the field limits."""

from __future__ import annotations

from itertools import chain, zip_longest

from app.adapters.models_embedded.desk import Desk, distinct, upper_first
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import clauses
from app.content.checks.units import measure

_HEADLINE = "google_ads.rsa.headline"
_DESCRIPTION = "google_ads.rsa.description"
_PATH = "google_ads.rsa.path"
_KEYWORDS_MOST = 8
_PART_LEAST = 8
_HEADLINES_MOST = 12
_HEADLINES_ENOUGH = 8


def google_rsa(desk: Desk) -> Draft:
    """Write headlines, descriptions and display paths of one responsive search ad."""
    keywords = [_quiet(keyword) for keyword in desk.items("keywords")[:_KEYWORDS_MOST]] or [
        _quiet(desk.text("product"))
    ]
    return {
        "headlines": _headlines(desk, keywords),
        "descriptions": _descriptions(desk, keywords),
        "paths": _paths(desk, keywords),
    }


def _headlines(desk: Desk, keywords: list[str]) -> list[str]:
    fits = desk.within(_HEADLINE)
    brief = [_quiet(desk.text(name)) for name in ("product", "offer")]
    with_keyword = [upper_first(keyword) for keyword in keywords]
    about = [text for keyword in keywords for text in desk.phrases("headline", {"keyword": keyword}) if keyword in text]
    own = [
        upper_first(part) for text in brief for part in (text, *clauses(text)) if measure(part, "cjk2") >= _PART_LEAST
    ]
    slots = {"audience": _quiet(desk.text("audience")), "product": _name_of(desk)}
    own += [text for text in desk.phrases("headline", slots) if any(slot and slot in text for slot in slots.values())]
    bare = desk.phrases("headline")
    first = distinct(filter(fits, chain(with_keyword[:3], about)), most=4, similar=0.7)
    rest = filter(fits, chain(own[:6], bare, own[6:], with_keyword[3:], about))
    chosen = [*first, *distinct(rest, most=_HEADLINES_MOST - len(first), similar=0.7, taken=first)]
    if len(chosen) < _HEADLINES_ENOUGH:  # a very narrow brief: accept closer neighbours
        chosen += distinct(filter(fits, bare), most=_HEADLINES_ENOUGH - len(chosen), similar=0.75, taken=chosen)
    return chosen


def _name_of(desk: Desk) -> str:
    """Return the product's name: its first clause, where the rest only describes it."""
    product = _quiet(desk.text("product"))
    return (clauses(product) or [product])[0]


def _descriptions(desk: Desk, keywords: list[str]) -> list[str]:
    """Return descriptions that carry the brief first, then general ones."""
    fits = desk.within(_DESCRIPTION)
    offer, audience = _quiet(desk.text("offer")), _quiet(desk.text("audience"))
    offers = [offer, *(part for part in clauses(offer) if len(part) >= _PART_LEAST)]
    rich: list[str] = []
    for product in dict.fromkeys((_quiet(desk.text("product")), _name_of(desk))):
        for keyword, part in zip_longest(keywords[:2], offers, fillvalue=""):
            slots = {"product": product, "offer": part, "audience": audience, "keyword": keyword}
            filled = map(desk.sentence, desk.phrases("description", slots))
            rich += [text for text in filled if fits(text) and any(value and value in text for value in slots.values())]
    rich = sorted(desk.turned(rich), key=lambda text: not any(part and part in text for part in offers))
    bare = map(desk.sentence, desk.phrases("description"))
    return distinct(chain(distinct(rich, most=3, similar=0.7), filter(fits, bare), rich), most=4, similar=0.75)


def _paths(desk: Desk, keywords: list[str]) -> list[str]:
    fits = desk.within(_PATH)
    candidates = [
        "-".join(desk.cut_to(text, lambda piece: fits(_path(piece))).casefold().split())
        for text in (*keywords, _quiet(desk.text("product")))
    ]
    return distinct((path for path in map(_path, candidates) if path and fits(path)), most=2, similar=0.75)


def _path(text: str) -> str:
    return "".join(
        char for char in "-".join(text.casefold().split()) if char.isalnum() or char == "-" or not char.isascii()
    )


def _quiet(text: str) -> str:
    return text.replace("!", "").replace("！", "").replace("¡", "").strip()
