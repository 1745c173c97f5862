"""Checks that count: items of a list, marks in a text, numbers that must add up."""

from __future__ import annotations

from collections.abc import Iterator

import regex

from app.content.checks import units
from app.content.checks.figures import number_of
from app.content.checks.kinds import Label, Scope, check
from app.content.checks.lexicons import function_words
from app.content.checks.messages import in_words, tidy, whole
from app.content.checks.model import Finding, NotChecked
from app.content.checks.words import words
from app.content.folding import fold
from app.content.markup import without_code

_HASHTAG = regex.compile(r"(?<![\w&/#])[#＃](?=[\w]*[\p{L}\p{So}])[\w\u200c\u200d]{1,140}")
_QUESTION = regex.compile(r"[?？؟]+")
_JAPANESE_QUESTION = regex.compile(r"(?:でしょうか|ますか|ですか|ませんか|だろうか|のか)[。\n]|[?？]+")
_EXCLAMATION = regex.compile(r"[!！]+")
_LOUD = frozenset(
    ["NOW", "BUY", "NEW", "TOP", "HOT", "WOW", "YES", "NO", "GET", "TRY", "BIG", "WIN", "NUR", "NEU", "YA", "ORA"]
)
"""Short words that shout; any other word of two or three capitals may be an abbreviation."""


def _items_at(scope: Scope, at: str) -> list[tuple[str, int]]:
    counted = []
    for value in scope.values(at):
        if value.found:
            counted.append((value.path, len(value.value) if isinstance(value.value, list | tuple) else 1))
        else:
            counted.append((value.path, 0))
    return counted


def _range(scope: Scope) -> tuple[float, float | None]:
    limit = scope.limit()
    low, high = scope.spec.number("min"), scope.spec.number("max")
    if limit is not None:
        low, high = (limit.min if low is None else low), (limit.max if high is None else high)
    return low or 0, high


def range_label(scope: Scope, *, kind: str | None = None) -> Label:
    """Return `8 to 15 headlines`, `exactly 3 …`, `at most 2 …`, `no …` or `at least 2 …`."""
    low, high = _range(scope)
    kind = kind or scope.spec.kind
    params = {**scope.names(), "min": whole(low), "max": whole(high or 0)}
    if high is None:
        return Label(f"{kind}.least", params)
    if high == 0:
        return Label(f"{kind}.none", params)
    if low == high:
        return Label(f"{kind}.exactly", params)
    return Label(f"{kind}.range" if low else f"{kind}.most", params)


@check("count", params=("min", "max", "limit"), label=range_label)
def count(scope: Scope) -> Iterator[Finding]:
    """The list has so many items."""
    low, high = _range(scope)
    for path, items in _items_at(scope, scope.at()):
        if high is not None and items > high:
            yield scope.finding(path, "count.many", count=items, max=whole(high), over_word=in_words(items - high))
        elif items < low:
            yield scope.finding(path, "count.few", count=items, min=whole(low), missing_word=in_words(low - items))


@check("count_equals_field", params=("field", "what"), label=lambda scope: Label("count_equals_field", scope.names()))
def count_equals_field(scope: Scope) -> Iterator[Finding]:
    """There are exactly as many items as were asked for."""
    wanted = number_of(scope.input(scope.spec.text("field")), scope.language)
    if wanted is None:
        raise NotChecked("no_number", part=scope.spec.text("field"))
    if scope.spec.text("what") == "numbered headings":
        items = len(regex.findall(r"(?m)^#{2,6}[ \t]+\p{Nd}{1,3}[.)、:：]", without_code(scope.output.text)))
        found = [(".", items)]
    else:
        found = _items_at(scope, scope.at())
    for path, items in found:
        if items != wanted:
            yield scope.finding(path, "count.other", count=items, wanted=whole(wanted))


@check("same_length_as", params=("field",), label=lambda scope: Label("same_length_as", {
    **scope.names(), "field": scope.field_label(scope.spec.text("field")).lower()}))  # fmt: skip
def same_length_as(scope: Scope) -> Iterator[Finding]:
    """The list has one item for each item of the brief."""
    given = scope.input(scope.spec.text("field"))
    wanted = len(given) if isinstance(given, list | tuple) else 1
    for path, items in _items_at(scope, scope.at()):
        if items != wanted:
            yield scope.finding(path, "count.other", count=items, wanted=wanted)


def _each_counted(scope: Scope, kind: str, marks: list[tuple[str, list[tuple[int, int]]]]) -> Iterator[Finding]:
    """Yield a finding for each text with too many or too few of a mark; the note stands at the first too many."""
    low, high = _range(scope)
    for path, spans in marks:
        if high is not None and len(spans) > high:
            start, end = spans[int(high)]
            yield scope.finding(path, f"{kind}.many", start=start, end=end, count=len(spans), max=whole(high))
        elif len(spans) < low:
            yield scope.finding(path, f"{kind}.few", count=len(spans), min=whole(low))


def _spans(pattern: regex.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(without_code(text))]


@check("emoji", params=("min", "max"), label=range_label)
def emoji(scope: Scope) -> Iterator[Finding]:
    """The text has so many emoji."""
    marks = []
    for path, text in scope.texts():
        spans, position = [], 0
        for cluster in units.emojis(text):
            start = text.index(cluster, position)
            position = start + len(cluster)
            spans.append((start, position))
        marks.append((path, spans))
    yield from _each_counted(scope, "emoji", marks)


@check("hashtags", params=("min", "max", "limit"), label=range_label)
def hashtags(scope: Scope) -> Iterator[Finding]:
    """Every text has so many hashtags."""
    yield from _each_counted(scope, "hashtags", [(path, _spans(_HASHTAG, text)) for path, text in scope.texts()])


@check("exclamations", params=("max",), label=range_label)
def exclamations(scope: Scope) -> Iterator[Finding]:
    """Every text has at most so many exclamation marks."""
    yield from _each_counted(
        scope, "exclamations", [(path, _spans(_EXCLAMATION, text)) for path, text in scope.texts()]
    )


@check("question_count", params=("min", "max"), label=range_label)
def question_count(scope: Scope) -> Iterator[Finding]:
    """The text asks so many questions."""
    pattern = _JAPANESE_QUESTION if scope.language == "ja" else _QUESTION
    texts = scope.texts() if scope.spec.at else [(".", scope.joined())]
    yield from _each_counted(scope, "questions", [(path, _spans(pattern, text + "\n")) for path, text in texts])


@check("all_caps_words", params=("max",), label=range_label)
def all_caps_words(scope: Scope) -> Iterator[Finding]:
    """At most so many words in capitals; abbreviations and words that the brief writes so are none."""
    marks = []
    written_so = {span.text for span in words(scope.material.brief)}
    for path, text in scope.texts():
        spans = [
            (span.start, span.end)
            for span in words(without_code(text))
            if span.text.isupper() and span.text not in written_so and _shouts(span.text)
        ]
        marks.append((path, spans))
    yield from _each_counted(scope, "capitals", marks)


def _shouts(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return len(letters) == len(word) and (len(letters) >= 4 or word in _LOUD)


@check("word_repeat", params=("max", "ignore"), label=lambda scope: Label("word_repeat", {
    **scope.names(), "max": whole(scope.spec.number("max") or 1)}))  # fmt: skip
def word_repeat(scope: Scope) -> Iterator[Finding]:
    """No word comes more often than this."""
    most = int(scope.spec.number("max") or 1)
    ignored = function_words(scope.language) if scope.spec.text("ignore") == "function_words" else frozenset[str]()
    for path, text in scope.texts():
        seen: dict[str, int] = {}
        for span in words(text):
            word = fold(span.text)
            seen[word] = seen.get(word, 0) + 1
            if seen[word] == most + 1 and word not in ignored:
                yield scope.finding(
                    path, "word_repeat.often", start=span.start, end=span.end, word=span.text[:60], max=most
                )


@check(
    "sums_to", params=("total",), label=lambda scope: Label("sums_to", {**scope.names(), "total": _total_name(scope)})
)
def sums_to(scope: Scope) -> Iterator[Finding]:
    """The numbers add up to a figure, or to a number of the brief."""
    wanted = _total(scope)
    total = 0.0
    for value in scope.values():
        number = number_of(value.value, scope.language) if value.found else None
        if number is None:
            yield scope.finding(value.path, "sum.no_number")
        else:
            total += number
    if abs(total - wanted) > 0.01:
        yield scope.finding(
            scope.at(), "sum.other", sum=tidy(total), total=tidy(wanted), difference=tidy(abs(total - wanted))
        )


def _total(scope: Scope) -> float:
    total = scope.spec.params.get("total")
    if isinstance(total, int | float):
        return float(total)
    number = number_of(scope.input(str(total)), scope.language)
    if number is None:
        raise NotChecked("no_number", part=str(total))
    return number


def _total_name(scope: Scope) -> str:
    total = scope.spec.params.get("total")
    return tidy(total) if isinstance(total, int | float) else scope.field_label(str(total)).lower()
