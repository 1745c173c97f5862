"""What a model sent, as the form the template asked for: tolerant of fences and chatter, clear about what is wrong.

`Output.text` is the canonical text that is stored; parsing it again gives the same output. `Output.data` by form:
json and email the object; table {"rows": […], …}; markdown {"sections": {English id: body}}; srt {"cues": […]};
text {}.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import pydantic_core
import regex

from app.content.headings import all_headings, sections_by_heading
from app.content.markup import code_blocks, headings, markdown_table, split_sections
from app.content.passages import paragraphs
from app.content.paths import (
    NoSuchPath,
    Step,
    Value,
    leaves,
    parse_path,
    replace_paragraph,
    replaced,
    walk,
)
from app.content.template import Form, Template
from app.core.cues import Cue, read_srt, write_srt

_SUBJECT = regex.compile(
    r"\s*[*_]*(?:subject|asunto|assunto|objet|betreff|oggetto|الموضوع|विषय|件名|主题|제목)[*_]*\s*[:：]\s*[*_]*([^\n]*)\n+(.*)",
    regex.DOTALL | regex.IGNORECASE,
)
STRUCTURED: frozenset[Form] = frozenset({"json", "email", "table"})


@dataclass(frozen=True, slots=True)
class Output:
    """A parsed output. `problem` is a code that says why the text is not of the form: its sentence is
    `finding.unreadable.<problem>` in checks/messages.yaml. `data` is then empty."""

    form: Form
    text: str
    data: Mapping[str, object] = field(default_factory=dict)
    problem: str | None = None
    headings: Mapping[str, str] = field(default_factory=dict, repr=False)
    """markdown: folded heading -> section id, in every language"""


def parse_output(template: Template, text: str) -> Output:
    """Return the complete text of a model, or a stored one, as an output. Never raises: see `problem`."""
    text = _clean(text)
    form = template.output.form
    if not text.strip():
        return Output(form, "", problem="empty", headings=_known_headings(template.output.sections))
    if form in STRUCTURED:
        return _structured(template, text)
    text = _unwrapped(text).strip("\n") if form == "markdown" else _unwrapped(text).strip()
    return _plain(form, text, _known_headings(template.output.sections))


def parse_partial(template: Template, text: str) -> Output:
    """Return what can be read of a text that is still being written; what is incomplete is simply not there yet."""
    form = template.output.form
    if form not in STRUCTURED:
        begun = regex.sub(r"\A\s*(?:```|~~~)[\w+-]*[ \t]*\n", "", _clean(text))
        return replace(_plain(form, begun, _known_headings(template.output.sections)), problem=None)
    start = text.find("{")
    if start < 0:
        return Output(form, text)
    try:
        value = pydantic_core.from_json(text[start:], allow_partial="trailing-strings")
    except ValueError:
        return Output(form, text, _object_of(template, _first_json(text)) or {})
    return Output(form, text, _object_of(template, value) or {})


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")


def _unwrapped(text: str) -> str:
    """Return the text without a fence around all of it; a document that merely begins with code keeps its fences."""
    bare = text.strip()
    fence = bare[:3]
    if fence not in ("```", "~~~") or not bare.endswith(fence) or "\n" not in bare:
        return text
    body = bare[bare.index("\n") + 1 : -3]
    return text if fence in body else body


def _plain(form: Form, text: str, known: Mapping[str, str]) -> Output:
    if form == "markdown":
        bodies: dict[str, object] = {}
        for section in split_sections(text, known):
            if section.id:
                bodies.setdefault(section.id, text[section.body_start : section.body_end])
        return Output(form, text, {"sections": bodies}, headings=known)
    if form == "srt":
        cues, broken = read_srt(text)
        problem = None if cues else "no_cues"
        return Output(form, text, {"cues": [cue._asdict() for cue in cues], "broken": broken}, problem=problem)
    return Output(form, text)


@lru_cache(maxsize=256)
def _known_headings(sections: tuple[str, ...]) -> Mapping[str, str]:
    return sections_by_heading(sections, all_headings())


def _structured(template: Template, text: str) -> Output:
    form = template.output.form
    value = _first_json(text)
    data = _object_of(template, value)
    if data is None and form == "table":
        rows = markdown_table(text, template.output.columns)
        data = {"rows": rows} if rows else None
    if data is None and form == "email":
        data = _mail_of(text)
    if data is None:
        return Output(form, text, problem=_why_unreadable(text, value))
    return Output(form, _dump(data), data)


def _first_json(text: str) -> object:
    """Return the first JSON object or list in the text, None where there is none."""
    body = _unwrapped(text).strip()
    try:
        return pydantic_core.from_json(body, allow_inf_nan=False)
    except ValueError:
        pass
    for opening in ("{", "["):
        start = text.find(opening)
        if start >= 0:
            try:
                return json.JSONDecoder(parse_constant=_refuse).raw_decode(text, start)[0]
            except (ValueError, RecursionError):
                continue
    return None


def _refuse(constant: str) -> object:
    raise ValueError(constant)


def _object_of(template: Template, value: object) -> dict[str, object] | None:
    """Return the object the template asked for; a bare list is put under the only list there is."""
    form = template.output.form
    if isinstance(value, list):
        only = "rows" if form == "table" else _only_list(template)
        value = {only: value} if only else None
    if not isinstance(value, dict):
        return None
    if form == "table":
        rows = value.get("rows")
        if not isinstance(rows, list):
            return None
        return {**value, "rows": [_row(row, template.output.columns) for row in rows]}
    if form == "email":
        return value if "subject" in value or "body" in value else None
    return value


def _row(row: object, columns: tuple[str, ...]) -> object:
    return dict(zip(columns, row, strict=False)) if isinstance(row, list) else row


def _only_list(template: Template) -> str | None:
    roots = {steps[0] for part in template.output.parts if (steps := parse_path(part.at))}
    return next(iter(roots)).name if len(roots) == 1 and next(iter(roots)).which == "every" else None


def _mail_of(text: str) -> dict[str, object] | None:
    match = _SUBJECT.fullmatch(_unwrapped(text))
    return {"subject": match[1].strip(" *_"), "body": match[2].strip()} if match else None


def _why_unreadable(text: str, value: object) -> str:
    if value is not None:
        return "other_json"
    if "{" not in text:
        return "not_json"
    closes = text.rstrip("` \n\t")[-1:] in ("}", "]")
    return "broken_json" if closes else "cut_json"


def _dump(data: Mapping[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def to_text(output: Output) -> str:
    """Return the data of an output as canonical text."""
    if output.problem is None and output.form in STRUCTURED:
        return _dump(output.data)
    if output.problem is None and output.form == "srt" and not output.data.get("broken"):
        cues = output.data["cues"]
        return write_srt(Cue(**cue) for cue in cues) if isinstance(cues, list) else output.text
    return output.text


def values_at(output: Output, path: str) -> list[tuple[str, object]]:
    """Return (concrete path, value) for everything a path leads to, in order; what is missing is left out.

    Raises:
        NoSuchPath: the path is malformed.
    """
    return [(value.path, value.value) for value in look_up(output, path) if value.found]


def look_up(output: Output, path: str) -> list[Value]:
    """Return everything a path leads to, in order, with marks for items that lack it.

    Raises:
        NoSuchPath: the path is malformed.
    """
    steps = parse_path(path)
    if not steps:
        return _everything(output)
    if output.form in ("text", "markdown"):
        first = steps[0]
        if first.name == "paragraphs":
            return list(walk({"paragraphs": [span.text for span in paragraphs(output.text)]}, steps))
        if first.name == "code" and len(steps) == 2:
            return _code_at(output, steps[1])
        if first.name == "title" and len(steps) == 1:
            found = [heading for heading in headings(output.text, output.headings) if heading.level == 1][:1]
            return [Value("title", heading.text) for heading in found] or [Value("title", None, found=False)]
    if output.form == "srt" and steps[0].name == "cues" and len(steps) == 1:
        steps = (*steps, Step("text", "itself"))
    return list(walk(output.data, steps))


def _everything(output: Output) -> list[Value]:
    if output.form in ("text", "markdown") or not output.data:
        return [Value(".", output.text)]
    if output.form == "srt":
        return list(walk(output.data, parse_path("cues[].text")))
    return [Value(at, leaf) for at, leaf in leaves(output.data)]


def _code_at(output: Output, step: Step) -> list[Value]:
    blocks = [block.text for block in code_blocks(output.text) if block.language == step.name]
    here = f"code.{step.name}"
    return [Value(f"{here}[{n}]", block) for n, block in enumerate(blocks)] or [Value(here, None, found=False)]


def replace_at(output: Output, path: str, text: str) -> Output:
    """Return the output with the text put at one concrete path.

    Raises:
        NoSuchPath: the path is malformed, names several places, or leads nowhere.
    """
    steps = parse_path(path)
    if output.form in ("text", "markdown"):
        return _plain(output.form, _edited(output, steps, text, path), output.headings)
    if output.problem or not steps:
        raise NoSuchPath(field="path", params={"path": path[:80]})
    if output.form == "srt" and steps[0].name == "cues" and len(steps) == 1:
        steps = (*steps, Step("text", "itself"))
    data = replaced(output.data, steps, text, path=path)
    assert isinstance(data, Mapping)  # a mapping with one place changed
    changed = replace(output, data=data)
    return replace(changed, text=to_text(changed))


def _edited(output: Output, steps: tuple[Step, ...], text: str, path: str) -> str:
    if not steps:
        return text
    if steps[0].name == "paragraphs" and len(steps) == 1 and isinstance(steps[0].which, int):
        return replace_paragraph(output.text, steps[0].which, text, path=path)
    if steps[0].name == "sections" and len(steps) >= 2:
        for section in split_sections(output.text, output.headings):
            if section.id == steps[1].name:
                body = output.text[section.body_start : section.body_end]
                new = replaced({section.id: body}, steps[1:], text, path=path)
                assert isinstance(new, Mapping)  # as above
                return f"{output.text[: section.body_start]}{new[section.id]}{output.text[section.body_end :]}"
    raise NoSuchPath(field="path", params={"path": path[:80]})
