"""Cuts text into sentences, clauses and words in every script of the product; never inside a word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import regex

from app.content.folding import fold

VERB_LAST = ("hi", "ja", "ko")
TERMINATORS = ".!?…。！？؟।॥"
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー々"
_CLOSERS = "\"'”’»)）］」』】]"
_SENTENCE_END = regex.compile(
    rf"[.!?…؟।॥]+[{regex.escape(_CLOSERS)}]*(?=\s|$)|[。！？]+[{regex.escape(_CLOSERS)}]*|\n+"
)
_CLAUSE_END = regex.compile(r"[,;:](?=\s)|\s[–—-](?=\s)|[，；：、،؛](?!\d)|(?<=\w)—(?=\w)")
_INITIAL = regex.compile(r"(?<!\p{L})\p{L}\.$")
_HAS_WORD = regex.compile(r"[\p{L}\p{N}\p{So}]")
_WORD = regex.compile(rf"[{_UNSPACED}]|[\p{{L}}\p{{M}}\p{{N}}](?:[\p{{L}}\p{{M}}\p{{N}}'’_-]|[.,](?=\p{{N}}))*")
_KANA = regex.compile(r"\p{Hiragana}")
_JAPANESE_PIECE = regex.compile(
    r"[「『（(“]*(?:[\p{Katakana}ー]+|[\p{Han}々]+|[^\s\p{Han}\p{Hiragana}\p{Katakana}ー々「『（(“」』）)”]+)?\p{Hiragana}*"
    r"(?:[」』）)”]+\p{Hiragana}*)?"
    r"[^\w\s「『（(“]*\s*(?<=.)(?!\p{M})|.",
    regex.DOTALL,
)
_PIECE = regex.compile(rf"[{_UNSPACED}][^\w\s]*\s*|[^\s{_UNSPACED}]+\s*")
_UNSPACED_CHAR = regex.compile(rf"[{_UNSPACED}]")


def sentences(text: str, *, abbreviations: tuple[str, ...] = ()) -> list[str]:
    """Return the sentences of `text` in order, each with its end mark; a line break ends a sentence too."""
    found: list[str] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if _is_inside_sentence(text, start, match, abbreviations):
            continue
        _append(found, text[start : match.end()].strip())
        start = match.end()
    _append(found, text[start:].strip())
    return _whole_quotes(found)


_PAIRS = {"“": "”", "„": "“”", "«": "»", "「": "」", "『": "』", "(": ")", "（": "）", "[": "]", "［": "］"}
_MERGED_MOST = 4
_CLAUSES_TRIED = 8
_DANGLING = ' ,;:–—-("“„«「'


def open_at(text: str) -> int | None:
    """Return where the first bracket or quotation mark stands that `text` never closes; None where all are closed."""
    stack: list[tuple[str, int]] = []
    straight: int | None = None
    for at, char in enumerate(text):
        if char == '"':
            straight = at if straight is None else None
        elif stack and char in stack[-1][0]:
            stack.pop()
        elif char in _PAIRS:
            stack.append((_PAIRS[char], at))
    places = [at for _, at in stack] + ([straight] if straight is not None else [])
    return min(places, default=None)


def _whole_quotes(pieces: list[str]) -> list[str]:
    """Put sentences together that stand in one pair of quotation marks or brackets."""
    found: list[str] = []
    merged = 0
    for piece in pieces:
        if found and merged < _MERGED_MOST and open_at(found[-1]) is not None:
            found[-1], merged = f"{found[-1]} {piece}", merged + 1
        else:
            found.append(piece)
            merged = 0
    return found


def _append(found: list[str], piece: str) -> None:
    """Add a sentence; marks without a word belong to the sentence before them."""
    if found and piece and not _HAS_WORD.search(piece):
        found[-1] = f"{found[-1]} {piece}"
    elif piece:
        found.append(piece)


def _is_inside_sentence(text: str, start: int, match: regex.Match[str], abbreviations: tuple[str, ...]) -> bool:
    if not match.group().startswith("."):
        return False
    before = text[max(start, match.start() - 12) : match.start() + 1]
    following = text[match.end() :][:3].strip()
    if following[:1].islower():
        return True
    if _INITIAL.search(before):
        return bool(following)
    word = before.split()[-1].lstrip("(\"'“‘«„")
    return any(before.endswith(item) if " " in item else word == item for item in abbreviations)


def clauses(sentence: str) -> list[str]:
    """Return the clauses of one sentence in order, without the marks between them; the end mark is dropped."""
    bare = without_end(sentence)
    found: list[str] = []
    start = 0
    for match in _CLAUSE_END.finditer(bare):
        if piece := bare[start : match.start()].strip():
            found.append(piece)
        start = match.end()
    if piece := bare[start:].strip():
        found.append(piece)
    return found


def main_parts(sentence: str, *, language: str, least_share: float = 0.4) -> list[str]:
    """Return what is left of a sentence when clauses go: its beginnings, or its ends where the verb stands last.

    A part shorter than `least_share` of the sentence is left out: it is likely to be no sentence of its own.
    """
    whole = without_end(sentence)
    spans = list(_CLAUSE_END.finditer(whole))
    if language in VERB_LAST:
        found = [whole[span.end() :].strip() for span in spans[-_CLAUSES_TRIED:]]
    else:
        found = [whole[: span.start()].rstrip() for span in spans[:_CLAUSES_TRIED]]
    return [part for part in found if len(part) >= len(whole) * least_share and open_at(part) is None]


def words(text: str) -> list[str]:
    """Return the words of `text`; a Han or kana sign counts as one."""
    return [match.group() for match in _WORD.finditer(text)]


def is_unspaced(text: str) -> bool:
    """Tell whether most letters of `text` belong to a script without spaces between words."""
    letters = regex.findall(r"\p{L}", text[:2000])
    return len(_UNSPACED_CHAR.findall(text[:2000])) * 2 > len(letters)


def without_end(text: str) -> str:
    """Return `text` without the marks that end a sentence, and without spaces around it."""
    stripped = text.strip()
    while stripped and stripped[-1] in TERMINATORS + ":;,、，；：،؛":
        if stripped[-1] == "." and stripped[-3:-2] == "." and stripped[-2:-1].isalpha():
            break  # an abbreviation such as U.S. keeps its dot
        stripped = stripped[:-1].rstrip()
    return stripped


def units_of(text: str) -> list[str]:
    """Return the pieces between which a line may break, each with the marks and spaces behind it.

    Words where they are spaced; in Japanese a run of one script with its kana; else single signs. Joining the pieces
    gives `text` again, up to the spaces at its ends.
    """
    pattern = _JAPANESE_PIECE if _KANA.search(text) else _PIECE
    return [match.group() for match in pattern.finditer(text.strip()) if match.group()]


def cut_to(text: str, fits: Callable[[str], bool], *, weak: Collection[str] = ()) -> str:
    """Return the longest beginning of `text` that `fits` accepts: whole clauses where possible, else whole words.

    `fits` accepts every beginning of what it accepts. `weak` holds the folded function words: a cut comes before one of
    them, never behind.
    """
    whole = without_end(text)
    if fits(whole):
        return whole
    ends = [match.start() for match in _CLAUSE_END.finditer(whole)]
    count = _most(len(ends), lambda number: fits(whole[: ends[number - 1]].rstrip()))
    for end in reversed(ends[:count][-_CLAUSES_TRIED:]):
        beginning = whole[:end].rstrip()
        if len(beginning) * 4 >= len(whole) and open_at(beginning) is None:
            return beginning
    pieces = units_of(whole)
    most = _most(len(pieces), lambda number: fits("".join(pieces[:number]).rstrip()))
    short = "".join(pieces[: phrase_end(pieces, most, weak)])
    closed = short[: open_at(short)].strip()
    return without_end(closed or short).rstrip(_DANGLING)


def _most(highest: int, holds: Callable[[int], bool]) -> int:
    """Return the highest number from 1 up to which `holds`, 0 where it never does."""
    low, high = 0, highest
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def phrase_end(pieces: Sequence[str], most: int, weak: Collection[str]) -> int:
    """Return the last place up to `most` where a phrase may end: behind a full word and, if near, before a weak one."""
    folded = [fold(piece).strip(",;:") for piece in pieces[: most + 1]]
    ends = [end for end in range(most, 0, -1) if folded[end - 1] not in weak]
    near = [end for end in ends if end * 5 >= most * 3 and (end >= len(pieces) or folded[end] in weak)]
    return (near or ends or [most])[0]
