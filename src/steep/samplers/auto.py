"""Choose the sampler by the kind of study and the number of trials, never by the clock.

Which sampler is best depends on how much is known. A Latin hypercube comes first. Then, with one
objective, two take turns: a Gaussian process says where in the whole space something better may be,
and a quadratic model refines the best point in a region that shrinks and grows with success. Where
nothing is numerical, or the region has collapsed, the Parzen estimator takes its turns, and every
other one where there are choices, which the process explores for longer. Each learns from what the
others find. With several objectives the process goes on alone. Where all parameters are continuous,
CMA-ES takes the turns of the process, and later all. Elsewhere the Parzen estimator goes on alone,
where there are so many trials that its fraction of a millisecond matters more than what the process
would learn. Turns and thresholds were compared in ``benchmarks/efficiency`` (docs/samplers.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from steep import logging
from steep.distributions import BaseDistribution
from steep.samplers.base import BaseSampler
from steep.samplers.cma import CmaEsSampler
from steep.samplers.gp import GPSampler
from steep.samplers.latin import LatinHypercubeSampler
from steep.samplers.local import LocalSampler, region_of
from steep.samplers.nsga import NSGAIISampler
from steep.samplers.tpe import TPESampler
from steep.search_space.columns import ColumnSpaces
from steep.states import TrialState

if TYPE_CHECKING:
    from steep.study import Study
    from steep.table import Table
    from steep.trial import FrozenTrial
    from steep.trial.draft import Draft

__all__ = ["AutoSampler"]

_logger = logging.get_logger(__name__)
_KEY = "auto:sampler"
_N_SPREAD = 10
_SHARE = 0.4
"""Of continuous ranges the first trials take so much, around the middle; all where there are
several objectives. What it was compared with is told in docs/samplers.md."""
_N_MANY = 1000
_N_REFINED = 300
"""So many trials, and CMA-ES takes over where all parameters are continuous. After 1,000 trials of
bbob functions of the tuning half, 200 and 450 were behind 300 in 5 dimensions, 600 in 10, with
CMA-ES alone from there on."""
_N_CHOICES = 50
"""So many trials, and refining beside choices is worth it. Until then the process has three turns
of four there."""
_MOST_MODELLED = 4
"""With so many objectives the process is still ahead on most fronts, and takes 30 to 60 ms."""
_MANY_OBJECTIVES = 4


class AutoSampler(BaseSampler):
    """Leave each trial to the sampler that is best for the study as it stands.

    | objectives | trials so far | sampler |
    |---|---|---|
    | any | fewer than 10 | a Latin hypercube |
    | 1 | 10 to 999 | :class:`GPSampler`, and in turn a quadratic model near the best trial |
    | 2 to 4 | 10 to 999 | :class:`GPSampler` |
    | 1, all parameters continuous | 300 to 999 | :class:`CmaEsSampler`, and the model in turn |
    | 1, all parameters continuous | 1000 and more | :class:`CmaEsSampler` |
    | 1 to 3 | 1000 and more | :class:`TPESampler` |
    | 5 and more | 10 to 999 | :class:`TPESampler` |
    | 4 and more | 1000 and more | :class:`NSGAIISampler` |

    Trials that are COMPLETE or PRUNED count, enqueued and added ones too. As long as none is
    COMPLETE, the :class:`TPESampler` replaces the :class:`GPSampler`. With one objective the
    hypercube takes the middle 40% of continuous ranges. The quadratic model moves the
    numerical parameters of the best trial. Where that has none, where nothing better is found near
    it, and where there are constraints or PRUNED trials, the :class:`TPESampler` takes these turns.
    Where the best trial has choices, which the model leaves as they are, or nothing numerical, it
    takes every other one, and the :class:`GPSampler` those between until there are 50 trials.
    There are no turns where a trial has failed, which only the :class:`GPSampler` learns from; a
    trial whose worker was lost does not count as that. :class:`CmaEsSampler` takes over where every
    trial has the same two or more parameters, none of which has steps, and none is pruned or
    constrained; it needs the package ``cmaes`` (``pip install 'steep[cmaes]'``), without which the
    others go on, and the log says so once. A study that begins with what others have found
    (``create_study(warm_start=...)``) is the process's from its first trial on, but for every other
    one of the first 10, which is a point of the hypercube. Parameters that a sampler does not
    propose jointly are left to the :class:`TPESampler`.

    Args:
        seed: The same seed gives the same parameters in every process; None for other ones each
            time.

    Example:
        >>> import steep
        >>> sampler = AutoSampler(seed=1)
        >>> study = steep.create_study(sampler=sampler)
        >>> study.optimize(lambda trial: trial.suggest_float("x", -5, 5) ** 2, n_trials=20)
        >>> [sampler.chosen(study.trials[number]) for number in (3, 14, 15)]
        ['latin', 'gp', 'local']
    """

    reads_columns = True

    def __init__(self, *, seed: int | None = None) -> None:
        self._tpe = TPESampler(seed=seed)
        self._latin = LatinHypercubeSampler(_N_SPREAD, seed, _SHARE)
        self._gp = GPSampler(
            seed=seed,
            independent_sampler=self._tpe,
            n_startup_trials=1,  # the first trials are spread evenly here
            warn_independent_sampling=False,
        )
        self._cma = CmaEsSampler(
            seed=seed, independent_sampler=self._tpe, warn_independent_sampling=False
        )
        self._nsgaii = NSGAIISampler(seed=seed)
        self._local = LocalSampler(self._tpe, seed)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Choose a sampler for the trial, and the parameters that it proposes jointly.

        Args:
            study: The study.
            trial: The running trial.

        Returns:
            Distributions by name.
        """
        if study.table.n_in(TrialState.RUNNING) > 1:
            study.flush()  # before anything is read: samplers look at what running trials chose
        choice = _choice(study.table, trial.number)
        _draft(study, trial).set_attr(_KEY, choice, system=True)
        return self._named(choice).infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> Mapping[str, Any]:
        """Let the chosen sampler propose parameters jointly.

        Args:
            study: The study.
            trial: The running trial.
            search_space: What :meth:`infer_relative_search_space` returned.

        Returns:
            Values by name.
        """
        return self._of(study, trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Let the chosen sampler propose one parameter.

        Args:
            study: The study.
            trial: The running trial.
            param_name: The name of the parameter.
            param_distribution: What to draw from.

        Returns:
            A value of the distribution.
        """
        sampler = self._of(study, trial)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Let the chosen sampler learn.

        Args:
            study: The study.
            trial: The trial, still running.
            state: How it ends.
            values: Its objective values, or None.
        """
        self._of(study, trial).after_trial(study, trial, state, values)

    def chosen(self, trial: FrozenTrial) -> str | None:
        """Tell which sampler proposed the parameters of a trial.

        Args:
            trial: A trial of any study that an AutoSampler has searched, in any process.

        Returns:
            "latin", "gp", "local", "cma", "tpe" or "nsgaii"; None if the trial was not left to an
            AutoSampler, or nothing in it was sampled.
        """
        found: str | None = trial.system_attrs.get(_KEY)
        return found

    def _of(self, study: Study, trial: FrozenTrial) -> BaseSampler:
        known = _draft(study, trial).system_attr(_KEY)
        return self._named(known or _choice(study.table, trial.number))

    def _named(self, choice: str) -> BaseSampler:
        made: BaseSampler = getattr(self, f"_{choice}")
        return made


def _draft(study: Study, trial: FrozenTrial) -> Draft:
    storage = study._storage
    return storage.draft_of(storage.trial_id_of(study._study_id, trial.number))


def _choice(table: Table, number: int) -> str:
    """Choose by the number of objectives and of trials, for the trial of a number."""
    n_objectives, n_complete = len(table.directions), table.n_in(TrialState.COMPLETE)
    n = n_complete + table.n_in(TrialState.PRUNED)
    is_refinable = _is_refinable(table) and _has_cmaes()
    if n >= _N_MANY:
        many = "nsgaii" if n_objectives >= _MANY_OBJECTIVES else "tpe"
        return "cma" if is_refinable else many
    if table.priors and not is_refinable:
        # The process begins where other studies have ended; points between tell whether that is
        # any good here.
        return "latin" if n < _N_SPREAD and n % 2 else "gp"
    if n < _N_SPREAD:
        return "latin"
    if n_objectives > _MOST_MODELLED or not n_complete:
        return "tpe"
    main = "cma" if is_refinable else "gp"
    takes_turns = n_objectives == 1 and table.n_in(TrialState.FAIL) == len(table.reaped)
    return _other(table, number, n, main) if takes_turns and number % 2 else main


def _other(table: Table, number: int, n: int, main: str) -> str:
    """Choose who has a turn that is not the process's, or that of what has replaced it."""
    # The region sees neither constraints nor how good a pruned trial was.
    is_blind = table.has_constraints or table.n_in(TrialState.PRUNED) > 0
    if is_blind and (n >= _N_CHOICES or number % 4 == 1):
        return "tpe"
    region = region_of(table)
    refiner = "tpe" if is_blind or region is None else "local"
    if region is not None and not len(region.choices):
        return refiner
    if main == "cma":
        return main
    # There are choices, which the region leaves as they are, or there is nothing to refine.
    if number % 4 == 1:
        return "tpe"
    return main if n < _N_CHOICES else refiner


def _is_refinable(table: Table) -> bool:
    """Tell whether CMA-ES may go on: one objective, continuous parameters, and many trials."""
    if table.n_in(TrialState.COMPLETE) < _N_REFINED or table.n_in(TrialState.PRUNED):
        return False
    if len(table.directions) > 1 or table.has_constraints:
        return False
    spaces = table.memo((AutoSampler, ColumnSpaces), ColumnSpaces)
    spaces.update(table)
    # Each trial has all parameters, with one distribution each.
    found = spaces.intersection.values()
    return 1 < len(found) == len(table.columns) and all(d.grid_size() is None for d in found)


@cache
def _has_cmaes() -> bool:
    """Tell whether the package is installed, and say what is missed if it is not."""
    if find_spec("cmaes") is not None:
        return True
    _logger.info(
        "AutoSampler would go on with CMA-ES, which refines continuous parameters best where there "
        "are hundreds of trials, but the package `cmaes` is not installed: "
        "pip install 'steep[cmaes]'"
    )
    return False
