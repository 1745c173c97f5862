"""Embeddings without a key or a network: wordllama's 256-dimensional static vectors, which ship in its wheel.

Good at "nearly the same words", weak at meaning and at languages other than English: callers must not take a high
cosine for the same meaning. Loading takes about half a second and holds about 80 MB, so it waits for the first use.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import Unavailable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSIONS = 256
CHARS_AT_ONCE = 60_000
"""A batch is padded to its longest text and takes about 350 bytes per character: this keeps it below 25 MB."""
CHARS_INLINE = 1_000
"""About 0.3 ms."""


class WordLlamaEmbeddings:
    """Works in one thread of its own; nothing is loaded before the first use, and nothing is ever downloaded."""

    model = "wordllama/l2_supercat_256"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._failure = ""

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix="embeddings")

    @cached_property
    def _model(self) -> Any:  # Any: the package is not typed
        handlers, level = logging.root.handlers[:], logging.root.level
        import wordllama

        logging.root.handlers[:], logging.root.level = handlers, level  # its import sets them, for everybody

        # With this cache_dir it finds the files of its own wheel: it looks for them under another name otherwise.
        return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector of unit length per text, shape (n, d), in order; an empty text's is all zeros.

        A few short texts take less time than the way to the thread and back.
        """
        if "_model" in vars(self) and sum(map(len, texts)) <= CHARS_INLINE:
            return self._embed(tuple(texts))
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._embed, tuple(texts))

    async def warm(self) -> None:
        """Load the model."""
        await self.embed(("warm",))

    async def ping(self) -> None:
        """Return when vectors can be had; a model that nobody has needed yet is not loaded for it.

        Raises:
            Unavailable: the model's files could not be loaded.
        """
        if self._failure:
            raise Unavailable(code="embeddings.broken")

    def _embed(self, texts: tuple[str, ...]) -> NDArray[np.float32]:
        import numpy as np

        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for places in _batches(texts):
            # a lone surrogate has no UTF-8, which the tokenizer asks for
            batch = [texts[at].encode("utf-8", "replace").decode() for at in places]
            vectors[places] = self._loaded().embed(batch, norm=False)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, lengths, out=vectors, where=lengths > 0)
        return vectors

    def _loaded(self) -> Any:  # Any: as above
        try:
            model = self._model
        except (ImportError, OSError) as error:
            self._failure = type(error).__name__
            raise Unavailable(code="embeddings.broken") from error
        self._failure = ""
        return model


def _batches(texts: tuple[str, ...]) -> Iterator[list[int]]:
    """Yield the places of the texts that have any content, in batches of texts of about the same length."""
    batch: list[int] = []
    for at in sorted((at for at, text in enumerate(texts) if text.strip()), key=lambda at: len(texts[at])):
        if batch and len(texts[at]) * (len(batch) + 1) > CHARS_AT_ONCE:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch
