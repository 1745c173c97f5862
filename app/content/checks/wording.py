"""Checks of wording: alike lines, keywords, patterns, capitals, words twice over, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache

import regex

from app.content.checks.counts import range_label
from app.content.checks.kinds import Label, Scope, check
from app.content.checks.lexicons import function_words
from app.content.checks.links import Link, address_key, find_urls
from app.content.checks.messages import whole
from app.content.checks.model import Finding, NotChecked
from app.content.checks.stems import same_word, stem, stems
from app.content.checks.words import WordIndex, content_words, word_count, words
from app.content.folding import fold
from app.content.outputs import look_up
from app.content.passages import Span

MOST_COMPARED = 60
LONGEST_COMPARED = 400
PATTERN_TIMEOUT_S = 0.25


@check("distinct", params=("max_similarity",), label=lambda scope: Label("distinct", scope.names()))
def distinct(scope: Scope) -> Iterator[Finding]:
    """No two items of one list are alike."""
    most = scope.spec.number("max_similarity") or 0.8
    by_list: dict[str, list[tuple[str, str]]] = {}
    for path, text in scope.texts():
        by_list.setdefault(_list_of(path, scope.at()), []).append((path, fold(text)[:LONGEST_COMPARED]))
    for items in by_list.values():
        for number, (path, text) in enumerate(items[:MOST_COMPARED]):
            for earlier in range(number):
                share = _similarity(items[earlier][1], text, most)
                if share > most:
                    yield scope.finding(path, "distinct.alike", line=earlier + 1, percent=round(share * 100))
                    break


def _list_of(path: str, pattern: str) -> str:
    """Return which list an item belongs to: options are compared within their own question only."""
    return path.rpartition("[")[0] if pattern.endswith("[]") else regex.sub(r"\[\d+\](?=[^\[]*$)", "", path)


def _similarity(one: str, other: str, most: float) -> float:
    if one == other:
        return 1.0
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.real_quick_ratio() <= most or matcher.quick_ratio() <= most:
        return 0.0
    return matcher.ratio()


def find_keyword(text: str, keyword: str, language: str) -> Span | None:
    """Return where a keyword stands: its words in a row, in any form; else its first word where all are somewhere."""
    wanted = [stem(fold(span.text), language) for span in words(keyword)]
    if not wanted:
        at = fold(text).find(fold(keyword)) if fold(keyword) else -1
        return Span(at, at + len(keyword), text[at : at + len(keyword)]) if at >= 0 else None
    present = [(span, stems(fold(span.text), language)) for span in words(text)]
    for number in range(len(present) - len(wanted) + 1):
        row = present[number : number + len(wanted)]
        if all(_any_same(roots, asked) for (_, roots), asked in zip(row, wanted, strict=True)):
            return Span(row[0][0].start, row[-1][0].end, text[row[0][0].start : row[-1][0].end])
    if WordIndex([text], language).share(keyword) < 1:
        return None
    asked = {stem(word, language) for word in content_words(keyword, language)}
    return next((span for span, roots in present if any(_any_same(roots, word) for word in asked)), None)


def _any_same(roots: tuple[str, ...], asked: str) -> bool:
    return any(same_word(root, asked) for root in roots)


def _keyword_label(scope: Scope) -> Label:
    names = scope.names()
    if scope.spec.number("min_items") and "[]" in scope.at():
        return Label("keyword.items", {**names, "min": whole(scope.spec.number("min_items") or 0)})
    if scope.spec.text("position") == "first_half":
        return Label("keyword.first_half", names)
    return Label("keyword.each", names)


@check("keyword", label=_keyword_label,
       params=("field", "min_items", "max_items", "position", "in_title", "in_first_words", "max_density"))  # fmt: skip
def keyword(scope: Scope) -> Iterator[Finding]:
    """The keyword, or one of them, is where search wants it, and not too often."""
    given = scope.input(scope.spec.text("field"))
    keywords = [str(item) for item in given] if isinstance(given, list | tuple) else [str(given)]
    texts = scope.texts()
    found = [(path, text, _first_of(text, keywords, scope.language)) for path, text in texts]
    low, high = scope.spec.number("min_items"), scope.spec.number("max_items")
    hits = sum(span is not None for _, _, span in found)
    if low is not None or high is not None:
        if low is not None and hits < low:
            yield scope.finding(scope.at(), "keyword.few", count=hits, min=whole(low), keyword=keywords[0])
        if high is not None and hits > high:
            yield scope.finding(scope.at(), "keyword.many", count=hits, max=whole(high), keyword=keywords[0])
    else:
        yield from _in_each(scope, found, keywords[0])
    yield from _in_places(scope, keywords)
    yield from _density(scope, texts, keywords)


def _first_of(text: str, keywords: list[str], language: str) -> Span | None:
    return next((span for word in keywords if (span := find_keyword(text, word, language))), None)


def _in_each(scope: Scope, found: list[tuple[str, str, Span | None]], word: str) -> Iterator[Finding]:
    for path, text, span in found:
        if span is None:
            yield scope.finding(path, "keyword.missing", keyword=word)
        elif scope.spec.text("position") == "first_half" and span.start > len(text) / 2:
            yield scope.finding(path, "keyword.late", start=span.start, end=span.end, keyword=word)


def _in_places(scope: Scope, keywords: list[str]) -> Iterator[Finding]:
    if scope.spec.flag("in_title"):
        title = next((str(value.value) for value in look_up(scope.output, "title") if value.found), "")
        if _first_of(title, keywords, scope.language) is None:
            yield scope.finding("title", "keyword.missing", keyword=keywords[0])
    first_words = scope.spec.number("in_first_words")
    if first_words:
        text = scope.joined()
        head = words(text)[: int(first_words)]
        if head and _first_of(text[: head[-1].end], keywords, scope.language) is None:
            yield scope.finding(scope.at(), "keyword.not_early", keyword=keywords[0], words=whole(first_words))


def _density(scope: Scope, texts: list[tuple[str, str]], keywords: list[str]) -> Iterator[Finding]:
    most = scope.spec.number("max_density")
    if most is None:
        return
    text = fold("\n".join(text for _, text in texts))
    total = word_count(text)
    said = sum(text.count(fold(word)) * word_count(word) for word in keywords)
    if total and said / total > most:
        share = round(100 * said / total, 1)
        yield scope.finding(scope.at(), "keyword.dense", percent=share, max=whole(most * 100), keyword=keywords[0])


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> regex.Pattern[str]:
    compiled: regex.Pattern[str] = regex.compile(pattern)
    return compiled


def _pattern_label(scope: Scope) -> Label:
    code = "pattern.must" if scope.spec.flag("must", default=True) else "pattern.not"
    return Label(code, {**scope.names(), "name": scope.spec.text("name", "pattern").replace("-", " ")})


@check("pattern", params=("name", "regex", "must"), label=_pattern_label)
def pattern(scope: Scope) -> Iterator[Finding]:
    """A pattern is found, or is not; per language where the template gives one for each."""
    given = scope.spec.by_language("regex")
    source = given.get(scope.language) if isinstance(given, dict) else given
    if not source:
        raise NotChecked("no_pattern", language=scope.context.profile.english_name)
    compiled = _compiled(source)
    must = scope.spec.flag("must", default=True)
    name = scope.spec.text("name", "pattern").replace("-", " ")
    try:
        if must and scope.at() == "." and scope.output.form not in ("text", "markdown"):
            if not any(compiled.search(text, timeout=PATTERN_TIMEOUT_S) for _, text in scope.texts()):
                yield scope.finding(".", "pattern.missing", name=name)
            return
        for path, text in scope.texts():
            match = compiled.search(text, timeout=PATTERN_TIMEOUT_S)
            if must and not match:
                yield scope.finding(path, "pattern.missing", name=name)
            elif match and not must:
                yield scope.finding(
                    path, "pattern.found", start=match.start(), end=match.end(), found=match[0][:60], name=name
                )
    except TimeoutError:
        raise NotChecked("slow_pattern") from None


@check("starts_upper", label=lambda scope: Label("starts_upper", scope.names()))
def starts_upper(scope: Scope) -> Iterator[Finding]:
    """Every item begins with a capital; scripts without capitals, and figures, pass."""
    for path, text in scope.texts():
        first = regex.search(r"[\p{L}\p{N}]", text[:200])
        if first and first[0].islower():
            capital = text[: first.start()] + first[0].upper() + text[first.end() :]
            yield scope.finding(path, "starts_upper.lower", start=first.start(), end=first.end(), suggestion=capital)


@check("no_overlap", params=("a", "b"), label=lambda scope: Label("no_overlap", {
    "a": scope.spec.text("a").replace("_", " "), "b": scope.spec.text("b").replace("_", " ")}))  # fmt: skip
def no_overlap(scope: Scope) -> Iterator[Finding]:
    """No word of one part comes again in another: it would use up room twice."""
    other = {fold(span.text) for at in scope.spec.text("b").split() for span in words(scope.joined(at))}
    ignored = function_words(scope.language)
    for path, text in scope.texts(scope.spec.text("a")):
        for span in words(text):
            word = fold(span.text)
            if word in other and word not in ignored:
                yield scope.finding(path, "overlap.word", start=span.start, end=span.end, word=span.text[:60])


def _urls_label(scope: Scope) -> Label:
    label = range_label(scope, kind="urls")
    return (
        Label("urls.given", label.params)
        if scope.spec.flag("only_from_inputs") and label.code != "urls.none"
        else label
    )


@check("urls", params=("min", "max", "limit", "only_from_inputs"), label=_urls_label)
def urls(scope: Scope) -> Iterator[Finding]:
    """Every text has so many web addresses, and none that the brief does not have."""
    limit = scope.limit()
    low = scope.spec.number("min") or (limit.min if limit else 0) or 0
    high = scope.spec.number("max")
    high = high if high is not None else (limit.max if limit else None)
    for path, text in scope.texts():
        links: list[Link] = find_urls(text)
        if high is not None and len(links) > high:
            link = links[int(high)]
            yield scope.finding(path, "urls.many", start=link.start, end=link.end, count=len(links), max=whole(high))
        elif len(links) < low:
            yield scope.finding(path, "urls.few", count=len(links), min=whole(low))
        for link in links if scope.spec.flag("only_from_inputs") else ():
            if not _was_given(link, scope.material.brief_addresses):
                yield scope.finding(path, "urls.unknown", start=link.start, end=link.end, url=link.text[:200])


def _was_given(link: Link, given: frozenset[str]) -> bool:
    key = address_key(link.text)
    return key in given or any(key == address.split("?")[0].split("#")[0] for address in given)
