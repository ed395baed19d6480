"""The same random numbers for every model, in any order, on any machine."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from ...diffusion.philox_noise import philox


class Uniform:
    """Numbers in [0, 1) with 53 bits for each token of a set.

    Philox4x32-10 with the first two big-endian words of SHA-256("<seed>:sample:<set>") as the key and
    (position // 2, completion, row, 0) as the counter; an even position takes the block's first two words (a, b), an
    odd one the last two: (floor(a / 2^5) * 2^26 + floor(b / 2^6)) / 2^53.
    """

    def __init__(self, seed: str, set_name: str) -> None:
        digest = hashlib.sha256(f"{seed}:sample:{set_name}".encode()).digest()
        words = [int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:8], "big")]
        self._key = np.array(words, dtype=np.uint64)

    def numbers(self, row: int, completion: int, count: int) -> NDArray[np.float64]:
        """Those of the first `count` positions of one completion."""
        blocks = -(-count // 2)
        counters = np.zeros((blocks, 4), dtype=np.uint64)
        counters[:, 0] = np.arange(blocks, dtype=np.uint64)
        counters[:, 1] = completion
        counters[:, 2] = row
        pairs = philox(counters, self._key).reshape(-1, 2)[:count]
        high, low = pairs[:, 0] >> np.uint64(5), pairs[:, 1] >> np.uint64(6)
        numbers: NDArray[np.float64] = (high * np.uint64(2**26) + low).astype(np.float64) / 2**53
        return numbers
