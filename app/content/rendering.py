"""Renders what a model is asked: a template's own task inside the frame that all prompts share.

Values are data three times over: Jinja runs in a sandbox and never evaluates them; free text is printed between tags
whose name depends on the brief, so that no brief can close them; and the frame tells the model what the tags mean.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from app.content.catalogue_files import load_catalogue
from app.content.inputs import Inputs, as_text
from app.content.outputs import Output, values_at
from app.content.paths import NoSuchPath
from app.content.profiles import LocaleProfile
from app.content.prompt_words import PromptWords
from app.content.strict_yaml import read_yaml
from app.content.template import Step, Strict, Template
from app.core.ports import Message

if TYPE_CHECKING:
    from app.content.checks.model import CheckResult

_FRAME = Path(__file__).parent / "catalogue" / "frame.yaml"
_ABSENT = "\x00"  # inputs hold no NUL, so a line with it can only be one of ours
_BLANK_LINES = re.compile(r"\n{3,}")


class Frame(Strict):
    """The shared parts of all prompts, as app/content/catalogue/frame.yaml holds them."""

    system: str
    user: str
    tones: Mapping[str, str]
    angles: tuple[str, ...]
    exact: tuple[str, ...]
    exact_angle: str
    forms: Mapping[str, str]
    repair: str


@dataclass(frozen=True, slots=True)
class FailingPlace:
    """One place to write again, and why."""

    path: str
    reasons: tuple[str, ...]


def render_messages(
    template: Template, inputs: Inputs, profile: LocaleProfile, *, variant: int = 0, step: Step | None = None
) -> tuple[Message, ...]:
    """Return the messages that ask for one variant (counted from 0) of a template."""
    frame, shown = _frame(), step or template.steps[0]
    words = _words_for(template, profile)
    tag = _tag(inputs)
    names = _names(template, inputs, words, tag)
    context: dict[str, object] = {
        "profile": profile,
        "you": getattr(profile.formality, profile.register_for(inputs.register, category=template.category)),
        "tone": frame.tones[inputs.tone],
        "form": _form(template, profile),
        "tag": tag,
        "cliches": words.avoid("ai_cliche"),
        "variant": variant,
        "variants": inputs.variants,
        "angle": _angle(frame, template, variant),
    }
    system = _render(frame.system, {**context, "task": _render(shown.system, names)})
    user = _render(frame.user, {**context, "task": _render(shown.user, names)})
    return Message("system", system), Message("user", user)


def repair_messages(
    template: Template,
    inputs: Inputs,
    profile: LocaleProfile,
    *,
    previous: Output,
    failing: Iterable[CheckResult],
    variant: int = 0,
) -> tuple[Message, ...]:
    """Return the messages that ask again for the failing places only; app/content/repair.py merges the answer."""
    places = failing_places(previous, failing)
    paths = [place.path for place in places]
    whole = "." in paths
    lists = [path for path in paths if not whole and isinstance(_value(previous, path), list)]
    shape = "Each value is the new text of that place."
    if lists:
        shape += f" For {', '.join(lists)} the value is the whole new list, in the form it had."
    ask = _render(
        _frame().repair,
        {
            "places": places,
            "whole": whole,
            "keys": ", ".join(json.dumps(path, ensure_ascii=False) for path in paths),
            "shape": shape,
        },
    )
    first = render_messages(template, inputs, profile, variant=variant)
    return *first, Message("assistant", previous.text), Message("user", ask)


def failing_places(previous: Output, failing: Iterable[CheckResult]) -> tuple[FailingPlace, ...]:
    """Return the places that failing checks name, each once with all its reasons.

    A place inside another one that is written again anyway is left to it. Where a finding has no place of its own that
    can be put back by itself, the whole text (`.`) is written again.
    """
    reasons: dict[str, list[str]] = {}
    for result in failing:
        if not result.findings:
            reasons.setdefault(".", []).append(result.label_text())
        for finding in result.findings:
            told = reasons.setdefault(_place(previous, finding.path), [])
            if (text := finding.text()) not in told:
                told.append(text)
    if "." in reasons:
        told = [reason if path == "." else f"{path}: {reason}" for path, told in reasons.items() for reason in told]
        return (FailingPlace(".", tuple(told)),)
    outer = [path for path in reasons if not any(path != other and _inside(path, other) for other in reasons)]
    return tuple(
        FailingPlace(path, tuple(reason for inner, told in reasons.items() if _inside(inner, path) for reason in told))
        for path in outer
    )


def _place(previous: Output, path: str) -> str:
    """Return the path under which a finding's place can be merged, `.` where only the whole text can be."""
    if previous.problem is not None or previous.form in ("text", "srt"):
        return "."
    if previous.form == "markdown":
        section = re.match(r"sections\.[^.\[\]]+", path)
        return section.group() if section and _value(previous, section.group()) is not None else "."
    return path if _value(previous, path) is not None else _nearest(previous, path)


def _nearest(previous: Output, path: str) -> str:
    """Return the closest place above one that is missing; `.` where there is none."""
    while "." in path or "[" in path:
        path = path[: max(path.rfind("."), path.rfind("["))]
        if path and _value(previous, path) is not None:
            return path
    return "."


def _value(previous: Output, path: str) -> object:
    if path in ("", "."):
        return None
    try:
        found = values_at(previous, path)
    except NoSuchPath:
        return None
    return found[0][1] if len(found) == 1 else None


def _inside(path: str, other: str) -> bool:
    return path == other or path.startswith((f"{other}.", f"{other}["))


def _names(template: Template, inputs: Inputs, words: PromptWords, tag: str) -> dict[str, object]:
    """Return what a step's texts may use: fields, common inputs, and the words of limits and language."""
    return {
        **inputs.values,
        "language": inputs.language,
        "tone": inputs.tone,
        "register": inputs.register,
        "variants": inputs.variants,
        "locale": words.profile,
        "given": _given(tag),
        "room": words.room,
        "count_of": words.count_of,
        "words_of": words.words_of,
        "heading": words.heading,
        "day": words.day,
        "spoken": words.spoken,
        "avoid": words.avoid,
        "footer": words.footer,
    }


def _given(tag: str) -> Callable[[str, object], str]:
    """Return the function that prints one value as material; the line of an absent value disappears."""

    def given(label: str, value: object) -> str:
        if value in (None, "", ()):
            return _ABSENT
        text = "\n".join(f"- {_cells(item)}" for item in value) if isinstance(value, tuple) else as_text(value)
        return f'<{tag} name="{label}">\n{text}\n</{tag}>'

    return given


def _cells(item: object) -> str:
    if isinstance(item, Mapping):
        return " | ".join(f"{name}: {cell}" for name, cell in item.items() if cell)
    return as_text(item)


def _tag(inputs: Inputs) -> str:
    """Return the name of the tags around material: it depends on the whole brief, so no brief can foresee it."""
    text = inputs.source_text
    digest = hashlib.sha256(text.encode()).hexdigest()
    start = 0
    while (tag := f"brief-{digest[start : start + 6]}") in text:
        start += 1
    return tag


def _form(template: Template, profile: LocaleProfile) -> str:
    output = template.output
    keys = [f'"{column}": …' for column in output.columns] or [f'"{part.at}"' for part in output.parts]
    return _render(_frame().forms[output.form], {"profile": profile, "keys": ", ".join(keys)})


def _angle(frame: Frame, template: Template, variant: int) -> str:
    if variant and not {template.id, template.category}.isdisjoint(frame.exact):
        return frame.exact_angle
    return frame.angles[variant % len(frame.angles)]


def _words_for(template: Template, profile: LocaleProfile) -> PromptWords:
    catalogue = load_catalogue()
    return PromptWords(template=template, profile=profile, limits=catalogue.limits, banned=catalogue.banned)


def _render(source: str, names: Mapping[str, object]) -> str:
    text = _compiled(source).render(names)
    if _ABSENT in text:
        text = "\n".join(line for line in text.split("\n") if _ABSENT not in line)
    return _BLANK_LINES.sub("\n\n", text).strip()


@functools.lru_cache(maxsize=1024)
def _compiled(source: str) -> jinja2.Template:
    return _environment().from_string(source)


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def _frame() -> Frame:
    return Frame.model_validate(read_yaml(_FRAME))


def paths_of(places: Sequence[FailingPlace]) -> tuple[str, ...]:
    """Return the paths of places, in order: what the embedded writer is told to write again."""
    return tuple(place.path for place in places)
