"""The texts of a template that a screen shows, under the keys of the translations."""

from __future__ import annotations

from app.content.template import Field, Part, Template


def template_strings(template: Template) -> dict[str, str]:
    """Return key to English text. Synonyms are one text with commas: a translator gives the language's own."""
    at = f"template.{template.id}"
    strings = {f"{at}.name": template.name, f"{at}.purpose": template.purpose}
    if template.synonyms:
        strings[f"{at}.synonyms"] = ", ".join(template.synonyms)
    for field in template.fields:
        strings |= _field_strings(f"{at}.field.{field.name}", field)
    for number, part in enumerate(template.output.parts):
        strings |= _part_strings(f"{at}.part.{number}", part)
    for number, check in enumerate(template.checks):
        if check.label:
            strings[f"{at}.check.{number}"] = check.label
    return strings


def _field_strings(at: str, field: Field) -> dict[str, str]:
    strings = {at: field.label}
    if field.help:
        strings[f"{at}.help"] = field.help
    if field.placeholder and field.type not in ("url", "date", "number", "money"):
        strings[f"{at}.placeholder"] = field.placeholder
    for option in field.options:
        strings[f"{at}.option.{option}"] = option
    return strings


def _part_strings(at: str, part: Part) -> dict[str, str]:
    strings = {at: part.label}
    if part.item:
        strings[f"{at}.item"] = part.item
    if part.wanted:
        strings[f"{at}.wanted"] = part.wanted
    return strings
