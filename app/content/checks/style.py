"""Checks of style: one form of address, and sentences that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

import regex

from app.content.checks.figures import number_of
from app.content.checks.kinds import Scope, check
from app.content.checks.lexicons import lexicon
from app.content.checks.messages import tidy, whole
from app.content.checks.model import Finding, NotChecked
from app.content.checks.words import sentences, without_markup, word_count, words
from app.content.markup import without_code

Register = Literal["formal", "informal"]
_VOWELS = regex.compile(r"[aeiouy]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}ー]")
FEWEST_WORDS = 40
"""A formula over fewer words says more about one word than about the text."""
LONG_WORD_LETTERS = 6
"""LIX: a long word has more letters than this (Bjornsson 1968)."""


class Mark(NamedTuple):
    """A word that shows how the reader is spoken to, and where it stands."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=32)
def _marks(language: str, register: Register) -> tuple[regex.Pattern[str] | None, regex.Pattern[str] | None]:
    """Return the pattern of words anywhere, and the one of sentence endings."""
    entry = lexicon("register").get(language, {}).get(register, {})
    parts = []
    for word in entry.get("words", ()):
        body = regex.escape(str(word).removesuffix("*")) + (r"[\p{L}\p{M}]*" if str(word).endswith("*") else "")
        parts.append(body if entry.get("inside_words") else rf"(?<![\p{{L}}\p{{M}}'’-]){body}(?![\p{{L}}\p{{M}}])")
    flags = 0 if entry.get("case_matters") else regex.IGNORECASE
    endings = "|".join(regex.escape(str(ending)) for ending in entry.get("endings", ()))
    return (
        regex.compile("|".join(parts), flags) if parts else None,
        regex.compile(rf"(?:{endings})(?=[\s.!?…。！？」』）)\"'”~]*$)") if endings else None,
    )


def register_marks(text: str, language: str, register: Register) -> list[Mark]:
    """Return the words and endings of a text that are of one register."""
    anywhere, endings = _marks(language, register)
    found: list[Mark] = []
    not_at_start = bool(lexicon("register").get(language, {}).get(register, {}).get("not_first"))
    for sentence in sentences(text):
        first = regex.match(r"[^\p{L}]*", sentence.text)
        opening = len(first[0]) if first else 0
        found += [
            Mark(sentence.start + match.start(), sentence.start + match.end(), match[0])
            for match in (anywhere.finditer(sentence.text) if anywhere else ())
            if not (not_at_start and match.start() <= opening)
        ]
        ending = endings.search(sentence.text[-40:]) if endings else None
        if ending:
            offset = sentence.start + max(0, len(sentence.text) - 40)
            found.append(Mark(offset + ending.start(), offset + ending.end(), ending[0]))
    return found


@check("register", params=("field",))
def register(scope: Scope) -> Iterator[Finding]:
    """The reader is spoken to in one way: never formally and informally in one text, and as was asked for."""
    if scope.language not in lexicon("register"):
        raise NotChecked("no_lexicon", language=scope.context.profile.english_name)
    wanted = _wanted_register(scope)
    texts = scope.material.prose if not scope.spec.at else scope.texts()
    formal = [(path, mark) for path, text in texts for mark in register_marks(text, scope.language, "formal")]
    informal = [(path, mark) for path, text in texts for mark in register_marks(text, scope.language, "informal")]
    if wanted == "formal":
        yield from (_wrong(scope, "register.informal", path, mark) for path, mark in informal)
    elif wanted == "informal":
        yield from (_wrong(scope, "register.formal", path, mark) for path, mark in formal)
    elif formal and informal:
        fewer, usual = (informal, formal) if len(informal) <= len(formal) else (formal, informal)
        for path, mark in fewer:
            yield scope.finding(
                path, "register.mixed", start=mark.start, end=mark.end, word=mark.text, other=usual[0][1].text
            )


def _wanted_register(scope: Scope) -> str:
    field = scope.spec.text("field")
    if field and field != "register":
        return str(scope.context.inputs.values.get(field) or "auto")
    return str(scope.context.inputs.values.get("register") or scope.context.inputs.register)


def _wrong(scope: Scope, code: str, path: str, mark: Mark) -> Finding:
    return scope.finding(path, code, start=mark.start, end=mark.end, word=mark.text)


def lix(text: str) -> float:
    """Return the readability index LIX: words a sentence plus the percentage of long words (Bjornsson 1968)."""
    tokens = words(text)
    long = sum(sum(char.isalpha() for char in token.text) > LONG_WORD_LETTERS for token in tokens)
    return len(tokens) / max(1, len(sentences(text))) + 100 * long / max(1, len(tokens))


def flesch(text: str) -> float:
    """Return Flesch's reading ease for English (Flesch 1948); syllables are counted by groups of vowels."""
    tokens = [token.text.lower() for token in words(text)]
    syllables = sum(_syllables(token) for token in tokens)
    return 206.835 - 1.015 * len(tokens) / max(1, len(sentences(text))) - 84.6 * syllables / max(1, len(tokens))


def _syllables(word: str) -> int:
    groups = len(_VOWELS.findall(word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def characters_a_sentence(text: str) -> float:
    """Return the mean length of a sentence in Han and kana characters; for languages without spaces between words."""
    return len(_UNSPACED.findall(text)) / max(1, len(sentences(text)))


@check("readability", params=("level", "grade_field", "tolerance", "max_grade_from_age"), severity="warn")
def readability(scope: Scope) -> Iterator[Finding]:
    """The text is as easy as was asked for: by LIX, English also by Flesch, Chinese and Japanese by sentence length."""
    text = "\n".join(without_markup(without_code(text)) for _, text in scope.texts())
    used = word_count(text)
    if used < FEWEST_WORDS:
        raise NotChecked("too_short_text", words=used)
    rules = lexicon("readability")
    if scope.spec.text("grade_field") or scope.spec.text("max_grade_from_age"):
        yield from _grade(scope, text, rules["lix_by_grade"])
        return
    most = rules[scope.spec.text("level", "plain")][scope.language]
    if scope.language in rules["by_sentence"]:
        length = characters_a_sentence(text)
        if length > most:
            yield scope.finding(scope.at(), "readability.sentences", length=round(length), max=most)
        return
    value = lix(text)
    if value > most and not (scope.language == "en" and flesch(text) >= rules["flesch_plain"]):
        yield scope.finding(scope.at(), "readability.lix", lix=round(value), max=most)


def _grade(scope: Scope, text: str, table: list[int]) -> Iterator[Finding]:
    if scope.language in lexicon("readability")["by_sentence"]:
        raise NotChecked("no_grade", language=scope.context.profile.english_name)
    grade = sum(lix(text) >= bound for bound in table)
    by_age = scope.spec.text("max_grade_from_age")
    wanted = number_of(scope.input(by_age or scope.spec.text("grade_field")), scope.language)
    if wanted is None:
        raise NotChecked("no_number", part=by_age or scope.spec.text("grade_field"))
    tolerance = scope.spec.number("tolerance") or 1
    highest = max(1, wanted - 5) if by_age else wanted + tolerance  # school begins at six
    if grade > highest:
        yield scope.finding(scope.at(), "readability.hard", grade=grade, max=whole(highest))
    elif not by_age and grade < wanted - tolerance:
        yield scope.finding(scope.at(), "readability.easy", grade=grade, wanted=tidy(wanted))
