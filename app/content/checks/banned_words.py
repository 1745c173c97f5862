"""Checks of words that must not be said: banned lists, a brand voice's own, names of living artists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import regex

from app.content.checks.kinds import Label, Scope, check
from app.content.checks.lexicons import lexicon
from app.content.checks.model import Finding, NotChecked
from app.content.folding import fold
from app.content.markup import without_code
from app.content.template import BannedList

SPACED = frozenset({"en", "es", "pt-BR", "fr", "de", "it", "ar", "hi", "ko"})
"""Languages whose words have spaces between them, so that a phrase must be whole words."""
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'"})


@lru_cache(maxsize=512)
def phrase_pattern(phrases: tuple[str, ...], *, whole_words: bool, suffixes: bool = False) -> regex.Pattern[str]:
    """Return a pattern for any of the phrases, without regard to case or to the width of spaces.

    `whole_words`: not inside a longer word; with `suffixes` (Korean) the phrase may go on into a particle or an ending.
    """
    parts = []
    for phrase in sorted(phrases, key=len, reverse=True):
        body = r"[\s\u00a0\u202f]+".join(regex.escape(word) for word in phrase.translate(_APOSTROPHES).split())
        before = r"(?<![\p{L}\p{M}\p{N}])" if whole_words and phrase[:1].isalnum() else ""
        after = r"(?![\p{L}\p{M}\p{N}])" if whole_words and not suffixes and phrase[-1:].isalnum() else ""
        parts.append(before + body + after)
    compiled: regex.Pattern[str] = regex.compile("|".join(parts), regex.IGNORECASE)
    return compiled


def find_phrases(text: str, phrases: Iterable[str], language: str) -> Iterator[tuple[int, int]]:
    """Yield where any of the phrases stands."""
    known = tuple(phrases)
    if known:
        compiled = phrase_pattern(known, whole_words=language in SPACED, suffixes=language == "ko")
        for match in compiled.finditer(text.translate(_APOSTROPHES)):
            yield match.span()


@lru_cache(maxsize=64)
def _any_of(patterns: tuple[str, ...]) -> regex.Pattern[str]:
    compiled: regex.Pattern[str] = regex.compile("|".join(f"(?:{pattern})" for pattern in patterns), regex.IGNORECASE)
    return compiled


def _banned_label(scope: Scope) -> Label:
    lists = scope.spec.texts("lists")
    known = ("placeholder", "ai_cliche", "superlative", "spam_subject", "blame_customer", "engagement_bait",
             "amazon_promo", "store_promo", "weasel_docs", "hedge_legal", "gendered_job", "fear_urgency")  # fmt: skip
    if len(lists) == 1 and lists[0] in known:
        return Label(f"banned.{lists[0]}", {})
    return Label("banned", {"lists": ", ".join(lists).replace("_", " ")})


@check("banned", params=("lists",), label=_banned_label)
def banned(scope: Scope) -> Iterator[Finding]:
    """No phrase of the lists, and nothing that their patterns find."""
    lists = [_list(scope, name) for name in scope.spec.texts("lists")]
    phrases = tuple(phrase for entry in lists for phrase in entry.in_language(scope.language))
    patterns = tuple(pattern for entry in lists for pattern in entry.regex)
    if not phrases and not patterns:
        raise NotChecked("no_list", language=scope.context.profile.english_name)
    for path, text in scope.texts():
        plain = without_code(text)
        spans = set(find_phrases(plain, phrases, scope.language))
        if patterns:
            spans |= {match.span() for match in _any_of(patterns).finditer(plain, timeout=1.0)}
        for start, end in sorted(spans):
            yield scope.finding(path, "banned.phrase", start=start, end=end, phrase=text[start:end][:60])


def _list(scope: Scope, name: str) -> BannedList:
    if name not in scope.context.banned:
        raise NotChecked("no_list", language=name)
    return scope.context.banned[name]


@check("brand_terms")
def brand_terms(scope: Scope) -> Iterator[Finding]:
    """No word that the brand voice bans, and its own word where it has one."""
    brand = scope.context.brand
    if brand is None or not (brand.banned or brand.preferred):
        raise NotChecked("no_brand_voice")
    preferred = {fold(wrong): right for wrong, right in brand.preferred.items()}
    for path, text in scope.texts():
        plain = without_code(text)
        for start, end in find_phrases(plain, brand.banned, scope.language):
            yield scope.finding(path, "brand.banned", start=start, end=end, word=text[start:end])
        for start, end in find_phrases(plain, brand.preferred, scope.language):
            right = preferred.get(fold(text[start:end]), "")
            if text[start:end] != right:
                yield scope.finding(
                    path, "brand.preferred", start=start, end=end, word=text[start:end], right=right,
                    suggestion=text[:start] + right + text[end:],
                )  # fmt: skip


_STYLE_OF = regex.compile(
    r"(?i:in the style of|style of|inspired by|by artist|im stil von|nach art von|dans le style de|à la manière de|"
    r"al estilo de|no estilo de|nello stile di|alla maniera di|بأسلوب|की शैली में|スタイルで|风格)\s+"
    r"(\p{Lu}[\p{L}'’.-]+(?:\s+(?:van|von|de|da|di|del))?\s+\p{Lu}[\p{L}'’-]+)"
)


@check("no_living_artist_names")
def no_living_artist_names(scope: Scope) -> Iterator[Finding]:
    """No name of a living artist, and no `in the style of` somebody: their style is theirs to give."""
    artists = tuple(str(name) for name in lexicon("artists")["living"])
    gone = {fold(str(name)) for name in lexicon("artists")["long_dead"]}
    for path, text in scope.texts():
        spans = {span: text[slice(*span)] for span in find_phrases(text, artists, "en")}
        for match in _STYLE_OF.finditer(text):
            if fold(match[1]) not in gone and match.span(1) not in spans:
                spans[match.span(1)] = match[1]
        for (start, end), name in sorted(spans.items()):
            yield scope.finding(path, "artist.named", start=start, end=end, name=name[:60])
