"""Names of people, firms and places, as far as spelling shows them."""

from __future__ import annotations

import regex

from app.content.checks.words import sentences

_CASED = frozenset({"en", "es", "pt-BR", "fr", "it"})
_LINK = r"[ \u00a0](?:(?:de|da|do|dos|du|des|del|della|di|von|van|der|le|la|&)[ \u00a0])?"
_WORD = r"\p{Lu}[\p{L}\p{M}'’-]*"
_ONE_OR_MORE = regex.compile(rf"{_WORD}(?:{_LINK}{_WORD}){{0,5}}")
_TWO_OR_MORE = regex.compile(rf"{_WORD}(?:{_LINK}{_WORD}){{1,5}}")
_LATIN_RUN = regex.compile(r"\p{Latin}[\p{Latin}\p{N}.&'’-]*(?:[ ]\p{Latin}[\p{Latin}\p{N}.&'’-]*)*")
_KATAKANA = regex.compile(r"[\p{Katakana}ー・]{3,40}(?=さん|様|氏|社|株式会社)")
LONGEST_READ = 100_000


def names_in(text: str, language: str) -> list[str]:
    """Return the names of a text, each once, in order.

    Where only names are capitalised: capitalised words inside a sentence. In German, where nouns are too: two or more
    in a row inside a sentence. In other scripts: words in Latin letters, and katakana before a title.
    """
    text = text[:LONGEST_READ]
    found: dict[str, None] = {}
    if language in _CASED or language == "de":
        pattern = _ONE_OR_MORE if language in _CASED else _TWO_OR_MORE
        for sentence in sentences(text):
            opening = regex.match(r"[^\p{L}]*", sentence.text)
            skip = len(opening[0]) if opening else 0
            for match in pattern.finditer(sentence.text):
                name = match[0] if match.start() > skip else _without_first(match[0])
                if len(name) > 1:
                    found.setdefault(name.removesuffix("’s").removesuffix("'s"))
    else:
        for match in (*_LATIN_RUN.finditer(text), *_KATAKANA.finditer(text)):
            if len(match[0]) > 1:
                found.setdefault(match[0])
    return list(found)


def _without_first(name: str) -> str:
    """Return a name that opens a sentence without its first word, which may be capitalised for that reason alone."""
    rest = name.split(" ", 1)[1:]
    return rest[0] if rest and rest[0][:1].isupper() else ""
