"""Subtitles: SRT and WebVTT read and written, and whether each can be read in the time it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import regex

from app.core.text import graphemes

_SRT_TIME = regex.compile(
    r"(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})[ \t]*-->[ \t]*(\d{1,3}):(\d{1,2}):(\d{1,2})[,.](\d{1,3})[^\n]*",
    regex.ASCII,
)
_VTT_TIME = regex.compile(  # https://www.w3.org/TR/webvtt1/#webvtt-timestamp: the hours may be left out
    r"(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+"
    r"(?:(\d{2,3}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t][^\n]*)?",
    regex.ASCII,
)
_VTT_HEAD = regex.compile(r"WEBVTT(?:[ \t][^\n]*)?")
_VTT_NOT_CUES = ("NOTE", "STYLE", "REGION")
_VTT_TAG = regex.compile(r"<[^<>\n]{0,200}>")
_VTT_SIGNS = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_BLANK_LINES = regex.compile(r"\n(?:[ \t]*\n)+")
SLACK_S = 0.001
"""Times are written in whole milliseconds."""

FaultCode = Literal["lines", "brief", "lingers", "line", "fast", "overlap", "backwards"]


class Cue(NamedTuple):
    """One subtitle."""

    start_s: float
    end_s: float
    text: str


class CueFault(NamedTuple):
    """What is wrong with a cue: `used` against `limit`; `line` is the one meant, from 0, where the fault is a line's.

    lines: too many of them; line: too long; brief, lingers: seconds on screen; fast: characters a second;
    overlap: starts at `used` before the end of an earlier one at `limit`; backwards: ends no later than it starts.
    """

    code: FaultCode
    used: float
    limit: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class ReadingRules:
    """What a reader can follow; None: not looked at."""

    lines: float | None = None
    shortest_s: float | None = None
    longest_s: float | None = None
    chars_per_line: int | None = None
    chars_per_second: float | None = None


def reading_faults(cue: Cue, rules: ReadingRules) -> Iterator[CueFault]:
    """Yield what keeps a reader from following one cue."""
    shown_s, rows = cue.end_s - cue.start_s, cue.text.split("\n")
    if rules.lines is not None and len(rows) > rules.lines:
        yield CueFault("lines", len(rows), rules.lines)
    if rules.shortest_s is not None and shown_s < rules.shortest_s - SLACK_S:
        yield CueFault("brief", shown_s, rules.shortest_s)
    elif rules.longest_s is not None and shown_s > rules.longest_s + SLACK_S:
        yield CueFault("lingers", shown_s, rules.longest_s)
    if rules.chars_per_line is not None:
        for number, row in enumerate(rows):
            if (used := graphemes(row)) > rules.chars_per_line:
                yield CueFault("line", used, rules.chars_per_line, number)
    pace = graphemes(cue.text.replace("\n", "")) / shown_s if shown_s > 0 else 0.0
    if rules.chars_per_second is not None and pace > rules.chars_per_second:
        yield CueFault("fast", pace, rules.chars_per_second)


def order_faults(cues: Iterable[Cue]) -> Iterator[tuple[int, CueFault]]:
    """Yield where a cue starts before an earlier one ends, or ends no later than it starts, with its place."""
    before_s = 0.0
    for place, cue in enumerate(cues):
        if cue.start_s < before_s - SLACK_S:
            yield place, CueFault("overlap", cue.start_s, before_s)
        if cue.end_s <= cue.start_s:
            yield place, CueFault("backwards", cue.end_s, cue.start_s)
        before_s = max(before_s, cue.end_s)


def read_srt(text: str) -> tuple[list[Cue], list[int]]:
    """Return the cues of an SRT text, and the numbers (from 1) of the blocks that are none."""
    cues: list[Cue] = []
    broken: list[int] = []
    for number, block in enumerate(_blocks(text), start=1):
        lines = block.strip("\n").split("\n")
        at = 1 if lines[0].strip().isdigit() and len(lines) > 1 else 0
        match = _SRT_TIME.fullmatch(lines[at].strip())
        if match is None:
            broken.append(number)
        else:
            cues.append(_cue(match, "\n".join(lines[at + 1 :])))
    return cues, broken


def read_vtt(text: str) -> tuple[list[Cue], list[int]]:
    """Return the cues of a WebVTT text without their tags, and the numbers (from 1) of the blocks that are none.

    The head is block 1: a text without it is broken there. Notes, styles and regions are passed over.
    """
    blocks = _blocks(text)
    if not blocks or _VTT_HEAD.fullmatch(blocks[0].strip("\n").split("\n")[0].rstrip()) is None:
        return [], [1]
    cues: list[Cue] = []
    broken: list[int] = []
    for number, block in enumerate(blocks[1:], start=2):
        lines = block.strip("\n").split("\n")
        if lines[0].split(" ")[0].strip() in _VTT_NOT_CUES:
            continue
        at = 0 if "-->" in lines[0] or len(lines) == 1 else 1
        match = _VTT_TIME.fullmatch(lines[at].strip())
        if match is None:
            broken.append(number)
        else:
            cues.append(_cue(match, _plain("\n".join(lines[at + 1 :]))))
    return cues, broken


def write_srt(cues: Iterable[Cue]) -> str:
    """Return cues as SRT, without a line end at the end."""
    return "\n".join(
        f"{number}\n{_time(cue.start_s, ',')} --> {_time(cue.end_s, ',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, start=1)
    ).rstrip("\n")


def write_vtt(cues: Iterable[Cue]) -> str:
    """Return cues as WebVTT; what would be a tag or an arrow in a text is written as itself."""
    blocks = [f"{_time(cue.start_s, '.')} --> {_time(cue.end_s, '.')}\n{_escaped(cue.text)}" for cue in cues]
    return "\n\n".join(["WEBVTT", *blocks]) + "\n"


def _blocks(text: str) -> list[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff").strip("\n")
    return [block for block in _BLANK_LINES.split(text) if block.strip()]


def _cue(match: regex.Match[str], text: str) -> Cue:
    times = [int(part or 0) for part in match.groups()]
    return Cue(_seconds(times[:4], match[4]), _seconds(times[4:], match[8]), text.strip())


def _seconds(parts: list[int], fraction: str) -> float:
    hours, minutes, seconds, _ = parts
    return float(hours * 3600 + minutes * 60 + seconds + int(fraction) / 10.0 ** len(fraction))


def _time(seconds: float, point: str) -> str:
    total_ms = round(seconds * 1000)
    return (
        f"{total_ms // 3_600_000:02}:{total_ms // 60_000 % 60:02}:{total_ms // 1000 % 60:02}{point}{total_ms % 1000:03}"
    )


def _escaped(text: str) -> str:
    for sign, written in _VTT_SIGNS:
        text = text.replace(sign, written)
    joined: str = _BLANK_LINES.sub("\n", text)
    return joined.strip("\n")


def _plain(text: str) -> str:
    plain: str = _VTT_TAG.sub("", text)
    for sign, written in reversed(_VTT_SIGNS):
        plain = plain.replace(written, sign)
    return plain
