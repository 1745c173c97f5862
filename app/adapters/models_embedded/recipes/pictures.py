"""Plans for pictures: prompts from the brief and the bank's phrases, the words on the picture, and its alt text."""

from __future__ import annotations

import re

from app.adapters.models_embedded.desk import Desk, one_line, upper_first
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.ranking import central
from app.adapters.models_embedded.sentences import clauses, is_unspaced, without_end
from app.content.checks.words import word_count
from app.content.folding import fold

_ASPECTS = ("4:5", "1:1")
_ASPECT_OF = {"instagram": "4:5", "linkedin": "1.91:1", "og": "1.91:1", "x": "16:9", "story": "9:16"}
_SIZES = ("1200×628", "1200×1200", "960×1200")
_PHRASES = "image-prompt-writer"
_HEADLINE_WORDS, _OVERLAY_WORDS, _LABEL_WORDS = 8, 3, 8
_BANNER_CHARS = 40
_IDEA_CHARS, _ALT_IDEA_CHARS, _ALT_CHARS, _STEP_CHARS = 160, 90, 120, 40
_BOXES_MOST = 9


def image_prompt_writer(desk: Desk) -> Draft:
    """Write subject, composition, light, lens and style as one prompt, with what to avoid and the aspect."""
    style = desk.text("style")
    idea = desk.text("idea")
    folded = f"{idea} {style}".casefold()
    if any(word.casefold() in folded for word in desk.bank.words["upright"]):
        aspect = "9:16"
    elif any(word.casefold() in folded for word in desk.bank.words["wide"]):
        aspect = "16:9"
    else:
        aspect = _ASPECTS[desk.variant % len(_ASPECTS)]
    return {"prompt": _prompt(desk, idea, style=style), "avoid": desk.say("avoid"), "aspect": aspect}


def social_image(desk: Desk) -> Draft:
    """Plan a picture for one network."""
    idea, message = _seen_and_said(desk.text("idea"))
    colours = desk.say("pictures.colours", {"colours": desk.listed(desk.items("brand_colours"))})
    extra = [colours] if desk.items("brand_colours") else []
    return {
        "headline": upper_first(_few_words(desk, message, _HEADLINE_WORDS)),
        "prompt": _prompt(desk, idea, style=desk.text("style"), extra=extra),
        "avoid": desk.say(f"{_PHRASES}.avoid"),
        "alt": _alt(desk, idea),
        "aspect": _ASPECT_OF.get(desk.text("network"), "4:5"),
    }


def ad_banner_set(desk: Desk) -> Draft:
    """Plan one picture for several sizes, with a line and a call to action for each."""
    idea, line = _seen_and_said(desk.text("idea"))[0], desk.line("headline")
    words = next((text for text in (line, *desk.sentences(line)) if len(text) <= _BANNER_CHARS), "")
    words = words or _cut(desk, line, _BANNER_CHARS)
    action = desk.say("pictures.action")
    return {
        "prompt": _prompt(desk, idea),
        "avoid": desk.say(f"{_PHRASES}.avoid"),
        "alt": _alt(desk, idea),
        "banners": [{"size": size, "words": words, "call_to_action": action} for size in desk.items("sizes") or _SIZES],
    }


def product_photo_scene(desk: Desk) -> Draft:
    """Plan new surroundings for a product, and say what must stay as it is."""
    product, scene = desk.text("product"), desk.text("scene")
    parts = [
        desk.say("pictures.scene", {"product": product, "scene": scene}),
        desk.say(f"{_PHRASES}.light"),
        desk.say(f"{_PHRASES}.lens"),
        desk.say(f"{_PHRASES}.no_style"),
    ]
    return {
        "prompt": desk.sentence(desk.listed(parts)),
        "keep": desk.say("pictures.keep", {"product": product}),
        "avoid": desk.say(f"{_PHRASES}.avoid"),
        "alt": _alt(desk, product),
    }


def youtube_thumbnail(desk: Desk) -> Draft:
    """Plan a thumbnail with a few words on it."""
    title = desk.text("title")
    subject = desk.text("subject") or title
    return {
        "overlay": upper_first(_strongest(desk, title, _OVERLAY_WORDS)),
        "prompt": _prompt(desk, subject),
        "avoid": desk.say(f"{_PHRASES}.avoid"),
        "alt": _alt(desk, subject),
    }


def blog_hero_image(desk: Desk) -> Draft:
    """Plan a header from the sentence that stands for the article."""
    source = desk.raw("article")
    told = [one_line(text) for text in desk.sentences(source)] or [one_line(source)]
    best = central(told, language=desk.profile.code)
    idea = _cut(desk, without_end(told[best[desk.variant % len(best)] if best else 0]), _IDEA_CHARS)
    return {
        "prompt": _prompt(desk, idea, style=desk.text("style")),
        "avoid": desk.say(f"{_PHRASES}.avoid"),
        "alt": desk.sentence(_cut(desk, idea, _ALT_CHARS)),
    }


def icon_set(desk: Desk) -> Draft:
    """Plan one icon for each idea, and the style that they share."""
    ideas = desk.items("ideas")
    drawings = desk.phrases("pictures.icon", {"idea": "{idea}"})
    stroke = f"{desk.number('stroke', 2):g}"
    return {
        "icons": [
            {"name": idea, "prompt": desk.sentence(upper_first(drawings[at % len(drawings)].replace("{idea}", idea)))}
            for at, idea in enumerate(ideas)
        ],
        "style": desk.sentence(upper_first(desk.say("pictures.icon_style", {"stroke": stroke}))),
        "avoid": desk.say("pictures.drawing_avoid"),
    }


def diagram_image(desk: Desk) -> Draft:
    """Plan a row of boxes whose labels are the steps of the description, in its own words."""
    source = desk.raw("process")
    steps = [one_line(text) for text in desk.sentences(source)] or [one_line(source)]
    if len(steps) == 1:
        steps = clauses(steps[0]) or steps
    labels = list(dict.fromkeys(_few_words(desk, without_end(step), _LABEL_WORDS) for step in steps[:_BOXES_MOST]))
    return {
        "title": _few_words(desk, without_end(steps[-1]), _HEADLINE_WORDS),
        "boxes": [{"label": label} for label in labels],
        "prompt": desk.sentence(upper_first(desk.say("pictures.diagram"))),
        "avoid": desk.say("pictures.drawing_avoid"),
        "alt": _alt_of_steps(desk, labels[0], labels[-1]),
    }


def _prompt(desk: Desk, idea: str, *, style: str = "", extra: list[str] | None = None) -> str:
    parts = [
        desk.say(f"{_PHRASES}.subject", {"idea": idea}),
        desk.say(f"{_PHRASES}.composition"),
        desk.say(f"{_PHRASES}.light"),
        desk.say(f"{_PHRASES}.lens"),
        desk.say(f"{_PHRASES}.style", {"style": style}) if style else desk.say(f"{_PHRASES}.no_style"),
        *(extra or ()),
    ]
    return desk.sentence(desk.listed(parts))


def _few_words(desk: Desk, text: str, most: int) -> str:
    """Return the beginning of a text that has at most so many words, ending where a phrase ends."""
    if word_count(text) <= most:
        return text
    return desk.cut_to(text, lambda cut: word_count(cut) <= most) or text.split(" ")[0]


def _seen_and_said(idea: str) -> tuple[str, str]:
    """Return what the picture shows and what it says: people write the one, a colon, and the other."""
    seen, _, said = re.sub(r"\s*[:：]\s*", ":", idea, count=1).partition(":")
    return (seen, said) if seen and said else (idea, idea)


def _strongest(desk: Desk, text: str, most: int) -> str:
    """Return the stretch of at most so many words that says most: it begins and ends with a word of meaning."""
    if is_unspaced(text):
        return next((part for part in clauses(text) if word_count(part) <= most), "") or _few_words(desk, text, most)
    words = text.split()
    heavy = [fold(word.strip(',.;:!?«»“”"')) not in desk.stop_words for word in words]
    best = (0, 0, "")
    for start in range(len(words)):
        for size in range(1, most + 1):
            end = start + size
            if end > len(words) or not (heavy[start] and heavy[end - 1]):
                continue
            stretch = " ".join(words[start:end]).rstrip(",;:")
            if word_count(stretch) <= most:
                best = max(best, (sum(heavy[start:end]), -start, stretch), key=lambda one: one[:2])
    return best[2] or _few_words(desk, text, most)


def _alt_of_steps(desk: Desk, first: str, last: str) -> str:
    """Return the alt text of a row of steps."""
    ends = {"first": _cut(desk, first, _STEP_CHARS), "last": _cut(desk, last, _STEP_CHARS)}
    return desk.sentence(desk.say("pictures.diagram_alt", ends, fits=desk.within("alt.text")))


def _cut(desk: Desk, text: str, most: int) -> str:
    return text if len(text) <= most else desk.cut_to(text, lambda cut: len(cut) <= most) or text[:most]


def _alt(desk: Desk, idea: str) -> str:
    """Return the alt text: what is seen, within its limit."""
    short = _cut(desk, idea, _ALT_IDEA_CHARS)
    return desk.sentence(desk.say("pictures.alt", {"idea": short}, fits=desk.within("alt.text")) or short)
