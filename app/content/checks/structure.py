"""Checks of form: the parts that must be there, in their order, with what they must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import regex

from app.content.checks.kinds import Label, Scope, check, unreadable
from app.content.checks.lexicons import function_words
from app.content.checks.messages import in_words, whole
from app.content.checks.model import Finding, NotChecked, Param
from app.content.folding import fold
from app.content.headings import heading_key, sections_by_heading
from app.content.markup import Section, code_blocks, headings, split_sections, without_code
from app.content.paths import parse_path

_STEP = regex.compile(r"^[ \t]{0,8}(?:\*\*)?(\p{Nd}{1,3})[.)．、）](?:\*\*)?[ \t\u3000]*(\S[^\n]*)", regex.MULTILINE)
_TAG = regex.compile(r"</?([a-zA-Z][a-zA-Z0-9-]{0,30})(?=[\s/>])[^<>]{0,500}>")


def _schema_label(scope: Scope) -> Label:
    required, arrays = scope.spec.texts("required"), scope.spec.texts("arrays")
    params: dict[str, Param] = {"count": len(required), "count_word": in_words(len(required)).lower()}
    if len(required) == 1:
        return Label("schema.list" if arrays else "schema.part", params)
    return Label("schema.lists" if set(required) <= set(arrays) else "schema.parts", params)


@check("schema", params=("required", "arrays"), label=_schema_label, any_form=True)
def schema(scope: Scope) -> Iterator[Finding]:
    """The parts that were asked for are there, lists are lists, and every item has its parts."""
    if scope.output.problem:
        yield from unreadable(scope)
        return
    data = scope.output.data
    arrays = set(scope.spec.texts("arrays"))
    for name in scope.spec.texts("required"):
        value = data.get(name)
        if name in arrays and isinstance(value, list | tuple):
            continue
        if name in arrays and value is not None:
            yield scope.finding(name, "schema.no_list")
        elif value is None or (isinstance(value, str) and not value.strip()):
            yield scope.finding(name, "schema.missing", name=name.replace("_", " "))
    yield from _shapes(scope, data)


def _shapes(scope: Scope, data: Mapping[str, object]) -> Iterator[Finding]:
    """Yield items that are not what the sheet sets: no text where one belongs, no object where parts are wanted."""
    told: set[str] = set()
    for part in scope.context.template.output.parts:
        steps = parse_path(part.at)
        if not steps or steps[0].which != "every":
            continue
        items = data.get(steps[0].name)
        wants_object = len(steps) > 1
        for index, item in enumerate(items if isinstance(items, list) else ()):
            path = f"{steps[0].name}[{index}]"
            fits = isinstance(item, Mapping) if wants_object else isinstance(item, str | int | float)
            if not fits and path not in told:
                told.add(path)
                yield scope.finding(path, "schema.no_object" if wants_object else "schema.no_text")


def _table_label(scope: Scope) -> Label:
    columns = scope.spec.texts("columns")
    return Label("table", {"count": len(columns), "columns": ", ".join(columns).replace("_", " ")})


@check("table", params=("columns",), any_form=True, label=_table_label)
def table(scope: Scope) -> Iterator[Finding]:
    """There are rows, and every row has exactly the columns."""
    if scope.output.problem:
        yield from unreadable(scope)
        return
    rows = scope.output.data.get("rows")
    columns = scope.spec.texts("columns")
    if not isinstance(rows, list) or not rows:
        yield scope.finding("rows", "table.empty")
        return
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping):
            yield scope.finding(f"rows[{index}]", "schema.no_object")
            continue
        for column in columns:
            if row.get(column) is None:  # an empty text is a cell too: no overlay at this moment
                yield scope.finding(
                    f"rows[{index}].{column}", "table.cell", column=column.replace("_", " "), row=index + 1
                )
        for column in row:
            if column not in columns:
                yield scope.finding(f"rows[{index}]", "table.extra", column=str(column)[:40], row=index + 1)


def _sections_of(scope: Scope, required: tuple[str, ...]) -> tuple[str, list[Section]]:
    if scope.spec.at and scope.spec.at != ".":
        profile = scope.context.profile
        known = sections_by_heading(required, ({section: profile.heading(section) for section in required},))
        text = scope.joined()
        return text, split_sections(text, known)
    return scope.output.text, split_sections(scope.output.text, scope.output.headings)


def _sections_label(scope: Scope) -> Label:
    count = len(scope.spec.texts("required"))
    return Label("sections", {"count": count, "count_word": in_words(count).lower()})


@check("sections", params=("required", "order"), any_form=True, label=_sections_label)
def sections(scope: Scope) -> Iterator[Finding]:
    """The sections are there, in their order, under the headings of the language, and none is empty."""
    required = scope.spec.texts("required")
    text, found = _sections_of(scope, required)
    by_id: dict[str, Section] = {}
    for section in found:
        by_id.setdefault(section.id, section)
    for section_id in required:
        wanted = scope.context.profile.heading(section_id)
        section = by_id.get(section_id) or Section("", "", 0, 0, 0, 0)
        if not section.id:
            yield scope.finding(f"sections.{section_id}", "sections.missing", heading=wanted)
        elif heading_key(section.heading) != heading_key(wanted):
            yield scope.finding(
                f"sections.{section_id}", "sections.heading", heading=section.heading[:80], wanted=wanted
            )
        elif not text[section.body_start : section.body_end].strip():
            yield scope.finding(f"sections.{section_id}", "sections.empty", heading=wanted)
    order = [section.id for section in found if section.id in required]
    wanted_order = [section_id for section_id in required if section_id in order]
    if scope.spec.flag("order") and list(dict.fromkeys(order)) != wanted_order:
        late = next(a for a, b in zip(dict.fromkeys(order), wanted_order, strict=False) if a != b)
        yield scope.finding(f"sections.{late}", "sections.order", heading=scope.context.profile.heading(late))


@check("changelog_sections", params=("allowed",))
def changelog_sections(scope: Scope) -> Iterator[Finding]:
    """Changes stand under the headings of Keep a Changelog, in the language, each once and none empty."""
    allowed = {heading_key(scope.context.profile.heading(name)): name for name in scope.spec.texts("allowed")}
    wanted = ", ".join(scope.context.profile.heading(name) for name in scope.spec.texts("allowed"))
    text = scope.output.text
    marks = headings(text, allowed)
    blocks = [heading for heading in marks if heading.level >= 3]
    if not blocks:
        yield scope.finding(".", "changelog.none", allowed=wanted)
    seen: set[str] = set()
    for number, heading in enumerate(marks):
        if heading not in blocks:
            continue
        key = heading_key(heading.text)
        end = marks[number + 1].start if number + 1 < len(marks) else len(text)
        code = ""
        if key not in allowed:
            code = "changelog.unknown"
        elif key in seen:
            code = "changelog.twice"
        elif not text[heading.end : end].strip():
            code = "changelog.empty"
        if code:
            yield scope.finding(
                ".", code, start=heading.start, end=heading.end, heading=heading.text[:60], allowed=wanted
            )
        seen.add(key)


@check("one_of", params=("values",), label=lambda scope: Label("one_of", scope.names()))
def one_of(scope: Scope) -> Iterator[Finding]:
    """The value is one of a few."""
    allowed = scope.spec.texts("values")
    for value in scope.values():
        if str(value.value).strip() not in allowed:
            given = "" if value.value is None else str(value.value)[:60]
            code = "one_of.other" if given else "one_of.missing"
            yield scope.finding(value.path, code, value=given, allowed=", ".join(allowed))


@check("numbered_steps", params=("min", "max", "imperative"), label=lambda scope: Label("numbered_steps", {
    "min": whole(scope.spec.number("min") or 0), "max": whole(scope.spec.number("max") or 0)}))  # fmt: skip
def numbered_steps(scope: Scope) -> Iterator[Finding]:
    """There are so many numbered steps, counted on from 1; with `imperative`, each begins with what to do."""
    low, high = scope.spec.number("min") or 0, scope.spec.number("max")
    text = without_code(scope.joined())
    steps = list(_STEP.finditer(text))
    if len(steps) < low:
        yield scope.finding(".", "steps.few", count=len(steps), min=whole(low))
    if high is not None and len(steps) > high:
        yield scope.finding(".", "steps.many", count=len(steps), max=whole(high))
    before = 0
    for step in steps:
        number = int(step[1])
        if number not in (before + 1, 1):
            yield scope.finding(
                ".", "steps.order", start=step.start(1), end=step.end(1), number=number, wanted=before + 1
            )
        before = number
    if scope.spec.flag("imperative"):
        if scope.language != "en":
            raise NotChecked("no_lexicon", language=scope.context.profile.english_name)
        for step in steps:
            first = fold(step[2].strip("*_ ").split(" ", 1)[0])
            if first in function_words("en") and first not in ("do", "up", "off"):
                yield scope.finding(".", "steps.statement", start=step.start(2), end=step.end(2), word=first)


@check("code_blocks", params=("min", "languages_named"), label=lambda scope: Label("code_blocks", {
    "min": whole(scope.spec.number("min") or 1)}))  # fmt: skip
def code_block_count(scope: Scope) -> Iterator[Finding]:
    """There are at least so many code blocks, closed, and with `languages_named` each says its language."""
    low = scope.spec.number("min") or 1
    blocks = code_blocks(scope.joined())
    if len(blocks) < low:
        yield scope.finding(".", "code.few", count=len(blocks), min=whole(low))
    for block in blocks:
        if not block.closed:
            yield scope.finding(".", "code.open", start=block.start, end=block.end)
        elif scope.spec.flag("languages_named") and not block.language:
            yield scope.finding(".", "code.unnamed", start=block.start, end=block.end)


@check("html", params=("allowed",), label=lambda scope: Label("html" if scope.spec.texts("allowed") else "html.none", {
    "allowed": ", ".join(scope.spec.texts("allowed"))}))  # fmt: skip
def html(scope: Scope) -> Iterator[Finding]:
    """No HTML tags but these."""
    allowed = {tag.lower() for tag in scope.spec.texts("allowed")}
    for path, text in scope.texts():
        for tag in _TAG.finditer(text):
            if tag[1].lower() not in allowed:
                yield scope.finding(path, "html.tag", start=tag.start(), end=tag.end(), tag=tag[1])
