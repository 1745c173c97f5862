"""What every Embeddings adapter does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest

from app.adapters.embeddings_wordllama import WordLlamaEmbeddings
from app.core.errors import Unavailable
from app.core.ports import Embeddings


@pytest.fixture(scope="module")
def embeddings() -> Embeddings:
    """The embedded adapter."""
    return WordLlamaEmbeddings()


async def test_every_text_has_a_vector_of_unit_length(embeddings: Embeddings) -> None:
    vectors = await embeddings.embed(["Where is my card?", "你好", "नमस्ते", "مرحبا", "🙂"])

    assert (5, embeddings.dimensions) == vectors.shape
    assert np.float32 == vectors.dtype
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


async def test_the_same_words_lie_closer_than_others(embeddings: Embeddings) -> None:
    asked, near, far = await embeddings.embed(
        ["Where is my new card?", "where is the new card", "Can I exchange dollars for euros?"]
    )

    assert asked @ near > 0.8 > asked @ far


async def test_a_vector_does_not_depend_on_what_else_is_asked_for(embeddings: Embeddings) -> None:
    alone = await embeddings.embed(["short"])
    among = await embeddings.embed(["a much longer text " * 200, "short", "", "another"])

    assert np.allclose(alone[0], among[1], atol=1e-6)


@pytest.mark.parametrize("empty", ["", "   ", "\n"])
async def test_an_empty_text_has_a_vector_of_zeros(embeddings: Embeddings, empty: str) -> None:
    assert not np.any(await embeddings.embed([empty]))


async def test_no_text_at_all_has_no_vector(embeddings: Embeddings) -> None:
    assert (0, embeddings.dimensions) == (await embeddings.embed([])).shape


@pytest.mark.parametrize("text", ["\ud800 lone", "\x00", "x" * 50_000])
async def test_what_people_paste_has_a_vector(embeddings: Embeddings, text: str) -> None:
    assert np.all(np.isfinite(await embeddings.embed([text, "other"])))


async def test_it_answers_a_ping_before_and_after_it_is_loaded(embeddings: Embeddings) -> None:
    fresh = WordLlamaEmbeddings()
    await fresh.ping()
    await embeddings.warm()

    await embeddings.ping()
    assert "_model" not in vars(fresh)


class Broken(WordLlamaEmbeddings):
    """Its files are gone, or half of the wheel is missing."""

    @property
    def _model(self) -> Sequence[str]:
        raise FileNotFoundError("weights")


async def test_missing_files_are_said_and_fail_the_ping() -> None:
    broken = Broken()

    with pytest.raises(Unavailable):
        await broken.embed(["a"])
    with pytest.raises(Unavailable):
        await broken.ping()


def test_choosing_it_loads_nothing() -> None:
    code = "import sys; import app.bootstrap; print(*(set(sys.modules) & {'wordllama', 'tokenizers', 'safetensors'}))"

    assert "" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
