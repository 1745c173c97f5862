"""How long a text is, in the unit that a platform counts in. Counts are of the NFC form."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

import regex

from app.content.checks.links import find_urls
from app.content.checks.words import word_count
from app.core.text import graphemes as graphemes

X_URL_WEIGHT = 23  # docs.x.com/resources/fundamentals/counting-characters
_EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3")
_GRAPHEME = regex.compile(r"\X")
# twitter-text v3, weightedRanges: these count 1, everything else 2
_X_LIGHT = regex.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_WIDE = frozenset("WF")
# 3GPP TS 23.038, 6.2.1 and 6.2.1.1
_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
_GSM_LOOKALIKES = str.maketrans(
    {"’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "‑": "-",
     "•": "-", "…": "...", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ",
     "\u200b": "", "\u200e": "", "\u200f": ""}
)  # fmt: skip


class Sms(NamedTuple):
    """How a text message is sent: `used` in septets (gsm7) or UTF-16 units (ucs2)."""

    encoding: Literal["gsm7", "ucs2"]
    used: int
    segments: int
    single: int
    """what fits one segment, in the same unit"""


def nfc(text: str) -> str:
    """Return the text in NFC, the form platforms count."""
    return unicodedata.normalize("NFC", text)


def chars(text: str) -> int:
    """Count code points."""
    return len(nfc(text))


def utf16(text: str) -> int:
    """Count UTF-16 code units."""
    text = nfc(text)
    return len(text) + sum(char > "\uffff" for char in text)


def utf8_bytes(text: str) -> int:
    """Count UTF-8 bytes."""
    return len(nfc(text).encode("utf-8", "surrogatepass"))


def cjk2(text: str) -> int:
    """Count code points, East Asian wide and full-width ones twice (Google and TikTok ads)."""
    text = nfc(text)
    return len(text) + (0 if text.isascii() else sum(unicodedata.east_asian_width(char) in _WIDE for char in text))


def x_weighted(text: str) -> int:
    """Count as X does: a URL is 23, an emoji 2, Latin and most scripts 1, CJK 2."""
    text = nfc(text)
    total, rest = 0, []
    position = 0
    for url in find_urls(text):
        total += X_URL_WEIGHT
        rest.append(text[position : url.start])
        position = url.end
    rest.append(text[position:])
    for piece in rest:
        total += len(piece) if piece.isascii() else sum(_x_weight(cluster) for cluster in _GRAPHEME.findall(piece))
    return total


def _x_weight(cluster: str) -> int:
    if _EMOJI.search(cluster) and not cluster.isascii():
        return 2
    return sum(1 if _X_LIGHT.match(char) else 2 for char in cluster)


def threads(text: str) -> int:
    """Count code points, an emoji as its UTF-8 bytes (Threads)."""
    text = nfc(text)
    if text.isascii():
        return len(text)
    return sum(len(part.encode("utf-8", "surrogatepass")) if _EMOJI.search(part) else len(part)
               for part in _GRAPHEME.findall(text))  # fmt: skip


def sms(text: str) -> Sms:
    """Return encoding, length and segments of a text message: 160 then 153 septets, or 70 then 67 UTF-16 units."""
    if all(char in _GSM_BASIC or char in _GSM_EXTENDED for char in text):
        used = len(text) + sum(char in _GSM_EXTENDED for char in text)
        return Sms("gsm7", used, 1 if used <= 160 else math.ceil(used / 153), 160)
    used = utf16(text)
    return Sms("ucs2", used, 1 if used <= 70 else math.ceil(used / 67), 70)


def gsm_plain(text: str) -> str:
    """Return the text with look-alikes in place of what GSM-7 lacks: straight quotes, hyphens, three dots."""
    return nfc(text).translate(_GSM_LOOKALIKES)


def not_in_gsm(text: str) -> str:
    """Return the first character that GSM-7 lacks; empty where there is none."""
    return next((char for char in text if char not in _GSM_BASIC and char not in _GSM_EXTENDED), "")


def emojis(text: str) -> list[str]:
    """Return the emoji of a text, each as one cluster; signs like © and ™ that are not drawn as emoji are left out."""
    if text.isascii():
        return []
    found = (cluster for cluster in _GRAPHEME.findall(text) if _EMOJI.search(cluster))
    return [cluster for cluster in found if cluster not in "©®™‼⁉↔↕↖↗↘↙✓✔✕✖★☆♥" or "\ufe0f" in cluster]


def joined(items: list[str]) -> int:
    """Count a tag list as YouTube does: commas between, two quotes around a tag with a space."""
    return sum(chars(item) + 2 * (" " in item) for item in items) + max(0, len(items) - 1)


def longest_line(text: str) -> int:
    """Count the characters of the longest line of a subtitle cue."""
    return max((graphemes(line) for line in text.splitlines()), default=0)


@lru_cache(maxsize=1)
def _widths() -> tuple[dict[str, int], int]:
    table = json.loads((Path(__file__).parent / "data" / "arial_widths.json").read_text("utf-8"))
    widths = {char: int(width) for width, run in table["widths"].items() for char in run}
    return widths, int(table["units_per_em"])


def pixels(text: str, *, size_px: int) -> int:
    """Return the width in Arial at `size_px`, rounded up; exact for Latin, Greek and Cyrillic, an average elsewhere."""
    widths, em = _widths()
    total = sum(widths.get(char) or _fallback_width(char, em) for char in nfc(text))
    return math.ceil(total * size_px / em)


def _fallback_width(char: str, em: int) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    if unicodedata.east_asian_width(char) in _WIDE:
        return em
    return em * 45 // 100 if "\u0600" <= char <= "\u06ff" else em * 58 // 100


def measure(text: str, unit: str) -> int:
    """Return the length of `text` in a unit of the catalogue.

    Raises:
        KeyError: the unit does not measure one text (seconds, count, px…).
    """
    return _MEASURES[unit](text)


_MEASURES: dict[str, Callable[[str], int]] = {
    "chars": chars, "graphemes": graphemes, "utf16": utf16, "bytes": utf8_bytes, "cjk2": cjk2, "x_weighted": x_weighted,
    "threads": threads, "gsm7": lambda text: sms(text).used, "ucs2": utf16, "words": word_count, "cpl": longest_line,
    "px_arial20": lambda text: pixels(text, size_px=20), "px_arial14": lambda text: pixels(text, size_px=14),
}  # fmt: skip


def measures(unit: str) -> bool:
    """Whether the unit measures one text."""
    return unit in _MEASURES


def cut(text: str, unit: str, limit: float) -> str:
    """Return the longest beginning that ends with a full word within the limit; empty where not even one word fits."""
    low, high = 0, min(len(text), int(limit) * 4 + 1000)  # no unit counts less than a quarter for a character
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle], unit) <= limit else (low, middle - 1)
    if low == len(text):
        return text
    kept = text[:low]
    if low and not text[low].isspace() and _joins(kept[-1]) and _joins(text[low]):
        kept = kept[: max(kept.rfind(" "), kept.rfind("\n"), kept.rfind("\u00a0")) + 1]
    return kept.rstrip(" \t\n\u00a0\u202f,;:–—-、，،")


def _joins(char: str) -> bool:
    """Whether two such characters in a row belong to one word; Han, kana and Thai break anywhere."""
    return char.isalnum() and not "\u3040" <= char <= "\u30ff" and not "\u3400" <= char <= "\u9fff"
