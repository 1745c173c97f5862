"""Checks of what a text owes its reader: one clear ask, the legal sentence, the lines at the foot of a mail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import regex

from app.content.checks.banned_words import SPACED, find_phrases, phrase_pattern
from app.content.checks.counts import range_label
from app.content.checks.kinds import Label, Scope, check
from app.content.checks.lexicons import lexicon
from app.content.checks.links import find_urls
from app.content.checks.messages import whole
from app.content.checks.model import Finding, NotChecked
from app.content.checks.phrases import footer_line
from app.content.checks.words import sentences
from app.content.folding import fold
from app.content.passages import paragraphs

_LEAD = regex.compile(r"^[\s>*_#\[\]【】(（→▶►➡️👉👇🔗•–—-]*(?:\p{Nd}{1,2}[.)]\s+)?[*_\[]*")


class _Asks(NamedTuple):
    """How a language asks its reader to act: sentence beginnings, endings, phrases anywhere; words to skip first."""

    begins: regex.Pattern[str] | None
    ends: regex.Pattern[str] | None
    holds: regex.Pattern[str] | None
    leads: regex.Pattern[str] | None


@lru_cache(maxsize=16)
def _asks(language: str) -> _Asks | None:
    entry = lexicon("call_to_action").get(language)
    if not entry:
        return None
    spaced = language in SPACED

    def pattern(key: str, *, end: bool = False) -> regex.Pattern[str] | None:
        phrases = tuple(str(phrase) for phrase in entry.get(key, ()))
        if not phrases:
            return None
        source = phrase_pattern(phrases, whole_words=spaced, suffixes=language == "ko" and not end).pattern
        return regex.compile(
            f"(?:{source})" + (r"[\s.!?。！？।…)\]\"'”」*_:：>👉👇→]*$" if end else ""), regex.IGNORECASE
        )

    return _Asks(pattern("begins"), pattern("ends", end=True), pattern("holds"), pattern("leads"))


def asks_to_act(sentence: str, language: str) -> str | None:
    """Return the words by which a sentence asks its reader to do something, None where it does not ask."""
    asks = _asks(language)
    if asks is None:
        return None
    text = sentence.replace("’", "'")[:1_000]
    text = _LEAD.sub("", text, count=1)
    for _ in range(2):
        lead = asks.leads.match(text) if asks.leads else None
        text = text[lead.end() :].lstrip(" ,،、:") if lead else text
    for match in (
        asks.begins.match(text) if asks.begins else None,
        asks.ends.search(text[-60:]) if asks.ends else None,
        asks.holds.search(text) if asks.holds else None,
    ):
        if match:
            return fold(match[0].rstrip(" .!?。！？।…"))
    return None


def calls_to_action(text: str, language: str) -> list[tuple[int, int, str]]:
    """Return the calls to action of a text as (start, end, words): one a paragraph at most; repeats count once."""
    found: list[tuple[int, int, str]] = []
    said: set[str] = set()
    footers = [line for slot in ("unsubscribe", "postal_address") if (line := footer_line(slot, language))]
    for paragraph in paragraphs(text):
        if any(fold(word) in fold(paragraph.text) for line in footers for word in (line.slot, *line.words)):
            continue
        for sentence in sentences(paragraph.text):
            words = asks_to_act(sentence.text, language)
            if words is None:
                continue
            addresses = {link.text for link in find_urls(sentence.text)}
            if not ({words} | addresses) & said:
                start = paragraph.start + sentence.start
                found.append((start, start + len(sentence.text), words))
            said |= {words} | addresses
            break
    return found


@check("call_to_action", params=("min", "max"), label=range_label)
def call_to_action(scope: Scope) -> Iterator[Finding]:
    """The text asks its reader to act so many times."""
    if _asks(scope.language) is None:
        raise NotChecked("no_lexicon", language=scope.context.profile.english_name)
    low, high = scope.spec.number("min") or 0, scope.spec.number("max")
    for path, text in scope.texts() if scope.spec.at else [(".", scope.joined())]:
        found = calls_to_action(text, scope.language)
        if len(found) < low:
            yield scope.finding(path, "action.none" if not found else "action.few", count=len(found), min=whole(low))
        elif high is not None and len(found) > high:
            start, end, _ = found[int(high)]
            yield scope.finding(path, "action.many", start=start, end=end, count=len(found), max=whole(high))


@check("disclosure", params=("what",), label=lambda scope: Label("disclosure", {
    "what": scope.spec.text("what").replace("_", " ")}))  # fmt: skip
def disclosure(scope: Scope) -> Iterator[Finding]:
    """The legal sentence of the language is there word for word."""
    what = scope.spec.text("what")
    wanted = scope.context.profile.disclosures.get(what)
    if wanted is None:
        raise NotChecked("no_sentence", what=what.replace("_", " "), language=scope.context.profile.english_name)
    if fold(wanted) not in fold(scope.joined()):
        yield scope.finding(scope.at(), "disclosure.missing", sentence=wanted)


@check("footer_slots", params=("required",), label=lambda scope: Label("footer_slots", {
    "slots": ", ".join(scope.spec.texts("required")).replace("_", " ")}))  # fmt: skip
def footer_slots(scope: Scope) -> Iterator[Finding]:
    """The mail has its lines by law: how to unsubscribe, and where the sender is."""
    text = scope.joined("body") if scope.output.form == "email" and not scope.spec.at else scope.joined()
    for slot in scope.spec.texts("required"):
        line = footer_line(slot, scope.language)
        if line is None:
            raise NotChecked("no_lexicon", language=scope.context.profile.english_name)
        if line.slot not in text and not any(find_phrases(text, line.words, scope.language)):
            yield scope.finding("body" if scope.output.form == "email" else ".", "footer.missing", line=line.text)
