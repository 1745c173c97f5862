"""Japanese texts as kana, since espeak-ng says "Chinese letter" for each kanji.

Sudachi, a dictionary in a wheel, tells words and readings; it is opened for each text and closed after it: 0.06 s,
and no 70 MB that stay. What it leaves open is settled here: numbers, which it reads digit by digit, particles, long
vowels, Latin words that it does not know.

    text -> dates, prices and ranges in words -> Sudachi's words -> kana with a space before each phrase
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import regex

from app.adapters.speech_embedded.japanese_latin import in_katakana, pieces
from app.adapters.speech_embedded.japanese_numbers import COUNTERS, counted, number_of, said, spelled

if TYPE_CHECKING:
    from sudachipy import Morpheme, Tokenizer

_REWRITTEN = tuple(
    (regex.compile(pattern), written)
    for pattern, written in (
        (r"(?<!\d)(\d{4})[/-]0?(\d{1,2})[/-]0?(\d{1,2})(?!\d)", r"\1年\2月\3日"),
        (r"(?<!\d)0?(\d{1,2}):00(?!\d)", r"\1時"),
        (r"(?<!\d)0?(\d{1,2}):0?(\d{1,2})(?!\d)", r"\1時\2分"),
        (r"[¥￥]\s?([\d,.]*\d[万億]?)円?", r"\1円"),
        (r"[$＄]\s?([\d,.]*\d[万億]?)", r"\1ドル"),
        (r"€\s?([\d,.]*\d[万億]?)", r"\1ユーロ"),
        (r"(?<=\d[\p{Han}%％]?)[〜～~](?=\d)", "から"),
        (r"㎡", "平方メートル"),
        (r"(?<=日\s?)[（(]([月火水木金土日])[）)]", r"、\1曜日"),
    )
)
_SPELLED = regex.compile(r"(?<![\d,.])\d+(?:[-‐−－]\d+)+(?![\d,.])")
"""Telephone numbers, postal codes, addresses."""
_SIGNS = (
    dict.fromkeys("、，,・:：;；()（）[]［］【】{}《》〈〉…‥—―–/／|", "、")
    | dict.fromkeys("。．.!！", "。")
    | dict.fromkeys("?？", "?")
    | dict.fromkeys("&＆", "アンド")
    | dict.fromkeys("+＋", "プラス")
    | dict.fromkeys("@＠", "アット")
    | dict.fromkeys("=＝", "イコール")
)
_PAUSES = ("、", "。", "?")
_PREFERRED = {"私": "ワタシ", "明日": "アシタ", "日本": "ニホン", "行っ": "イッ"}
"""What is said more often than what Sudachi gives: watakushi, asu, Nippon, okonat."""
_PARTICLES = {"は": "ワ", "へ": "エ", "を": "オ"}
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}ー]+")
_HAN = regex.compile(r"[\p{Han}々〆]")
_HIRAGANA = regex.compile(r"\p{Hiragana}")
_LATIN = regex.compile(r"\p{Latin}")
_LONG_O = regex.compile(r"(?<=[オコソトノホモヨロゴゾドボポョ])ウ")
_LONG_E = regex.compile(r"(?<=[エケセテネヘメレゲゼデベペェ])イ")
_TO_KATAKANA = {point: point + 0x60 for point in range(ord("ぁ"), ord("ゖ") + 1)}
_RARE = str.maketrans(
    {"ヮ": "ワ", "ヵ": "カ", "ヶ": "ケ", "ヰ": "イ", "ヱ": "エ", "ヲ": "オ"} | dict.fromkeys("ゝゞヽヾ〆々")
)
"""Kana that espeak-ng does not read."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A word of a text: where it begins there, and its kana. `leads`: a phrase begins with it."""

    start: int
    kana: str
    leads: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in kana, and for each word of it where it begins in the kana and in the text, in order."""

    kana: str
    places: tuple[tuple[int, int], ...]

    def told(self, words: Sequence[Sequence[int]]) -> list[tuple[int, int, int, int]]:
        """Return words of the kana (first character, characters, start and end in ms) as words of the text.

        A phrase that is said as one shares its time among its words by their kana; how long each is written is left 0.
        """
        spans: dict[int, tuple[int, int]] = {}
        for first, _, start_ms, end_ms in words:
            spans[first] = (spans.get(first, (start_ms, 0))[0], end_ms)
        found = []
        for first, after in pairwise([*sorted(spans), len(self.kana)]):
            start_ms, end_ms = spans[first]
            end = first + max(1, len(self.kana[first:after].rstrip(" 、。?")))
            inside = [place for place in self.places if first <= place[0] < end]
            for (at, text_at), (until, _) in pairwise([*inside, (end, 0)]):
                begins, ends = (start_ms + (end_ms - start_ms) * (one - first) // (end - first) for one in (at, until))
                found.append((text_at, 0, begins, ends))
        return found


def read(text: str) -> Reading:
    """Return how a Japanese text is read; no kanji is left in it."""
    from sudachipy import Dictionary

    tokenizer = Dictionary(dict="small").tokenizer()
    plain, origins = _in_words(text)
    kana = ""
    places: list[tuple[int, int]] = []
    for piece in _pieces(plain, tokenizer):
        if piece.kana.startswith(_PAUSES):
            kana += piece.kana[0] if kana and not kana.endswith(_PAUSES) else ""
        elif piece.kana:
            kana += " " if piece.leads and kana and not kana.endswith(_PAUSES) else ""
            places.append((len(kana), origins[piece.start]))
            kana += piece.kana
    return Reading(kana, tuple(places))


def _in_words(text: str) -> tuple[str, list[int]]:
    """Return the text with dates, times, prices and ranges in words, and where each character of it comes from."""
    origins = list(range(len(text)))
    for pattern, written in _REWRITTEN:
        parts: list[str] = []
        kept: list[int] = []
        done = 0
        for match in pattern.finditer(text):
            new = match.expand(written)
            parts += [text[done : match.start()], new]
            kept += [*origins[done : match.start()], *[origins[match.start()]] * len(new)]
            done = match.end()
        text, origins = "".join([*parts, text[done:]]), [*kept, *origins[done:]]
    return text, origins


def _pieces(text: str, tokenizer: Tokenizer) -> Iterator[Piece]:
    at = 0
    for match in _SPELLED.finditer(text):
        yield from _words(text[at : match.start()], at, tokenizer)
        for group in regex.finditer(r"\d+", match[0]):
            yield Piece(match.start() + group.start(), spelled(group[0]), leads=True)
        at = match.end()
    yield from _words(text[at:], at, tokenizer)


def _words(text: str, offset: int, tokenizer: Tokenizer) -> Iterator[Piece]:
    words = list(tokenizer.tokenize(text))
    in_month = False
    at = 0
    while at < len(words):
        word, before = words[at], words[at - 1] if at else None
        number = _number(word, words[at + 1 : at + 2], in_month=in_month)
        kana, taken = number or (_after(before, word) or _kana(word, tokenizer), 1)
        yield Piece(offset + word.begin(), kana, _leads(word, before))
        in_month = words[at + taken - 1].surface() == "月"
        at += taken


def _after(before: Morpheme | None, word: Morpheme) -> str:
    """Return a reading that the word before it decides; empty for most."""
    surface, kind = word.surface(), before.part_of_speech()[1] if before else ""
    if surface == "人" and kind == "固有名詞":
        return "ジン"  # of a country
    if surface == "日" and before and before.surface().endswith("曜"):
        return "ビ"
    if len(surface) == 1 and _LATIN.match(surface) and kind != "数詞":  # else it is a unit
        return "".join(in_katakana(piece) for piece in pieces(surface))
    return ""


def _number(word: Morpheme, following: Sequence[Morpheme], *, in_month: bool) -> tuple[str, int] | None:
    """Return a number in kana, with what it counts, and of how many words that is; None where the word is none."""
    surface = word.surface()
    if word.part_of_speech()[1] != "数詞":
        return None
    number = number_of(surface)
    if number is None:
        return (spelled(surface), 1) if any(sign.isdecimal() for sign in surface) else None
    value, decimals = number
    counter = following[0].surface() if following else ""
    if counter in COUNTERS and not decimals:
        return _LONG_O.sub("ー", counted(value, counter, in_month=in_month)), 2
    return said(value, decimals), 1


def _leads(word: Morpheme, before: Morpheme | None) -> bool:
    """Whether a phrase begins here: not with what leans on the word before it."""
    kind = word.part_of_speech()
    if kind[0] in ("助詞", "助動詞", "接尾辞", "補助記号", "空白"):
        return False
    if before is None:
        return True
    left = before.part_of_speech()
    if left[0] == "接頭辞" or (left[0] == "名詞" and kind[0] == "名詞" and kind[1] != "数詞"):
        return False
    leans = kind[:2] == ("動詞", "非自立可能") and (left[0] in ("名詞", "動詞") or before.surface() in ("て", "で"))
    return not leans


def _kana(word: Morpheme, tokenizer: Tokenizer) -> str:
    """Return a word in katakana, as it is said."""
    surface, kind = unicodedata.normalize("NFKC", word.surface()), word.part_of_speech()[0]
    if kind == "助詞" and surface in _PARTICLES:
        return _PARTICLES[surface]
    if preferred := _PREFERRED.get(surface):
        return preferred
    if _KANA.fullmatch(surface):
        reading = surface.translate(_TO_KATAKANA)
        if kind in ("感動詞", "接続詞") and surface.endswith("は") and not surface.endswith("はは"):
            reading = f"{reading[:-1]}ワ"  # konnichiwa
    else:
        reading = _read(word, surface, tokenizer)
    if not (_HAN.search(surface) or _HIRAGANA.search(surface)):
        return reading.translate(_RARE)  # Seoul is no sōru
    stem = reading[:-1] if kind == "動詞" else reading  # omou, not omō
    long: str = _LONG_O.sub("ー", stem)
    if _HAN.search(surface):
        long = _LONG_E.sub("ー", long)
    return (long + reading[len(stem) :]).translate(_RARE)


def _read(word: Morpheme, surface: str, tokenizer: Tokenizer) -> str:
    """Return what the dictionary or the rules for signs and Latin words give; a sign that nobody reads is left out."""
    reading: str = word.reading_form()
    if _KANA.fullmatch(reading) and reading != "キゴウ":
        return reading
    if _LATIN.search(surface):
        return "".join(_latin(piece, tokenizer) for piece in pieces(surface))
    return "".join(_sign(sign, tokenizer) for sign in surface)


def _latin(piece: str, tokenizer: Tokenizer) -> str:
    known = tokenizer.tokenize(piece)
    reading: str = known[0].reading_form() if len(known) == 1 else ""
    return reading if _KANA.fullmatch(reading) else in_katakana(piece)


def _sign(sign: str, tokenizer: Tokenizer) -> str:
    if _HAN.match(sign):
        reading = "".join(word.reading_form() for word in tokenizer.tokenize(sign))
        return reading if _KANA.fullmatch(reading) and reading != "キゴウ" else ""
    return _SIGNS.get(sign, sign if sign.isalnum() else "")
