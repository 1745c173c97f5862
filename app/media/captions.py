"""Captions that can be read: cues cut to what stands on a screen and is followed by an eye, from words or segments.

The figures are those of the catalogue (subtitle.*), whose sources stand there; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.cues import Cue, CueFault, ReadingRules, order_faults, reading_faults
from app.core.media_ports import Segment, Word
from app.core.text import graphemes
from app.media.sentences import parts_of, sentences_of

LINE_CHARACTERS = 42
LINES = 2
CHARACTERS_PER_S = 17.0
SHORTEST_S = 0.833
LONGEST_S = 7.0
WIDE_LINE_CHARACTERS = 16
WIDE_CHARACTERS_PER_S = 9.0
GAP_S = 0.04
"""Between two cues; one frame at 24 a second (0.042), so that an eye sees the change."""
WIDE = ("zh", "ja", "ko")


def rules_for(locale: str) -> ReadingRules:
    """Return what a reader of that language can follow."""
    is_wide = locale.lower().startswith(WIDE)
    return ReadingRules(
        lines=LINES,
        shortest_s=SHORTEST_S,
        longest_s=LONGEST_S,
        chars_per_line=WIDE_LINE_CHARACTERS if is_wide else LINE_CHARACTERS,
        chars_per_second=WIDE_CHARACTERS_PER_S if is_wide else CHARACTERS_PER_S,
    )


def faults_of(cues: Sequence[Cue], locale: str) -> list[tuple[int, CueFault]]:
    """Return what keeps a reader from following, with the place of the cue, from 0."""
    rules = rules_for(locale)
    found = [(place, fault) for place, cue in enumerate(cues) for fault in reading_faults(cue, rules)]
    return sorted([*found, *order_faults(cues)], key=lambda one: one[0])


def cues_of(segments: Iterable[Segment], locale: str) -> list[Cue]:
    """Return segments as cues of at most two lines, each for as long as its share of the text is said.

    A cue that would be too short to read stays on into the pause behind it, as far as there is one.
    """
    rules = rules_for(locale)
    width = int(rules.chars_per_line or LINE_CHARACTERS)
    cut: list[Cue] = []
    for segment in segments:
        texts = [part for sentence in sentences_of(segment.text) for part in parts_of(sentence, most=width * LINES)]
        total = sum(graphemes(text) for text in texts) or 1
        start_s, length_s = segment.start_ms / 1000, (segment.end_ms - segment.start_ms) / 1000
        for text in texts:
            end_s = start_s + length_s * graphemes(text) / total
            cut.append(Cue(start_s, end_s, "\n".join(_lines(text, width))))
            start_s = end_s
    return _given_time(cut, rules)


def _lines(text: str, width: int) -> list[str]:
    """Return a text on one line, or on two that are about as long as each other."""
    if graphemes(text) <= width:
        return [text]
    halves = parts_of(text, most=max(width // 2, min(width, len(text) // 2 + width // 6)))
    return halves if len(halves) <= LINES else parts_of(text, most=width)


def _given_time(cues: list[Cue], rules: ReadingRules) -> list[Cue]:
    timed = []
    for place, cue in enumerate(cues):
        wanted_s = max(rules.shortest_s or 0.0, graphemes(cue.text) / (rules.chars_per_second or CHARACTERS_PER_S))
        latest_s = cues[place + 1].start_s - GAP_S if place + 1 < len(cues) else cue.start_s + wanted_s
        end_s = max(cue.end_s, min(cue.start_s + wanted_s, latest_s))
        end_s = min(end_s, cue.start_s + (rules.longest_s or LONGEST_S))
        timed.append(Cue(round(cue.start_s, 3), round(max(end_s, cue.start_s + 0.001), 3), cue.text))
    return timed


def segments_of(words: Sequence[Word], text: str, *, start_ms: int, end_ms: int) -> list[Segment]:
    """Return what is said when, sentence by sentence: by the words' times where they are known, else by length."""
    sentences = sentences_of(text)
    if not sentences:
        return []
    if words:
        return _by_words(words, sentences, start_ms=start_ms)
    total, at_ms, found = sum(len(sentence) for sentence in sentences), float(start_ms), []
    for sentence in sentences:
        until_ms = at_ms + (end_ms - start_ms) * len(sentence) / total
        found.append(Segment(round(at_ms), round(until_ms), sentence))
        at_ms = until_ms
    return found


def _by_words(words: Sequence[Word], sentences: Sequence[str], *, start_ms: int) -> list[Segment]:
    """Give each sentence as many of the words, in order, as it has of the text's characters."""
    letters = sum(len(word.text.strip()) for word in words) or 1
    wanted_total = sum(len("".join(sentence.split())) for sentence in sentences) or 1
    found, at, used, wanted = [], 0, 0.0, 0.0
    for place, sentence in enumerate(sentences):
        wanted += len("".join(sentence.split())) / wanted_total
        first = at
        while at < len(words) and (used + len(words[at].text.strip()) / letters / 2 <= wanted or at == first):
            used += len(words[at].text.strip()) / letters
            at += 1
        if place == len(sentences) - 1:
            at = len(words)
        last = words[min(max(at - 1, first), len(words) - 1)]
        begin = words[min(first, len(words) - 1)]
        found.append(Segment(start_ms + begin.start_ms, start_ms + last.end_ms, sentence))
    return found
