"""Ranks sentences of a source by the words they share: the extractive half of the writer."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

from app.adapters.models_embedded.sentences import is_unspaced, words
from app.content.checks.lexicons import function_words
from app.content.checks.stems import stem
from app.content.folding import fold


def terms(text: str, language: str) -> list[str]:
    """Return the terms of a text for comparison: words without function words, pairs of signs in unspaced scripts."""
    found = [fold(word) for word in words(text)]
    if is_unspaced(text):
        return [left + right for left, right in itertools.pairwise(found)]
    return [stem(word, language) for word in found if word not in function_words(language) and len(word) > 1]


def central(texts: Sequence[str], *, language: str) -> list[int]:
    """Return the indices of `texts`, those that say most of what the whole says first."""
    bags = [Counter(terms(text, language)) for text in texts]
    document = Counter(term for bag in bags for term in bag)
    scores = [
        (sum(document[term] for term in bag) / math.sqrt(len(bag) or 1)) * (1.2 if index == 0 else 1.0)
        for index, bag in enumerate(bags)
    ]
    return sorted(range(len(texts)), key=lambda index: (-scores[index], index))


def closest(texts: Sequence[str], *, to: str, most: int, language: str) -> list[int]:
    """Return up to `most` indices of `texts` that share terms with `to`, in reading order."""
    wanted = set(terms(to, language))
    bags = [set(terms(text, language)) for text in texts]
    spread = Counter(term for bag in bags for term in bag)
    scores = [sum(1 / spread[term] for term in bag & wanted) for bag in bags]
    best = sorted((index for index, score in enumerate(scores) if score > 0), key=lambda index: (-scores[index], index))
    return sorted(best[:most])
