"""The values behind the placeholders, for as long as one answer takes; never stored, never logged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import regex

from app.core.ports import Message
from app.llm.redaction.accounts import cards, ibans
from app.llm.redaction.addresses import addresses
from app.llm.redaction.found import Found, digits_of, plain, without_overlaps
from app.llm.redaction.identities import identities
from app.llm.redaction.names import known_again, names
from app.llm.redaction.phones import phones

_DIGIT = regex.compile(r"\d", regex.ASCII)
_LONG_NUMBER = regex.compile(r"\d(?:[ ().+/-]{0,3}\d){5}", regex.ASCII)
"""Phones, cards and accounts have at least six digits, nearly in a row."""
_KINDS = ("LOGIN", "EMAIL", "IBAN", "CARD", "ID", "PHONE", "IP", "NAME")
_OPENING = "[［【"
_PLACEHOLDER = regex.compile(
    rf"\\?[{_OPENING}]\s{{0,2}}(?P<kind>{'|'.join(_KINDS)})(?:\\?[\s_-]){{0,2}}(?P<number>\d{{1,6}})\s{{0,2}}\\?[\]］】]",
    regex.IGNORECASE,
)
"""As it was written, and as models copy it: `[Email 1]`, `[EMAIL-1]`, with backslashes, in any script's digits."""
LONGEST = 24
"""Characters of the longest placeholder; an opener holds back no more."""


def find(text: str, *, language: str) -> list[Found]:
    """Return the personal data in a text, in order and without overlaps; its places are those of the text."""
    reading = plain(text)
    found = [*addresses(reading), *names(reading)]
    if _DIGIT.search(reading):
        has_long = _LONG_NUMBER.search(reading)
        found += [*ibans(reading), *cards(reading)] if has_long else []
        found += [*identities(reading), *(phones(reading, language) if has_long else ())]
    return without_overlaps(found, text)


def shield(
    messages: Sequence[Message], *, language: str, known: Iterable[str] = ()
) -> tuple[tuple[Message, ...], Vault]:
    """Return the messages with placeholders for personal data, and the vault that turns them back.

    The same value has the same placeholder in every message. `known` are names that a form gave as such.
    """
    vault = Vault(taken=(message.text for message in messages))
    found = [find(message.text, language=language) for message in messages]
    people = {one.key for each in found for one in each if one.kind == "NAME"} | {name.strip() for name in known}
    shielded = []
    for message, first in zip(messages, found, strict=True):
        again = known_again(plain(message.text), people)
        everything = without_overlaps([*first, *again], message.text)
        shielded.append(replace(message, text=vault.put(message.text, everything)))
    return tuple(shielded), vault


class Vault:
    """Values by placeholder. `taken` are texts whose own words may look like placeholders: those are not given out."""

    def __init__(self, *, taken: Iterable[str] = ()) -> None:
        self._values: dict[tuple[str, int], str] = {}
        self._places: dict[tuple[str, str], str] = {}
        self._spellings: dict[str, str] = {}
        self._last: Counter[str] = Counter()
        self._taken = {_identity(match) for text in taken for match in _PLACEHOLDER.finditer(text)}

    def __repr__(self) -> str:
        return f"Vault({dict(self.counts)})"  # never the values: a vault may end up in a log line

    @property
    def empty(self) -> bool:
        """Whether there was nothing to hide."""
        return not self._values

    @property
    def counts(self) -> Mapping[str, int]:
        """How many different values of each kind are hidden."""
        return Counter(kind for kind, _ in self._values)

    def put(self, text: str, found: Iterable[Found]) -> str:
        """Return the text with a placeholder in the place of each finding; they are in order and do not overlap."""
        pieces, at = [], 0
        for one in found:
            pieces += [text[at : one.start], self._place(one, text[one.start : one.end])]
            at = one.end
        return "".join([*pieces, text[at:]])

    def _place(self, found: Found, value: str) -> str:
        known = self._places.get((found.kind, found.key))
        if known is None:
            number = self._last[found.kind] + 1
            while (found.kind, number) in self._taken:
                number += 1
            self._last[found.kind] = number
            self._values[found.kind, number] = value
            known = self._places[found.kind, found.key] = f"[{found.kind}_{number}]"
        self._spellings[value] = known
        return known

    def hide(self, text: str) -> str:
        """Return the text with a placeholder for every value that this vault holds; no others are looked for."""
        if self.empty or not text:
            return text
        longest_first = sorted(self._spellings, key=len, reverse=True)
        pattern = regex.compile(
            rf"(?<![\p{{Latin}}\d])(?:{'|'.join(map(regex.escape, longest_first))})(?![\p{{Latin}}\d])"
        )
        return str(pattern.sub(lambda match: self._spellings[match.group()], text))

    def open(self, text: str) -> str:
        """Return the text with the values in their places; a placeholder that is not of this vault stays."""
        return str(_PLACEHOLDER.sub(lambda match: self._values.get(_identity(match), match.group()), text))

    def opener(self) -> Opener:
        """Return what opens a text that comes in pieces."""
        return Opener(self)


class Opener:
    """Puts values back into a stream: what may be the beginning of a placeholder waits for its end, no longer."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return what can be shown now that `piece` has come."""
        if self._vault.empty:
            return piece
        text = self._held + piece
        stop = _unfinished(text)
        self._held = text[stop:]
        ready = text[:stop]
        return self._vault.open(ready) if any(mark in ready for mark in _OPENING) else ready

    def end(self) -> str:
        """Return what was held back, at the end of the text."""
        rest, self._held = self._held, ""
        return self._vault.open(rest)


def _unfinished(text: str) -> int:
    """Return where a placeholder begins that the next piece may complete; the text's length where none does."""
    at = max(text.rfind(mark) for mark in _OPENING)
    if at >= 0 and len(text) - at < LONGEST:
        at -= at > 0 and text[at - 1] == "\\"
        match = _PLACEHOLDER.fullmatch(text, at, partial=True)
        if match is not None and match.partial:
            return at
    return len(text) - text.endswith("\\")  # it may be markdown's own, before the bracket


def _identity(match: regex.Match[str]) -> tuple[str, int]:
    return match["kind"].upper(), int(digits_of(plain(match["number"])))
