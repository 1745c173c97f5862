"""Checks of multiple-choice items: the key names an option, and is not always the same one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from app.content.checks.kinds import Scope, check
from app.content.checks.model import Finding, NotChecked
from app.content.folding import fold
from app.content.outputs import look_up

FEWEST_KEYS = 4
"""Of fewer items nobody can say whether their keys are spread."""


def key_position(key: object, options: object) -> int | None:
    """Return which option a key names, from 0: by letter (B), by its own words, or by number, counted from 0."""
    if not isinstance(options, list | tuple) or isinstance(key, bool):
        return None
    if isinstance(key, float) and key.is_integer():
        key = int(key)
    if isinstance(key, int) or (isinstance(key, str) and key.strip().isdecimal() and len(key.strip()) < 4):
        return int(key) if 0 <= int(key) < len(options) else None
    text = fold(str(key))
    if len(text) == 1 and "a" <= text <= "z":
        return ord(text) - ord("a") if ord(text) - ord("a") < len(options) else None
    return next((place for place, option in enumerate(options) if fold(str(option)) == text), None)


def _keys(scope: Scope, key_at: str, options_at: str) -> list[tuple[str, object, object]]:
    options = {value.path.rpartition(".")[0]: value.value for value in look_up(scope.output, options_at) if value.found}
    keys = scope.values(key_at)
    return [(value.path, value.value, options.get(value.path.rpartition(".")[0])) for value in keys]


@check("key_in_range", params=("key", "of"))
def key_in_range(scope: Scope) -> Iterator[Finding]:
    """Every key names one of its own options; a number counts from 0."""
    for path, key, options in _keys(scope, scope.spec.text("key"), scope.spec.text("of")):
        if key_position(key, options) is None:
            count = len(options) if isinstance(options, list | tuple) else 0
            yield scope.finding(path, "quiz.key", key="" if key is None else str(key)[:40], count=count)


@check("key_balance", params=("max_share", "key", "of"))
def key_balance(scope: Scope) -> Iterator[Finding]:
    """No place among the options holds the key too often."""
    keys = _keys(scope, scope.spec.text("key", "items[].answer"), scope.spec.text("of", "items[].options"))
    places = Counter(place for _, key, options in keys if (place := key_position(key, options)) is not None)
    total = sum(places.values())
    if total < FEWEST_KEYS:
        raise NotChecked("too_few_keys", count=total, min=FEWEST_KEYS)
    place, count = places.most_common(1)[0]
    if count / total > (scope.spec.number("max_share") or 0.5):
        yield scope.finding("items", "quiz.balance", place=place + 1, count=count, total=total)
