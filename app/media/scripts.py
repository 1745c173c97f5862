"""Scripts turned into scenes: what a video template wrote, or any text, a paragraph a scene."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.core.errors import InvalidInput
from app.core.text import SENTENCE_END, one_line, storable
from app.media.recipes import MOST_SCENES, Shot
from app.media.speakable import parts

HEADING_CHARACTERS = 60
NARRATION_CHARACTERS = 2_000
_LISTS = ("rows", "scenes", "shots", "segments")
_SAID = ("say", "narration", "voice", "voiceover", "spoken", "text", "script")
_SHOWN = ("overlay", "heading", "on_screen", "title", "caption", "headline")


def shots_of(script: str) -> tuple[Shot, ...]:
    """Return the scenes of a script.

    A template's output is JSON with a list of rows: what is said, what stands on the screen, from when to when. Any
    other text has a scene for each paragraph; its first line is the heading where it is a heading.

    Raises:
        InvalidInput: there is nothing to say or to show, or too much.
    """
    found = _from_json(script)
    shots = tuple(found if found is not None else _from_text(storable(script)))
    if not shots or len(shots) > MOST_SCENES:
        raise InvalidInput(
            "A clip has 1 to {limit} scenes.", code="media.scenes", field="script", params={"limit": MOST_SCENES}
        )
    return shots


def spoken_text(text: str) -> str:
    """Return what is to be said of a text: of a template's JSON what its rows say, else every text in it, in order."""
    try:
        read: Any = json.loads(text)  # Any: JSON
    except ValueError:
        return text
    if not isinstance(read, dict | list):
        return text
    rows = _from_json(text) or ()
    said = [shot.narration for shot in rows if shot.narration]
    return "\n\n".join(said or _texts_in(read))


def _texts_in(read: Any) -> list[str]:  # Any: JSON
    if isinstance(read, str):
        return [read] if read.strip() else []
    inside = read.values() if isinstance(read, dict) else read if isinstance(read, list) else ()
    return [text for one in inside for text in _texts_in(one)]


def _from_json(script: str) -> list[Shot] | None:
    try:
        read: Any = json.loads(script)  # Any: JSON
    except ValueError:
        return None
    rows = read if isinstance(read, list) else None
    if isinstance(read, dict):
        rows = next((read[name] for name in _LISTS if isinstance(read.get(name), list)), None)
    if rows is None:
        return None
    shots = [_shot(row) for row in rows if isinstance(row, dict)]
    return [shot for shot in shots if shot.heading or shot.narration]


def _shot(row: Mapping[str, Any]) -> Shot:  # Any: JSON
    said, shown = _first(row, _SAID), _first(row, _SHOWN)
    seconds = row.get("seconds", 0)
    if isinstance(row.get("start"), int | float) and isinstance(row.get("end"), int | float):
        seconds = row["end"] - row["start"]
    length_s = float(seconds) if isinstance(seconds, int | float) and 0 < seconds <= 60 else 0.0
    narration = one_line(said)[:NARRATION_CHARACTERS]
    heading = one_line(shown) or (_short(narration) if narration else "")
    return Shot(heading=heading[:200], narration=narration, seconds=length_s)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> str:  # Any: JSON
    return next((str(row[name]) for name in names if isinstance(row.get(name), str | int | float)), "")


def _from_text(text: str) -> list[Shot]:
    shots: list[Shot] = []
    heading = ""
    for block in (block.strip() for block in text.split("\n\n")):
        lines = block.split("\n")
        if lines[0].lstrip().startswith("#"):
            heading = one_line(lines.pop(0).lstrip("# "))
        said = one_line(" ".join(line.lstrip("-*> ") for line in lines))
        for part in parts(said, max_chars=NARRATION_CHARACTERS):
            shots.append(Shot(heading=(heading or _short(part))[:200], narration=part))
            heading = ""
    return [*shots, Shot(heading=heading[:200])] if heading else shots


def _short(text: str) -> str:
    """Return the beginning of a text as a heading: its first sentence, or as many of its words as fit."""
    end = SENTENCE_END.search(text)
    first = text[: end.start()] if end else text
    return first if len(first) <= HEADING_CHARACTERS else parts(first, max_chars=HEADING_CHARACTERS)[0].rstrip(",;: ")
