"""A text as it is said: without marks of form, with the brand's pronunciations, in parts that a voice takes at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

from app.core.media_ports import Word
from app.core.text import SENTENCE_END

_FENCE = regex.compile(r"^[ \t]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ \t]*\1[ \t]*$|\Z)", regex.MULTILINE | regex.DOTALL)
_COMMENT = regex.compile(r"<!--.*?-->", regex.DOTALL)
_TAG = regex.compile(r"</?[A-Za-z][^<>\n]{0,300}>")
_IMAGE = regex.compile(r"!\[[^\[\]\n]{0,300}\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,300}\")?\)")
_LINK = regex.compile(r"\[([^\[\]\n]{1,300})\]\([^()\s]{0,2000}(?:\s\"[^\"\n]{0,300}\")?\)")
_DIRECTION = regex.compile(r"[ \t]*(?:\[[^\[\]\n]{0,200}\]|【[^【】\n]{0,200}】)")
_URL = regex.compile(r"https?://(?:www\.)?([\w.-]+)[^\s<>\"]*(?<![.,;:!?)\]])", regex.IGNORECASE)
_RULE = regex.compile(r"^[ \t]*(?:[-*_][ \t]*){3,}$", regex.MULTILINE)
_TABLE_RULE = regex.compile(r"^[ \t]*\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+[-: \t|]*\n?", regex.MULTILINE)
_LINE_MARK = regex.compile(r"^[ \t]*(?:>[ \t]?)*(?:#{1,6}[ \t]+|[-*+•][ \t]+(?:\[[ xX]\][ \t]+)?)?", regex.MULTILINE)
_EMPHASIS = regex.compile(r"(?<![\p{L}\p{N}])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![\p{L}\p{N}])|(?<!\d)\*{1,3}|\*{2,3}|~~|`+")
_PICTOGRAM = regex.compile(
    r"\p{Extended_Pictographic}(?<![©®™\d#*])[\ufe0f\u200d\U0001f3fb-\U0001f3ff]*|\p{Regional_Indicator}"
)
_ENDED = regex.compile(r"[\p{Po}\p{Pd}…]$|[\p{Po}…][\p{Pe}\p{Pf}\"']+$")
_CLAUSE = regex.compile(r"[,;:،؛][\"'”»)\]]*\s+|[，、；：][”」』）]*|\s+[–—]\s+")
_SPACE = regex.compile(r"\s+")
_EAST_ASIAN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_UNSPACED_WORD = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]+")
_HANGUL = regex.compile(r"\p{Hangul}")
_GRAPHEME = regex.compile(r"\X")
_LETTER = r"[\p{L}\p{M}\p{N}_]"


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """How a word is said: `written` as it stands in texts, `said` as a voice reads it right."""

    written: str
    said: str


@dataclass(frozen=True, slots=True)
class Swap:
    """A place in a spoken text where something else was written."""

    start: int
    end: int
    written: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text as it is said, and where it differs from what is written."""

    text: str
    swaps: tuple[Swap, ...] = ()


def speakable(text: str, pronunciations: Sequence[Pronunciation] = ()) -> Spoken:
    """Return what is said of a text: no Markdown, addresses or stage directions in brackets; paragraphs stay apart.

    A heading or a point of a list without an end mark gets one, so that the voice pauses there.
    """
    return pronounced(_plain(text), pronunciations)


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for pattern, said in (
        (_COMMENT, ""), (_FENCE, "\n"), (_IMAGE, ""), (_LINK, r"\1"), (_TAG, ""), (_TABLE_RULE, ""), (_RULE, ""),
        (_LINE_MARK, ""), (_DIRECTION, ""), (_URL, r"\1"), (_EMPHASIS, ""), (_PICTOGRAM, ""),
    ):  # fmt: skip
        text = pattern.sub(said, text)
    paragraphs = regex.split(r"\n[ \t]*(?:\n[ \t]*)+", text.strip())
    return "\n\n".join(said for paragraph in paragraphs if (said := _paragraph(paragraph)))


def _paragraph(text: str) -> str:
    lines = [
        ", ".join(cell for part in line.split("|") if (cell := " ".join(part.split()))) for line in text.split("\n")
    ]
    return " ".join(_ended(line) for line in lines if any(char.isalnum() for char in line))


def _ended(line: str) -> str:
    if _ENDED.search(line):
        return line
    if _EAST_ASIAN.search(line[-1:]):
        return f"{line}。"
    return f"{line}।" if regex.search(r"\p{Devanagari}$", line) else f"{line}."


def pronounced(text: str, pronunciations: Sequence[Pronunciation]) -> Spoken:
    """Return a text with the words of the list replaced, the longest first, none inside another word, none twice."""
    table = {entry.written: entry.said for entry in pronunciations if entry.written.strip()}
    if not table:
        return Spoken(text)
    by_length = sorted(table, key=len, reverse=True)
    pattern = regex.compile("|".join(f"({_bounded(written)})" for written in by_length))
    swaps: list[Swap] = []
    said, done = "", 0
    for match in pattern.finditer(text):
        said += text[done : match.start()]
        spoken = table[by_length[match.lastindex - 1]]
        swaps.append(Swap(len(said), len(said) + len(spoken), match.group()))
        said, done = said + spoken, match.end()
    return Spoken(said + text[done:], tuple(swaps))


def _bounded(written: str) -> str:
    """Return a pattern for a word of the list; one without capitals is found in any case.

    Chinese and Japanese have no bounds to look for; Korean puts particles right after a word.
    """
    escaped = regex.escape(written) if any(char.isupper() for char in written) else f"(?i:{regex.escape(written)})"
    if _UNSPACED_WORD.fullmatch(written):
        return escaped
    after = "" if _HANGUL.match(written[-1]) else f"(?!{_LETTER})"
    return f"(?<!{_LETTER}){escaped}{after}"


def as_written(words: Sequence[Word], spoken: Spoken) -> tuple[Word, ...]:
    """Return the words as they are written: what was said for a word of the list becomes that word again."""
    found: list[Word] = []
    at, swaps = 0, list(spoken.swaps)
    for word in words:
        start = spoken.text.find(word.text, at)
        if start < 0:
            found.append(word)
            continue
        at = start + len(word.text)
        swaps = [swap for swap in swaps if swap.end > start]
        swap = swaps[0] if swaps and swaps[0].start < at else None
        if swap is None:
            found.append(word)
        elif start <= swap.start:
            before, after = spoken.text[start : swap.start], spoken.text[min(swap.end, at) : at]
            found.append(Word(before + swap.written + after, word.start_ms, word.end_ms))
        else:  # the word before began what is written as one
            tail = spoken.text[swap.end : at] if at > swap.end else ""
            last = found.pop()
            found.append(Word(last.text + tail, last.start_ms, word.end_ms))
    return tuple(found)


def parts(text: str, *, max_chars: int) -> tuple[str, ...]:
    """Return the text in parts of at most `max_chars` code points, in order: whole sentences as far as they fit.

    A longer sentence is cut at a comma, a longer clause at a space, a longer word between two characters.
    """
    if max_chars < 1:
        raise ValueError("a part has room for a character")
    made: list[str] = []
    for sentence in _sentences(text):
        for piece in _fitting(sentence, max_chars):
            if made and len((made[-1] + piece).strip()) <= max_chars:
                made[-1] += piece
            else:
                made.append(piece)
    return tuple(part.strip() for part in made if part.strip())


def _sentences(text: str) -> list[str]:
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True) if start < end]


def _fitting(sentence: str, most: int) -> list[str]:
    if len(sentence.strip()) <= most:
        return [sentence]
    for pattern in (_CLAUSE, _SPACE):
        ends = [match.end() for match in pattern.finditer(sentence) if match.end() < len(sentence)]
        if ends:
            pieces = [sentence[a:b] for a, b in zip([0, *ends], [*ends, len(sentence)], strict=True)]
            packed = _packed(pieces, most)
            return [cut for piece in packed for cut in _fitting(piece, most)] if len(packed) > 1 else packed
    clusters = _GRAPHEME.findall(sentence)
    return _packed([c[at : at + most] for c in clusters for at in range(0, len(c), most)], most)


def _packed(pieces: list[str], most: int) -> list[str]:
    made: list[str] = []
    for piece in pieces:
        if made and len((made[-1] + piece).strip()) <= most:
            made[-1] += piece
        else:
            made.append(piece)
    return made
