"""Seeds of episodes. Training draws from [0, 2**30), evaluation from [2**30, 2**31): no episode can be in both, whatever anybody chooses.

Evaluation seeds are `fixed` or `committed`. Fixed seeds depend only on the protocol and the environment, so all agents and all training
seeds meet the same episodes (common random numbers: differences between agents have less variance). Committed seeds depend on the frozen
agent as well, so nobody knows them before the agent is finished, and nobody can fit an agent to them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

EVALUATION = range(2**30, 2**31)
TRAINING = range(2**30)


def evaluation_seeds(protocol: str, version: int, env_id: str, episodes: int, *, commitment: str | None = None) -> list[int]:
    """Return the seeds of episodes 0 to `episodes` - 1, each a hash into [2**30, 2**31).

    A longer run begins with the seeds of a shorter one.

    Args:
        protocol: the protocol's name.
        version: its version.
        env_id: the environment's id.
        episodes: how many seeds.
        commitment: `commitment(...)` of the frozen agent for committed seeds; None for fixed ones.
    """
    return [EVALUATION[_digest_number([protocol, version, env_id, commitment, index], len(EVALUATION))] for index in range(episodes)]


def commitment(agent: str, config: dict[str, Any], seed: int, weights_sha256: str | None) -> str:
    """Return the digest of a frozen agent that its committed seeds are derived from: name, configuration, construction seed, weights."""
    return hashlib.sha256(_canonical([agent, config, seed, weights_sha256])).hexdigest()


def training_seeds(seed: int, drawn: int = 0) -> Iterator[int]:
    """Return an endless stream of seeds in [0, 2**30), determined by the run's `seed`, without its first `drawn`."""
    return itertools.islice(_training_stream(seed), drawn, None)


def _training_stream(seed: int) -> Iterator[int]:
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    while True:
        yield from stream.integers(len(TRAINING), size=256).tolist()


def into_training_range(seed: int) -> int:
    """Map a seed that an agent chose for a training episode into [0, 2**30); seeds already there stay."""
    return seed % len(TRAINING)


def _digest_number(parts: list[Any], below: int) -> int:
    return int.from_bytes(hashlib.blake2b(_canonical(parts), digest_size=16).digest(), "big") % below


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
