"""Checks that a text keeps to its brief: what must be in it, what was quoted, what must survive an edit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import regex

from app.content.checks.figures import figures, known_values
from app.content.checks.kinds import Label, Scope, check
from app.content.checks.links import address_key, find_urls
from app.content.checks.model import Finding, NotChecked
from app.content.checks.moments import moments, same_day
from app.content.checks.names import names_in
from app.content.checks.words import WordIndex, word_count
from app.content.folding import fold
from app.content.markup import without_code
from app.content.passages import paragraphs

_QUOTED = regex.compile(
    r"“([^”“\n]{1,2000})”|„([^“”„\n]{1,2000})[“”]|«([^»«\n]{1,2000})»|»([^»«\n]{1,2000})«|「([^」「\n]{1,2000})」"
    r"|『([^』『\n]{1,2000})』|(?<![\w\"])\"([^\"\n]{1,2000})\"(?!\w)|(?<!\w)‘([^‘\n]{1,2000}?)’(?!\w)"
)
_EDGES = " \t\n.,;:!?…。，、！？؟،।\"'“”„«»‹›「」『』()[]-"
_CITATION = regex.compile(r"\[(\d{1,3})\]", regex.ASCII)
_PASSAGE = regex.compile(r"^\[(\d{1,3})\]", regex.MULTILINE | regex.ASCII)
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}]"
_TOKEN = regex.compile(rf"{_UNSPACED}|[[\p{{L}}\p{{M}}\p{{N}}]--{_UNSPACED}]+", regex.V1)
SHORTEST_QUOTE_WORDS = 3
"""Fewer words in quotation marks are a name or a term, not somebody's words."""
LONGEST_EXACT_WORDS = 4
"""A field of more words may be put in other words unless it is named under `exact`."""
SHARE_IN_OTHER_WORDS = 0.6
SHARE_COVERED = 0.5


def quotation_key(text: str) -> str:
    """Return the form by which quotations are compared: folded, without marks and full stops at its edges."""
    return fold(text).strip(_EDGES)


@check("quotes_verbatim", params=("field",))
def quotes_verbatim(scope: Scope) -> Iterator[Finding]:
    """What stands in quotation marks, or in a field for quotations, is in the sources word for word."""
    field = scope.spec.text("field")
    source = fold(str(scope.input(field))) if field else scope.material.brief_folded
    for path, text in scope.texts():
        spans = [(0, len(text))] if _whole_value(scope) else _quotations(text)
        for start, end in spans:
            quote = quotation_key(text[start:end])
            if quote and quote not in source:
                yield scope.finding(path, "quotes.unknown", start=start, end=end, quote=_short(text[start:end]))


def _whole_value(scope: Scope) -> bool:
    """Whether the path names a field that holds nothing but a quotation."""
    return scope.at() != "." and scope.output.form in ("json", "table")


def _quotations(text: str) -> list[tuple[int, int]]:
    found = []
    for match in _QUOTED.finditer(without_code(text)):
        group = match.lastindex or 0
        if word_count(match[group]) >= SHORTEST_QUOTE_WORDS:
            found.append(match.span(group))
    return found


def _short(text: str, most: int = 60) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _contains_label(scope: Scope) -> Label:
    names = [scope.field_label(name).lower() for name in scope.spec.texts("fields")]
    return Label("contains_input", {"fields": ", ".join(names)})


@check("contains_input", params=("fields", "exact"), label=_contains_label)
def contains_input(scope: Scope) -> Iterator[Finding]:
    """Fields of the brief are in the text: word for word when short or named under `exact`, else in substance."""
    exact = set(scope.spec.texts("exact"))
    text = scope.joined()
    given = [(name, scope.context.inputs.text(name).strip()) for name in scope.spec.texts("fields")]
    given = [(name, value) for name, value in given if value]
    if not given:
        raise NotChecked("not_given", field=", ".join(scope.field_label(name) for name in scope.spec.texts("fields")))
    folded, index = fold(text), WordIndex([text], scope.language)
    for name, value in given:
        if quotation_key(value) in folded or _same_in_notation(scope, name, value, text):
            continue
        long = word_count(value) > LONGEST_EXACT_WORDS and name not in exact
        if not (long and index.share(value) >= SHARE_IN_OTHER_WORDS):
            code = "contains.substance" if long else "contains.missing"
            yield scope.finding(scope.at(), code, field=scope.field_label(name), value=_short(value))


def _same_in_notation(scope: Scope, name: str, value: str, text: str) -> bool:
    """Whether a date, an amount or an address is in the text in another notation."""
    field = scope.context.template.field(name)
    kind = field.type if field else "text"
    if kind == "date":
        wanted = moments(value, "en")
        return any(same_day(a, b) for a in wanted for b in moments(text, scope.language))
    if kind in ("number", "money"):
        wanted_values = [figure.readings for figure in figures(value, "en")]
        present = known_values(text, (scope.language,))
        return bool(wanted_values) and all(readings & present for readings in wanted_values)
    return kind == "url" and any(address_key(value) == address_key(link.text) for link in find_urls(text))


@check("covers_list", params=("field", "share"), label=lambda scope: Label("covers_list", {
    "field": scope.field_label(scope.spec.text("field")).lower()}))  # fmt: skip
def covers_list(scope: Scope) -> Iterator[Finding]:
    """Every item of a list in the brief is taken up."""
    given = scope.input(scope.spec.text("field"))
    items = [str(item) for item in given] if isinstance(given, list | tuple) else [str(given)]
    least = scope.spec.number("share") or SHARE_COVERED
    text = scope.joined()
    index, folded = WordIndex([text], scope.language), fold(text)
    for item in items:
        if index.share(item) < least and quotation_key(item) not in folded:
            yield scope.finding(scope.at(), "covers.missing", item=_short(item))


def passages(scope: Scope) -> Sequence[str]:
    """Return what may be cited, in the order of its numbers: the passages given, else those pasted into the form."""
    if scope.context.sources:
        return scope.context.sources
    for field in scope.context.template.fields:
        value = scope.context.inputs.text(field.name) if field.type == "kb" else ""
        if value:
            numbered = _PASSAGE.findall(value)
            return numbered or [span.text for span in paragraphs(value)]
    return ()


@check("citations_resolve")
def citations_resolve(scope: Scope) -> Iterator[Finding]:
    """Every [n] is a passage that was given, and at least one is cited."""
    count = len(passages(scope))
    if not count:
        raise NotChecked("no_sources")
    cited = False
    for path, text in scope.texts():
        for match in _CITATION.finditer(without_code(text)):
            cited = True
            if not 1 <= int(match[1]) <= count:
                yield scope.finding(
                    path, "citations.unknown", start=match.start(), end=match.end(), number=int(match[1]), count=count
                )
    if not cited:
        yield scope.finding(scope.at(), "citations.none", count=count)


def _source(scope: Scope) -> str:
    name = scope.spec.text("field") or next(
        (field.name for field in scope.context.template.fields if field.type == "longtext"), ""
    )
    return str(scope.input(name))


def _preserves_label(scope: Scope) -> Label:
    what = scope.spec.texts("what")
    return Label(f"preserves.{what[0]}" if len(what) == 1 else "preserves.several", {})


@check("preserves", params=("what", "field", "min_share"), label=_preserves_label)
def preserves(scope: Scope) -> Iterator[Finding]:
    """What the source holds is still there: words (in their order), numbers, addresses or names."""
    source, text = _source(scope), scope.joined()
    readers = {"words": _lost_words, "numbers": _lost_numbers, "urls": _lost_urls, "names": _lost_names}
    for what in scope.spec.texts("what"):
        if what not in readers:
            raise NotChecked("no_code", kind=f"preserves: {what}")
        yield from readers[what](scope, source, text)


def _lost_words(scope: Scope, source: str, text: str) -> Iterator[Finding]:
    wanted, got = _spoken_tokens(source), _spoken_tokens(text)
    if wanted == got:
        return
    missing, added = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
    if missing:
        examples = ", ".join(dict.fromkeys(word for word in wanted if word in missing))
        yield scope.finding(scope.at(), "preserves.words_lost", count=missing.total(), words=_short(examples))
    if added:
        examples = ", ".join(dict.fromkeys(word for word in got if word in added))
        yield scope.finding(scope.at(), "preserves.words_added", count=added.total(), words=_short(examples))
    if not missing and not added:
        at = next(n for n, (a, b) in enumerate(zip(wanted, got, strict=True)) if a != b)
        yield scope.finding(scope.at(), "preserves.words_moved", word=got[at])


def _spoken_tokens(text: str) -> list[str]:
    """Return the words of a text in order, and every Han and kana character by itself."""
    tokens: list[str] = _TOKEN.findall(fold(text).replace("'", ""))
    return tokens


def _lost_numbers(scope: Scope, source: str, text: str) -> Iterator[Finding]:
    present = known_values(text, (scope.language,))
    for figure in figures(source, scope.language):
        if not figure.readings & present:
            yield scope.finding(scope.at(), "preserves.lost", thing=figure.text)


def _lost_urls(scope: Scope, source: str, text: str) -> Iterator[Finding]:
    present = {address_key(link.text) for link in find_urls(text)}
    for link in find_urls(source):
        if address_key(link.text) not in present:
            yield scope.finding(scope.at(), "preserves.lost", thing=_short(link.text))


def _lost_names(scope: Scope, source: str, text: str) -> Iterator[Finding]:
    names = names_in(source, scope.language)
    if not names:
        raise NotChecked("no_names")
    folded = fold(text)
    lost = [name for name in names if fold(name) not in folded]
    least = scope.spec.number("min_share")
    if least is not None and len(lost) <= len(names) * (1 - least):
        return
    for name in lost:
        yield scope.finding(scope.at(), "preserves.lost", thing=_short(name))


FEWEST_GRAMS = 15
"""With fewer runs of five words, one sentence taken over from the brief would decide."""


@check("not_an_echo", params=("max",))
def not_an_echo(scope: Scope) -> Iterator[Finding]:
    """The text is not the brief over again: the share of its runs of five words that are in the brief."""
    said = [gram for _, text in scope.material.prose for gram in _grams(text)]
    if len(said) < FEWEST_GRAMS:
        raise NotChecked("too_short_text", words=len(said) + 4)
    given = set(_grams(scope.material.brief))
    share = sum(gram in given for gram in said) / len(said)
    most = scope.spec.number("max") or 0.6
    if share > most:
        yield scope.finding(".", "echo.much", percent=round(share * 100), max=round(most * 100))


def _grams(text: str) -> list[tuple[str, ...]]:
    tokens = _spoken_tokens(text)
    return [tuple(tokens[n : n + 5]) for n in range(len(tokens) - 4)]
