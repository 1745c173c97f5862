"""One language's words: phrases by role, marks, word lists. Without a file the writer cannot write a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


class BankError(ValueError):
    """A phrase bank is wrong; the message names file, place and reason."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording. `formal` and `informal` are equal where the address makes no difference; no tones: suits all."""

    formal: str
    informal: str
    slots: frozenset[str]
    tones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Topic:
    """What a clause of a contract may be about."""

    name: str
    label: str
    risk: Literal["low", "medium", "high"]
    words: tuple[str, ...]
    plain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuizItem:
    """A question that holds for any topic. Texts have the slots topic, open and close."""

    ask: str
    right: str
    wrong: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Bank:
    """Everything the writer can say in one language."""

    language: str
    marks: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[Phrase, ...]]
    topics: tuple[Topic, ...]
    quiz: tuple[QuizItem, ...]
