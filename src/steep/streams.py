"""Random numbers that depend on (seed, trial number), never on the order of the calls.

A counter-based generator maps (key, counter) to random bits with no state in between. The key
holds the seed and the purpose, the counter holds the number of the trial; so a study that is
resumed, run by several workers or replayed draws the same numbers for the same trial, and the
streams of two trials never overlap.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox).

Example:
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(entropy=1, redraws={})
    >>> first = Streams(seed=7).uniform(study, 3, "lr")
    >>> other = Streams(seed=7)
    >>> _ = other.uniform(study, 900, "momentum")
    >>> other.uniform(study, 3, "lr") == first
    True
"""

from __future__ import annotations

import os
import threading
import zlib
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["HasEntropy", "Streams", "redraws_of"]

_BLOCK_BITS = 8
"""Uniform numbers are made for 256 trials at once: one call of NumPy costs as much as 100."""

_WITHIN_BLOCK = (1 << _BLOCK_BITS) - 1
_MASK = 2**64 - 1


class HasEntropy(Protocol):
    """Have a stable 64-bit number of one's own, as a study does.

    Attributes:
        redraws: How often running trials were drawn again, by number; see :func:`redraws_of`.
    """

    redraws: dict[int, int]

    @property
    def entropy(self) -> int:
        """Give the number."""
        ...


def redraws_of(study: HasEntropy, number: int) -> int:
    """Tell how often a running trial was drawn again, since ``trial.require`` was not met.

    Args:
        study: The study of the trial; ``study.redraws`` counts by number.
        number: The number of the trial.
    """
    return study.redraws.get(number, 0)


class Streams:
    """Derive random numbers from a seed and the number of a trial.

    Args:
        seed: Any integer. The same seed gives the same numbers in every process and for every
            study. With None the seed is drawn from the operating system, and the numbers also
            depend on the study, so that one sampler serves several studies independently.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._seeded = seed is not None
        self._seed = (int.from_bytes(os.urandom(8), "big") if seed is None else int(seed)) & _MASK
        self._blocks: dict[Hashable, tuple[int, list[float]]] = {}
        self._local = threading.local()

    @property
    def seed(self) -> int:
        """Give the seed, the one that was given or the one that was drawn."""
        return self._seed

    @property
    def drawn(self) -> int | None:
        """Give the seed that was drawn from the operating system, or None where one was given."""
        return None if self._seeded else self._seed

    def adopt(self, drawn: int) -> None:
        """Go on with a seed that another object has drawn.

        Args:
            drawn: The seed.
        """
        self._seeded, self._seed, self._blocks = False, drawn, {}

    def uniform(self, study: HasEntropy, number: int, name: str) -> float:
        """Draw the uniform number of a parameter in a trial.

        Args:
            study: The study of the trial.
            number: The number of the trial, at least 0.
            name: The name of the parameter.

        Returns:
            A number in [0, 1).
        """
        if study.redraws and number in study.redraws:
            salt = zlib.crc32(name.encode()) | 1 << 32
            generator = self.generator(study, number, salt, study.redraws[number])
            return float(generator.random())
        key: Hashable = name if self._seeded else (name, study.entropy)
        block = number >> _BLOCK_BITS
        entry = self._blocks.get(key)
        if entry is None or entry[0] != block:
            salt = zlib.crc32(name.encode()) | 1 << 32
            entry = (block, self.generator(study, block, salt).random(1 << _BLOCK_BITS).tolist())
            self._blocks[key] = entry
        return entry[1][number & _WITHIN_BLOCK]

    def generator(
        self, study: HasEntropy, number: int, salt: int = 0, redraws: int = 0
    ) -> np.random.Generator:
        """Give the generator of a trial, at the start of its stream.

        Args:
            study: The study of the trial.
            number: The number of the trial, at least 0.
            salt: Tells independent streams of one trial apart, in [0, 2**64).
            redraws: How often the trial was drawn again; see :func:`redraws_of`.

        Returns:
            A generator that is valid until the next call from the same thread.
        """
        generator: np.random.Generator | None = getattr(self._local, "generator", None)
        if generator is None:
            generator = self._local.generator = np.random.Generator(np.random.Philox())
        seed = self._seed if self._seeded else self._seed ^ study.entropy
        # The lowest word counts the blocks drawn from this stream, so the number of the trial
        # lies in the next one: streams are 2**64 blocks apart.
        generator.bit_generator.state = {
            "bit_generator": "Philox",
            "state": {"counter": (0, number, redraws, 0), "key": (seed, salt)},
            "buffer": (0, 0, 0, 0),
            "buffer_pos": 4,
            "has_uint32": 0,
            "uinteger": 0,
        }
        return generator

    def __getstate__(self) -> dict[str, Any]:
        return {"_seeded": self._seeded, "_seed": self._seed}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._blocks = {}
        self._local = threading.local()
