"""Web addresses and mail addresses in running text."""

from __future__ import annotations

from typing import NamedTuple

import regex

# The suffixes that a bare name needs to be read as an address; README.md or e.g is none.
_SUFFIXES = (
    "com|org|net|edu|gov|mil|int|info|biz|name|pro|io|ai|app|dev|shop|store|online|site|tech|cloud|blog|news|media|agency|studio|"
    "design|live|world|global|group|company|example|test|co|me|tv|cc|ly|gg|fm|eu|us|uk|ca|au|nz|ie|in|za|sg|hk|"
    "fr|de|es|it|pt|br|mx|ar|cl|pe|be|nl|lu|ch|at|dk|se|no|fi|is|pl|cz|sk|hu|ro|bg|gr|tr|ru|ua|by|kz|il|ae|sa|qa|kw|eg|ma|"
    "dz|tn|jo|lb|jp|cn|kr|tw|th|vn|my|id|ph|pk|bd|lk|np"
)
# Han, kana and Hangul end an address: those scripts put no space after it.
_REST = r"[^\s<>\"“”«»\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]"
_URL = regex.compile(
    rf"https?://{_REST}+"
    rf"|(?<![a-z0-9_@.\-/])(?:[a-z0-9](?:[a-z0-9\-]{{0,62}})\.){{1,6}}(?:{_SUFFIXES})(?![a-z0-9_\-]|\.[a-z0-9])"
    rf"(?:[/?#]{_REST}*)?",
    regex.IGNORECASE,
)
_EMAIL = regex.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){1,8}", regex.IGNORECASE)
_TRAILING = ".,;:!?)]}'’*_`。、，！？）"
_BALANCED = {")": "(", "]": "["}


class Link(NamedTuple):
    """An address and where it stands, in code points."""

    start: int
    end: int
    text: str


def find_urls(text: str) -> list[Link]:
    """Return the web addresses of a text, in order, without the punctuation that follows them."""
    if "." not in text:
        return []
    links = []
    for match in _URL.finditer(text):
        address = _without_trailing(match.group())
        if address:
            links.append(Link(match.start(), match.start() + len(address), address))
    return links


def find_emails(text: str) -> list[Link]:
    """Return the mail addresses of a text, in order."""
    if "@" not in text:
        return []
    return [Link(match.start(), match.end(), match.group()) for match in _EMAIL.finditer(text)]


def _without_trailing(address: str) -> str:
    bare = address.rstrip(_TRAILING)
    closing = address[len(bare) : len(bare) + 1]
    opening = _BALANCED.get(closing)
    # https://en.wikipedia.org/wiki/Galley_(printing) keeps its bracket
    return bare + closing if opening and bare.count(opening) > bare.count(closing) else bare


def same_address(one: str, other: str) -> bool:
    """Whether two addresses lead to the same place: scheme, `www.`, case of the host and a last slash aside."""
    return address_key(one) == address_key(other)


def address_key(address: str) -> str:
    """Return the form by which addresses are compared."""
    bare: str = regex.sub(r"^https?://(www\.)?|^www\.", "", address.strip(), flags=regex.IGNORECASE).rstrip("/")
    host, slash, rest = bare.partition("/")
    return host.casefold() + slash + rest
