"""How much personal data is hidden before a provider sees a prompt, how much else is, and how long looking takes.

Sentences of presidio-research with 17 kinds of marked entities. A datum counts as hidden when each of its letters and
digits lies behind a placeholder; what is hidden and is none of the kinds that we look for counts as hidden wrongly.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.llm.redaction.found import Found
from app.llm.redaction.vault import find
from bench.table import Goal, Table

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "presidio-pii" / "sentences.json"
KINDS = {
    "CREDIT_CARD": "CARD",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "IBAN",
    "US_SSN": "ID",
    "PHONE_NUMBER": "PHONE",
    "IP_ADDRESS": "IP",
    "PERSON": "NAME",
}
"""Kinds of the data, by ours. Streets, places, dates, ages and employers are not looked for."""
STRUCTURED = tuple(kind for kind in KINDS if kind != "PERSON")
LOWEST_RECALL_PCT = 98
ROUNDS = 3
LONG_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Counted:
    """By kind: how many there are, how many were hidden, and how often something else was hidden as such a one."""

    there: Counter[str]
    hidden: Counter[str]
    wrongly: Counter[str]

    def recall_pct(self, *kinds: str) -> float:
        """Hidden of those that are there."""
        return 100 * sum(self.hidden[kind] for kind in kinds) / max(sum(self.there[kind] for kind in kinds), 1)


def measure() -> Table:
    """Run the bench."""
    sentences = json.loads(DATA.read_text("utf-8"))
    counted = _count(sentences)
    short_ms, long_ms = _times([sentence["full_text"] for sentence in sentences])
    rows = [
        (kind, counted.there[kind], counted.recall_pct(kind), counted.wrongly[KINDS[kind]])
        for kind in sorted(KINDS, key=lambda kind: (kind == "PERSON", -counted.there[kind]))
    ]
    rows.insert(0, ("all but names", sum(counted.there[k] for k in STRUCTURED), counted.recall_pct(*STRUCTURED), None))
    return Table(
        bench="redaction",
        columns=("kind of the data", "there", "hidden %", "others hidden as such"),
        rows=tuple(rows),
        reference="all but names",
        goals=tuple(
            Goal(f"{kind} left in the text", 100 - counted.recall_pct(kind), 100 - LOWEST_RECALL_PCT, "%")
            for kind in STRUCTURED
        ),
        notes=(
            f"{len(sentences)} sentences in English, {sum(len(one['full_text']) for one in sentences):,} characters. "
            f"Names are found only where the words around them announce one. Time per 1,000 characters: "
            f"{long_ms:.2f} ms in texts of {LONG_TEXT:,} characters, {short_ms:.2f} ms sentence by sentence.",
        ),
    )


def _count(sentences: list[dict[str, Any]]) -> Counted:
    counted = Counted(Counter(), Counter(), Counter())
    for sentence in sentences:
        text = sentence["full_text"]
        found = find(text, language="en")
        marked = [span for span in sentence["spans"] if span["entity_type"] in KINDS]
        for span in marked:
            counted.there[span["entity_type"]] += 1
            counted.hidden[span["entity_type"]] += _is_hidden(text, span, found)
        for one in found:
            right = any(KINDS[span["entity_type"]] == one.kind and _overlap(span, one) for span in marked)
            counted.wrongly[one.kind] += not right
    return counted


def _is_hidden(text: str, span: dict[str, Any], found: list[Found]) -> bool:
    places = range(span["start_position"], span["end_position"])
    return all(any(one.start <= at < one.end for one in found) for at in places if text[at].isalnum())


def _overlap(span: dict[str, Any], one: Found) -> bool:
    return bool(span["start_position"] < one.end and one.start < span["end_position"])


def _times(texts: list[str]) -> tuple[float, float]:
    """Return milliseconds per 1,000 characters, of short texts and of long ones; the best of some rounds."""
    joined = "\n".join(texts)
    long = [joined[at : at + LONG_TEXT] for at in range(0, len(joined), LONG_TEXT)]
    return _best_ms(texts), _best_ms(long)


def _best_ms(texts: list[str]) -> float:
    best_s = float("inf")
    for _ in range(ROUNDS):
        began_s = time.perf_counter()
        for text in texts:
            find(text, language="en")
        best_s = min(best_s, time.perf_counter() - began_s)
    return best_s * 1e6 / sum(map(len, texts))
