"""Press release: the order of a news desk, every fact from the brief."""

from __future__ import annotations

from app.adapters.models_embedded.dates import long_date
from app.adapters.models_embedded.desk import Desk, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import without_end
from app.content.checks.words import word_count

_LEAD_WORDS_MAX = 42  # first_paragraph_words allows 45; dateline included
_HEADLINE = "press.headline"
_BODY = "press.body"


def press_release(desk: Desk) -> Draft:
    """Write headline, lead, details, quote, boilerplate and contact, with the end mark."""
    facts = desk.sentences(_calm(desk.raw("news")))
    slots = {
        "city": _calm(desk.text("city")),
        "spokesperson": _calm(desk.text("spokesperson")),
        "date": long_date(desk.raw("release_date"), desk.profile.cldr),
    }
    first = without_end(one_line(facts[0])) if facts else slots["city"]
    fits = desk.within(_HEADLINE)
    headline = first if fits(first) else desk.cut(first, _HEADLINE)
    lead, rest = _lead(desk, facts, slots)
    closing = [_quote(desk, slots), _calm(desk.raw("boilerplate").strip()), desk.raw("contact").strip()]
    fixed = word_count("\n".join([headline, lead, *rest, *closing]))
    details = _details(desk, headline, rest, slots, already=fixed)
    bodies = [headline, lead, details, *closing]
    blocks = [
        f"## {desk.profile.heading(section)}\n\n{body}"
        for section, body in zip(desk.template.output.sections, bodies, strict=False)
    ]
    return "\n\n".join([*blocks, "###"])


def _lead(desk: Desk, facts: list[str], slots: dict[str, str]) -> tuple[str, list[str]]:
    """Return the first paragraph, short enough for an editor, and the facts it leaves over."""
    kept: list[str] = []
    for fact in facts:
        text = desk.paragraph(*kept, one_line(fact))
        if kept and word_count(text) + _words_of_dateline(desk, slots) > _LEAD_WORDS_MAX:
            break
        kept.append(one_line(fact))
    room = _LEAD_WORDS_MAX - _words_of_dateline(desk, slots)
    news = desk.cut_to(desk.paragraph(*kept) or slots["city"], lambda text: word_count(text) <= max(room, 8))
    return desk.sentence(desk.say("dateline", {"news": news, **slots})), [one_line(fact) for fact in facts[len(kept) :]]


def _words_of_dateline(desk: Desk, slots: dict[str, str]) -> int:
    return word_count(f"{slots['city']} {slots['date']}")


def _details(desk: Desk, headline: str, facts: list[str], slots: dict[str, str], *, already: int) -> str:
    """Give the remaining facts first, then what editors need to know, until the usual length is reached."""
    limit = desk.limits[_BODY]
    paragraphs = [desk.paragraph(*facts)] if facts else []
    notes: list[str] = []
    for text in desk.phrases("detail", {"news": headline, **slots}):
        notes.append(text)
        if already + word_count(" ".join(notes)) > (limit.min or 0) + 20:
            break
    paragraphs += [desk.paragraph(*notes[start : start + 3]) for start in range(0, len(notes), 3)]
    return "\n\n".join(paragraphs)


def _quote(desk: Desk, slots: dict[str, str]) -> str:
    quote = _calm(desk.line("quote")).strip("\"'“”„«»「」 ")
    if not quote:
        return desk.sentence(desk.say("no_quote", {"spokesperson": slots["spokesperson"]}))
    return desk.sentence(desk.say("quote", {"quote": quote, "spokesperson": slots["spokesperson"]}))


def _calm(text: str) -> str:
    """A release raises no voice: exclamation marks become full stops."""
    calm = text.replace("¡", "")
    for mark, stop in (("!", "."), ("！", "。")):
        calm = calm.replace(mark, stop)
    return calm
