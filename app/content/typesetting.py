"""The sheet: an output as numbered lines with counters and notes, the same for the run screen and for programs.

A list gives one line an item, a table one a cell, subtitles one a cue, prose one a paragraph. The counter of a text of
several paragraphs stands on its last line. Notes on a whole text are put on the line they point at.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, NamedTuple

import regex

from app.content.checks import units
from app.content.checks.model import CheckResult, Finding
from app.content.markup import Section, split_sections
from app.content.outputs import Output, look_up
from app.content.passages import Span, paragraphs
from app.content.template import Limit, Part, Severity, Template

LineState = Literal["ok", "over", "under", "failed", "plain"]
MOST_LINES = 2_000
_INDEX = regex.compile(r"\[(\d+)\]")
_SEVERITY_ORDER: dict[Severity, int] = {"warn": 0, "hard": 1}
# A subtitle's line limit is a matter of script (limit subtitle.line; the profiles have the same figures).
_CPL_BY_SCRIPT = (("[\\p{Hiragana}\\p{Katakana}]", 13), ("\\p{Hangul}", 16), ("\\p{Han}", 16))


@dataclass(frozen=True, slots=True)
class SetLine:
    """One line of the sheet.

    `path` is concrete and can be given to `replace_at`; `number` is `3`, or `3.2` in a list of lists, empty for prose;
    `used` and `limit` are in `unit` (None: nothing is measured here); a finding's span counts from the start of this
    line's text.
    `state`: over and under are the counter's; failed: something else is wrong; ok: looked at; plain: not looked at.
    """

    part_label: str
    part_index: int
    path: str
    text: str
    used: float | None = None
    limit: float | None = None
    unit: str = ""
    state: LineState = "plain"
    findings: tuple[Finding, ...] = ()
    number: str = ""
    severity: Severity | None = None


class _Piece(NamedTuple):
    """A line before it is measured, and where it lies in wider texts: (path of the wider text, offset in it)."""

    part_index: int
    path: str
    text: str
    number: str = ""
    within: tuple[tuple[str, int], ...] = ()
    counted: str | None = None
    """the text whose length the counter shows, None: no counter here"""


def set_lines(
    template: Template, output: Output, results: Sequence[CheckResult], limits: Mapping[str, Limit]
) -> tuple[SetLine, ...]:
    """Return the lines of an output, part by part; `results` may be empty while it is still being written."""
    pieces = list(islice(_pieces(template, output), MOST_LINES))
    notes = _notes_by_piece(pieces, results)
    parts = template.output.parts
    return tuple(
        _line(piece, parts[piece.part_index], notes[number], limits, checked=bool(results))
        for number, piece in enumerate(pieces)
    )


def _pieces(template: Template, output: Output) -> Iterator[_Piece]:
    parts = template.output.parts
    if output.form == "markdown" and template.output.sections:
        yield from _document(template, output)
        return
    pieces = [piece for index, part in enumerate(parts) for piece in _part_pieces(index, part, output)]
    if pieces or output.problem is None:
        yield from pieces
    elif output.text.strip() and not output.data:
        # nothing could be read in the form: show what came, so that it is not lost
        yield from _prose(0, ".", output.text, within=(), limited=False)


def _part_pieces(index: int, part: Part, output: Output) -> Iterator[_Piece]:
    if part.at == ".":
        yield from _prose(index, ".", output.text, within=(), limited=part.limit is not None)
        return
    for value in look_up(output, part.at):
        if not value.found:
            continue
        text = _as_text(value.value)
        number = ".".join(str(int(digits) + 1) for digits in _INDEX.findall(value.path))
        if "[" not in part.at and isinstance(value.value, str):
            yield from _prose(index, value.path, text, within=(), limited=part.limit is not None)
        else:
            yield _Piece(index, value.path, text, number, counted=text)


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)


def _prose(index: int, path: str, text: str, *, within: tuple[tuple[str, int], ...], limited: bool) -> Iterator[_Piece]:
    """Yield one line a paragraph; a text of one paragraph keeps its own path, so that edits replace all of it."""
    spans = paragraphs(text)
    if len(spans) <= 1:
        start = spans[0].start if spans else 0
        shown = spans[0].text if spans else ""
        outer = tuple((wider, offset + start) for wider, offset in within)
        if shown or path != ".":
            yield _Piece(index, path, shown, "", ((path, start), *outer), text if limited else None)
        return
    for number, span in enumerate(spans):
        here = f"paragraphs[{number}]" if path == "." else f"{path}.paragraphs[{number}]"
        last = number == len(spans) - 1
        outer = tuple((wider, offset + span.start) for wider, offset in within)
        yield _Piece(index, here, span.text, "", ((path, span.start), *outer), text if limited and last else None)


def _document(template: Template, output: Output) -> Iterator[_Piece]:
    """Yield the sections in the order of the text. What has no known heading goes with what is before it."""
    text = output.text
    indexes = {part.at: index for index, part in enumerate(template.output.parts)}
    found = split_sections(text, output.headings)
    starts = [span.start for span in paragraphs(text)]
    for span in paragraphs(text[: found[0].start] if found else text):
        yield _stray(0, starts, span)
    index, seen = 0, set[str]()
    for section in found:
        known = section.id and f"sections.{section.id}" in indexes and section.id not in seen
        body = text[section.body_start : section.body_end]
        if known:
            seen.add(section.id)
            index = indexes[f"sections.{section.id}"]
            part = template.output.parts[index]
            within = ((".", section.body_start),)
            yield from _prose(index, f"sections.{section.id}", body, within=within, limited=part.limit is not None)
        else:
            for span in paragraphs(text[section.start : section.body_end]):
                yield _stray(index, starts, _moved(span, section))


def _moved(span: Span, section: Section) -> Span:
    return Span(span.start + section.start, span.end + section.start, span.text)


def _stray(index: int, starts: list[int], span: Span) -> _Piece:
    """Return the line of a paragraph outside all sections; it is addressed by its place in the whole text."""
    number = max(0, bisect_right(starts, span.start) - 1)
    return _Piece(index, f"paragraphs[{number}]", span.text, "", ((".", span.start),))


def _notes_by_piece(pieces: list[_Piece], results: Sequence[CheckResult]) -> list[list[tuple[Finding, Severity]]]:
    """Return, for each line, its findings: those at its path, and those of a wider text that begin in it."""
    notes: list[list[tuple[Finding, Severity]]] = [[] for _ in pieces]
    by_path: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        for path in dict.fromkeys((piece.path, *(wider for wider, _ in piece.within))):
            by_path.setdefault(path, []).append(number)
    for result in results:
        for finding in result.findings if result.status == "failed" else ():
            numbers = by_path.get(finding.path) or by_path.get(finding.path.removesuffix(".text"), [])
            place = _place(finding, [(number, pieces[number]) for number in numbers])
            if place is not None:
                number, shifted = place
                notes[number].append((shifted, result.severity))
    return notes


def _place(finding: Finding, candidates: list[tuple[int, _Piece]]) -> tuple[int, Finding] | None:
    if not candidates:
        return None
    if finding.start is None or finding.end is None:
        return (candidates[-1][0], finding) if len(candidates) == 1 or finding.path != "." else None
    for number, piece in reversed(candidates):
        offset = dict(piece.within).get(finding.path, 0)
        if offset <= finding.start or (number, piece) == candidates[0]:
            start = min(max(0, finding.start - offset), len(piece.text))
            end = min(max(start, finding.end - offset), len(piece.text))
            whole = piece.path == finding.path
            return number, replace(finding, start=start, end=end, suggestion=finding.suggestion if whole else None)
    return None


def _line(
    piece: _Piece, part: Part, notes: list[tuple[Finding, Severity]], limits: Mapping[str, Limit], *, checked: bool
) -> SetLine:
    used, most, unit = _counter(piece, limits.get(part.limit or ""))
    codes = {finding.code.removeprefix("finding.") for finding, _ in notes}
    state: LineState = "ok" if checked or used is not None else "plain"
    if used is not None and most is not None and used > most:
        state = "over"
    elif any(code.startswith("length.under") for code in codes):
        state = "under"
    elif notes:
        state = "failed"
    # the counter's own note comes first: it is the one whose end of the line is struck out
    ordered = sorted(notes, key=lambda note: (-_SEVERITY_ORDER[note[1]], not note[0].code.startswith("finding.length")))
    severity = max((worth for _, worth in notes), key=_SEVERITY_ORDER.__getitem__, default=None)
    return SetLine(
        part_label=part.label,
        part_index=piece.part_index,
        path=piece.path,
        text=piece.text,
        used=used,
        limit=most,
        unit=unit,
        state=state,
        findings=tuple(finding for finding, _ in ordered),
        number=piece.number,
        severity=severity,
    )


def _counter(piece: _Piece, limit: Limit | None) -> tuple[float | None, float | None, str]:
    if limit is None or piece.counted is None or not units.measures(limit.unit):
        return None, None, ""
    if limit.unit in ("gsm7", "ucs2"):
        sent = units.sms(piece.counted)
        return sent.used, sent.single, sent.encoding
    most = _cue_width(piece.counted) if limit.unit == "cpl" else limit.max
    return units.measure(piece.counted, limit.unit), most, limit.unit


def _cue_width(text: str) -> int:
    return next((most for script, most in _CPL_BY_SCRIPT if regex.search(script, text)), 42)
