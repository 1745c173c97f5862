"""Prompt for a picture."""

from __future__ import annotations

from app.adapters.models_embedded.desk import Desk
from app.adapters.models_embedded.drafts import Draft

_ASPECTS = ("4:5", "1:1")


def image_prompt_writer(desk: Desk) -> Draft:
    """Write subject, composition, light, lens and style as one prompt, with what to avoid and the aspect."""
    style = desk.text("style")
    idea = desk.text("idea")
    parts = [
        desk.say("subject", {"idea": idea}),
        desk.say("composition"),
        desk.say("light"),
        desk.say("lens"),
        desk.say("style", {"style": style}) if style else desk.say("no_style"),
    ]
    folded = f"{idea} {style}".casefold()
    if any(word.casefold() in folded for word in desk.bank.words["upright"]):
        aspect = "9:16"
    elif any(word.casefold() in folded for word in desk.bank.words["wide"]):
        aspect = "16:9"
    else:
        aspect = _ASPECTS[desk.variant % len(_ASPECTS)]
    return {"prompt": desk.sentence(desk.listed(parts)), "avoid": desk.say("avoid"), "aspect": aspect}
