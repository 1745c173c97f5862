"""Every sentence a check can say, by code: the English default and the source for translators (messages.yaml)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from app.content.strict_yaml import read_yaml

Group = Literal["check", "finding", "unchecked"]
_FILE = Path(__file__).parent / "messages.yaml"


@cache
def messages() -> dict[str, str]:
    """Return code -> English sentence with {named} slots; codes begin with their group: check, finding, unchecked."""
    groups = read_yaml(_FILE)
    assert isinstance(groups, dict)  # a file of ours
    return {f"{group}.{code}": sentence for group, sentences in groups.items() for code, sentence in sentences.items()}


def default_text(group: Group, code: str) -> str:
    """Return the English sentence of a code.

    Raises:
        KeyError: messages.yaml does not know it.
    """
    return messages()[f"{group}.{code}"]


_COUNTS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def in_words(count: float) -> str:
    """Return a count as the English sentences write it: `Three` up to ten, then the figure."""
    return _COUNTS[int(count)] if count == int(count) and 0 <= count < len(_COUNTS) else tidy(count)


def tidy(number: float) -> str:
    """Return a number without a needless fraction: `30`, `2.5`."""
    return str(int(number)) if number == int(number) else f"{number:.2f}".rstrip("0").rstrip(".")


def whole(number: float) -> int | float:
    """Return a number as an int where it is one, else with at most two decimals."""
    return int(number) if number == int(number) else round(number, 2)
