"""Typeset mini-previews: a few rows of a template's example, set the way its output is set;
assets/js/preview.js draws them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.content.catalogue_files import Catalogue
    from app.content.outputs import Output
    from app.content.template import Part, Template

Row = dict[str, object]

COUNTED_MOST = 5
"""Lines with a rule under each that fit a card."""
LONG_LIMIT = 100
"""From this limit on one text fills a card."""
SHORT_CHARS = 90
HEADLINE_CHARS = 120
WORD_CHARS = 24
CUT_CHARS = 260
PRE_LINES = 8
INLINE_MARKS = re.compile(r"(\*\*|__|`)")


def preview_of(template: Template, catalogue: Catalogue) -> list[Row]:
    """Return the rows of the preview, empty for a template without an example."""
    from app.content.outputs import parse_output

    if template.example is None:
        return []
    given = template.example.output
    output = parse_output(template, given if isinstance(given, str) else json.dumps(given, ensure_ascii=False))
    draw = {"email": _email, "table": _table, "srt": _subtitles, "markdown": _markdown, "text": _text}
    return list(draw.get(template.output.form, _object)(template, output, catalogue))


def first_line(template: Template, catalogue: Catalogue) -> str:
    """Return the first words of the example, for a list that has room for one line."""
    for row in preview_of(template, catalogue):
        told = row.get("t") or (row.get("items") or [""])
        line = told if isinstance(told, str) else str(told[0]) if isinstance(told, list) else ""
        if line and row["k"] not in ("lab", "pre"):
            return line
    return ""


def _texts(output: Output, path: str) -> list[str]:
    from app.content.outputs import values_at

    return [str(value) for _, value in values_at(output, path) if isinstance(value, str | int | float)]


def _limit(part: Part, catalogue: Catalogue) -> tuple[str, int] | None:
    from app.content.checks.units import measures

    limit = catalogue.limits.get(part.limit or "")
    return (limit.unit, int(limit.max)) if limit and limit.max and measures(limit.unit) else None


def _label(template: Template, part: Part) -> list[str]:
    at = f"template.{template.id}.part.{template.output.parts.index(part)}"
    return [f"{at}.item", part.item] if part.item else [at, part.label]


def _email(template: Template, output: Output, catalogue: Catalogue) -> Iterator[Row]:
    for part in template.output.parts[:-1]:
        text = " ".join(_texts(output, part.at))
        yield {
            "k": "head" if part.at == "subject" else "sub",
            "t": text,
            "label": _label(template, part),
            "n": len(text),
        }
    yield {"k": "hr"}
    yield from _paragraphs("\n\n".join(_texts(output, template.output.parts[-1].at)).split("\n\n")[1:] or [""])


def _table(template: Template, output: Output, _: Catalogue) -> Iterator[Row]:
    columns = [_texts(output, part.at) for part in template.output.parts if part.at.startswith("rows[]")]
    told = [column for column in columns if any(not value.replace(".", "").isdigit() for value in column)]
    name, longest = told[0], max(told, key=lambda column: len(column[0]))
    short = min((column for column in columns if column is not name), key=lambda column: max(map(len, column)))
    yield {"k": "b", "t": _cut(name[0])}
    if longest is not name:
        yield {"k": "p", "t": _cut(longest[0])}
    for left, right in list(zip(name, short, strict=False))[1:4]:
        yield {"k": "pair", "t": left, "r": right}
    yield {"k": "fade"}


def _subtitles(_: Template, output: Output, __: Catalogue) -> Iterator[Row]:
    yield {"k": "pre", "t": "\n".join(output.text.splitlines()[:9])}


def _text(template: Template, output: Output, catalogue: Catalogue) -> Iterator[Row]:
    part = template.output.parts[0]
    limit = _limit(part, catalogue)
    if limit and len(output.text) <= 2 * SHORT_CHARS:
        yield {"k": "big", "t": _plain(output.text)}
        yield _rule(template, part, output.text, limit)
        return
    yield from _paragraphs(output.text.split("\n\n"))


def _markdown(template: Template, output: Output, _: Catalogue) -> Iterator[Row]:
    sections = output.data.get("sections")
    if template.output.sections and isinstance(sections, dict):
        first, *rest = (str(body) for body in sections.values())
        yield {"k": "big" if len(first) <= SHORT_CHARS else "p", "t": _cut(first)}
        yield from _lines("\n\n".join(rest[:2]))
    else:
        yield from _lines(output.text)


def _lines(text: str) -> Iterator[Row]:
    shown = 0
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if line.strip()]
        if shown >= 5 or not lines:
            continue
        shown += 1
        if lines[0].startswith("```"):
            yield {"k": "pre", "t": "\n".join(lines[1:4])}
        elif lines[0].startswith("#"):
            yield {"k": "lab", "t": lines[0].lstrip("# ")}
        elif all(line.startswith(("- ", "* ")) for line in lines):
            yield {"k": "dash", "items": [_cut(line[2:]) for line in lines[:3]]}
        else:
            yield {"k": "p", "t": _cut(" ".join(lines))}
    yield {"k": "fade"}


def _object(template: Template, output: Output, catalogue: Catalogue) -> Iterator[Row]:
    parts = template.output.parts
    if parts[0].at.count(".") and not any("[" in part.at for part in parts):
        inner = output.data.get(parts[0].at.split(".")[0], output.data)
        yield {"k": "pre", "t": "\n".join(json.dumps(inner, ensure_ascii=False, indent=2).splitlines()[:PRE_LINES])}
        yield {"k": "fade"}
        return
    limit = _limit(parts[0], catalogue)
    values = _texts(output, parts[0].at)
    if parts[0].at.endswith("[]") and limit:
        yield from _measured(template, parts[0], values, limit)
    elif "[]." in parts[0].at:
        yield from _first_of_many(template, output, catalogue)
    else:
        yield from _parts_in_turn(template, output)


def _measured(template: Template, part: Part, values: list[str], limit: tuple[str, int]) -> Iterator[Row]:
    from app.content.checks.units import measure

    if limit[1] > LONG_LIMIT:
        yield {"k": "big", "t": values[0]}
        yield _rule(template, part, values[0], limit)
        return
    for text in values[:COUNTED_MOST]:
        yield {"k": "count", "t": text, "n": measure(text, limit[0]), "max": limit[1]}


def _first_of_many(template: Template, output: Output, catalogue: Catalogue) -> Iterator[Row]:
    """Set the first of a list of things: a title with its description, a question with its answers,
    a story with its tests.
    """
    stem = template.output.parts[0].at.split("[].")[0]
    things = output.data.get(stem)
    first = things[0] if isinstance(things, list) and things and isinstance(things[0], dict) else {}
    for part in template.output.parts:
        name = part.at.removeprefix(f"{stem}[].").removesuffix("[]")
        value, limit = first.get(name), _limit(part, catalogue)
        if isinstance(value, list) and isinstance(first.get("answer"), int):
            yield {"k": "opts", "items": [str(one) for one in value], "ok": first["answer"]}
        elif isinstance(value, list):
            yield {"k": "dash", "items": [_cut(str(one)) for one in value[:3]]}
        elif isinstance(value, str):
            yield {"k": "serp" if name == "title" else "b" if name == "question" else "p", "t": _cut(value)}
            if limit:
                yield _rule(template, part, value, limit)
    yield {"k": "fade"}


def _parts_in_turn(template: Template, output: Output) -> Iterator[Row]:
    listed = False
    for number, part in enumerate(template.output.parts[:3]):
        values = _texts(output, part.at)
        text = values[0] if values else ""
        if "[]" in part.at:
            if not listed:
                yield {"k": "dash", "items": [_cut(value) for value in values[:3]]}
            listed = True
        elif number == 0:
            yield {"k": "big" if len(text) <= HEADLINE_CHARS else "p", "t": _cut(text)}
        elif len(text) > HEADLINE_CHARS or len(text) <= WORD_CHARS:
            yield {"k": "p" if len(text) > HEADLINE_CHARS else "lab", "t": _cut(text)}
    yield {"k": "fade"}


def _rule(template: Template, part: Part, text: str, limit: tuple[str, int]) -> Row:
    from app.content.checks.units import measure

    return {"k": "rule", "label": _label(template, part), "n": measure(text, limit[0]), "max": limit[1]}


def _paragraphs(paragraphs: list[str]) -> Iterator[Row]:
    shown = [paragraph.strip() for paragraph in paragraphs if paragraph.strip()][:3]
    for number, paragraph in enumerate(shown):
        head, _, rest = paragraph.partition("\n")
        if head.startswith("**") and rest:
            yield {"k": "b", "t": _cut(head)}
            paragraph = rest
        opening = number == 0 and len(shown) > 1 and len(paragraph) <= HEADLINE_CHARS
        yield {"k": "b" if opening else "p", "t": _cut(paragraph)}
    yield {"k": "fade"}


def _plain(text: str) -> str:
    return INLINE_MARKS.sub("", text)


def _cut(text: str) -> str:
    plain = " ".join(_plain(text).split())
    return plain if len(plain) <= CUT_CHARS else plain[:CUT_CHARS].rsplit(" ", 1)[0] + " …"
