"""Samplers propose parameters.

| sampler | proposes |
|---|---|
| :class:`TPESampler` | where good trials are dense and bad ones are not; the default |
| :class:`RandomSampler` | uniformly at random |

Subclass :class:`BaseSampler` to write another one.
"""

from __future__ import annotations

from steep.samplers.base import BaseSampler
from steep.samplers.random import RandomSampler
from steep.samplers.tpe import TPESampler

__all__ = ["BaseSampler", "RandomSampler", "TPESampler"]
