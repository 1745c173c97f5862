"""Where one text is written: the brief, the phrase bank of its language and the limits, and the choice among phrases.

The choice is deterministic: the same brief and variant give the same text, another variant begins with another phrase.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import regex

from app.adapters.models_embedded.bank import Bank, Phrase
from app.adapters.models_embedded.roles import ROLES
from app.adapters.models_embedded.sentences import TERMINATORS, cut_to, sentences, without_end
from app.content.checks.lexicons import function_words
from app.content.checks.units import measure
from app.content.folding import fold
from app.content.profiles import LocaleProfile, Register
from app.content.template import Limit, Template

_PASSAGE = regex.compile(r"^\[\d{1,3}\][ \t]*", regex.MULTILINE)
Item = TypeVar("Item")
Slots = Mapping[str, str]
NO_SLOTS: Slots = {}
_BLANK = regex.compile(r"[\s\p{Cc}]+")


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a recipe needs to write one variant of one template."""

    bank: Bank
    profile: LocaleProfile
    limits: Mapping[str, Limit]
    template: Template
    inputs: Mapping[str, object]
    register: Register = "informal"
    tone: str = "plain"
    variant: int = 0
    seed: bytes = b""
    glyphs: Mapping[str, str] = field(default_factory=dict)

    # --- the brief -------------------------------------------------------------------------------------------------

    def raw(self, name: str) -> str:
        """Return a field as it was typed, lines kept."""
        value = self.inputs.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return value
        if isinstance(value, list | tuple):
            return "\n".join(str(item) for item in value)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def text(self, name: str) -> str:
        """Return a field as one line without the mark at its end."""
        line = self.line(name)
        return without_end(line) or line

    def line(self, name: str) -> str:
        """Return a field as one line, its end mark kept."""
        return one_line(self.raw(name))

    def items(self, name: str) -> list[str]:
        """Return a list field as lines; one text counts as a list of its lines."""
        value = self.inputs.get(name)
        entries = value if isinstance(value, list | tuple) else self.raw(name).split("\n")
        return [line for line in (one_line(str(entry)) for entry in entries) if line]

    def number(self, name: str, default: float) -> float:
        """Return a number field, `default` where it is absent or not a finite number."""
        try:
            value = float(self.raw(name).strip() or default)
        except ValueError:
            return default
        return value if abs(value) < 1e9 else default

    def passages(self, name: str) -> list[str]:
        """Return the passages of a knowledge field, numbered from 1 in their order."""
        found = _PASSAGE.split(self.raw(name))
        return [passage.strip() for passage in found if passage.strip()]

    @property
    def stop_words(self) -> frozenset[str]:
        """Return the folded words of the language that carry grammar, not meaning."""
        return function_words(self.profile.code)

    def sentences(self, text: str) -> list[str]:
        """Return the sentences of a text in this language."""
        return sentences(text, abbreviations=self.bank.words["abbreviations"])

    # --- the phrases -----------------------------------------------------------------------------------------------

    def phrases(self, role: str, slots: Slots = NO_SLOTS, *, in_order: bool = False) -> list[str]:
        """Return the phrases of a role, filled, the most suitable first; those with an empty slot are left out."""
        place = self._place(role)
        known = {name: value for name, value in slots.items() if value or name in ROLES[place].always}
        usable = [phrase for phrase in self.bank.phrases[place] if phrase.slots <= known.keys()]
        if not in_order:
            usable = self._ranked(role, usable)
        return [self._filled(phrase, known) for phrase in usable]

    def say(self, role: str, slots: Slots = NO_SLOTS, *, fits: Callable[[str], bool] | None = None) -> str:
        """Return the first phrase of a role that fits; "" where none does."""
        for text in self.phrases(role, slots):
            if fits is None or fits(text):
                return text
        return ""

    def choose(self, key: str, entries: Sequence[Item]) -> list[Item]:
        """Return `entries` in the order of this brief and variant."""
        order = sorted(range(len(entries)), key=lambda index: self._lot(key, index))
        return self.turned([entries[index] for index in order])

    def turned(self, entries: Sequence[Item]) -> list[Item]:
        """Return `entries` in their own order, each variant beginning one further on."""
        start = self.variant % len(entries) if entries else 0
        return [*entries[start:], *entries[:start]]

    def fill(self, text: str, **slots: str) -> str:
        """Fill the slots of a text of the bank that stands outside the roles."""
        return text.format_map({**self.glyphs, **slots})

    def _place(self, role: str) -> str:
        return role if "." in role else f"{self.template.id}.{role}"

    def _ranked(self, role: str, phrases: Sequence[Phrase]) -> list[Phrase]:
        return sorted(
            self.choose(role, phrases),
            key=lambda phrase: 1 if not phrase.tones else 0 if self.tone in phrase.tones else 2,
        )

    def _lot(self, key: str, index: int) -> bytes:
        return hashlib.blake2b(f"{key}\x00{index}".encode(), key=self.seed[:64], digest_size=8).digest()

    def _filled(self, phrase: Phrase, slots: Mapping[str, str]) -> str:
        pattern = phrase.formal if self.register == "formal" else phrase.informal
        if self.bank.language == "en":
            pattern = _with_article(pattern, slots)
        fitted = {
            name: value if pattern.startswith("{" + name) or "{open}{" + name in pattern else self._inside(value)
            for name, value in slots.items()
        }
        filled = pattern.format_map({**self.glyphs, **fitted})
        return upper_first(filled) if pattern.startswith("{") else filled

    def _inside(self, value: str) -> str:
        """Return a slot's text as it stands inside a sentence: an article or pronoun loses its capital letter."""
        first, _, rest = value.partition(" ")
        if not rest or self.profile.code == "de" or first == "I" or fold(first) not in self.stop_words:
            return value
        return f"{first[:1].lower()}{first[1:]} {rest}" if first[1:] == first[1:].lower() else value

    def greeting(self, name: str) -> str:
        """Return the greeting of the language with a name."""
        address = self.profile.address
        pattern = address.greeting_formal if self.register == "formal" else address.greeting_informal
        return pattern.replace("{name}", name)

    def sign_off(self) -> str:
        """Return the closing words of a letter."""
        address = self.profile.address
        return address.closing_formal if self.register == "formal" else address.closing_informal

    # --- putting together ------------------------------------------------------------------------------------------

    def paragraph(self, *texts: str) -> str:
        """Join sentences; each gets an end mark where it has none."""
        return self.bank.marks["join"].join(self.sentence(text) for text in texts if text.strip())

    def sentence(self, text: str) -> str:
        """Return `text` with an end mark."""
        stripped = text.strip()
        last = stripped.rstrip("\"'“”‘’»«)）］」』】\u00a0\u202f ")[-1:]
        return stripped if not stripped or last in TERMINATORS + ":：" else stripped + self.bank.marks["stop"]

    def listed(self, entries: Iterable[str]) -> str:
        """Join entries with the list mark of the language."""
        return self.bank.marks["list"].join(entries)

    # --- limits ----------------------------------------------------------------------------------------------------

    def within(self, limit: str) -> Callable[[str], bool]:
        """Return the test whether a text keeps the maximum of a limit."""
        found = self.limits[limit]
        return lambda text: found.max is None or measure(text, found.unit) <= found.max

    def size(self, text: str, limit: str) -> float:
        """Return the size of a text in the unit of a limit."""
        return measure(text, self.limits[limit].unit)

    def cut(self, text: str, limit: str) -> str:
        """Return the longest beginning of `text` that keeps a limit, in whole clauses or words."""
        return self.cut_to(text, self.within(limit))

    def cut_to(self, text: str, fits: Callable[[str], bool]) -> str:
        """Return the longest beginning of `text` that `fits` accepts and that ends where a phrase ends."""
        return cut_to(text, fits, weak=self.stop_words)


def _with_article(pattern: str, slots: Mapping[str, str]) -> str:
    """English: `a {role}` becomes `an {role}` where the word begins with a vowel."""
    for name, value in slots.items():
        if value[:1].casefold() in ("a", "e", "i", "o", "u"):
            pattern = pattern.replace(" a {" + name, " an {" + name).replace("As a {" + name, "As an {" + name)
    return pattern


def one_line(text: str) -> str:
    """Return `text` with every run of blanks and control characters as one space."""
    return str(_BLANK.sub(" ", text)).strip()


def upper_first(text: str) -> str:
    """Return `text` with a capital first letter, where the script has capitals and the first word is lower case."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.islower() and len(text[:1].upper()) == 1 else text


def alike(earlier: str, later: str, *, most: float) -> bool:
    """Tell whether two lines are more alike than `most`, 0 to 1, as the check of distinct lines compares them."""
    matcher = difflib.SequenceMatcher(None, fold(earlier), fold(later), autojunk=False)
    return matcher.real_quick_ratio() > most and matcher.quick_ratio() > most and matcher.ratio() > most


def distinct(candidates: Iterable[str], *, most: int, similar: float, taken: Sequence[str] = ()) -> list[str]:
    """Return up to `most` candidates in order, none more alike than `similar` to another one or to `taken`."""
    kept: list[str] = []
    for candidate in candidates:
        if len(kept) >= most:
            break
        if candidate and not any(alike(other, candidate, most=similar) for other in (*taken, *kept)):
            kept.append(candidate)
    return kept
