"""Checks that figures and dates come from the brief and were not made up."""

from __future__ import annotations

from collections.abc import Iterator

from app.content.checks.figures import Figure, figures
from app.content.checks.kinds import Scope, check
from app.content.checks.model import Finding, NotChecked
from app.content.checks.moments import Moment, moments, moments_in_any_language, same_day
from app.content.markup import without_code

LARGEST_FREE = 10
"""A whole number up to ten needs no source where it only counts something: `three reasons`, `in 2 steps`."""


@check("numbers_from_inputs", params=("small_ok",))
def numbers_from_inputs(scope: Scope) -> Iterator[Finding]:
    """Every figure is in the brief or the passages, in whatever notation."""
    free = int(scope.spec.number("small_ok") or LARGEST_FREE)
    known = scope.material.brief_values
    for path, text in scope.texts():
        for figure in figures(without_code(text), scope.language, skip_links=True):
            if not _known(figure, known, free):
                yield scope.finding(path, "numbers.unknown", start=figure.start, end=figure.end, number=figure.text)


def _known(figure: Figure, known: frozenset[str], free: int) -> bool:
    if figure.readings & known:
        return True
    if figure.parts and all(part in known or _small(part, free) for part in figure.parts):
        return True
    return figure.bare and any(_small(reading, free) for reading in figure.readings)


def _small(value: str, free: int) -> bool:
    return value.isdecimal() and len(value) < 4 and int(value) <= free


@check("dates", params=("rule",))
def dates(scope: Scope) -> Iterator[Finding]:
    """Every date is one of the brief's, and the dates of the form are in the text."""
    if scope.spec.text("rule", "equals_input") != "equals_input":
        raise NotChecked("no_code", kind=f"dates: {scope.spec.text('rule')}")
    given = moments_in_any_language(scope.material.brief)
    found: list[Moment] = []
    for path, text in scope.texts():
        for moment in moments(text, scope.language):
            found.append(moment)
            if not any(same_day(moment, known) for known in given):
                yield scope.finding(
                    path, "dates.unknown", start=moment.start, end=moment.end, date=text[moment.start : moment.end]
                )
    for name, wanted in _date_fields(scope):
        if not any(same_day(wanted, moment) for moment in found):
            yield scope.finding(scope.at(), "dates.missing", date=wanted.text, field=scope.field_label(name))


def _date_fields(scope: Scope) -> list[tuple[str, Moment]]:
    wanted = []
    for field in scope.context.template.fields:
        value = scope.context.inputs.values.get(field.name)
        if field.type == "date" and value:
            wanted += [(field.name, moment) for moment in moments(str(value), "en")[:1]]
    return wanted
