"""What a person or a program may put into a form: every value is made canonical, or refused with the way out.

Control characters: CR and CRLF become a line feed; tabs and line feeds stay in long text and become a space in fields
of one line; every other control character (NUL among them) is dropped, since it is invisible and no brief means it.
Half of a surrogate pair cannot be stored as UTF-8 and is refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

from app.content.field_values import FieldError, read_value, without_controls
from app.content.profiles import LANGUAGES, Language
from app.content.template import Field, Template
from app.core.errors import InvalidInput

Tone = Literal["plain", "friendly", "formal", "bold", "warm"]
RegisterChoice = Literal["auto", "formal", "informal"]
TONES: tuple[Tone, ...] = get_args(Tone)
REGISTERS: tuple[RegisterChoice, ...] = get_args(RegisterChoice)
MAX_VARIANTS = 5
COMMON_INPUTS = ("language", "tone", "register", "variants")


@dataclass(frozen=True, slots=True)
class Inputs:
    """A brief that passed. `values` holds every field of the template in its order.

    Canonical shapes: text, longtext, url, date, money, locale, enum and kb are text ("" where absent), number is int or
    float (None where absent), list is a tuple of text, table a tuple of {column: text} (both empty where absent).
    """

    values: Mapping[str, object]
    language: Language = "en"
    tone: Tone = "plain"
    register: RegisterChoice = "auto"
    variants: int = 1
    given: tuple[str, ...] = field(default=(), repr=False)

    def text(self, name: str) -> str:
        """Return one field as text; a list has one item a line, a table one row a line, an absent field is empty."""
        return as_text(self.values.get(name))

    @property
    def source_text(self) -> str:
        """Everything that was given, one field a paragraph: what figures, quotes and names are held against."""
        return "\n\n".join(text for name in self.values if (text := self.text(name)))


def as_text(value: object) -> str:
    """Return a canonical value as one text."""
    if value is None:
        return ""
    if isinstance(value, tuple | list):
        return "\n".join(as_text(item) for item in value)
    if isinstance(value, Mapping):
        return "\t".join(as_text(cell) for cell in value.values())
    return str(value)


def validate_inputs(template: Template, raw: Mapping[str, object], *, default_language: Language = "en") -> Inputs:
    """Return the brief in canonical form.

    `raw` holds fields of the template and, optionally, language, tone, register and variants; None counts as absent.

    Raises:
        InvalidInput: a field is unknown, missing, malformed, too long or out of range; `field` says which.
    """
    known = {spec.name for spec in template.fields} | set(COMMON_INPUTS)
    for name in raw:
        if name not in known:
            raise InvalidInput(
                "{template} has no field called {name}. Its fields are: {fields}.",
                code="input.unknown_field",
                field=_shown(name),
                params={"template": template.name, "name": _shown(name), "fields": ", ".join(sorted(known))},
            )
    values = {spec.name: _value(spec, raw.get(spec.name)) for spec in template.fields}
    return Inputs(
        values=values,
        language=cast(Language, _choice("language", raw.get("language"), LANGUAGES, default_language)),
        tone=cast(Tone, _choice("tone", raw.get("tone"), TONES, "plain")),
        register=cast(RegisterChoice, _choice("register", raw.get("register"), REGISTERS, "auto")),
        variants=_variants(raw.get("variants")),
        given=tuple(name for name, value in values.items() if value not in (None, "", ())),
    )


def _value(spec: Field, raw: object) -> object:
    try:
        value = read_value(spec, raw)
    except FieldError as problem:
        raise InvalidInput(
            problem.message,
            code=f"input.{problem.code}",
            field=spec.name,
            params={"label": spec.label, **problem.params},
        ) from None
    if spec.required and value in (None, "", ()):
        raise InvalidInput("{label} is needed.", code="input.required", field=spec.name, params={"label": spec.label})
    return value


def _choice(name: str, raw: object, options: tuple[str, ...], default: str) -> str:
    if raw is None or raw == "":
        return default
    if isinstance(raw, str) and raw in options:
        return raw
    raise InvalidInput(
        "{name} must be one of: {options}.",
        code="input.option",
        field=name,
        params={"name": name, "options": ", ".join(options)},
    )


def _variants(raw: object) -> int:
    if raw is None or raw == "":
        return 1
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) == 1:
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and 1 <= raw <= MAX_VARIANTS:
        return raw
    raise InvalidInput(
        "variants must be a whole number from 1 to {max}.",
        code="input.range",
        field="variants",
        params={"max": MAX_VARIANTS},
    )


def _shown(name: object) -> str:
    """Return a name that a caller made up in a form that is safe to repeat: printable and at most 60 characters."""
    text = without_controls(str(name)).encode("utf-8", "replace").decode("utf-8")
    return "".join(mark for mark in text if not unicodedata.category(mark).startswith("C"))[:60]
