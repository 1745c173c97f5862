"""Subtitles from a transcript: every word, in lines that can be read in the time they stand."""

from __future__ import annotations

import math

import regex

from app.adapters.models_embedded.desk import Desk, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import is_unspaced, units_of
from app.content.checks.units import graphemes

_SECONDS = (5 / 6, 7.0)  # limit subtitle.seconds
_PIECES_MOST = 120  # of a sentence without end
_LINES = 2
_GAP_S = 0.083  # two frames at 24 a second between cues
_CPS_SHARE = 0.95  # a little slower than the limit, since milliseconds are rounded
_NEVER_FIRST = "的了们着过得地吗呢吧个、。，．,.!?！？：；:;)）」』】”’»…ー々%％"
_CLOCK = regex.compile(r"(?:(\d+):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?")


def subtitles_srt(desk: Desk) -> Draft:
    """Write SRT cues: sentences broken into at most two lines, shown long enough to be read."""
    width, speed = desk.profile.subtitles.chars_per_line, desk.profile.subtitles.chars_per_second * _CPS_SHARE
    sentences = [one_line(sentence) for sentence in desk.sentences(desk.raw("transcript"))]
    starts = _starts(desk)
    blocks: list[str] = []
    clock = starts[0] if starts else 0.0
    for index, sentence in enumerate(sentences):
        if len(starts) == len(sentences) and starts[index] > clock:
            clock = starts[index]
        for lines in _cues(sentence, width=width, most=_SECONDS[1] * speed):
            shown = max(_SECONDS[0], sum(map(graphemes, lines)) / speed)
            end = clock + math.ceil(shown * 1000) / 1000
            blocks.append(f"{len(blocks) + 1}\n{_time(clock)} --> {_time(end)}\n" + "\n".join(lines))
            clock = end + _GAP_S
    return "\n\n".join(blocks) + "\n"


def _starts(desk: Desk) -> list[float]:
    """Return the start times of the brief in seconds; empty where there are none or one cannot be read."""
    rows = desk.inputs.get("timings")
    found = (
        [seconds(str(row.get("start", ""))) for row in rows if isinstance(row, dict)]
        if isinstance(rows, list | tuple)
        else []
    )
    return [start for start in found if start is not None] if None not in found else []


def seconds(text: str) -> float | None:
    """Return the seconds of `1:02:03,400`, `2:03` or `123.4`; None for anything else."""
    if match := _CLOCK.fullmatch(text.strip()):
        hours, minutes, whole, fraction = match.groups()
        return int(hours or 0) * 3600 + int(minutes) * 60 + int(whole) + float(f"0.{fraction or 0}")
    try:
        return max(0.0, min(float(text.strip()), 360_000.0))
    except ValueError:
        return None


def _cues(sentence: str, *, width: int, most: float) -> list[list[str]]:
    """Break one sentence into cues of at most two lines."""
    pieces = [part for piece in _joined_marks(units_of(sentence)) for part in _breakable(piece, width)]
    parts = (pieces[start : start + _PIECES_MOST] for start in range(0, len(pieces), _PIECES_MOST))
    return [cue for part in parts for cue in _even_cues(part, width=width, most=most)]


def _even_cues(pieces: list[str], *, width: int, most: float) -> list[list[str]]:
    """Return cues of similar length."""
    total = graphemes("".join(pieces).strip())
    room = min(width * _LINES, most)
    count = max(1, math.ceil(total / room))
    while True:
        cues = _filled(pieces, wanted=math.ceil(total / count), room=room)
        broken = [_lines(cue, width) for cue in cues]
        if all(len(lines) <= _LINES for lines in broken) or count > len(pieces):
            return broken
        count += 1


def _breakable(piece: str, width: int) -> list[str]:
    """Return a piece of an unspaced script in parts that fit a line; other pieces stay whole."""
    if graphemes(piece.strip()) <= width or not is_unspaced(piece):
        return [piece]
    return [piece[start : start + width] for start in range(0, len(piece), width)]


def _joined_marks(pieces: list[str]) -> list[str]:
    """Keep marks with the word before them: no line begins with a comma."""
    joined: list[str] = []
    for piece in pieces:
        if joined and piece.strip()[:1] in _NEVER_FIRST and not joined[-1].endswith(" "):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _filled(pieces: list[str], *, wanted: int, room: float) -> list[str]:
    cues: list[str] = []
    for piece in pieces:
        longer = graphemes((cues[-1] + piece).strip()) if cues else 0
        if cues and longer <= room and (graphemes(cues[-1].strip()) < wanted and longer <= wanted + 6):
            cues[-1] += piece
        else:
            cues.append(piece)
    return [cue.strip() for cue in cues]


def _lines(cue: str, width: int) -> list[str]:
    """Break a cue into lines of similar length, the upper one not longer where that is possible."""
    if graphemes(cue) <= width:
        return [cue]
    pieces = [part for piece in _joined_marks(units_of(cue)) for part in _breakable(piece, width)]
    best: list[str] | None = None
    for at in range(1, len(pieces)):
        pair = ["".join(pieces[:at]).strip(), "".join(pieces[at:]).strip()]
        sizes = [graphemes(line) for line in pair]
        if max(sizes) <= width and (
            best is None or abs(sizes[0] - sizes[1]) < abs(graphemes(best[0]) - graphemes(best[1]))
        ):
            best = pair
    if best:
        return best
    lines: list[str] = []
    for piece in pieces:
        if lines and graphemes((lines[-1] + piece).strip()) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.strip() for line in lines]


def _time(moment: float) -> str:
    milliseconds = round(moment * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02},{rest % 1000:03}"
