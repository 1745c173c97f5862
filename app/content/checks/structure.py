"""Checks of form: the parts that must be there, in their order, and nothing cut short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import regex

from app.content.checks.kinds import Label, Scope, check
from app.content.checks.lexicons import function_words
from app.content.checks.links import find_urls
from app.content.checks.messages import in_words, whole
from app.content.checks.model import Finding, NotChecked
from app.content.checks.phrases import heading_key, sections_by_heading
from app.content.checks.stems import fold
from app.content.checks.words import word_count
from app.content.markup import Section, code_blocks, headings, split_sections, without_code
from app.content.paths import parse_path

_STEP = regex.compile(r"^[ \t]{0,8}(?:\*\*)?(\p{Nd}{1,3})[.)．、）](?:\*\*)?[ \t\u3000]*(\S[^\n]*)", regex.MULTILINE)
_TAG = regex.compile(r"</?([a-zA-Z][a-zA-Z0-9-]{0,30})(?=[\s/>])[^<>]{0,500}>")
_PAIRS = {"(": ")", "[": "]", "{": "}", "（": "）", "「": "」", "『": "』", "【": "】", "《": "》", "“": "”", "«": "»", "„": "“"}
_CLOSERS = frozenset(_PAIRS.values()) - {"“"}
_GOES_ON = frozenset(",;:،、，；：-–—")
_BLOCK_LINE = regex.compile(r"^[ \t]*(?:[-*+•–—#|>]|\p{Nd}{1,3}[.)]|[#@]\w)")
LONGEST_CLOSING_LINE_WORDS = 8
"""A last line without a full stop that is no longer than this may be a signature, a name or a label."""


def _unreadable(scope: Scope) -> Iterator[Finding]:
    if scope.output.problem:
        yield scope.finding(".", f"unreadable.{scope.output.problem}")


def _schema_label(scope: Scope) -> Label:
    required, arrays = scope.spec.texts("required"), scope.spec.texts("arrays")
    params = {"count": len(required), "count_word": in_words(len(required)).lower()}
    if len(required) == 1:
        return Label("schema.list" if arrays else "schema.part", params)
    return Label("schema.lists" if set(required) <= set(arrays) else "schema.parts", params)


@check("schema", params=("required", "arrays"), label=_schema_label, any_form=True)
def schema(scope: Scope) -> Iterator[Finding]:
    """The parts that were asked for are there, lists are lists, and every item has its parts."""
    if scope.output.problem:
        yield from _unreadable(scope)
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


@check("table", params=("columns", "min", "max"), any_form=True, label=lambda scope: Label("table", {
    "count": len(scope.spec.texts("columns")), "columns": ", ".join(scope.spec.texts("columns")).replace("_", " ")}))  # fmt: skip
def table(scope: Scope) -> Iterator[Finding]:
    """There are rows, and every row has exactly the columns."""
    if scope.output.problem:
        yield from _unreadable(scope)
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
            if row.get(column) is None or not str(row[column]).strip():
                yield scope.finding(f"rows[{index}].{column}", "table.cell", column=column.replace("_", " "), row=index + 1)
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


@check("sections", params=("required", "order"), any_form=True, label=lambda scope: Label("sections", {
    "count": len(scope.spec.texts("required")), "count_word": in_words(len(scope.spec.texts("required"))).lower()}))  # fmt: skip
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
            yield scope.finding(f"sections.{section_id}", "sections.heading", heading=section.heading[:80], wanted=wanted)
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
        where = {"start": heading.start, "end": heading.end}
        if key not in allowed:
            yield scope.finding(".", "changelog.unknown", heading=heading.text[:60], allowed=wanted, **where)
        elif key in seen:
            yield scope.finding(".", "changelog.twice", heading=heading.text[:60], **where)
        elif not text[heading.end : end].strip():
            yield scope.finding(".", "changelog.empty", heading=heading.text[:60], **where)
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
            yield scope.finding(".", "steps.order", start=step.start(1), end=step.end(1), number=number, wanted=before + 1)
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


@check("not_truncated", any_form=True)
def not_truncated(scope: Scope) -> Iterator[Finding]:
    """Brackets, quotes and fences are closed, and the last line ends a sentence or a block."""
    if scope.output.problem:
        yield from _unreadable(scope)
        return
    for path, text in scope.material.everything:
        opened = _first_open(without_code(text))
        if opened is not None:
            yield scope.finding(path, "cut.open", start=opened, end=opened + 1, mark=text[opened])
    if scope.output.form in ("text", "markdown"):
        text = scope.output.text
        if any(not block.closed for block in code_blocks(text)):
            yield scope.finding(".", "cut.fence")
        elif not _ends_well(text, _closings(scope)):
            start = text.rstrip().rfind("\n") + 1
            yield scope.finding(".", "cut.end", start=start, end=len(text.rstrip()), last=text.rstrip()[-30:].split("\n")[-1])


def _closings(scope: Scope) -> tuple[str, ...]:
    address = scope.context.profile.address
    return address.closing_formal, address.closing_informal


def _first_open(text: str) -> int | None:
    """Return where the first bracket or quote stands that its paragraph never closes; smileys and `a)` close nothing."""
    start = 0
    paragraphs = text.split("\n\n")
    for number, paragraph in enumerate(paragraphs):
        stack: list[tuple[str, int]] = []
        turned = paragraph.find("»") < paragraph.find("«")  # »so« instead of «so»
        for offset, char in enumerate(paragraph):
            if stack and char == stack[-1][0]:
                stack.pop()
            elif char in _PAIRS and not (turned and char == "«"):
                stack.append((_PAIRS[char], start + offset))
            elif char in _CLOSERS and any(char == closer for closer, _ in stack[-8:]):
                while stack.pop()[0] != char:
                    pass
        # a quotation over several paragraphs opens each and closes the last
        following = paragraphs[number + 1].lstrip()[:1] if number + 1 < len(paragraphs) else ""
        for _, at in stack:
            smiley = text[at] == "(" and text[max(0, at - 1)] in ":;=-"
            if not smiley and following != text[at]:
                return at
        start += len(paragraph) + 2
    return None


def _ends_well(text: str, closings: tuple[str, ...]) -> bool:
    """Whether the last line ends a sentence, or is of a kind that needs no full stop: list, heading, signature, address."""
    last = text.rstrip().rsplit("\n", 1)[-1].strip()
    if not last or last in closings:
        return True
    if last[-1] in _GOES_ON:
        return False
    if not last[-1].isalnum() or _BLOCK_LINE.match(last) or word_count(last) <= LONGEST_CLOSING_LINE_WORDS:
        return True
    return any(link.end == len(last) for link in find_urls(last))
