"""A script as scenes: what is said, what stands on the screen, what is seen, and for how long. Pure.

    JSON of a script template   one scene per row; a row's columns say which part is which
    SRT                         cues gathered to sentences
    a table in Markdown         as JSON, where its columns are those of a script
    any other text              a heading opens a scene, else each paragraph is one

Nothing is invented: what a script does not say stays empty, and whoever makes the clip decides what to draw instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.cues import Cue, read_srt

SCENE_MAX_S = 600.0
CUES_MAX_S = 12.0
"""A scene of subtitles ends with its sentence, and at the latest then."""
SPOKEN = ("say", "voice", "narration", "voiceover", "voice_over", "spoken")
"""Columns that hold what is said, whatever else there is in the row."""
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "narration": (*SPOKEN, "what", "text", "points"),
    "heading": ("overlay", "heading", "on_screen", "title", "segment", "headline", "scene"),
    "visual": ("show", "picture", "visual", "shot", "image"),
    "start": ("start", "from"),
    "end": ("end", "to"),
    "seconds": ("seconds", "duration"),
    "minutes": ("minutes",),
}
LISTS = ("rows", "scenes", "shots", "segments", "cues")
_CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2})(?:[.,](\d{1,3}))?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_HEADING = re.compile(r"#{1,6}\s+(.+?)\s*#*")
_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»」』)]*$")
_MARKS = re.compile(r"^\s*(?:[-*>•]|\d+[.)])\s+")


@dataclass(frozen=True, slots=True)
class ScriptScene:
    """One scene of a script. `seconds` 0: as long as it takes to say it."""

    narration: str = ""
    heading: str = ""
    visual: str = ""
    seconds: float = 0.0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to say, to show or to set."""
        return not (self.narration or self.heading or self.visual)


def scenes_of(script: str) -> tuple[ScriptScene, ...]:
    """Return the scenes of a script in order, those with nothing in them left out."""
    script = script.strip().removeprefix("\ufeff")
    rows = _rows_of_json(script)
    if rows is None:
        rows = _rows_of_table(script)
    if rows is not None:
        found: Iterable[ScriptScene] = _from_rows(rows)
    else:
        cues, unread = read_srt(script)
        found = _from_cues(cues) if cues and len(unread) <= len(cues) else _from_text(script)
    return tuple(scene for scene in found if not scene.is_empty)


def _rows_of_json(script: str) -> list[Mapping[str, Any]] | None:  # Any: JSON
    """Return the rows of a template's output; None where the script is none."""
    if not script.startswith(("{", "[")):
        return None
    try:
        read = json.loads(script)
    except ValueError:
        return None
    if isinstance(read, dict):
        read = next((read[name] for name in LISTS if isinstance(read.get(name), list)), [])
    return [row for row in read if isinstance(row, dict)]  # other JSON has no scenes, and is not to be read aloud


def _rows_of_table(script: str) -> list[Mapping[str, Any]] | None:  # Any: as above
    """Return the rows of the first Markdown table whose columns are those of a script."""
    lines = script.splitlines()
    for at in range(len(lines) - 1):
        if "|" not in lines[at] or not _RULE.fullmatch(lines[at + 1].strip()):
            continue
        names = [name.strip("*_ ").lower().replace(" ", "_").replace("-", "_") for name in _cells(lines[at])]
        if not set(names) & {*_COLUMNS["narration"], *_COLUMNS["heading"]}:
            continue
        body = lines[at + 2 :]
        end = next((number for number, line in enumerate(body) if "|" not in line), len(body))
        return [dict(zip(names, _cells(line), strict=False)) for line in body[:end]]
    return None


def _cells(line: str) -> list[str]:
    inside = line.strip().removeprefix("|").removesuffix("|").replace(r"\|", "\0")
    return [cell.replace("\0", "|").replace("<br>", " ").strip() for cell in inside.split("|")]


def _from_rows(rows: Sequence[Mapping[str, Any]]) -> Iterable[ScriptScene]:  # Any: JSON
    for number, row in enumerate(rows):
        start, end = _time(_cell(row, "start")), _time(_cell(row, "end"))
        if end is None and start is not None and number + 1 < len(rows):
            end = _time(_cell(rows[number + 1], "start"))
        seconds = end - start if start is not None and end is not None else _time(_cell(row, "seconds"))
        if seconds is None and (minutes := _time(_cell(row, "minutes"))) is not None:
            seconds = minutes * 60
        yield ScriptScene(
            narration=_line(_cell(row, "narration")),
            heading="" if (heading := _line(_cell(row, "heading"))).isdigit() else heading,  # a number of a scene
            visual=_line(_cell(row, "visual")),
            seconds=round(seconds, 3) if seconds is not None and 0 < seconds <= SCENE_MAX_S else 0.0,
        )


def _cell(row: Mapping[str, Any], part: str) -> object:  # Any: JSON
    names = {str(name).lower(): name for name in row}
    return next((row[names[name]] for name in _COLUMNS[part] if name in names), None)


def _line(value: object) -> str:
    """Return a cell as one line; a list of points becomes sentences in a row."""
    if isinstance(value, list):
        return " ".join(filter(None, map(_line, value)))
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _time(value: object) -> float | None:
    """Return seconds: a number, "0:04", "00:01:02,500" or "4 s"."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    text = str(value).strip()
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds, part = clock.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        return whole + (int(part) / 10 ** len(part) if part else 0.0)
    number = _NUMBER.match(text)
    return float(number[0].replace(",", ".")) if number else None


def _from_cues(cues: Sequence[Cue]) -> Iterable[ScriptScene]:
    group: list[Cue] = []
    for number, cue in enumerate(cues):
        group.append(cue)
        following = cues[number + 1] if number + 1 < len(cues) else None
        ends = following is None or _SENTENCE_END.search(cue.text.strip())
        if following is None or ends or following.end_s - group[0].start_s > CUES_MAX_S:
            until_s = following.start_s if following else cue.end_s
            said = " ".join(_line(one.text) for one in group)
            yield ScriptScene(narration=said, seconds=round(max(until_s - group[0].start_s, 0.0), 3))
            group = []


def _from_text(script: str) -> Iterable[ScriptScene]:
    heading = ""
    for block in re.split(r"\n\s*\n", script):
        lines = [line for line in block.splitlines() if line.strip()]
        while lines and (titled := _HEADING.fullmatch(lines[0].strip())):
            if heading:
                yield ScriptScene(heading=heading)
            heading = _line(titled[1])
            lines.pop(0)
        said = _line(" ".join(_MARKS.sub("", line) for line in lines))
        if said:
            yield ScriptScene(narration=said, heading=heading)
            heading = ""
    if heading:
        yield ScriptScene(heading=heading)
