"""The word lists beside the code, read once each. Every file says at its top what it is for and how to add to it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "data"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # Any: the C loader has no stub


@lru_cache(maxsize=None)
def lexicon(name: str) -> dict[str, Any]:  # Any: each file has a shape of its own, which its reader knows
    """Return the content of data/<name>.yaml."""
    with (_FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        content: dict[str, Any] = yaml.load(file, _Loader)  # noqa: S506 - the safe loader, in C where it is built
    return content


@lru_cache(maxsize=None)
def function_words(language: str) -> frozenset[str]:
    """Return the words of a language that carry grammar, not meaning; folded. Empty for Japanese and Chinese."""
    return frozenset(lexicon("function_words").get(language, "").split())
