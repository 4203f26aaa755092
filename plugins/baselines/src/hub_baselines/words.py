"""Sentences as vectors: each word and each pair of neighbours adds to a place of its own, found by a hash.

Feature hashing as in Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009: no vocabulary has to be known
before, and with a sign from the hash, too, words that share a place do not add up on average.
"""

from __future__ import annotations

import functools
import itertools
import re
import zlib
from collections.abc import Sequence

import numpy as np

PLACES = 64

_WORD = re.compile(r"\w+")


def sentences_to_vectors(sentences: Sequence[str]) -> np.ndarray:
    """Return (n, PLACES) float32 for n sentences; upper and lower case are one."""
    return np.stack([_vector(sentence) for sentence in sentences])


@functools.lru_cache(maxsize=4096)
def _vector(sentence: str) -> np.ndarray:
    words = _WORD.findall(sentence.lower())
    vector = np.zeros(PLACES, dtype=np.float32)
    for feature in [*words, *map(" ".join, itertools.pairwise(words))]:
        digest = zlib.crc32(feature.encode())
        vector[digest % PLACES] += 1 if digest >> 31 else -1
    vector.flags.writeable = False
    return vector
