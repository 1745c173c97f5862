"""Checks of time: how long a text takes to say, time codes that follow on each other, subtitles that can be read."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from app.content.checks import units
from app.content.checks.figures import number_of
from app.content.checks.kinds import Label, Scope, check
from app.content.checks.messages import tidy, whole
from app.content.checks.model import Finding, NotChecked
from app.content.checks.words import unspaced_characters, without_markup, word_count
from app.content.outputs import Output
from app.content.profiles import LocaleProfile
from app.core.cues import SLACK_S, Cue, CueFault, ReadingRules, order_faults, reading_faults
from app.core.text import ascii_digits

_CLOCK = regex.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,3})?)", regex.ASCII)
_SPOKEN_COLUMNS = ("say", "voice_over", "voice", "narration", "script", "text")
_STAGE = regex.compile(r"\[[^\[\]\n]{0,200}\]|\([^()\n]{0,200}\)|（[^（）\n]{0,200}）")
_HANGUL = regex.compile(r"\p{Hangul}")


def clock_seconds(value: object) -> float | None:
    """Return a time code (`0:05`, `01:02:03.5`, `12`, `12 s`) in seconds, None where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = ascii_digits(str(value)).strip()[:40]
    match = _CLOCK.fullmatch(text)
    if match:
        return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3].replace(",", "."))
    return number_of(text, "en")


def total_seconds(output: Output) -> float | None:
    """Return when the last row of a timed table ends, None where there is no such row."""
    rows = output.data.get("rows")
    ends = (
        [clock_seconds(row["end"]) for row in rows if isinstance(row, dict) and "end" in row]
        if isinstance(rows, list)
        else []
    )
    return max((end for end in ends if end is not None), default=None)


def speech_seconds(text: str, profile: LocaleProfile) -> float:
    """Return how long calm narration of the text takes, in seconds; stage directions in brackets are not spoken."""
    spoken = _STAGE.sub(" ", without_markup(text))
    pace = profile.speech
    return 60 * (word_count(spoken) if pace.unit == "words" else spoken_characters(spoken)) / pace.per_minute


def spoken_characters(text: str) -> int:
    """Count what is spoken where pace is in characters: Han, kana and Hangul, and two for each Latin word."""
    hangul = len(_HANGUL.findall(text))
    latin = len(regex.findall(r"[\p{Latin}\p{Nd}]+", text))
    return unspaced_characters(text) + hangul + 2 * latin


def _wanted_seconds(scope: Scope, name: str) -> float:
    number = number_of(scope.input(name), scope.language)
    if not number:
        raise NotChecked("no_number", part=name)
    return number * 60 if name.startswith("minute") else number


@check("speech_duration", params=("field", "tolerance"))
def speech_duration(scope: Scope) -> Iterator[Finding]:
    """Said at a calm pace, the text takes as long as was asked for."""
    wanted_s = _wanted_seconds(scope, scope.spec.text("field"))
    tolerance = scope.spec.number("tolerance") or 0.1
    spoken = _spoken(scope)
    takes_s = speech_seconds(spoken, scope.context.profile)
    if abs(takes_s - wanted_s) <= wanted_s * tolerance + 0.5:
        return
    pace = scope.context.profile.speech
    wanted = round(wanted_s / 60 * pace.per_minute)
    used = word_count(_STAGE.sub(" ", spoken)) if pace.unit == "words" else spoken_characters(_STAGE.sub(" ", spoken))
    yield scope.finding(
        scope.at(), f"speech.{'long' if takes_s > wanted_s else 'short'}_{pace.unit}",
        takes=_clock(takes_s), wanted=_clock(wanted_s), used=used, fits=wanted,
    )  # fmt: skip


def _spoken(scope: Scope) -> str:
    if scope.spec.at or scope.output.form != "table":
        return scope.joined()
    columns = scope.context.template.output.columns
    column = next((name for name in _SPOKEN_COLUMNS if name in columns), None)
    return scope.joined(f"rows[].{column}") if column else scope.joined()


def _clock(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"


@check("timecodes", params=("monotonic", "total_field"))
def timecodes(scope: Scope) -> Iterator[Finding]:
    """Every row starts where or after the one before ends, and the last one ends when it should."""
    if scope.spec.at:
        yield from _rising(scope)
        return
    rows = scope.output.data.get("rows")
    before_s, last = 0.0, ""
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        for column in ("start", "end"):
            last = f"rows[{index}].{column}"
            seconds = clock_seconds(row.get(column)) if isinstance(row, dict) else None
            if seconds is None:
                yield scope.finding(last, "time.unreadable")
                continue
            if seconds < before_s - SLACK_S or (column == "end" and seconds <= before_s):
                yield scope.finding(last, "time.backwards", time=_clock(seconds), before=_clock(before_s))
            before_s = max(before_s, seconds)
    total = scope.spec.text("total_field")
    if total and last:
        wanted_s = _wanted_seconds(scope, total)
        if abs(before_s - wanted_s) > max(1.0, wanted_s * 0.05):
            yield scope.finding(last, "time.total", ends=_clock(before_s), wanted=_clock(wanted_s))


def _rising(scope: Scope) -> Iterator[Finding]:
    before_s = -1.0
    for path, text in scope.texts():
        seconds = clock_seconds(text)
        if seconds is None:
            yield scope.finding(path, "time.unreadable")
        elif seconds <= before_s:
            yield scope.finding(path, "time.backwards", time=_clock(seconds), before=_clock(before_s))
        else:
            before_s = seconds


def _cues(scope: Scope) -> list[Cue]:
    cues = scope.output.data.get("cues")
    if not isinstance(cues, list) or not cues:
        raise NotChecked("absent", part="cues")
    return [Cue(float(cue["start_s"]), float(cue["end_s"]), str(cue["text"])) for cue in cues]


@check("subtitles", params=("limits",), label=lambda scope: Label("subtitles", {
    "line": scope.context.profile.subtitles.chars_per_line}))  # fmt: skip
def subtitles(scope: Scope) -> Iterator[Finding]:
    """Every cue is short, stands long enough and can be read in its time; line and pace are the language's."""
    rules = _reading_rules(scope)
    for number, cue in enumerate(_cues(scope)):
        for fault in reading_faults(cue, rules):
            yield _told(scope, f"cues[{number}]", cue, fault, rules)


def _reading_rules(scope: Scope) -> ReadingRules:
    limits = {limit_id: scope.limit_by_id(limit_id) for limit_id in scope.spec.texts("limits")}
    profile = scope.context.profile.subtitles
    lines, seconds = limits.get("subtitle.lines"), limits.get("subtitle.seconds")
    return ReadingRules(
        lines=lines.max if lines else None,
        shortest_s=(seconds.min or 0) if seconds else None,
        longest_s=seconds.max or None if seconds else None,
        chars_per_line=profile.chars_per_line if "subtitle.line" in limits else None,
        chars_per_second=profile.chars_per_second if "subtitle.cps" in limits else None,
    )


def _told(scope: Scope, path: str, cue: Cue, fault: CueFault, rules: ReadingRules) -> Finding:
    match fault.code:
        case "line":
            rows, most = cue.text.split("\n"), whole(fault.limit)
            offset = sum(len(row) + 1 for row in rows[: fault.line])
            start = offset + len(units.cut(rows[fault.line], "graphemes", int(fault.limit)))
            end = offset + len(rows[fault.line])
            return scope.finding(path, "subtitles.line", start=start, end=end, used=int(fault.used), max=most)
        case "lines":
            return scope.finding(path, "subtitles.lines", used=int(fault.used), max=whole(fault.limit))
        case "fast":
            return scope.finding(path, "subtitles.fast", pace=tidy(round(fault.used, 1)), max=whole(fault.limit))
        case _:
            least, most = whole(rules.shortest_s or 0), whole(rules.longest_s or 0)
            return scope.finding(path, f"subtitles.{fault.code}", seconds=tidy(fault.used), min=least, max=most)


@check("no_overlap_in_time")
def no_overlap_in_time(scope: Scope) -> Iterator[Finding]:
    """No cue starts before the one before it ends, and none ends before it starts."""
    for number, fault in order_faults(_cues(scope)):
        if fault.code == "overlap":
            yield scope.finding(f"cues[{number}]", "overlap.time", starts=tidy(fault.used), ends=tidy(fault.limit))
        else:
            yield scope.finding(f"cues[{number}]", "overlap.backwards")
