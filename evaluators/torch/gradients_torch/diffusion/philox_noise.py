"""Noise that every evaluator can make again, on any machine and in any order."""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_Words = NDArray[np.uint64]

_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], dtype=np.uint64)
_WEYL = np.array([0x9E3779B9, 0xBB67AE85], dtype=np.uint64)
_MASK = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROUNDS = 10


def philox(counter: _Words, key: _Words) -> _Words:
    """Philox4x32-10 (Salmon et al. 2011): four words for each row [n, 4] of counters, from a key of two words."""
    a, b, c, d = counter.T.copy()
    k0, k1 = key
    for _ in range(_ROUNDS):
        p0, p1 = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
        a, b, c, d = (p1 >> _HALF) ^ b ^ k0, p1 & _MASK, (p0 >> _HALF) ^ d ^ k1, p0 & _MASK
        k0, k1 = (k0 + _WEYL[0]) & _MASK, (k1 + _WEYL[1]) & _MASK
    return np.stack([a, b, c, d], axis=1)


def noise_at(seed: str, draw: int, row: int, count: int) -> Floats:
    """Standard normal numbers: Philox keyed by sha256("<seed>:noise:<draw>"), counted by (block, row, 0, 0).

    The words (u, v, u', v') of a block give r·cos φ, r·sin φ, r'·cos φ', r'·sin φ' with r = √(−2 ln((u + ½)/2³²)) and
    φ = 2πv/2³² (Box and Muller).
    """
    digest = hashlib.sha256(f"{seed}:noise:{draw}".encode()).digest()
    key = np.array([int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")], dtype=np.uint64)
    blocks = -(-count // 4)
    counters = np.zeros((blocks, 4), dtype=np.uint64)
    counters[:, 0] = np.arange(blocks, dtype=np.uint64)
    counters[:, 1] = row
    words: NDArray[Any] = philox(counters, key).astype(np.float64)
    radius = np.sqrt(-2 * np.log((words[:, 0::2] + 0.5) / 2**32))
    angle = 2 * np.pi * words[:, 1::2] / 2**32
    numbers = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=2)
    return numbers.reshape(-1)[:count].astype(np.float32)
