"""Captions from timed words: at most two lines, each short and long enough on screen to be read.

    words -> pieces that are never broken -> cues at sentence ends, pauses and commas -> lines of similar length

Times follow the voice; a cue that is too short for its text stays until the next one needs the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from app.core.cues import Cue, CueFault, ReadingRules, order_faults, read_srt, read_vtt, reading_faults
from app.core.cues import write_srt as _write_srt
from app.core.cues import write_vtt as _write_vtt
from app.core.media_ports import Segment, Word
from app.core.text import SENTENCE_END, graphemes

LINES = 2
SHORTEST_MS, LONGEST_MS = 833, 7_000
"""Netflix' Timed Text Style Guide, as limit subtitle.seconds of app/content/limits.yaml."""
GAP_MS = 83
"""Two frames at 24 a second: without a gap two cues look like one that changes."""
PAUSE_MS = 700
"""A silence that a reader takes for an end."""
_LINE_CHARS = {"ja": 13, "zh-Hans": 16, "ko": 16}
_CHARS_PER_SECOND = {"en": 20, "ja": 4, "zh-Hans": 9, "ko": 12}
_UNSPACED_LOCALES = ("ja", "zh-Hans")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー々〆]")
_PIECE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー々〆]|[^\s\p{Han}\p{Hiragana}\p{Katakana}ー々〆]+")
_CLAUSE_END = regex.compile(r"[,;:،؛，、；：–—…][\"'”“»’)\]]*$")
_NEVER_FIRST = regex.compile(r"[\p{Pe}\p{Pf}、。，．,.!?！？：；:;…ー々%％ぁぃぅぇぉっゃゅょァィゥェォッャュョ]")
_GRAPHEME = regex.compile(r"\X")


def rules_for(locale: str) -> ReadingRules:
    """Return what a reader of a language can follow; the numbers are those of its locale profile."""
    return ReadingRules(
        lines=LINES,
        shortest_s=SHORTEST_MS / 1000,
        longest_s=LONGEST_MS / 1000,
        chars_per_line=_LINE_CHARS.get(locale, 42),
        chars_per_second=_CHARS_PER_SECOND.get(locale, 17),
    )


@dataclass(frozen=True, slots=True)
class CaptionFault:
    """A caption, counted from 1, that cannot be read as it should; `code` and figures as in app.core.cues.CueFault."""

    number: int
    fault: CueFault

    @property
    def message(self) -> str:
        """What is wrong, in an English sentence."""
        used, limit = round(self.fault.used, 2), round(self.fault.limit, 2)
        return _MESSAGES[self.fault.code].format(number=self.number, used=f"{used:g}", limit=f"{limit:g}")


_MESSAGES = {
    "lines": "Caption {number} has {used} lines; {limit} can be read.",
    "brief": "Caption {number} stands {used} s; the shortest that can be read is {limit} s.",
    "lingers": "Caption {number} stands {used} s; the longest is {limit} s.",
    "line": "A line of caption {number} has {used} characters; {limit} fit.",
    "fast": "Caption {number} asks for {used} characters a second; {limit} can be read.",
    "overlap": "Caption {number} starts at {used} s, before the one before it ends at {limit} s.",
    "backwards": "Caption {number} ends at {used} s, no later than it starts at {limit} s.",
}


def from_words(words: Sequence[Word], *, locale: str) -> tuple[Segment, ...]:
    """Return captions for timed words, in order."""
    return _timed(_cues(list(_pieces(words, locale)), rules_for(locale)), rules_for(locale))


def from_segments(segments: Sequence[Segment], *, locale: str) -> tuple[Segment, ...]:
    """Return captions for a transcript whose words have no times of their own: they share the segment's by length."""
    return from_words([word for segment in segments for word in spread(segment)], locale=locale)


def spread(segment: Segment) -> Iterator[Word]:
    """Yield the words of a segment with times by their length; a character of an unspaced script is a word."""
    texts: list[str] = []
    for match in _PIECE.finditer(segment.text):
        joined = match.start() and not segment.text[match.start() - 1].isspace()
        if texts and joined and _NEVER_FIRST.match(match.group()):
            texts[-1] += match.group()
        else:
            texts.append(match.group())
    total = sum(map(len, texts)) or 1
    length_ms, said = max(segment.end_ms - segment.start_ms, 0), 0
    for text in texts:
        start_ms = segment.start_ms + length_ms * said // total
        said += len(text)
        yield Word(text, start_ms, segment.start_ms + length_ms * said // total)


def faults(segments: Iterable[Segment], *, locale: str) -> tuple[CaptionFault, ...]:
    """Return what keeps a reader from following the captions, in their order."""
    cues = [_cue(segment) for segment in segments]
    rules = rules_for(locale)
    found = [CaptionFault(n, fault) for n, cue in enumerate(cues, start=1) for fault in reading_faults(cue, rules)]
    found += [CaptionFault(place + 1, fault) for place, fault in order_faults(cues)]
    return tuple(sorted(found, key=lambda fault: fault.number))


def write_srt(segments: Iterable[Segment]) -> str:
    """Return captions as SRT."""
    return _write_srt(map(_cue, segments)) + "\n"


def write_vtt(segments: Iterable[Segment]) -> str:
    """Return captions as WebVTT."""
    return _write_vtt(map(_cue, segments))


def read(text: str) -> tuple[tuple[Segment, ...], tuple[int, ...]]:
    """Return the captions of an SRT or WebVTT text, and the numbers of its blocks that are none."""
    cues, broken = (read_vtt if text.lstrip("\ufeff").startswith("WEBVTT") else read_srt)(text)
    segments = (Segment(round(cue.start_s * 1000), round(cue.end_s * 1000), cue.text) for cue in cues)
    return tuple(segments), tuple(broken)


def _cue(segment: Segment) -> Cue:
    return Cue(segment.start_ms / 1000, segment.end_ms / 1000, segment.text)


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is never broken. `space` stands before it unless it is the first of its line."""

    text: str
    start_ms: int
    end_ms: int
    space: str


def _pieces(words: Sequence[Word], locale: str) -> Iterator[_Piece]:
    width, before = rules_for(locale).chars_per_line or 42, ""
    for word in words:
        text = " ".join(word.text.split())
        if not text:
            continue
        apart = locale not in _UNSPACED_LOCALES or not (_UNSPACED.search(before[-1:]) or _UNSPACED.match(text))
        yield from _fitting(_Piece(text, word.start_ms, word.end_ms, " " if before and apart else ""), width)
        before = text


def _fitting(piece: _Piece, width: int) -> Iterator[_Piece]:
    """Yield a piece in parts that fit a line; only what is longer than a line is cut."""
    clusters = _GRAPHEME.findall(piece.text)
    if len(clusters) <= width:
        yield piece
        return
    length_ms = piece.end_ms - piece.start_ms
    for at in range(0, len(clusters), width):
        start_ms = piece.start_ms + length_ms * at // len(clusters)
        end_ms = piece.start_ms + length_ms * min(at + width, len(clusters)) // len(clusters)
        yield _Piece("".join(clusters[at : at + width]), start_ms, end_ms, piece.space if at == 0 else "")


def _text(pieces: Sequence[_Piece]) -> str:
    return "".join(piece.space + piece.text for piece in pieces)[len(pieces[0].space) :] if pieces else ""


def _cues(pieces: list[_Piece], rules: ReadingRules) -> list[list[_Piece]]:
    """Put pieces together to cues: each sentence anew, a long one broken where its parts end."""
    cues: list[list[_Piece]] = []
    for sentence in _sentences(pieces):
        rest = sentence
        while rest:
            count = _most_that_fit(rest, rules)
            if count < len(rest):
                count = _best_break(rest, count)
            cues.append(rest[:count])
            rest = rest[count:]
    return cues


def _sentences(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    begun: list[_Piece] = []
    for piece in pieces:
        if begun and piece.start_ms - begun[-1].end_ms >= PAUSE_MS:
            yield begun
            begun = []
        begun.append(piece)
        match = SENTENCE_END.search(piece.text)
        if match is not None and match.end() == len(piece.text):
            yield begun
            begun = []
    if begun:
        yield begun


def _most_that_fit(pieces: list[_Piece], rules: ReadingRules) -> int:
    """Return how many pieces make one cue, at least one."""
    count = 1
    while count < len(pieces):
        wider = pieces[: count + 1]
        if wider[-1].end_ms - wider[0].start_ms > LONGEST_MS or _lines(wider, rules) is None:
            break
        count += 1
    return count


def _best_break(pieces: list[_Piece], most: int) -> int:
    """Return where to end a cue that the sentence goes on after: at a comma in its second half, else evenly."""
    for count in range(most, most // 2, -1):
        if _CLAUSE_END.search(pieces[count - 1].text):
            return count
    chars = [len(piece.space + piece.text) for piece in pieces]
    cues_left = -(-sum(chars) // max(sum(chars[:most]), 1))
    share, count = sum(chars) / cues_left, 1
    while count < most and sum(chars[: count + 1]) <= share:
        count += 1
    return count


def _lines(pieces: Sequence[_Piece], rules: ReadingRules) -> str | None:
    """Return the text in at most two lines of similar length, None where it does not fit."""
    width = rules.chars_per_line or 42
    text = _text(pieces)
    if graphemes(text) <= width:
        return text
    best: tuple[int, str] | None = None
    for at in range(1, len(pieces)):
        upper, lower = _text(pieces[:at]), _text(pieces[at:])
        sizes = graphemes(upper), graphemes(lower)
        if max(sizes) <= width and not _NEVER_FIRST.match(lower):
            uneven = abs(sizes[0] - sizes[1]) - (width // 4 if _CLAUSE_END.search(upper) else 0)
            best = min(best or (uneven, f"{upper}\n{lower}"), (uneven, f"{upper}\n{lower}"))
    return best[1] if best else None


def _timed(cues: list[list[_Piece]], rules: ReadingRules) -> tuple[Segment, ...]:
    """Give each cue its time: as long as it is said, longer where a reader needs it and the next one leaves it."""
    made = [
        Segment(cue[0].start_ms, max(cue[-1].end_ms, cue[0].start_ms + 1), _lines(cue, rules) or _text(cue))
        for cue in cues
    ]
    for place, segment in enumerate(made):
        if place and segment.start_ms < made[place - 1].end_ms:
            segment = replace(segment, start_ms=min(made[place - 1].end_ms, segment.end_ms - 1))
        chars = graphemes(segment.text.replace("\n", ""))
        needed_ms = max(SHORTEST_MS, -(-chars * 1000 // round(rules.chars_per_second or 17)))
        next_ms = made[place + 1].start_ms if place + 1 < len(made) else segment.start_ms + LONGEST_MS
        latest_ms = max(next_ms - GAP_MS, segment.end_ms)
        end_ms = max(segment.end_ms, min(segment.start_ms + needed_ms, latest_ms))
        made[place] = replace(segment, end_ms=min(end_ms, segment.start_ms + LONGEST_MS))
    return tuple(made)
