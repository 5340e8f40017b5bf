"""Draw every parameter uniformly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steep.distributions import BaseDistribution
from steep.samplers.base import IndependentSampler
from steep.streams import Streams

if TYPE_CHECKING:
    from steep.study import Study
    from steep.trial import FrozenTrial

__all__ = ["RandomSampler"]


class RandomSampler(IndependentSampler):
    """Draw every parameter uniformly, in the logarithm where the range is logarithmic.

    Args:
        seed: The same seed gives the same parameters; None for other ones each time.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=RandomSampler(seed=3))
        >>> study.optimize(lambda trial: trial.suggest_int("x", 1, 6), n_trials=3)
        >>> all(1 <= trial.params["x"] <= 6 for trial in study.trials)
        True
    """

    reads_columns = True

    def __init__(self, seed: int | None = None) -> None:
        self._streams = Streams(seed)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Draw one parameter.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution; it depends on the seed, the number of the trial and the
            name only.
        """
        return param_distribution.from_unit(self._streams.uniform(study, trial.number, param_name))
