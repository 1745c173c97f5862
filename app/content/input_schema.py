"""The JSON schema of a template's inputs: what a program may send, field by field."""

from __future__ import annotations

from app.content.field_values import MAX_ITEM, MAX_ITEMS, MAX_LONGTEXT, MAX_TEXT, MAX_URL
from app.content.inputs import MAX_VARIANTS, REGISTERS, TONES
from app.content.profiles import LANGUAGES
from app.content.template import Field, Template

Schema = dict[str, object]

_TEXT_LIMITS = {"text": MAX_TEXT, "longtext": MAX_LONGTEXT, "kb": MAX_LONGTEXT, "url": MAX_URL}
_COMMON: dict[str, Schema] = {
    "language": {"type": "string", "enum": list(LANGUAGES), "default": "en"},
    "tone": {"type": "string", "enum": list(TONES), "default": "plain"},
    "register": {"type": "string", "enum": list(REGISTERS), "default": "auto"},
    "variants": {"type": "integer", "minimum": 1, "maximum": MAX_VARIANTS, "default": 1},
}


def input_schema(template: Template) -> Schema:
    """Return the schema (JSON Schema 2020-12) of the `inputs` of a run of this template."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {**{field.name: _property(field) for field in template.fields}, **_COMMON},
        "required": [field.name for field in template.fields if field.required],
        "additionalProperties": False,
    }


def _property(field: Field) -> Schema:
    told = {"title": field.label, "description": field.help} if field.help else {"title": field.label}
    return {**told, **_value(field)}


def _value(field: Field) -> Schema:
    match field.type:
        case "number":
            bounds = {"minimum": field.min, "maximum": field.max}
            return {"type": "number", **{name: bound for name, bound in bounds.items() if bound is not None}}
        case "enum":
            return {"type": "string", "enum": list(field.options)}
        case "locale":
            return {"type": "string", "enum": list(LANGUAGES)}
        case "date":
            return {"type": "string", "format": "date"}
        case "money":
            return {"type": "string", "examples": ["389.00 EUR"]}
        case "list":
            item = {"type": "string", "maxLength": field.max_length or MAX_ITEM}
            return {"type": "array", "items": item, "maxItems": field.max_items or MAX_ITEMS}
        case "table":
            cell = {"type": "string", "maxLength": field.max_length or MAX_ITEM}
            row = {
                "type": "object",
                "properties": dict.fromkeys(field.columns, cell),
                "additionalProperties": False,
            }
            return {"type": "array", "items": row, "maxItems": field.max_items or MAX_ITEMS}
        case _:
            text = {"type": "string", "maxLength": field.max_length or _TEXT_LIMITS[field.type]}
            return {**text, "format": "uri"} if field.type == "url" else text
