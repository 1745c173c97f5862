"""How words are said, as a list of the screen: of a brand, or of the whole workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.media.recipes import Said


@dataclass
class WordRow:
    """How a word is said; `locale` "" is every language."""

    written: str = ""
    spoken: str = ""
    locale: str = ""


def rows_of(said: Sequence[Said]) -> list[WordRow]:
    """Return a list as the page shows it."""
    return [WordRow(one.written, one.spoken, one.locale) for one in said]


def as_said(rows: Sequence[WordRow]) -> list[dict[str, str]]:
    """Return a list as the library takes it."""
    return [{"written": one.written, "spoken": one.spoken, "locale": one.locale} for one in rows]


def added(rows: Sequence[WordRow], form: Mapping[str, str]) -> list[WordRow]:
    """Return a list with the word of a form first; the same word in the same language is said anew."""
    word = WordRow(form.get("written", "").strip(), form.get("spoken", "").strip(), form.get("word_locale", ""))
    return [word, *(one for one in rows if not _is_same(one, word))]


def respoken(rows: Sequence[WordRow], place: int, spoken: str) -> list[WordRow]:
    """Return a list with one word said in another way; nothing to say leaves it as it was."""
    return [
        WordRow(one.written, spoken.strip() or one.spoken, one.locale) if at == place else one
        for at, one in enumerate(rows)
    ]


def dropped(rows: Sequence[WordRow], place: int) -> list[WordRow]:
    """Return a list without one word."""
    return [one for at, one in enumerate(rows) if at != place]


def _is_same(one: WordRow, other: WordRow) -> bool:
    return (one.written.casefold(), one.locale) == (other.written.casefold(), other.locale)
