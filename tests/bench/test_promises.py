"""What docs/performance.md promises of the cache and of redaction holds on the outside data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.adapters.embeddings_wordllama import WordLlamaEmbeddings
from app.llm.cache import service
from app.llm.cache.guards import kept_apart_by
from bench import cache, cache_traffic, redaction


async def test_at_most_one_answer_of_a_hundred_served_is_wrong(shared_data: Path) -> None:
    questions = cache_traffic.questions(shared_data / "banking77" / "train.csv")
    vectors = await WordLlamaEmbeddings().embed([text for text, _ in questions])
    served = cache_traffic.Traffic(questions, vectors).served(service.ANSWER_COSINE, guarded=True)

    assert served.wrong_pct <= 1
    assert served.hit_pct >= 5


@pytest.mark.parametrize(("one", "other"), cache.MUST_NOT)
def test_pairs_that_must_never_be_served_are_kept_apart(one: str, other: str) -> None:
    assert kept_apart_by(one, other, language="en")


def test_of_structured_personal_data_nearly_all_is_hidden(shared_data: Path) -> None:
    sentences = json.loads((shared_data / "presidio-pii" / "sentences.json").read_text("utf-8"))
    counted = redaction._count(sentences)

    assert {kind: counted.recall_pct(kind) >= 98 for kind in redaction.STRUCTURED} == dict.fromkeys(
        redaction.STRUCTURED, True
    )
    assert sum(counted.wrongly.values()) <= len(sentences) // 50
