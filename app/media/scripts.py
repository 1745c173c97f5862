"""Scripts turned into the shots of a clip: what storyboard.py reads in them, within what a clip can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from app.core.errors import InvalidInput
from app.core.text import SENTENCE_END, storable
from app.media.recipes import MOST_SCENES, Shot
from app.media.speakable import parts
from app.media.storyboard import LISTS, SPOKEN, ScriptScene, scenes_of

HEADING_CHARACTERS = 60
_SPOKEN_PART = re.compile(rf"({'|'.join(LISTS)})\[\]\.({'|'.join(SPOKEN)})")
NARRATION_CHARACTERS = 2_000
SHOT_MOST_S = 60


def shots_of(script: str) -> tuple[Shot, ...]:
    """Return the shots of a script. One without words for the screen shows the beginning of what is said.

    Raises:
        InvalidInput: there is nothing to say or to show, or too much.
    """
    shots = tuple(shot for scene in scenes_of(storable(script)) for shot in _shots(scene))
    if not shots or len(shots) > MOST_SCENES:
        raise InvalidInput(
            "A clip has 1 to {limit} scenes.", code="media.scenes", field="script", params={"limit": MOST_SCENES}
        )
    return shots


def is_script(form: str, parts: Iterable[str]) -> bool:
    """Whether a template's output is the script of a clip: subtitles, or rows with what is said ("rows[].say")."""
    return form == "srt" or any(_SPOKEN_PART.fullmatch(part) for part in parts)


def spoken_text(text: str) -> str:
    """Return what is to be said of a text: of a template's JSON what its rows say, else every text in it, in order."""
    try:
        read: Any = json.loads(text)  # Any: JSON
    except ValueError:
        return text
    if not isinstance(read, dict | list):
        return text
    said = [scene.narration for scene in scenes_of(text) if scene.narration]
    return "\n\n".join(said or _texts_in(read))


def _texts_in(read: Any) -> list[str]:  # Any: JSON
    if isinstance(read, str):
        return [read] if read.strip() else []
    inside = read.values() if isinstance(read, dict) else read if isinstance(read, list) else ()
    return [text for one in inside for text in _texts_in(one)]


def _shots(scene: ScriptScene) -> list[Shot]:
    """Return a scene as one shot, or as several where one person could not say it in one breath."""
    said = parts(scene.narration, max_chars=NARRATION_CHARACTERS) or [""]
    seconds = scene.seconds if len(said) == 1 and scene.seconds <= SHOT_MOST_S else 0.0
    heading = scene.heading or (_short(said[0]) if said[0] else scene.visual)
    shots = [Shot(heading=heading[:200], narration=said[0], seconds=seconds)]
    return [*shots, *(Shot(heading=_short(more)[:200], narration=more) for more in said[1:])]


def _short(text: str) -> str:
    """Return the beginning of a text as a heading: its first sentence, or as many of its words as fit."""
    end = SENTENCE_END.search(text)
    first = text[: end.start()] if end else text
    return first if len(first) <= HEADING_CHARACTERS else parts(first, max_chars=HEADING_CHARACTERS)[0].rstrip(",;: ")
