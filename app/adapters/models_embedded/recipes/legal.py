"""Contract summary: the clauses speak for themselves, the writer only says what to look for."""

from __future__ import annotations

import regex

from app.adapters.models_embedded.bank import Topic
from app.adapters.models_embedded.desk import Desk, one_line
from app.adapters.models_embedded.drafts import Draft
from app.adapters.models_embedded.sentences import words

_ROWS_MOST = 12
_CLAUSE_WORDS_MOST = 60
_CLAUSE_NUMBER = regex.compile(r"^[\s§(]*\p{N}+(?:\.\p{N}+)*[.)．、]?\s*$")


def contract_summary(desk: Desk) -> Draft:
    """Give one row per clause of weight: topic, what to check, the clause word for word, risk."""
    rows: list[dict[str, str]] = []
    seen: dict[str, int] = {}
    for clause in _clauses(desk):
        topic = _topic(desk, clause)
        count = seen[topic.name] = seen.get(topic.name, 0) + 1
        if count > 2 or len(rows) == _ROWS_MOST:
            continue
        rows.append(
            {
                "topic": topic.label,
                "plain_words": topic.plain[(desk.variant + count - 1) % len(topic.plain)],
                "clause": clause,
                "risk": topic.risk,
            }
        )
    return {"rows": rows, "note": desk.profile.disclosures.get("legal_draft", "")}


def _clauses(desk: Desk) -> list[str]:
    """Return the sentences of the contract as quotable lines; numbers alone on a line are dropped."""
    found = []
    for sentence in desk.sentences(desk.raw("contract")):
        clause = one_line(sentence)
        if len(words(clause)) >= 4 and not _CLAUSE_NUMBER.match(clause):
            found.append(desk.cut_to(clause, lambda text: len(words(text)) <= _CLAUSE_WORDS_MOST))
    return found or [one_line(desk.raw("contract"))[:200]]


def _topic(desk: Desk, clause: str) -> Topic:
    folded = clause.casefold()
    scores = [sum(_stands_in(word, folded) * len(word) for word in topic.words) for topic in desk.bank.topics]
    best = max(range(len(scores)), key=lambda index: scores[index])
    return desk.bank.topics[best if scores[best] else -1]


def _stands_in(word: str, clause: str) -> bool:
    at = clause.find(word)
    return at >= 0 and (not word.isascii() or at == 0 or not clause[at - 1].isalpha())
