"""Forms of one word: light stems by language, enough to find `chairs` in `chair` and never meant for more."""

from __future__ import annotations

from functools import lru_cache

from app.content.folding import fold as fold

_SUFFIXES: dict[str, tuple[str, ...]] = {
    "en": ("'s", "ings", "ing", "ies", "ied", "es", "ed", "s", "e", "y"),
    "es": ("aciones", "acion", "mente", "os", "as", "es", "an", "en", "o", "a", "e", "s"),
    "pt-BR": ("acoes", "acao", "mente", "os", "as", "es", "am", "em", "o", "a", "e", "s"),
    "fr": ("ations", "ation", "ement", "ees", "ee", "es", "ent", "er", "ez", "s", "e", "x"),
    "de": ("ungen", "ung", "en", "er", "em", "es", "e", "n", "s", "st", "t"),
    "it": ("azioni", "azione", "mente", "i", "a", "e", "o"),
    "hi": ("ियाँ", "ियों", "ाओं", "ाएँ", "ों", "ें", "ीं", "ाँ", "ा", "ि", "ी", "ु", "ू", "े", "ै", "ो", "ौ", "ं", "ँ"),
    "ar": ("اتها", "ات", "ون", "ين", "ان", "ها", "هم", "كم", "نا", "يه", "ه", "ي", "ا"),
    "ko": ("에서는", "으로", "에서", "까지", "부터", "에게", "이나", "입니다",
           "은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "만"),
}  # fmt: skip
_ARABIC_ARTICLES = ("وبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال")
_ARABIC_CLITICS = "وفبكل"
_LEAST: dict[str, int] = {"ko": 2, "ar": 3, "hi": 2}
LEAST_STEM = 3


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """Return the stem of a folded word."""
    least = _LEAST.get(language, LEAST_STEM)
    if language == "ar":
        article = next((a for a in _ARABIC_ARTICLES if word.startswith(a) and len(word) - len(a) >= least), "")
        word = word[len(article) :]
    for suffix in _SUFFIXES.get(language, ()):
        if word.endswith(suffix) and len(word) - len(suffix) >= least:
            return word[: -len(suffix)]
    return word


def stems(word: str, language: str) -> tuple[str, ...]:
    """Return every stem that a folded word of a text can have: in Arabic a first و or ب may be a word of its own."""
    root = stem(word, language)
    if language != "ar" or word[:1] not in _ARABIC_CLITICS or len(word) <= LEAST_STEM:
        return (root,)
    return root, stem(word[1:], language)


def same_word(one: str, other: str) -> bool:
    """Whether two stems belong to one word: equal, or one begins the other and little more is added."""
    if one == other:
        return True
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return len(short) >= 4 and len(long) - len(short) <= 4 and long.startswith(short)
