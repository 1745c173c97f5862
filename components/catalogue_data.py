"""The catalogue as a browser module: the gallery and the palette search it in place, without a round trip and without state."""

from __future__ import annotations

import json
from typing import Any

from components.previews import preview_of


def catalogue_module() -> str:
    """Return the text of public/js/catalogue.js: `categories` and `templates`, in the order of the gallery."""
    from app.content.catalogue_files import load_catalogue

    catalogue = load_catalogue()
    templates = [_card(template, catalogue) for template in catalogue.all()]
    used = {card["category"] for card in templates}
    categories = [
        {"id": name, "key": f"category.{name}.name", "name": category.name}
        for name, category in catalogue.categories.items()
        if name in used
    ]
    return f"export const categories = {_js(categories)};\nexport const templates = {_js(templates)};\n"


def _card(template: Any, catalogue: Any) -> dict[str, object]:  # Any: Template and Catalogue, loaded only when a build asks
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
        "modality": template.modality,
        "steps": len(template.steps),
        "checks": check_count(template),
        "preview": preview_of(template, catalogue),
    }


def check_count(template: Any) -> int:  # Any: as above
    """Return how many checks a text of this template has to pass: its own and those of every template."""
    from app.content.checks.registry import checks_of

    return len(checks_of(template))


def _js(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
