"""Reads one phrase bank and refuses whatever differs from the table of roles: translators work in these files."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from app.adapters.models_embedded.bank import Bank, BankError, Phrase, QuizItem, Topic
from app.adapters.models_embedded.roles import (
    GLYPHS,
    MARKS,
    QUIZ_ITEMS_MIN,
    QUIZ_WRONG,
    RISKS,
    ROLES,
    TOPICS,
    WORD_LISTS,
    Role,
)

_TONES = frozenset({"plain", "friendly", "formal", "bold", "warm"})
_QUESTION_MARKS = "?？؟"
_FORBIDDEN = {
    **dict.fromkeys("!！¡", "an exclamation mark"),
    **dict.fromkeys('"“”„«»「」『』《》', "a quotation mark: use {open}, {close}"),
}


def wide_size(text: str) -> int:
    """Return the size of a text in cjk2: East Asian wide and full-width signs count two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


@dataclass(frozen=True, slots=True)
class BankReader:
    """Reads one file; every refusal names it."""

    file: str

    def fail(self, place: str, reason: str) -> BankError:
        return BankError(f"{self.file}: {place}: {reason}")

    def bank(self, raw: object, *, language: str) -> Bank:
        """Return the bank that the parsed file `raw` describes.

        Raises:
            BankError: it differs from the table of roles.
        """
        data = self.mapping(raw, "the file")
        families = {role.split(".")[0] for role in ROLES}
        known = {"language", "marks", "words", "contract-summary", *families}
        self.same_keys(data, known, "the file")
        phrases: dict[str, tuple[Phrase, ...]] = {}
        for family in sorted(families):
            entries = dict(self.mapping(data[family], family))
            if family == "quiz-multiple-choice":
                entries.pop("items", None)
            self.same_keys(entries, {role.split(".")[1] for role in ROLES if role.startswith(f"{family}.")}, family)
            for name, value in entries.items():
                place = f"{family}.{name}"
                phrases[place] = self.role(value, place, ROLES[place])
        if data["language"] != language:
            raise self.fail("language", f"must be {language}, the name of the file")
        marks = self.mapping(data["marks"], "marks")
        self.same_keys(marks, set(MARKS), "marks")
        words = self.mapping(data["words"], "words")
        self.same_keys(words, set(WORD_LISTS), "words")
        quiz = self.mapping(data["quiz-multiple-choice"], "quiz-multiple-choice").get("items")
        return Bank(
            language=language,
            marks={name: self.text(value, f"marks.{name}", may_be_empty=True) for name, value in marks.items()},
            words={name: self.texts(value, f"words.{name}") for name, value in words.items()},
            phrases=phrases,
            topics=self.topics(data["contract-summary"]),
            quiz=self.quiz(quiz),
        )

    def mapping(self, value: object, place: str) -> Mapping[str, object]:
        if not isinstance(value, dict):
            raise self.fail(place, "expected `key: value` lines")
        return value

    def same_keys(self, found: Mapping[str, object], wanted: set[str], place: str) -> None:
        if missing := sorted(wanted - set(found)):
            raise self.fail(place, f"missing {', '.join(missing)}")
        if unknown := sorted(str(key) for key in set(found) - wanted):
            raise self.fail(place, f"unknown {', '.join(unknown)}")

    def text(self, value: object, place: str, *, may_be_empty: bool = False) -> str:
        if not isinstance(value, str) or not (value or may_be_empty):
            raise self.fail(place, f"expected text, found {value!r} (put it in double quotes)")
        return unicodedata.normalize("NFC", value)

    def texts(self, value: object, place: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self.fail(place, "expected a list")
        return tuple(self.text(item, f"{place}[{index}]") for index, item in enumerate(value))

    def role(self, value: object, place: str, role: Role) -> tuple[Phrase, ...]:
        if not isinstance(value, list):
            raise self.fail(place, "expected a list of phrases")
        phrases = tuple(self.phrase(entry, f"{place}[{index}]", role) for index, entry in enumerate(value))
        enough = sum(1 for phrase in phrases if phrase.slots <= set(role.always))
        if enough < role.at_least:
            slots = f" with no other slot than {', '.join(role.always) or 'none'}" if role.may else ""
            raise self.fail(place, f"needs at least {role.at_least} phrases{slots}, has {enough}")
        return phrases

    def phrase(self, entry: object, place: str, role: Role) -> Phrase:
        if not isinstance(entry, dict):
            text = self.text(entry, place)
            return Phrase(text, text, self.checked(text, place, role))
        if set(entry) - {"text", "tone", "formal", "informal"} or ("text" in entry) == ("formal" in entry):
            raise self.fail(place, "expected a phrase, {text, tone} or {formal, informal}")
        tones = frozenset(self.texts(entry.get("tone", []), f"{place}.tone"))
        if tones - _TONES:
            raise self.fail(place, f"unknown tone {', '.join(sorted(tones - _TONES))}")
        formal = self.text(entry.get("formal", entry.get("text")), place)
        informal = self.text(entry.get("informal", formal), place)
        return Phrase(formal, informal, self.checked(formal, place, role) | self.checked(informal, place, role), tones)

    def checked(self, text: str, place: str, role: Role) -> frozenset[str]:
        """Return the slots of a phrase that keeps the rules of all phrases."""
        slots = self.slots(text, place, {*role.always, *role.may})
        bare = text
        for slot in (*slots, *GLYPHS):
            bare = bare.replace("{" + slot + "}", "")
        size = wide_size(bare) if role.unit == "cjk2" else len(bare)
        if size > role.max_size:
            raise self.fail(place, f"is {size} long without its slots, limit {role.max_size} ({role.unit})")
        if found := [char for char in bare if char in _FORBIDDEN]:
            raise self.fail(place, f"{found[0]} is {_FORBIDDEN[found[0]]}")
        if any(char.isdigit() for char in bare):
            raise self.fail(place, "has a digit; figures come from the brief only")
        if role.is_question and sum(bare.count(mark) for mark in _QUESTION_MARKS) != 1:
            raise self.fail(place, "needs exactly one question mark")
        return frozenset(slots)

    def slots(self, text: str, place: str, allowed: set[str]) -> set[str]:
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        except ValueError as error:
            raise self.fail(place, f"braces: {error}") from None
        if unknown := sorted(names - allowed - set(GLYPHS)):
            raise self.fail(place, f"unknown slot {{{unknown[0]}}}; allowed: {', '.join(sorted(allowed)) or 'none'}")
        return names - set(GLYPHS)

    def topics(self, raw: object) -> tuple[Topic, ...]:
        family = self.mapping(raw, "contract-summary")
        self.same_keys(family, {"topics"}, "contract-summary")
        entries = self.mapping(family["topics"], "contract-summary.topics")
        self.same_keys(entries, set(TOPICS), "contract-summary.topics")
        return tuple(self.topic(name, entries[name]) for name in TOPICS)

    def topic(self, name: str, raw: object) -> Topic:
        place = f"contract-summary.topics.{name}"
        entry = self.mapping(raw, place)
        self.same_keys(entry, {"label", "risk", "words", "plain"}, place)
        risk = entry["risk"]
        if risk not in RISKS:
            raise self.fail(place, f"risk is one of {', '.join(RISKS)}")
        plain = self.role(entry["plain"], f"{place}.plain", Role())
        words = self.texts(entry["words"], f"{place}.words")
        return Topic(
            name=name,
            label=self.text(entry["label"], f"{place}.label"),
            risk="high" if risk == "high" else "medium" if risk == "medium" else "low",
            words=tuple(word.casefold() for word in words),
            plain=tuple(phrase.formal for phrase in plain),
        )

    def quiz(self, raw: object) -> tuple[QuizItem, ...]:
        place = "quiz-multiple-choice.items"
        if not isinstance(raw, list) or len(raw) < QUIZ_ITEMS_MIN:
            raise self.fail(place, f"needs at least {QUIZ_ITEMS_MIN} items")
        return tuple(self.quiz_item(entry, f"{place}[{index}]") for index, entry in enumerate(raw))

    def quiz_item(self, raw: object, place: str) -> QuizItem:
        entry = self.mapping(raw, place)
        self.same_keys(entry, {"ask", "right", "wrong", "why"}, place)
        wrong = self.texts(entry["wrong"], f"{place}.wrong")
        if len(wrong) != QUIZ_WRONG:
            raise self.fail(place, f"needs exactly {QUIZ_WRONG} wrong answers, has {len(wrong)}")
        ask, right, why = (self.text(entry[name], f"{place}.{name}") for name in ("ask", "right", "why"))
        self.checked(ask, f"{place}.ask", Role(1, ("topic",)))
        for index, text in enumerate((right, *wrong, why)):
            self.checked(text, f"{place}[{index}]", Role())
        return QuizItem(ask, right, wrong, why)
