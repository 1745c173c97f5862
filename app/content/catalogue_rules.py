"""What a template file must keep beyond its shape: what it names exists, each field is used, no free text is bare.

The prompts are read here by a few patterns, not by Jinja's parser: parsing them costs more than loading the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.content.inputs import COMMON_INPUTS
from app.content.template import CheckSpec, Field, Step, Template

PROMPT_NAMES = frozenset(
    {"given", "room", "count_of", "words_of", "heading", "day", "spoken", "avoid", "footer", "locale", "range"}
)
"""What a prompt may use beside the fields; app/content/prompt_words.py gives them."""

BARE_TYPES = frozenset({"number", "date", "money", "enum", "locale"})
"""Types whose values cannot carry an instruction: only these may stand in a prompt outside `given(…)`."""

_FIELD_PARAMS = ("field", "fields", "total_field")
_BLOCK = re.compile(r"\{\{(?P<print>.*?)\}\}|\{%(?P<act>.*?)%\}|\{#.*?#\}", re.DOTALL)
_RAW = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"(?<![\w.|])(?<!\|\s)[a-z_]\w*\b(?!\s*=[^=])")
_LIMIT_ASKED = re.compile(r"\broom\(\s*['\"]([^'\"]+)['\"]")
_LIST_ASKED = re.compile(r"\bavoid\(\s*['\"]([^'\"]+)['\"]")
_COUNTED = re.compile(r"\b\w+\s*\|\s*length\b")
_GIVEN = re.compile(r"\bgiven\(")
_SET = re.compile(r"^-?\s*(?:set|for)\s+(\w+)")
_JINJA = frozenset(
    {"if", "elif", "else", "endif", "for", "endfor", "in", "is", "not", "and", "or", "set", "true", "false"}
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The names that a template may refer to."""

    limits: frozenset[str]
    banned: frozenset[str]
    categories: frozenset[str]


def broken_rule(template: Template, around: Surroundings) -> str | None:
    """Return the first broken rule as `key: reason`, None where the template is sound."""
    return next(_broken(template, around), None)


def _broken(template: Template, around: Surroundings) -> Iterator[str]:
    if template.category not in around.categories:
        yield f"category: there is no category {template.category}"
    for field in template.fields:
        if field.name in COMMON_INPUTS or field.name in PROMPT_NAMES:
            yield f"fields.{field.name}: the name is taken"
    for number, part in enumerate(template.output.parts):
        if part.limit is not None and part.limit not in around.limits:
            yield f"output.parts.{number}.limit: there is no limit {part.limit}"
    for number, check in enumerate(template.checks):
        yield from (f"checks.{number}.{reason}" for reason in _broken_in_check(check, template, around))
    used: set[str] = set()
    for step in template.steps:
        names = prompt_names(step)
        used |= names
        yield from (f"steps.{step.id}: {reason}" for reason in _broken_in_step(step, names, template, around))
    for field in template.fields:
        if field.name not in used:
            yield f"fields.{field.name}: no step uses it"


def _broken_in_check(check: CheckSpec, template: Template, around: Surroundings) -> Iterator[str]:
    try:
        for limit in (*check.texts("limit"), *check.texts("limits")):
            if limit not in around.limits:
                yield f"limit: there is no limit {limit}"
        for name in check.texts("lists"):
            if name not in around.banned:
                yield f"lists: there is no banned list {name}"
        for param in _FIELD_PARAMS:
            for name in check.texts(param):
                if template.field(name) is None:
                    yield f"{param}: there is no field {name}"
        total = check.params.get("total")
        if isinstance(total, str) and template.field(total) is None:
            yield f"total: there is no field {total}"
    except TypeError as problem:
        yield f"check: {problem}"


def _broken_in_step(step: Step, names: set[str], template: Template, around: Surroundings) -> Iterator[str]:
    fields = {field.name: field for field in template.fields}
    for name in sorted(names - fields.keys() - PROMPT_NAMES - set(COMMON_INPUTS)):
        yield f"there is no field {name}"
    text = f"{step.system}\n{step.user}"
    for limit in _LIMIT_ASKED.findall(text):
        if limit not in around.limits:
            yield f"there is no limit {limit}"
    for name in _LIST_ASKED.findall(text):
        if name not in around.banned:
            yield f"there is no banned list {name}"
    for name in _bare_names(text, fields):
        yield f"{name} is free text: print it with given(…), so that the model takes it as material"


def _bare_names(text: str, fields: dict[str, Field]) -> Iterator[str]:
    """Yield the fields of free text that are printed outside given(…)."""
    for block in _BLOCK.finditer(_RAW.sub("", text)):
        printed = block["print"]
        if printed is None or _GIVEN.search(printed):
            continue
        for name in _NAME.findall(_COUNTED.sub("", _QUOTED.sub("", printed))):
            if name in fields and fields[name].type not in BARE_TYPES:
                yield name


def prompt_names(step: Step) -> set[str]:
    """Return the names that a step's two texts use, without those they set themselves."""
    names: set[str] = set()
    own: set[str] = set()
    for block in _BLOCK.finditer(_RAW.sub("", f"{step.system}\n{step.user}")):
        inside = _QUOTED.sub("", block["print"] or block["act"] or "")
        own |= set(_SET.findall(inside))
        names |= set(_NAME.findall(inside))
    return names - own - _JINJA
