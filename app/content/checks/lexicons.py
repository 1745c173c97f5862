"""The word lists beside the code, read once each. Every file says at its top what it is for and how to add to it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from app.content.strict_yaml import read_yaml

_FOLDER = Path(__file__).parent / "data"


@cache
def lexicon(name: str) -> dict[str, Any]:  # Any: each file has a shape of its own, which its reader knows
    """Return the content of data/<name>.yaml."""
    content = read_yaml(_FOLDER / f"{name}.yaml")
    assert isinstance(content, dict)  # a file of ours
    return content


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the words of a language that carry grammar, not meaning; folded. Empty for Japanese and Chinese."""
    return frozenset(lexicon("function_words").get(language, "").split())
