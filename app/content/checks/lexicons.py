"""The word lists beside the code, read once each. Every file says at its top what it is for and how to add to it."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent / "data"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # Any: the C loader has no stub


@cache
def lexicon(name: str) -> dict[str, Any]:  # Any: each file has a shape of its own, which its reader knows
    """Return the content of data/<name>.yaml."""
    with (_FOLDER / f"{name}.yaml").open(encoding="utf-8") as file:
        content: dict[str, Any] = yaml.load(file, _Loader)  # noqa: S506 - the safe loader, in C where it is built
    return content


@cache
def function_words(language: str) -> frozenset[str]:
    """Return the words of a language that carry grammar, not meaning; folded. Empty for Japanese and Chinese."""
    return frozenset(lexicon("function_words").get(language, "").split())


@lru_cache(maxsize=1)
def all_headings() -> tuple[dict[str, str], ...]:
    """Return the headings of every locale profile: English id of a section to its heading in that language."""
    folder = Path(__file__).parent.parent / "locales"
    profiles = [yaml.load(path.read_text("utf-8"), _Loader) for path in sorted(folder.glob("*.yaml"))]  # noqa: S506 - as above
    return tuple(dict(profile.get("headings", {})) for profile in profiles)
