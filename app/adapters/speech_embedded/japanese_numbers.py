"""Japanese numbers as kana: sounds change inside a number, and where it meets what it counts."""

from __future__ import annotations

import unicodedata

import regex

_DIGITS = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ")
_KANJI_DIGITS = {sign: value for value, sign in enumerate("〇一二三四五六七八九")} | {"零": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "億": 10**8, "兆": 10**12}
_MYRIAD_NAMES = ("", "マン", "オク", "チョウ")
_HUNDREDS = {1: "ヒャク", 3: "サンビャク", 6: "ロッピャク", 8: "ハッピャク"}
_THOUSANDS = {1: "セン", 3: "サンゼン", 8: "ハッセン"}
_PART = regex.compile(r"\d+|\D")
MOST_DIGITS = 16
"""Longer ones are said digit by digit."""

_DAYS = {
    2: "フツカ", 3: "ミッカ", 4: "ヨッカ", 5: "イツカ", 6: "ムイカ", 7: "ナノカ", 8: "ヨウカ", 9: "ココノカ",
    10: "トオカ", 14: "ジュウヨッカ", 20: "ハツカ", 24: "ニジュウヨッカ",
}  # fmt: skip
_WHOLE: dict[str, dict[int, str]] = {
    "日": _DAYS,
    "日間": {day: f"{said}カン" for day, said in _DAYS.items()},
    "つ": {
        1: "ヒトツ", 2: "フタツ", 3: "ミッツ", 4: "ヨッツ", 5: "イツツ", 6: "ムッツ", 7: "ナナツ", 8: "ヤッツ",
        9: "ココノツ",
    },
    "人": {1: "ヒトリ", 2: "フタリ"},
    "歳": {20: "ハタチ"},
    "時": {0: "レイジ"},
}  # fmt: skip
"""What is said for a number and its counter together."""
_LAST_DIGIT: dict[str, dict[int, str]] = {
    "月": {4: "シ", 7: "シチ", 9: "ク"},
    "時": {4: "ヨ", 7: "シチ", 9: "ク"},
    "時間": {4: "ヨ", 7: "シチ", 9: "ク"},
    "年": {4: "ヨ"}, "年間": {4: "ヨ"}, "円": {4: "ヨ"}, "人": {4: "ヨ"},
}  # fmt: skip
"""What becomes of a number's last digit before a counter."""
COUNTERS = {
    "日": "ニチ", "日間": "ニチカン", "つ": "ツ", "人": "ニン", "月": "ガツ", "時": "ジ", "時間": "ジカン",
    "年": "ネン", "年間": "ネンカン", "円": "エン", "本": "ホン", "分": "フン", "分間": "フンカン", "匹": "ヒキ",
    "杯": "ハイ", "泊": "ハク", "回": "カイ", "階": "カイ", "個": "コ", "箇所": "カショ", "か所": "カショ",
    "ヶ所": "カショ", "か月": "カゲツ", "カ月": "カゲツ", "ヶ月": "カゲツ", "か国": "カコク", "カ国": "カコク",
    "件": "ケン", "巻": "カン", "曲": "キョク", "歳": "サイ", "才": "サイ", "冊": "サツ", "社": "シャ",
    "週": "シュウ", "週間": "シュウカン", "種類": "シュルイ", "世紀": "セイキ", "足": "ソク", "点": "テン",
    "頭": "トウ", "通": "ツウ", "着": "チャク", "通り": "トオリ", "秒": "ビョウ", "秒間": "ビョウカン", "枚": "マイ",
    "台": "ダイ", "番": "バン", "倍": "バイ", "名": "メイ", "度": "ド", "位": "イ", "割": "ワリ",
}  # fmt: skip
"""What is counted, and its reading where nothing changes."""
_SOFTER = str.maketrans("ハヒフヘホ", "パピプペポ")
_VOICED = str.maketrans("ハヒフヘホ", "バビブベボ")
_SHORT = {
    "イチ": "イッ",
    "ロク": "ロッ",
    "ハチ": "ハッ",
    "ジュウ": "ジュッ",
    "ヒャク": "ヒャッ",
    "ビャク": "ビャッ",
    "ピャク": "ピャッ",
}


def number_of(written: str) -> tuple[int, str] | None:
    """Return a number's whole part and its decimals as digits; None where it is no number, or one to be spelled.

    In digits of any width with commas, in kanji, or both: `1,980`, `3万5千`, `二千二十六`, `二〇二六`, `3.5`.
    """
    plain = unicodedata.normalize("NFKC", written).replace(",", "")
    whole, _, decimals = plain.partition(".")
    if whole and all(sign in _KANJI_DIGITS for sign in whole):
        whole = "".join(str(_KANJI_DIGITS[sign]) for sign in whole)
    if (len(whole) > 1 and whole.startswith("0")) or len(whole) > MOST_DIGITS or not (decimals or "0").isdecimal():
        return None
    total = group = digits = 0
    for part in _PART.findall(whole):
        if part.isdecimal():
            digits = int(part)
        elif part in _KANJI_DIGITS:
            digits = _KANJI_DIGITS[part]
        elif part in _TENS:
            group, digits = group + (digits or 1) * _TENS[part], 0
        elif part in _MYRIADS:
            total, group, digits = total + (group + digits or 1) * _MYRIADS[part], 0, 0
        else:
            return None
    return (found, decimals) if whole and (found := total + group + digits) < 10**MOST_DIGITS else None


def spelled(written: str) -> str:
    """Return a number's digits one by one, as in a telephone number."""
    plain = unicodedata.normalize("NFKC", written)
    return "".join(_DIGITS[int(sign)] for sign in plain if sign.isdecimal())


def said(value: int, decimals: str = "") -> str:
    """Return a number in katakana."""
    groups = []
    rest, myriad = value, 0
    while rest:
        rest, group = divmod(rest, 10_000)
        if group:
            groups.append(_myriad(group, myriad))
        myriad += 1
    whole = "".join(reversed(groups)) or _DIGITS[0]
    return f"{whole}テン{spelled(decimals)}" if decimals else whole


def counted(value: int, counter: str, *, in_month: bool = False) -> str:
    """Return a number with what it counts, a key of COUNTERS. `in_month`: a day of one, whose first has a name."""
    if counter == "日" and value == 1 and in_month:
        return "ツイタチ"
    if whole := _WHOLE.get(counter, {}).get(value):
        return whole
    number, unit, last = said(value), COUNTERS[counter], value % 10
    if changed := _LAST_DIGIT.get(counter, {}).get(last):
        return number.removesuffix(_DIGITS[last]) + changed + unit
    first = unit[0]
    if first in "ハヒフホ" and number.endswith("サン"):
        return number + _led(unit, _SOFTER if counter in ("分", "分間", "泊") else _VOICED)
    if counter == "階" and number.endswith("サン"):
        return number + "ガイ"
    for long, short in _SHORT.items():
        if number.endswith(long) and _is_shortened(long, first):
            return number.removesuffix(long) + short + _led(unit, _SOFTER)
    if counter in ("分", "分間") and last == 4:
        return number + _led(unit, _SOFTER)
    return number + unit


def _led(unit: str, table: dict[int, int]) -> str:
    return unit[0].translate(table) + unit[1:]


def _is_shortened(ending: str, first: str) -> bool:
    """Whether a number's end gives way to a counter's first sound; six and hundred do to fewer than one, eight, ten."""
    if ending in ("ロク", "ヒャク", "ビャク", "ピャク"):
        return first in "カキコケハヒフホ"
    return first in "カキコケサシセソタチツテトハヒフホ"


def _myriad(group: int, myriad: int) -> str:
    thousands, hundreds, tens, ones = (group // 1000, group // 100 % 10, group // 10 % 10, group % 10)
    name = _MYRIAD_NAMES[myriad]
    parts = [
        ("イッセン" if thousands == 1 and myriad else _THOUSANDS.get(thousands, f"{_DIGITS[thousands]}セン"))
        if thousands
        else "",
        _HUNDREDS.get(hundreds, f"{_DIGITS[hundreds]}ヒャク") if hundreds else "",
        ("" if tens == 1 else _DIGITS[tens]) + "ジュウ" if tens else "",
        _DIGITS[ones] if ones else "",
    ]
    text = "".join(parts)
    if name == "チョウ":
        for long in ("イチ", "ハチ", "ジュウ"):
            if text.endswith(long):
                text = text.removesuffix(long) + _SHORT[long]
                break
    return text + name
