"""Checks that a text is in its language: first by script, then, among six Latin ones, by their letters in company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import regex

from app.content.checks.kinds import Label, Scope, check
from app.content.checks.model import Finding, NotChecked
from app.content.checks.words import words
from app.content.folding import fold
from app.content.profiles import LANGUAGES

if TYPE_CHECKING:
    from app.content.checks.material import Material

_SCRIPTS = {
    "Latin": regex.compile(r"\p{Latin}"),
    "Arabic": regex.compile(r"\p{Arabic}"),
    "Devanagari": regex.compile(r"\p{Devanagari}"),
    "Kana": regex.compile(r"[\p{Hiragana}\p{Katakana}]"),
    "Han": regex.compile(r"\p{Han}"),
    "Hangul": regex.compile(r"\p{Hangul}"),
}
_OWN_SCRIPTS = {
    "Latin": ("Latin",), "Arabic": ("Arabic",), "Devanagari": ("Devanagari",), "Japanese": ("Han", "Kana"),
    "Han": ("Han",), "Hangul": ("Hangul", "Han"),
}  # fmt: skip
_LATIN = {"en": "en", "es": "es", "pt": "pt-BR", "fr": "fr", "de": "de", "it": "it"}
"""py3langid's codes to ours."""
_URDU_PERSIAN = regex.compile(r"[ٹڈڑےپچگژکیں]")
LONGEST_READ = 20_000
SAMPLE = 1_200
"""Characters that the identifier reads."""
FEWEST_LETTERS = 20
KANA_SHARE = 0.08
"""Of the Han and kana of a Japanese text at least this much is kana; headlines of Han alone are told by their forms."""
SURE = 0.8
"""Only where the identifier gives another language this probability is the text called foreign."""


@cache
def _identifier() -> Any:  # Any: py3langid has no types
    """Return the identifier restricted to our six Latin languages; imported here because it brings numpy (0.3 s)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_LATIN))
    return identifier


def letters_by_script(text: str) -> Counter[str]:
    """Count the letters of each script that we write; all others are `other`."""
    counts: Counter[str] = Counter()
    for char, times in Counter(text).items():  # a long text has few characters that differ
        if script := _script_of(char):
            counts[script] += times
    return counts


@lru_cache(maxsize=8192)
def _script_of(char: str) -> str:
    """Return the script of a letter, `other` for one that we do not write, "" for what is no letter."""
    if not char.isalpha():
        return ""
    return next((name for name, pattern in _SCRIPTS.items() if pattern.match(char)), "other")


@lru_cache(maxsize=4096)
def han_form(char: str) -> str:
    """Return whose form a Han character is: `simplified`, `japanese`, `traditional`, or "" where several share it.

    Told by which national character set has it: GB 2312, JIS X 0208 or Big5.
    """
    simplified, japanese, traditional = (_has(char, codec) for codec in ("gb2312", "shift_jis", "big5"))
    if simplified and not japanese and not traditional:
        return "simplified"
    if japanese and not simplified and not traditional:
        return "japanese"
    return "traditional" if traditional and not simplified else ""


def _has(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _han_language(text: str) -> str:
    forms = Counter(han_form(char) for char in _SCRIPTS["Han"].findall(text))
    if forms["simplified"]:
        return "zh-Hans"
    if forms["japanese"]:
        return "ja"
    return "zh-Hant" if forms["traditional"] > 2 else "ja or zh-Hans"


def identify(text: str) -> str | None:
    """Return the language of a text: one of ours, `zh-Hant`, `other`, `ja or zh-Hans`; None where it has no letters."""
    text = text[:LONGEST_READ]
    counts = letters_by_script(text)
    if not counts.total():
        return None
    east_asian = counts["Kana"] + counts["Han"]
    if counts["Hangul"] and counts["Hangul"] >= max(counts["Latin"], east_asian) * 0.5:
        return "ko"
    if east_asian and east_asian * 2 >= counts["Latin"]:
        return "ja" if counts["Kana"] >= KANA_SHARE * east_asian else _han_language(text)
    script = counts.most_common(1)[0][0]
    if script == "Arabic":
        return "other" if len(_URDU_PERSIAN.findall(text)) > counts["Arabic"] * 0.05 else "ar"
    if script == "Devanagari":
        return "hi"
    return _latin(text) if script == "Latin" else "other"


def _latin(text: str) -> str:
    code, _ = _identifier().classify(_sample(text))
    return _LATIN[str(code)]


def _sample(text: str) -> str:
    """Return enough of a text to tell its language: the beginning and the end, where half a translation shows."""
    return text if len(text) <= SAMPLE else f"{text[: SAMPLE // 2]}\n{text[-SAMPLE // 2 :]}"


def _doubt(text: str, wanted: str) -> bool:
    """Whether the identifier is not sure enough that the text is not in the wanted Latin language."""
    ranked = {_LATIN[str(code)]: float(chance) for code, chance in _identifier().rank(_sample(text))}
    return max(ranked.values()) < SURE or ranked.get(wanted, 0.0) > 1 - SURE


def warm_up() -> None:
    """Load the identifier now, so that the first text need not wait for it."""
    _identifier().classify("galley")


def _wanted(scope: Scope) -> str:
    field = scope.spec.text("field", "language")
    if field == "language":
        return scope.language
    return str(scope.input(field))


def _language_label(scope: Scope) -> Label:
    return Label("language_is", {"language": scope.context.profile.english_name, "code": scope.language})


@check("language_is", params=("field", "min_letters"), label=_language_label)
def language_is(scope: Scope) -> Iterator[Finding]:
    """The text is in its language; too few letters give no verdict."""
    wanted = _wanted(scope)
    text = scope.material.own_words if not scope.spec.at else scope.joined()
    counts = letters_by_script(text[:LONGEST_READ])
    letters = counts.total()
    least = int(scope.spec.number("min_letters") or FEWEST_LETTERS)
    # a Han or Hangul character says as much as two or three Latin letters
    dense = sum(counts[name] for name in ("Han", "Kana", "Hangul"))
    if letters + dense < least:
        raise NotChecked("too_short", letters=letters, min=least)
    found = identify(text)
    if found is None or found == wanted or (found == "ja or zh-Hans" and wanted in ("ja", "zh-Hans")):
        return
    if found in _LATIN.values() and wanted in _LATIN.values() and _doubt(text, wanted):
        return
    code = f"language.{found}" if found in LANGUAGES or found == "zh-Hant" else "language.other"
    yield scope.finding(scope.at(), code, wanted=scope.context.profile.english_name)


def _script_label(scope: Scope) -> Label:
    return Label(f"script_share.{scope.context.profile.script.lower()}", {})


@check("script_share", params=("min",), label=_script_label)
def script_share(scope: Scope) -> Iterator[Finding]:
    """Almost all letters are of the language's script; addresses, code and words of the brief aside."""
    own = _OWN_SCRIPTS[scope.context.profile.script]
    text = _without_borrowed(scope.material, own)
    counts = letters_by_script(text)
    total = counts.total()
    if total < FEWEST_LETTERS:
        raise NotChecked("too_short", letters=total, min=FEWEST_LETTERS)
    share = sum(counts[name] for name in own) / total
    least = scope.spec.number("min") or 0.9
    if share < least:
        yield scope.finding(".", "script.share", percent=round(share * 100), min=round(least * 100))


def _without_borrowed(material: Material, own: tuple[str, ...]) -> str:
    """Return the prose without words of another script that the brief has as well: names of products, abbreviations."""
    text = material.own_words
    pieces, position = [], 0
    for span in words(text):
        foreign = not any(_SCRIPTS[name].search(span.text) for name in own)
        if foreign and (fold(span.text) in material.brief_words or span.text.isupper()):
            pieces.append(text[position : span.start])
            position = span.end
    return "".join([*pieces, text[position:]])
