"""Paths into an output: how a template points at its parts, and how one value is replaced.

.                  the whole text; of a structured form: every text and number in it
subject            a value            pairs[].title   that of every item          pairs[2].title   that of one
sections.Details   a section of a document, by its English id
paragraphs[1]      a paragraph of the text;   body.paragraphs[1]   of a value
code.json          the fenced blocks in JSON;    title   the first heading of a document
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import regex

from app.content.passages import paragraphs
from app.core.errors import InvalidInput

_STEP = regex.compile(r"([^.\[\]]+)(?:\[(\d{0,6})\])?")
MAX_STEPS = 8

Which = int | Literal["every", "itself"]


class Step(NamedTuple):
    """One name of a path: the value itself, one item of it, or every item."""

    name: str
    which: Which


class NoSuchPath(InvalidInput):
    """A path that cannot be read, or that leads nowhere."""

    code = "path.unknown"
    message = "There is nothing at {path}."


def parse_path(path: str) -> tuple[Step, ...]:
    """Return the steps of a path; none for `.`.

    Raises:
        NoSuchPath: malformed.
    """
    if path == ".":
        return ()
    steps: list[Step] = []
    for piece in path.split("."):
        match = _STEP.fullmatch(piece)
        if match is None or len(steps) == MAX_STEPS:
            raise NoSuchPath(field="path", params={"path": path[:80]})
        index = match[2]
        steps.append(Step(match[1], "itself" if index is None else int(index) if index else "every"))
    return tuple(steps)


class Value(NamedTuple):
    """What stands at one concrete path. `found` False: an item is there, but this part of it is missing."""

    path: str
    value: object
    found: bool = True


def walk(value: object, steps: Sequence[Step], *, path: str = "") -> Iterator[Value]:
    """Yield the values that the steps lead to, in order, and the missing ones."""
    if not steps:
        yield Value(path, value)
        return
    step, rest = steps[0], steps[1:]
    if isinstance(value, str) and step.name == "paragraphs":
        inner: object = [span.text for span in paragraphs(value)]
    elif isinstance(value, Mapping) and step.name in value:
        inner = value[step.name]
    else:
        yield Value(_joined(path, step.name), None, found=False)
        return
    here = _joined(path, step.name)
    if step.which == "itself":
        yield from walk(inner, rest, path=here)
    elif not isinstance(inner, list | tuple):
        yield Value(here, inner, found=False)
    elif step.which == "every":
        for index, item in enumerate(inner):
            yield from walk(item, rest, path=f"{here}[{index}]")
    elif step.which < len(inner):
        yield from walk(inner[step.which], rest, path=f"{here}[{step.which}]")
    else:
        yield Value(f"{here}[{step.which}]", None, found=False)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def leaves(value: object, path: str = "") -> Iterator[tuple[str, str | int | float]]:
    """Yield every text and number under a value with its path, in order."""
    pending: list[tuple[str, object]] = [(path, value)]
    while pending:
        here, item = pending.pop()
        if isinstance(item, Mapping):
            pending += [(_joined(here, str(key)), inner) for key, inner in reversed(list(item.items()))]
        elif isinstance(item, list | tuple):
            pending += [(f"{here}[{index}]", item[index]) for index in range(len(item) - 1, -1, -1)]
        elif isinstance(item, str | int | float) and not isinstance(item, bool):
            yield here or ".", item


def replaced(value: object, steps: Sequence[Step], text: str, *, path: str) -> object:
    """Return a copy of `value` with the text put at the steps' end; a number stays one where the text is one.

    Raises:
        NoSuchPath: nothing is there.
    """
    missing = NoSuchPath(field="path", params={"path": path[:80]})
    if not steps:
        if isinstance(value, Mapping | list | tuple):
            raise missing
        return _like(value, text)
    step, rest = steps[0], steps[1:]
    if isinstance(value, str) and step.name == "paragraphs" and isinstance(step.which, int) and not rest:
        return replace_paragraph(value, step.which, text, path=path)
    if not isinstance(value, Mapping) or step.name not in value or step.which == "every":
        raise missing
    inner = value[step.name]
    if step.which == "itself":
        return {**value, step.name: replaced(inner, rest, text, path=path)}
    if not isinstance(inner, list | tuple) or step.which >= len(inner):
        raise missing
    items = list(inner)
    items[step.which] = replaced(items[step.which], rest, text, path=path)
    return {**value, step.name: items}


def _like(value: object, text: str) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text
    try:
        return int(text) if isinstance(value, int) else float(text)
    except ValueError:
        return text


def replace_paragraph(text: str, number: int, new: str, *, path: str) -> str:
    """Return the text with one paragraph replaced, counted from 0.

    Raises:
        NoSuchPath: there are fewer.
    """
    spans = paragraphs(text)
    if number >= len(spans):
        raise NoSuchPath(field="path", params={"path": path[:80]})
    return text[: spans[number].start] + new + text[spans[number].end :]
