"""The catalogue as a browser module: the gallery and the palette search it in place,
without a round trip and without state.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from components.previews import first_line, preview_of

if TYPE_CHECKING:
    from app.content.catalogue_files import Catalogue
    from app.content.template import Template


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be counted in the catalogue."""

    templates: int
    categories: int
    checks: int
    languages: int


def figures() -> Figures:
    """Count the catalogue: `checks` is how many rules all templates together have their texts pass."""
    from app.content.catalogue_files import load_catalogue

    catalogue = load_catalogue()
    templates = catalogue.all()
    return Figures(
        templates=len(templates),
        categories=len({template.category for template in templates}),
        checks=sum(check_count(template) for template in templates),
        languages=len(catalogue.profiles),
    )


def check_count(template: Template) -> int:
    """Return how many checks a text of this template has to pass: its own and those of every template."""
    from app.content.checks.registry import checks_of

    return len(checks_of(template))


def catalogue_module() -> str:
    """Return the text of public/js/catalogue.js: `categories`, `languages` and `templates`,
    in the order of the gallery.
    """
    from app.content.catalogue_files import load_catalogue

    catalogue = load_catalogue()
    templates = [_card(template, catalogue) for template in catalogue.all()]
    used = {template.category for template in catalogue.all()}
    categories = [
        {"id": name, "key": f"category.{name}.name", "name": category.name}
        for name, category in catalogue.categories.items()
        if name in used
    ]
    told = {"categories": categories, "languages": list(catalogue.profiles), "templates": templates}
    return "".join(f"export const {name} = {_js(value)};\n" for name, value in told.items())


def _card(template: Template, catalogue: Catalogue) -> dict[str, object]:
    at = f"template.{template.id}"
    return {
        "id": template.id,
        "key": f"{at}.name",
        "name": template.name,
        "purposeKey": f"{at}.purpose",
        "purpose": template.purpose,
        "synonymsKey": f"{at}.synonyms",
        "synonyms": ", ".join(template.synonyms),
        "category": template.category,
        "categoryKey": f"category.{template.category}.name",
        "categoryName": catalogue.categories[template.category].name,
        "kind": template.modality if template.modality in ("image", "audio", "video") else template.output.form,
        "checks": check_count(template),
        "line": first_line(template, catalogue),
        "preview": preview_of(template, catalogue),
    }


def _js(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
