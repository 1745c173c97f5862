"""From a brief to a text: rules and phrase banks, no model. Pure: the same brief always gives the same text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from app.adapters.models_embedded.bank_shelf import languages, load_bank
from app.adapters.models_embedded.desk import Desk
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.recipes import RECIPES
from app.content.catalogue_files import Catalogue, load_catalogue
from app.content.outputs import parse_output
from app.content.repair import merge_repair
from app.content.template import Template
from app.core.ports import Brief

_REPAIR_STEP = 7
"""A repair begins this many phrases later than the draft, so that it does not write the same again."""


class CannotWrite(ValueError):
    """There is no recipe for the template, or no phrases for the language."""


def can_write(template_id: str, language: str) -> bool:
    """Tell whether the writer has a recipe for the template and a phrase bank for the language."""
    recipe = RECIPES.get(template_id)
    return recipe is not None and language in languages() and language not in recipe.cannot


def write(brief: Brief) -> str:
    """Return the text for a brief; in a repair, `previous` with only the parts named in `only` written again.

    Raises:
        CannotWrite: see `can_write`.
    """
    if not can_write(brief.template_id, brief.locale):
        raise CannotWrite(f"the built-in writer has no {brief.template_id} in {brief.locale}")
    catalogue = load_catalogue()
    template = catalogue.get(brief.template_id)
    text = _written(RECIPES[template.id].write(desk_for(brief, catalogue, template)))
    return _repaired(template, brief, text) if brief.only and brief.previous else text


def desk_for(brief: Brief, catalogue: Catalogue, template: Template) -> Desk:
    """Return the desk on which the brief is written."""
    profile = catalogue.profile(brief.locale)
    bank = load_bank(brief.locale)
    chosen = str(brief.inputs.get("register") or "auto")
    return Desk(
        bank=bank,
        profile=profile,
        limits=catalogue.limits,
        template=template,
        inputs=brief.inputs,
        register=profile.register_for(chosen, category=template.category),
        tone=str(brief.inputs.get("tone") or "plain"),
        variant=brief.variant + (_REPAIR_STEP if brief.only else 0),
        seed=_seed(brief),
        glyphs={
            "open": profile.quotation.open,
            "close": profile.quotation.close,
            "dash": bank.marks["dash"],
            "colon": bank.marks["colon"],
        },
    )


def _seed(brief: Brief) -> bytes:
    fields: Mapping[str, object] = {name: brief.inputs[name] for name in sorted(brief.inputs)}
    text = json.dumps([brief.template_id, brief.locale, fields], ensure_ascii=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _written(draft: Draft) -> str:
    return draft if isinstance(draft, str) else json.dumps(draft, ensure_ascii=False, indent=2)


def _repaired(template: Template, brief: Brief, fresh: str) -> str:
    """Put the parts of `fresh` that `only` names into the previous text; where that cannot be read, all of `fresh`."""
    previous = parse_output(template, brief.previous)
    return fresh if previous.problem else merge_repair(template, previous, fresh, paths=brief.only).text
