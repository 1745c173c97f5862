"""Checks of length: a text against a limit, in the unit the platform counts in."""

from __future__ import annotations

from collections.abc import Iterator

from app.content.checks import units
from app.content.checks.figures import number_of
from app.content.checks.kinds import Label, Scope, check, named
from app.content.checks.lexicons import function_words
from app.content.checks.messages import in_words, tidy, whole
from app.content.checks.model import Finding, NotChecked
from app.content.checks.timing import total_seconds
from app.content.checks.words import word_count
from app.content.folding import fold
from app.content.markup import without_code
from app.content.passages import paragraphs
from app.content.template import Limit

_WORDING = {
    "bytes": "_bytes",
    "words": "_words",
    "px_arial20": "_pixels",
    "px_arial14": "_pixels",
    "seconds": "_seconds",
}


def _bounds(scope: Scope) -> Limit:
    limit = scope.limit()
    low, high = scope.spec.number("min"), scope.spec.number("max")
    if limit is None:
        unit = scope.spec.text("unit", "chars")
        return Limit.model_validate(
            {
                "unit": unit,
                "min": low,
                "max": high,
                "severity": "hard",
                "evidence": "convention",
                "source": "the template",
            }
        )
    return limit.model_copy(
        update={"min": low if low is not None else limit.min, "max": high if high is not None else limit.max}
    )


def judge(scope: Scope, path: str, text: str, limit: Limit) -> Iterator[Finding]:
    """Yield what is wrong with the length of one text: over (with the part that is too much) or under."""
    used = units.measure(text, limit.unit)
    wording = _WORDING.get(limit.unit, "")
    if limit.max is not None and used > limit.max:
        shorter = _shortened(text, limit, scope.language)
        yield scope.finding(
            path,
            "length.over" + wording,
            start=len(units.cut(text, limit.unit, limit.max)),
            end=len(text),
            suggestion=shorter or None,
            used=used,
            max=whole(limit.max),
            over=whole(used - limit.max),
            over_word=in_words(used - limit.max),
        )
    elif limit.min is not None and used < limit.min:
        yield scope.finding(
            path, "length.under" + wording, used=used, min=whole(limit.min), short=whole(limit.min - used)
        )


def _shortened(text: str, limit: Limit, language: str) -> str:
    """Return the text cut at the last full word within the limit, without a function word left dangling at its end."""
    if limit.max is None or len(text) > 2_000 or limit.unit == "cpl":
        return ""
    kept = units.cut(text, limit.unit, limit.max)
    ignored = function_words(language)
    while kept and fold(kept.rsplit(" ", 1)[-1]) in ignored:
        kept = kept.rpartition(" ")[0].rstrip(" ,;:–—-")
    least = max(limit.min or 0, limit.max / 3)
    return kept if kept and units.measure(kept, limit.unit) >= least else ""


@check("length", params=("limit", "min", "max", "unit"), label=lambda scope: Label("length", scope.names()))
def length(scope: Scope) -> Iterator[Finding]:
    """Every text at the path is within the limit."""
    limit = _bounds(scope)
    if limit.unit == "joined":
        yield from _joined(scope, limit)
        return
    if limit.unit == "seconds":
        yield from _seconds(scope, limit)
        return
    if not units.measures(limit.unit):
        raise NotChecked("no_measure", unit=limit.unit)
    yield from _each(scope, limit)


@check("pixel_width", params=("limit",), label=lambda scope: Label("pixel_width", scope.names()))
def pixel_width(scope: Scope) -> Iterator[Finding]:
    """Every text at the path is no wider than the place a search page gives it."""
    yield from _each(scope, _bounds(scope))


def _each(scope: Scope, limit: Limit) -> Iterator[Finding]:
    if scope.at() == "." and scope.output.form not in ("text", "markdown"):
        yield from judge(scope, ".", scope.joined(), limit)
        return
    for value in scope.values():
        if not value.found:
            if limit.min:
                yield scope.finding(value.path, "length.missing")
        elif isinstance(value.value, str | int | float):
            yield from judge(scope, value.path, str(value.value), limit)


def _joined(scope: Scope, limit: Limit) -> Iterator[Finding]:
    used = units.joined([text for _, text in scope.texts()])
    if limit.max is not None and used > limit.max:
        over = used - limit.max
        yield scope.finding(
            scope.at(), "length.over", used=used, max=whole(limit.max), over=whole(over), over_word=in_words(over)
        )


def _seconds(scope: Scope, limit: Limit) -> Iterator[Finding]:
    at = scope.at()
    seconds = total_seconds(scope.output) if at == "total" else None
    if seconds is None:
        found = [number_of(value.value, scope.language) for value in scope.values()]
        seconds = next((number for number in found if number is not None), None)
    if seconds is None:
        raise NotChecked("no_number", part=at)
    if limit.max is not None and seconds > limit.max:
        over = seconds - limit.max
        yield scope.finding(
            at,
            "length.over_seconds",
            used=tidy(seconds),
            max=whole(limit.max),
            over=whole(over),
            over_word=in_words(over),
        )
    elif limit.min is not None and seconds < limit.min:
        yield scope.finding(
            at, "length.under_seconds", used=tidy(seconds), min=whole(limit.min), short=whole(limit.min - seconds)
        )


def _range_label(scope: Scope) -> Label:
    low, high = scope.spec.number("min"), scope.spec.number("max")
    names = scope.names()
    if low and high is not None:
        return Label("words.range", {**names, "min": whole(low), "max": whole(high)})
    if high is not None:
        return Label("words.most", {**names, "max": whole(high)})
    return Label("words.least", {**names, "min": whole(low or 0)})


@check("words", params=("min", "max", "limit"), label=_range_label)
def count_words(scope: Scope) -> Iterator[Finding]:
    """Every text at the path has so many words."""
    yield from _each(scope, _bounds(scope).model_copy(update={"unit": "words"}))


@check("fold", params=("limit", "rule"), label=named())
def fold_line(scope: Scope) -> Iterator[Finding]:
    """The first line ends before the network folds the text away."""
    limit = scope.limit()
    if limit is None or limit.max is None or scope.spec.text("rule", "first_line_within") != "first_line_within":
        raise NotChecked("no_limit", limit=scope.spec.text("limit"))
    for path, text in scope.texts():
        begins = len(text) - len(text.lstrip())
        line = text[begins:].split("\n", 1)[0]
        used = units.measure(line, limit.unit)
        if used > limit.max:
            start = begins + len(units.cut(line, limit.unit, limit.max))
            yield scope.finding(path, "fold.long", start=start, end=begins + len(line), used=used, max=whole(limit.max))


@check(
    "sms_segments",
    params=("max", "limits"),
    label=lambda scope: Label("sms_segments", {"max": whole(scope.spec.number("max") or 1)}),
)
def sms_segments(scope: Scope) -> Iterator[Finding]:
    """The message goes out in so many segments; where one character doubles the price, a plain one is suggested."""
    most = int(scope.spec.number("max") or 1)
    for path, text in scope.texts():
        sent = units.sms(text)
        if sent.segments <= most:
            continue
        plain = units.gsm_plain(text)
        as_plain = units.sms(plain)
        if sent.encoding == "ucs2" and as_plain.encoding == "gsm7" and as_plain.segments < sent.segments:
            odd = units.not_in_gsm(text)
            at = text.find(odd)
            yield scope.finding(
                path, "sms.character", start=at, end=at + 1, suggestion=plain,
                character=odd, segments=sent.segments, single=sent.single, plain_segments=as_plain.segments,
            )  # fmt: skip
        else:
            unit = "gsm7" if sent.encoding == "gsm7" else "ucs2"
            fits = sent.single if most == 1 else most * (153 if unit == "gsm7" else 67)
            kept = units.cut(text, unit, fits)
            yield scope.finding(
                path, f"sms.over_{unit}", start=len(kept), end=len(text),
                used=sent.used, fits=fits, segments=sent.segments, max=most, over=sent.used - fits,
            )  # fmt: skip


@check("words_near_field", params=("field", "tolerance"))
def words_near_field(scope: Scope) -> Iterator[Finding]:
    """The text has about as many words as were asked for."""
    wanted = number_of(scope.input(scope.spec.text("field")), scope.language)
    if not wanted:
        raise NotChecked("no_number", part=scope.spec.text("field"))
    tolerance = scope.spec.number("tolerance") or 0.1
    used = word_count(scope.joined())
    low, high = round(wanted * (1 - tolerance)), round(wanted * (1 + tolerance))
    if not low <= used <= high:
        code = "words_near.over" if used > high else "words_near.under"
        yield scope.finding(scope.at(), code, used=used, wanted=whole(wanted), min=low, max=high)


@check("length_ratio", params=("min", "max", "field"))
def length_ratio(scope: Scope) -> Iterator[Finding]:
    """The text is so much shorter or longer than its source, in words."""
    name = scope.spec.text("field") or next(
        (field.name for field in scope.context.template.fields if field.type == "longtext"), ""
    )
    source = word_count(str(scope.input(name)))
    if source < 20:
        raise NotChecked("too_short_source", words=source)
    ratio = word_count(scope.joined()) / source
    low, high = scope.spec.number("min") or 0.0, scope.spec.number("max")
    if high is not None and ratio > high:
        yield scope.finding(scope.at(), "ratio.long", percent=round(ratio * 100), max=round(high * 100))
    elif ratio < low:
        yield scope.finding(scope.at(), "ratio.short", percent=round(ratio * 100), min=round(low * 100))


def _paragraph_label(scope: Scope) -> Label:
    return Label(scope.spec.kind, {"max": whole(scope.spec.number("max") or 0)})


@check("paragraph_words", params=("max",), label=_paragraph_label)
def paragraph_words(scope: Scope) -> Iterator[Finding]:
    """No paragraph has more words than this."""
    most = scope.spec.number("max") or 0
    for path, text in scope.texts():
        for span in paragraphs(without_code(text)):
            used = word_count(span.text)
            if used > most:
                yield scope.finding(path, "paragraph.long", start=span.start, end=span.end, used=used, max=whole(most))


@check("first_paragraph_words", params=("max",), label=_paragraph_label)
def first_paragraph_words(scope: Scope) -> Iterator[Finding]:
    """The first paragraph that is no heading and no headline has no more words than this."""
    most = scope.spec.number("max") or 0
    bodies = scope.output.data.get("sections") if scope.output.form == "markdown" and not scope.spec.at else None
    if isinstance(bodies, dict) and len(bodies) > 1:
        section = next(name for name in bodies if name.casefold() not in ("headline", "title", "subject"))
        texts = [(f"sections.{section}", str(bodies[section]))]
    else:
        texts = scope.texts()[:1]
    for path, text in texts:
        opening = next((span for span in paragraphs(text) if not span.text.startswith("#")), None)
        used = word_count(opening.text) if opening else 0
        if opening and used > most:
            yield scope.finding(
                path, "paragraph.long_first", start=opening.start, end=opening.end, used=used, max=whole(most)
            )
