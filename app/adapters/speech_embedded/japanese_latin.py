"""Latin words that the dictionary does not know, as katakana: capitals are spelled, the rest is read like English."""

from __future__ import annotations

import unicodedata

import regex

_LETTERS = {
    "a": "エー", "b": "ビー", "c": "シー", "d": "ディー", "e": "イー", "f": "エフ", "g": "ジー", "h": "エイチ",
    "i": "アイ", "j": "ジェー", "k": "ケー", "l": "エル", "m": "エム", "n": "エヌ", "o": "オー", "p": "ピー",
    "q": "キュー", "r": "アール", "s": "エス", "t": "ティー", "u": "ユー", "v": "ブイ", "w": "ダブリュー",
    "x": "エックス", "y": "ワイ", "z": "ゼット",
}  # fmt: skip
_NOT_COMPOSED = str.maketrans(
    {"Ł": "L", "ł": "l", "Ø": "O", "ø": "o", "ß": "ss", "Æ": "Ae", "æ": "ae", "Œ": "Oe", "œ": "oe"}
)
_CASED = regex.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]")
_SPELLING = tuple(
    (regex.compile(pattern), sound)
    for pattern, sound in (
        (r"([bcdfghjklmnpqrstvwxz])\1", r"\1"), (r"tion\b", "shon"), (r"^wr|^r", "r"), (r"^kn", "n"), (r"ck", "k"),
        (r"ph", "f"), (r"th", "s"), (r"qu", "kw"), (r"x", "ks"), (r"wh", "w"), (r"tch|ch", "C"), (r"sh", "S"),
        (r"c(?=[eiy])", "s"), (r"c", "k"), (r"g(?=[ei])(?<=.g)", "j"), (r"q", "k"),
        (r"(?<=[^aeiou])a([bdfgkmnprstvz])e\b", r"ei\1"), (r"i([bdfgkmnprstvz])e\b", r"ai\1"),
        (r"o([bdfgklmnprstvz])e\b", r"o-\1"), (r"u([bdfgkmnprstvz])e\b", r"yu-\1"), (r"oa", "o-"), (r"o[uw]", "au"),
        (r"oo", "u-"), (r"ee|ea|ie", "i-"), (r"a[iy]|ey", "ei"), (r"[aeiou]r(?![aeiou])", "a-"),
        (r"(?<=[^aeiou-])y\b", "i-"), (r"(?<=[^aeiou-])y(?![aeiou])", "i"), (r"(?<=[a-zCS]{2})(?<![aeiou-])e\b", ""),
        (r"l", "r"),
    )
)  # fmt: skip
_ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ", "n": "ナニヌネノ",
    "h": "ハヒフヘホ", "b": "バビブベボ", "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
_WIDE_ROWS = {
    "t": "タ ティ トゥ テ ト", "d": "ダ ディ ドゥ デ ド", "S": "シャ シ シュ シェ ショ",
    "C": "チャ チ チュ チェ チョ", "j": "ジャ ジ ジュ ジェ ジョ", "f": "ファ フィ フ フェ フォ",
    "v": "ヴァ ヴィ ヴ ヴェ ヴォ", "w": "ワ ウィ ウ ウェ ウォ", "y": "ヤ イ ユ イェ ヨ",
}  # fmt: skip
_SYLLABLES = {
    consonant + vowel: kana
    for consonant, row in [*_ROWS.items(), *((key, row.split()) for key, row in _WIDE_ROWS.items())]
    for vowel, kana in zip("aiueo", row, strict=True)
}
_ALONE = {"t": "ト", "d": "ド", "C": "チ", "j": "ジ", "S": "シュ", "n": "ン", "y": "イ", "w": "ウ", "-": "ー"}


def pieces(word: str) -> list[str]:
    """Return the parts of a Latin word where its capitals change, without accents: `ChatGPT` is `Chat` and `GPT`."""
    plain = unicodedata.normalize("NFKD", word.translate(_NOT_COMPOSED))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    found: list[str] = _CASED.findall(plain)
    return found


def in_katakana(piece: str) -> str:
    """Return a part of a Latin word in katakana; what is in capitals or has no vowel is spelled."""
    if len(piece) == 1 or piece.isupper() or not regex.search(r"[aeiouy]", piece.lower()):
        return "".join(_LETTERS[letter] for letter in piece.lower())
    sounds = piece.lower()
    for pattern, sound in _SPELLING:
        sounds = pattern.sub(sound, sounds)
    said, at = "", 0
    while at < len(sounds):
        if kana := _SYLLABLES.get(sounds[at : at + 2]):
            said, at = said + kana, at + 2
            continue
        said += _SYLLABLES.get(sounds[at]) or _ALONE.get(sounds[at]) or _SYLLABLES[f"{sounds[at]}u"]
        at += 1
    return said
