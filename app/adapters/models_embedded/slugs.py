"""Readable slugs from titles in any script of the product: letters are romanised by rule."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Collection
from pathlib import Path

import regex

_LATIN = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "’": "",
        "'": "",
        "&": " ",
    }
)
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_ARABIC = {
    "ا": "a", "أ": "a", "إ": "i", "آ": "a", "ٱ": "a", "ب": "b", "ت": "t", "ث": "th", "ج": "j", "ح": "h", "خ": "kh",
    "د": "d", "ذ": "dh", "ر": "r", "ز": "z", "س": "s", "ش": "sh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z", "ع": "a",
    "غ": "gh", "ف": "f", "ق": "q", "ك": "k", "ل": "l", "م": "m", "ن": "n", "ه": "h", "ة": "a", "و": "w", "ؤ": "u",
    "ي": "y", "ئ": "i", "ى": "a", "ء": "", "پ": "p", "چ": "ch", "گ": "g", "ڤ": "v",
    "َ": "a", "ُ": "u", "ِ": "i",
}  # fmt: skip
_DEVANAGARI_VOWELS = {
    "अ": "a", "आ": "aa", "इ": "i", "ई": "ee", "उ": "u", "ऊ": "oo", "ऋ": "ri", "ए": "e", "ऐ": "ai", "ओ": "o", "औ": "au",
    "ऑ": "o", "ऍ": "e",
}  # fmt: skip
_DEVANAGARI_SIGNS = {
    "ा": "aa", "ि": "i", "ी": "ee", "ु": "u", "ू": "oo", "ृ": "ri", "े": "e", "ै": "ai", "ो": "o", "ौ": "au",
    "ॉ": "o", "ॅ": "e",
}  # fmt: skip
_DEVANAGARI = {
    "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n", "च": "ch", "छ": "chh", "ज": "j", "झ": "jh", "ञ": "n",
    "ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n", "त": "t", "थ": "th", "द": "d", "ध": "dh", "न": "n",
    "प": "p", "फ": "ph", "ब": "b", "भ": "bh", "म": "m", "य": "y", "र": "r", "ल": "l", "व": "v", "श": "sh",
    "ष": "sh", "स": "s", "ह": "h", "ळ": "l",
}  # fmt: skip
_DEVANAGARI_DOTTED = {"क": "q", "ख": "kh", "ग": "gh", "ज": "z", "ड": "r", "ढ": "rh", "फ": "f"}
_KANA_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ",
    "m": "まみむめも", "y": "や ゆ よ", "r": "らりるれろ", "w": "わゐ ゑを", "g": "がぎぐげご", "z": "ざじずぜぞ",
    "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ", "x": "ぁぃぅぇぉ",
}  # fmt: skip
_HEPBURN = {
    "si": "shi",
    "ti": "chi",
    "tu": "tsu",
    "hu": "fu",
    "zi": "ji",
    "di": "ji",
    "du": "zu",
    "wo": "o",
    "wi": "i",
    "we": "e",
}
_KANA = {
    kana: _HEPBURN.get(consonant + vowel, consonant + vowel).removeprefix("x")
    for consonant, row in _KANA_ROWS.items()
    for kana, vowel in zip(row, "aiueo", strict=True)
    if kana != " "
} | {"ん": "n", "ゔ": "vu"}
_SMALL_Y = {"ゃ": "a", "ゅ": "u", "ょ": "o"}
_SMALL_VOWELS = dict(zip("ぁぃぅぇぉ", "aiueo", strict=True))
# Revised Romanization of Korean (2000), letter by letter
_HANGUL_INITIALS = tuple("g kk n d tt r m b pp s ss - j jj ch k t p h".split(" "))  # noqa: SIM905 (reads as a table)
_HANGUL_VOWELS = tuple("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split(" "))  # noqa: SIM905
_HANGUL_FINALS = tuple("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" "))  # noqa: SIM905
_HANGUL_FIRST, _HANGUL_LAST = 0xAC00, 0xD7A3
_FALLBACK = "page"


def slug(title: str, *, language: str, longest: int, stop: Collection[str] = ()) -> str:
    """Return a slug of `title` of at most `longest` characters: a-z, 0-9 and single hyphens; whole words only.

    Words of `stop` go when enough other words are left. A title without any letter that can be romanised gives "page".
    """
    found = romanised(title, language=language).split()
    unwanted = {word for word in stop if word.isascii()}
    telling = [word for word in found if word not in unwanted]
    kept: list[str] = []
    for word in telling if len(telling) >= 2 else found:
        if len("-".join([*kept, word])) > longest:
            break
        kept.append(word)
    if not kept and found:
        kept = [found[0][:longest]]
    return "-".join(kept) or _FALLBACK


def romanised(text: str, *, language: str) -> str:
    """Return `text` in lower-case Latin letters; signs of no known script become spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if language == "ja" and regex.search(r"\p{Han}", folded):  # particles without their kanji say nothing
        without = regex.sub(r"\p{Hiragana}+", " ", folded)
        folded = without if regex.search(r"[\p{Katakana}\p{Latin}\p{Nd}]", without) else folded
    if language == "de":
        folded = folded.translate(_GERMAN)
    elif language in ("fr", "it"):
        folded = folded.replace("’", " ").replace("'", " ")
    pieces = [_run(run, language) for run in regex.findall(_RUNS, folded.translate(_LATIN))]
    return str(regex.sub(r"[^a-z0-9]+", " ", "".join(pieces))).strip()


_RUNS = (
    r"\p{Hangul}+|\p{Devanagari}+|\p{Arabic}+|[\p{Hiragana}\p{Katakana}ー]+|\p{Han}+"
    r"|[^\p{Hangul}\p{Devanagari}\p{Arabic}\p{Hiragana}\p{Katakana}\p{Han}ー]+"
)


def _run(run: str, language: str) -> str:
    by_script: tuple[tuple[str, Callable[[str], str]], ...] = (
        (r"\p{Hangul}", _hangul), (r"\p{Devanagari}", _devanagari), (r"\p{Arabic}", _arabic),
        (r"[\p{Hiragana}\p{Katakana}ー]", _kana), (r"\p{Han}", lambda han: _han(han, language)),
    )  # fmt: skip
    for pattern, romanise in by_script:
        if regex.match(pattern, run):
            return romanise(run)
    return "".join(
        str(int(char)) if char.isdecimal() else char
        for char in unicodedata.normalize("NFKD", run)
        if not unicodedata.combining(char)
    )


@functools.cache
def _mandarin() -> dict[str, str]:
    lines = (Path(__file__).parent / "pinyin.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split(" ", 1) for line in lines if not line.startswith("#"))
    return {char: syllable for syllable, chars in rows for char in chars}


def _han(run: str, language: str) -> str:
    """Mandarin has one reading for most characters; Japanese has not, so its kanji are left out rather than misread."""
    if language != "zh-Hans":
        return " "
    return " " + " ".join(_mandarin().get(char, "") for char in run) + " "


def _hangul(run: str) -> str:
    letters = []
    for char in run:
        code = ord(char)
        if not _HANGUL_FIRST <= code <= _HANGUL_LAST:
            continue
        initial, rest = divmod(code - _HANGUL_FIRST, 588)
        vowel, final = divmod(rest, 28)
        letters.append(_HANGUL_INITIALS[initial] + _HANGUL_VOWELS[vowel] + _HANGUL_FINALS[final])
    return "".join(letters).replace("-", "")


def _devanagari(run: str) -> str:
    letters: list[str] = []
    chars = unicodedata.normalize("NFD", run)
    for index, char in enumerate(chars):
        following = chars[index + 1] if index + 1 < len(chars) else ""
        if char in _DEVANAGARI:
            base = _DEVANAGARI_DOTTED.get(char, _DEVANAGARI[char]) if following == "़" else _DEVANAGARI[char]
            after = chars[index + 2 : index + 3] if following == "़" else following
            # the inherent a is spoken inside a word, and lost at its end
            silent = after in _DEVANAGARI_SIGNS or after == "्" or (not after and index > 0)
            letters.append(base + ("" if silent else "a"))
        elif char.isdecimal():
            letters.append(str(int(char)))
        else:
            letters.append(_DEVANAGARI_VOWELS.get(char) or _DEVANAGARI_SIGNS.get(char) or ("n" if char in "ंँ" else ""))
    return "".join(letters)


def _arabic(run: str) -> str:
    return "".join(str(int(char)) if char.isdecimal() else _ARABIC.get(char, "") for char in run)


def _kana(run: str) -> str:
    letters: list[str] = []
    double = False
    for char in run:
        hira = chr(ord(char) - 0x60) if "ァ" <= char <= "ヶ" else char
        last = letters[-1] if letters else ""
        if hira == "っ":
            double = True
            continue
        if hira in _SMALL_Y and last.endswith("i"):
            letters[-1] = last[:-1] + ("" if last.endswith(("shi", "chi", "ji")) else "y") + _SMALL_Y[hira]
        elif hira in _SMALL_VOWELS and len(last) > 1:
            letters[-1] = last[:-1] + _SMALL_VOWELS[hira]
        elif hira in _KANA:
            sound = _KANA[hira]
            letters.append((sound[:1].replace("c", "t") if double and sound[:1] not in "aiueon" else "") + sound)
        double = False
    return "".join(letters)
