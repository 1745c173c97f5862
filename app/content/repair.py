"""Puts the answer to a repair into the text it repairs: only the places that were asked for can change."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pydantic_core

from app.content.outputs import STRUCTURED, Output, parse_output, replace_at, to_text, values_at
from app.content.paths import NoSuchPath, Step, parse_path
from app.content.template import Template


def merge_repair(template: Template, previous: Output, answer: str, *, paths: Iterable[str]) -> Output:
    """Return `previous` with the places of `paths` replaced by what `answer` has for them.

    The answer is an object of path to new value; where `paths` holds `.`, or a model sent the whole text after all, it
    is the whole text. Places that the answer lacks, or gives in another shape, stay as they were.
    """
    asked = tuple(paths)
    values = _object(answer)
    if "." in asked or values is None:
        whole = parse_output(template, answer)
        return previous if whole.problem else whole
    merged = previous
    for path in asked:
        if path in values:
            merged = _with(merged, path, values[path])
    if merged is previous:
        whole = parse_output(template, answer)
        return previous if whole.problem else _only(previous, whole, asked)
    return merged


def _only(previous: Output, whole: Output, paths: Iterable[str]) -> Output:
    """Return `previous` with the asked places as they stand in a whole new text."""
    for path in paths:
        found = values_at(whole, path)
        if len(found) == 1:
            previous = _with(previous, path, found[0][1])
    return previous


def _with(output: Output, path: str, value: object) -> Output:
    try:
        now = values_at(output, path)
    except NoSuchPath:
        return output
    if len(now) != 1 or not _same_shape(now[0][1], value):
        return output
    if output.form not in STRUCTURED or not isinstance(value, list | dict):
        return replace_at(output, path, str(value).strip())
    data = copy.deepcopy(dict(output.data))
    _put(data, parse_path(path), value)
    changed = replace(output, data=data)
    return replace(changed, text=to_text(changed))


def _same_shape(now: object, new: object) -> bool:
    if isinstance(now, list | dict):
        return type(now) is type(new) and bool(new)
    return isinstance(new, str | int | float) and not isinstance(new, bool) and str(new).strip() != ""


def _put(data: object, steps: tuple[Step, ...], value: object) -> None:
    """Set a value inside data; values_at has found the place, so every step leads somewhere."""
    *way, last = [key for step in steps for key in _keys(step)]
    for key in way:
        data = data[key]  # type: ignore[index]  # as found by values_at
    data[last] = value  # type: ignore[index]  # as above


def _keys(step: Step) -> tuple[str | int, ...]:
    return (step.name, step.which) if isinstance(step.which, int) else (step.name,)


def _object(answer: str) -> Mapping[str, object] | None:
    start, end = answer.find("{"), answer.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        found = pydantic_core.from_json(answer[start : end + 1], allow_inf_nan=False)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
