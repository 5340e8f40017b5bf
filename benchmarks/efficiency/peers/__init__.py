"""The adapters: each makes one library answer `ask` and `tell`.

A name of a peer is a word of the table below, or `steep:CLASS` and `optuna:CLASS` with arguments
of a sampler: `steep:GPSampler,n_startup_trials=5`.

This package runs in the environment of every peer: modules import their library when asked to.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.efficiency.spaces import Configuration, Space

__all__ = ["PEERS", "Adapter", "Peer", "make", "peer_named"]


class Adapter(Protocol):
    """Propose configurations, and learn how good they were.

    An adapter is made of the space, the seed, the number of objectives and that of evaluations.
    """

    def ask(self) -> Configuration:
        """Give the next configuration."""
        ...

    def tell(self, configuration: Configuration, losses: list[float]) -> None:
        """Take the losses, one for each objective, of what `ask` gave last; small is good."""
        ...


@dataclass(frozen=True)
class Peer:
    """Where to find an adapter.

    Attributes:
        module: The module here that has the class `Adapter` for it.
        arguments: Its first arguments: the name of a library, of a sampler, and its options.
        requires: What pip installs for it, in this order, one call each.
        home: The environment that has it, "" for the one of the tasks.
        objectives: The largest number of objectives that it is run with.
    """

    module: str
    arguments: tuple[Any, ...] = ()
    requires: tuple[tuple[str, ...], ...] = ()
    home: str = ""
    objectives: int = 1


def _steep(sampler: str | None = None, **options: Any) -> Peer:
    return Peer("define_by_run", ("steep", sampler, options), objectives=9)


def _optuna(sampler: str | None = None, **options: Any) -> Peer:
    needs = (("torch==2.13.0",), ("optuna==5.0.0",), ("cmaes",), ("scipy",))
    return Peer("define_by_run", ("optuna", sampler, options), needs, "optuna", objectives=9)


# HEBO's own list has a NumPy below 1.25, and GPy and catboost for models that are not its default:
# pip did not end in 400 s. Its default model needs neither, and runs with later ones.
# pymoo compiles its sorting only if Cython and NumPy are there before it.
_HEBO = (
    ("torch==2.13.0",),
    ("gpytorch", "scikit-learn", "pandas", "disjoint-set", "cython", "wheel", "setuptools<80"),
    ("pymoo==0.6.0",),
    ("--no-deps", "hebo==0.3.6"),
)

PEERS: dict[str, Peer] = {
    "random": Peer("uniform", objectives=9),
    "steep": _steep(),
    "steep-auto": _steep("AutoSampler"),
    "steep-gp": _steep("GPSampler"),
    "steep-tpe": _steep("TPESampler"),
    "steep-cma": _steep("CmaEsSampler"),
    "steep-nsgaii": _steep("NSGAIISampler"),
    "steep-nsgaiii": _steep("NSGAIIISampler"),
    "optuna": _optuna(),
    "optuna-gp": _optuna("GPSampler"),
    "optuna-univariate": _optuna("TPESampler", multivariate=False),
    "optuna-cma": _optuna("CmaEsSampler"),
    "optuna-nsgaii": _optuna("NSGAIISampler"),
    "hyperopt": Peer("hyperopt", requires=(("hyperopt",),), home="hyperopt"),
    "nevergrad": Peer("nevergrad", requires=(("nevergrad",),), home="nevergrad", objectives=9),
    # pyrfr, the forest of SMAC, is compiled with swig.
    "smac": Peer("smac", requires=(("swig<4.4",), ("smac",)), home="smac"),
    "hebo": Peer("hebo", requires=_HEBO, home="hebo"),
    "ax": Peer("ax", requires=(("torch==2.13.0",), ("ax-platform",)), home="ax"),
}


def peer_named(name: str) -> Peer:
    """Find a peer.

    Args:
        name: A word of `PEERS`, or `LIBRARY:SAMPLER,option=value,...`.

    Raises:
        ValueError: If there is no such peer.
    """
    if name in PEERS:
        return PEERS[name]
    library, colon, rest = name.partition(":")
    if not colon or library not in ("steep", "optuna"):
        raise ValueError(f"There is no peer {name!r}: use one of {sorted(PEERS)} or steep:SAMPLER.")
    sampler, *options = rest.split(",")
    found = dict(option.split("=", 1) for option in options)
    build = _steep if library == "steep" else _optuna
    return build(sampler, **{key: _value(text) for key, text in found.items()})


def make(name: str, space: Space, seed: int, objectives: int, evaluations: int) -> Adapter:
    """Make the adapter of a peer, in the environment that has its library.

    Args:
        name: The peer.
        space: What to search.
        seed: Of its random numbers.
        objectives: How many losses an evaluation has.
        evaluations: How many there will be; some peers plan for it.
    """
    peer = peer_named(name)
    module = importlib.import_module(f"{__name__}.{peer.module}")
    made: Adapter = module.Adapter(*peer.arguments, space, seed, objectives, evaluations)
    return made


def _value(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
