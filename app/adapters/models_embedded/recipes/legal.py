"""Contract summary: the clauses speak for themselves, the writer only says what to look for."""

from __future__ import annotations

from collections import Counter

import regex

from app.adapters.models_embedded.bank import Topic
from app.adapters.models_embedded.desk import Desk, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.roles import RISKS
from app.content.checks.words import word_count

_ROWS_MOST = 12
_ROWS_PER_TOPIC = 2
_CLAUSE_WORDS_LEAST = 3
_CLAUSE_WORDS_MOST = 60
_CLAUSE_NUMBER = regex.compile(r"^[\s§(]*\p{N}+(?:\.\p{N}+)*[.)．、]?\s*$")


def contract_summary(desk: Desk) -> Draft:
    """Give one row per clause of weight: topic, what to check, the clause word for word, risk."""
    rows: list[dict[str, str]] = []
    seen: Counter[str] = Counter()
    for heading, clause in _clauses(desk):
        topic = _topic(desk, heading, clause)
        seen[topic.name] += 1
        if seen[topic.name] > _ROWS_PER_TOPIC or len(rows) == _ROWS_MOST:
            continue
        plain = topic.plain
        rows.append(
            {
                "topic": topic.label,
                "plain_words": plain[desk.variant % len(plain)],
                "clause": clause,
                "risk": topic.risk,
            }
        )
    if desk.variant % 2:  # a second reading: what may hurt comes first
        rows.sort(key=lambda row: -RISKS.index(row["risk"]))
    return {"rows": rows, "note": desk.profile.disclosures.get("legal_draft", "")}


def _clauses(desk: Desk) -> list[tuple[str, str]]:
    """Return the sentences of the contract as quotable lines, each with the heading above it."""
    found: list[tuple[str, str]] = []
    heading = ""
    for sentence in desk.sentences(desk.raw("contract")):
        clause = one_line(sentence)
        if word_count(clause) >= _CLAUSE_WORDS_LEAST:
            long = word_count(clause) > _CLAUSE_WORDS_MOST
            found.append((heading, desk.cut_to(clause, _is_quotable) if long else clause))
        elif not _CLAUSE_NUMBER.match(clause):
            heading = clause
    return found or [("", one_line(desk.raw("contract"))[:200])]


def _is_quotable(text: str) -> bool:
    return word_count(text) <= _CLAUSE_WORDS_MOST


def _topic(desk: Desk, heading: str, clause: str) -> Topic:
    folded, above = clause.casefold(), heading.casefold()
    scores = [
        sum((_stands_in(word, folded) + 3 * _stands_in(word, above)) * len(word) for word in topic.words)
        for topic in desk.bank.topics
    ]
    best = max(range(len(scores)), key=lambda index: scores[index])
    return desk.bank.topics[best if scores[best] else -1]


def _stands_in(word: str, clause: str) -> bool:
    at = clause.find(word)
    return at >= 0 and (not word.isascii() or at == 0 or not clause[at - 1].isalpha())
