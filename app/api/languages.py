"""Which language a caller wants its sentences in."""

from __future__ import annotations

from functools import lru_cache

from app.content.profiles import LANGUAGES

_BY_PREFIX = {language.partition("-")[0]: language for language in LANGUAGES}
MAX_HEADER_CHARACTERS = 200


@lru_cache(maxsize=512)
def preferred(accept_language: str | None) -> str:
    """Return the language of ours that an Accept-Language header (RFC 9110, 12.5.4) likes best; English else."""
    if not accept_language or len(accept_language) > MAX_HEADER_CHARACTERS:
        return "en"
    ranked: list[tuple[float, int, str]] = []
    for place, entry in enumerate(accept_language.split(",")):
        tag, _, weight = entry.partition(";")
        language = _BY_PREFIX.get(tag.strip().partition("-")[0].lower())
        quality = _quality(weight)
        if language and quality > 0:
            ranked.append((-quality, place, language))
    return min(ranked)[2] if ranked else "en"


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
