"""What the run screen shows, made from templates, set lines and verdicts. Pure: no state, no database, no vendor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from state.money import price

if TYPE_CHECKING:
    from app.content.checks.model import CheckResult, Finding
    from app.content.template import Field, Part, Template
    from app.content.typesetting import SetLine

MOST_GHOSTS = 10
"""Pale lines shown for a list that is still to be set; more would only be scrolled past."""

ORDER = {"failed": 0, "passed": 1, "not_checked": 2}
"""In which order checks are listed."""

Params = dict[str, str | int | float]


@dataclass
class FieldView:
    """A field of the form; `key` is the stem of its words in the locale files."""

    name: str = ""
    type: str = "text"
    key: str = ""
    label: str = ""
    help: str = ""
    placeholder: str = ""
    required: bool = False
    max_length: int = 0
    options: list[str] = field(default_factory=list)
    value: str = ""
    error_code: str = ""
    error: str = ""
    error_params: Params = field(default_factory=dict)


@dataclass
class LineView:
    """A row of the sheet: a part's heading, a set line, or the pale bar of one to come."""

    kind: str = "line"
    path: str = ""
    number: str = ""
    text: str = ""
    tail: str = ""
    used: int = 0
    limit: int = 0
    state: str = "plain"
    busy: bool = False
    mono: bool = False
    width: str = "52%"
    label_key: str = ""
    label: str = ""
    wanted: str = ""
    count: int = 0
    note_code: str = ""
    note: str = ""
    note_params: Params = field(default_factory=dict)
    suggestion: str = ""
    seam_from: str = ""
    seam_to: str = ""


@dataclass
class CheckView:
    """A row of "What was checked"."""

    id: str = ""
    label_code: str = ""
    label: str = ""
    params: Params = field(default_factory=dict)
    status: str = "passed"
    severity: str = "hard"
    place: str = ""
    note_code: str = ""
    note: str = ""
    note_params: Params = field(default_factory=dict)


@dataclass
class VariantTab:
    """A tab over the sheet."""

    letter: str = "A"
    state: str = "waiting"
    passed: int = 0
    total: int = 0
    failed: int = 0


@dataclass
class WhyView:
    """A candidate in "Why this model?"."""

    label: str = ""
    code: str = ""
    text: str = ""
    params: Params = field(default_factory=dict)
    won: bool = False
    cost: str = ""


def field_views(template: Template, values: Mapping[str, object] | None = None) -> list[FieldView]:
    """Return the fields of the form, filled from `values` (a sample, or the inputs of an earlier run)."""
    return [_field_view(template.id, spec, (values or {}).get(spec.name)) for spec in template.fields]


def _field_view(template_id: str, spec: Field, value: object) -> FieldView:
    return FieldView(
        name=spec.name,
        type=spec.type,
        key=f"template.{template_id}.field.{spec.name}",
        label=spec.label,
        help=spec.help,
        placeholder=spec.placeholder,
        required=spec.required,
        max_length=0 if spec.type in {"list", "table", "number"} else (spec.max_length or 0),
        options=list(spec.options),
        value=_as_typed(value),
    )


def _as_typed(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "\t".join(str(cell) for cell in value.values())
    if isinstance(value, list | tuple):
        return "\n".join(_as_typed(item) for item in value)
    return str(value)


def typed_values(template: Template, form: Mapping[str, object]) -> dict[str, object]:
    """Return what the browser's form holds in the shapes that the inputs of a run take."""
    values: dict[str, object] = {}
    for spec in template.fields:
        text = str(form.get(spec.name) or "")
        if spec.type == "list":
            values[spec.name] = [item for line in text.splitlines() if (item := line.strip())]
        elif spec.type == "table":
            values[spec.name] = _rows(text, spec.columns)
        elif text.strip():
            values[spec.name] = text
    return values


def _rows(text: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Read pasted rows: a row a line, cells between tabs as every spreadsheet copies them, or between bars."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [
        dict(zip(columns, (cell.strip() for cell in line.split("\t" if "\t" in line else "|")), strict=False))
        for line in lines
    ]


def line_views(template: Template, lines: Sequence[SetLine], *, busy: bool = False) -> list[LineView]:
    """Return the rows of the sheet; while `busy`, the last has the cursor and pale bars stand for what is to come."""
    rows: list[LineView] = []
    for index, part in enumerate(template.output.parts):
        own = [line for line in lines if line.part_index == index]
        if not own and not busy:
            continue
        rows.append(_head(template, index, part, own))
        rows.extend(_line(line, mono=template.output.form == "srt") for line in own)
        if busy:
            rows.extend(_ghosts(template, part, len(own)))
    if busy:
        _put_cursor(rows)
    return rows


def _head(template: Template, index: int, part: Part, own: Sequence[SetLine]) -> LineView:
    key = f"template.{template.id}.part.{index}"
    limit = round(max((line.limit or 0 for line in own), default=0)) if "[]" in part.at else 0
    return LineView(
        kind="head",
        path=f"head-{index}",
        label_key=key,
        label=part.label,
        wanted=part.wanted,
        count=len(own),
        limit=limit,
    )


def _line(line: SetLine, *, mono: bool) -> LineView:
    finding = next(iter(line.findings), None)
    cut = _cut(line, finding)
    return LineView(
        path=line.path,
        number=str(line.number or ""),
        text=line.text[:cut],
        tail=line.text[cut:],
        used=round(line.used or 0),
        limit=round(line.limit or 0),
        state=line.state,
        mono=mono,
        **_note(finding),
        suggestion=(finding.suggestion or "") if finding else "",
    )


def _cut(line: SetLine, finding: Finding | None) -> int:
    """Return where the struck-out end of an over-long line begins."""
    if line.state == "over" and finding is not None and finding.start is not None and finding.end == len(line.text):
        return finding.start
    return len(line.text)


def _note(finding: Finding | None) -> dict[str, object]:
    if finding is None:
        return {}
    return {"note_code": finding.code, "note": finding.message, "note_params": dict(finding.params)}


def _ghosts(template: Template, part: Part, present: int) -> list[LineView]:
    wanted = _expected(template, part) - present
    start = present + 1
    widths = ("52%", "61%", "44%", "88%", "70%")
    return [
        LineView(
            kind="ghost", path=f"{part.at}-{n}", number=str(start + n) if "[]" in part.at else "", width=widths[n % 5]
        )
        for n in range(max(0, wanted))
    ]


def _expected(template: Template, part: Part) -> int:
    """Return how many lines of a part to expect: what its count check asks for, one for a single text."""
    if "[]" not in part.at:
        return 1
    items = part.at.split("[]")[0]
    for check in template.checks:
        if check.kind == "count" and check.at == items:
            low, high = check.number("min") or 0, check.number("max") or 0
            return int(min(MOST_GHOSTS, max(low, min(high, low + 2))))
    return 3


def _put_cursor(rows: list[LineView]) -> None:
    """Give the line being set the cursor and no mark yet: its verdict comes when it is complete."""
    last = max((at for at, row in enumerate(rows) if row.kind == "line"), default=None)
    if last is not None:
        rows[last].busy = True
        rows[last].state = "plain"


def check_views(results: Iterable[CheckResult]) -> list[CheckView]:
    """Return the rows of "What was checked", those that failed first."""
    return [_check(result) for result in sorted(results, key=lambda result: ORDER[result.status])]


def failed_of(results: Iterable[CheckResult]) -> int:
    """Return how many checks failed."""
    return sum(1 for result in results if result.status == "failed")


def _check(result: CheckResult) -> CheckView:
    finding = next(iter(result.findings), None) or result.reason
    return CheckView(
        id=result.id,
        label_code=result.label_code,
        label=result.label,
        params=dict(result.params),
        status=result.status,
        severity=result.severity,
        place=finding.path if finding else "",
        **_note(finding),
    )


def money(micros: int) -> str:
    """Return what a text costs, in words."""
    return price(micros)


def seconds(milliseconds: int) -> str:
    """Return a duration in seconds with one decimal."""
    return f"{milliseconds / 1000:.1f}"
