"""The trial that an objective sees while it runs.

Suggesting and reporting only write into a :class:`~steep.trial.draft.Draft`; the storage reads
the draft whenever somebody reads the study, and one event carries the rest when the trial ends.
"""

from __future__ import annotations

import contextlib
import datetime
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from steep.constraints import constraint_to_set
from steep.distributions import BaseDistribution, check_distribution_compatibility
from steep.exceptions import UpdateFinishedTrialError
from steep.reports import check_step
from steep.trial.base import follow_known, warn_out_of_range
from steep.trial.frozen import FrozenTrial
from steep.trial.proposals import Proposals
from steep.trial.redraws import RedrawnTrial, Rejections
from steep.wire import check_kept, kept_attr

if TYPE_CHECKING:
    from steep.pruners import BasePruner
    from steep.samplers import BaseSampler
    from steep.study import Study
    from steep.study.explain import Explanation

__all__ = ["Trial"]

_NOTHING: AbstractContextManager[None] = contextlib.nullcontext()


class Trial(RedrawnTrial):
    """Suggest parameters to an objective and take its reports.

    Trials are made by :meth:`steep.study.Study.optimize` and :meth:`steep.study.Study.ask`.

    Args:
        study: The study of the trial.
        trial_id: The number of the trial in the storage.

    Example:
        >>> import steep
        >>> study = steep.create_study(sampler=steep.samplers.RandomSampler(seed=1))
        >>> trial = study.ask()
        >>> x = trial.suggest_float("x", -1, 1)
        >>> study.tell(trial, x**2).params == {"x": x}
        True
    """

    def __init__(self, study: Study, trial_id: int) -> None:
        self.study = study
        self._trial_id = trial_id
        self._draft = draft = study._storage.draft_of(trial_id)
        self._number = number = draft.number
        self._params = draft.params
        table = study.table
        self._columns = table.columns
        self._fixed = self._fixed_params() if number in table.system_attrs else {}
        self._view = FrozenTrial.lazy(number, study.read_fields)
        self._rejections: Rejections | None = None
        self._asked: dict[str, BaseDistribution] = {}
        self.relative_search_space: dict[str, BaseDistribution] = {}
        self._relative_params: Mapping[str, Any] | None = None
        self._relative_seen = 0
        study.sampler.before_trial(study, self._frozen(study.sampler))

    def __getstate__(self) -> dict[str, Any]:
        # The draft, and what hangs on it, belongs to the storage of a process.
        dropped = ("_draft", "_params", "_columns", "_view")
        return {name: value for name, value in self.__dict__.items() if name not in dropped}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._draft = self.study._storage.draft_of(self._trial_id)
        self._params = self._draft.params
        self._columns = self.study.table.columns
        self._view = self._now()

    def _relative(self) -> Mapping[str, Any]:
        """Let the sampler propose what it models together, when the first value is needed."""
        study, sampler = self.study, self.study.sampler
        space = sampler.infer_relative_search_space(study, self._frozen(sampler))
        self.relative_search_space = space
        found = sampler.sample_relative(study, self._frozen(sampler), space)
        self._relative_params = found
        self._relative_seen = study.table.position
        return found

    def _steady(self, sampler: BaseSampler) -> AbstractContextManager[None]:
        """Let nothing be folded while a sampler reads columns, so that it sees one position.

        In memory nobody asks later. A sampler that reads trials sees copies, which stand still.
        """
        if self._draft.seen is None or not sampler.reads_columns:
            return _NOTHING
        return self.study._storage.steady()

    def _frozen(self, reader: BaseSampler | BasePruner) -> FrozenTrial:
        """Give a view of this trial to a sampler or pruner.

        Whoever reads columns needs only the number, so one lazy view serves until somebody reads
        its fields. The others get the trial as it is now.
        """
        view = self._view
        if reader.reads_columns and not view.is_read:
            return view
        self._view = view = self._now()
        return view if reader.reads_columns else view.read()

    def _now(self) -> FrozenTrial:
        return FrozenTrial.lazy(self._number, self.study.read_fields)

    # ---- suggesting ------------------------------------------------------------------------------

    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        params = self._params
        if name in params:
            return self._suggest_again(name, params[name], distribution)
        draft = self._draft
        if draft.is_closed:
            raise self._closed_error()
        column = self._columns.get(name)
        if column is not None and column.distribution is not distribution:
            distribution = follow_known(name, column.distribution, distribution)
        seen = draft.seen
        if seen is not None:
            check_kept(name, distribution)  # what cannot be kept must not stay in the draft
        if name in self._fixed:
            value = self._fixed_value(name, distribution)
        elif distribution.single():
            value = distribution.from_unit(0.0)
        elif self._rejections is not None and self._is_moved(name):
            value = self._rejections.value(name, distribution)
        elif seen is None:
            value, _ = self._sampled_value(name, distribution)
        else:
            value = self._noted_value(name, distribution, seen)
        params[name] = (distribution.to_internal_repr(value), distribution)
        return value

    def _sampled_value(self, name: str, distribution: BaseDistribution) -> tuple[Any, bool]:
        """Let the sampler propose a value, and tell whether it did so jointly with others."""
        relative = self._relative_params
        if relative is None:
            relative = self._relative()
        if name in relative:
            value = relative[name]
            if self._is_relative(name, distribution, value):
                return value, True
        study, sampler = self.study, self.study.sampler
        return sampler.sample_independent(study, self._frozen(sampler), name, distribution), False

    def _noted_value(self, name: str, distribution: BaseDistribution, seen: dict[str, int]) -> Any:
        """Let the sampler propose a value, and note which position of the log it saw."""
        sampler = self.study.sampler
        # The first of a trial is drawn where the sampler proposes jointly, even if it proposes
        # nothing: so that position is known, and the proposal can be made again.
        with self._steady(sampler):
            value, is_joint = self._sampled_value(name, distribution)
            if sampler.reads_columns:
                seen[name] = self._position_of(name) if is_joint else self.study.table.position
        return value

    def _position_of(self, name: str) -> int:
        """Give the position that the sampler saw when it proposed a value jointly."""
        relative = self._relative_params
        if isinstance(relative, Proposals):
            return relative.position_of(name)
        return self._relative_seen

    def _shuffle(self) -> int | None:
        return self._number if self.study.sampler.may_move("") else None

    def _given(self) -> Mapping[str, Any]:
        return self._fixed

    def _give(self, values: Mapping[str, Any]) -> None:
        self._fixed = {**values, **self._fixed}  # a copy: the dictionary is the table's

    def _suggest_again(
        self, name: str, known: tuple[float, BaseDistribution], distribution: BaseDistribution
    ) -> Any:
        value, first = known
        if first is not distribution and first != distribution:
            distribution = follow_known(name, first, distribution)
            if distribution != first:
                warnings.warn(
                    f"suggest_*({name!r}) was called with {distribution!r} after {first!r} in the "
                    "same trial; the value and the distribution of the first call are kept.",
                    RuntimeWarning,
                    stacklevel=4,
                )
        return distribution.to_external_repr(value)

    def _fixed_value(self, name: str, distribution: BaseDistribution) -> Any:
        value = self._fixed[name]
        if not distribution.contains(distribution.to_internal_repr(value)):
            warn_out_of_range(name, value, distribution)
        return value

    def _revise(self, values: Mapping[str, float]) -> bool:
        """Replace internal values that were suggested just now; tell whether it was possible."""
        return not self._fixed and self._draft.revise(values)

    def _is_relative(self, name: str, distribution: BaseDistribution, value: Any) -> bool:
        """Tell whether the jointly proposed value is one of this distribution."""
        planned = self.relative_search_space.get(name)
        if planned is None:
            raise ValueError(
                f"The sampler {self.study.sampler!r} proposed the parameter {name!r}, which is "
                "not in the search space that it inferred."
            )
        if planned is not distribution:
            check_distribution_compatibility(planned, distribution)
        return distribution.contains(distribution.to_internal_repr(value))

    def _is_moved(self, name: str) -> bool:
        """Tell whether a parameter is moved instead of being sampled."""
        assert self._rejections is not None
        return self._rejections.moves and self.study.sampler.may_move(name)

    # ---- reporting -------------------------------------------------------------------------------

    def report(self, value: float, step: int) -> None:
        """Report an intermediate value of the objective.

        Args:
            value: The value, or what ``float`` turns into one.
            step: When it was measured, e.g. the epoch, at least 0. Of two reports at one step
                the first counts; the second gets a UserWarning.

        Raises:
            TypeError: If the value is no number or the step no integer.
            ValueError: If the step is negative, or does not fit into 64 bits.
            NotImplementedError: If the study has several objectives.
        """
        self._forbid_several_objectives("report")
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise TypeError(
                f"Trial.report(value={value!r}) got a {type(value).__name__}; give a float."
            ) from None
        if type(step) is not int:
            step = _to_step(step)
        if step < 0:
            raise ValueError(f"Trial.report(step={step}): a step is 0 or larger.")
        check_step("Trial.report", step)
        reports = self._draft.reports
        if step in reports:
            warnings.warn(
                f"Trial.report(step={step}) is ignored: this step was reported already.",
                stacklevel=2,
            )
            return
        if self._draft.is_closed:
            raise self._closed_error()
        reports[step] = value

    def should_prune(self) -> bool:
        """Ask the pruner whether the trial is hopeless.

        Returns:
            Whether the objective should raise :class:`~steep.exceptions.TrialPruned`.

        Raises:
            NotImplementedError: If the study has several objectives.
        """
        self._forbid_several_objectives("should_prune")
        if self._draft.seen is not None and self._was_taken():
            return True
        pruner = self.study.pruner
        return pruner.prune(self.study, self._frozen(pruner))

    def _was_taken(self) -> bool:
        """Exchange news with a shared log, and tell whether the trial is still ours."""
        study = self.study
        study._storage.meet_in_time(study._study_id)
        if not study._storage.is_lost(study._study_id, self._number):
            return False
        warnings.warn(
            f"Trial {self._number} was taken from this worker, so Trial.should_prune() says to "
            "stop; its result would not be recorded.",
            stacklevel=3,
        )
        return True

    def _forbid_several_objectives(self, call: str) -> None:
        count = len(self.study.table.directions)
        if count > 1:
            raise NotImplementedError(
                f"Trial.{call}() needs a study with one objective; this one has {count}."
            )

    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of the user.

        Args:
            key: The name of the attribute.
            value: Anything that JSON can hold. In memory it may be anything.

        Raises:
            TypeError: If the study is kept and the value cannot be written as JSON.
            ValueError: If the study is kept and the value contains itself.
        """
        if self._draft.is_closed:
            raise self._closed_error()
        if self._draft.seen is not None:
            value = kept_attr("Trial.set_user_attr", key, value)
        self._draft.set_attr(key, value)

    def set_constraint(self, key: str, value: float) -> None:
        """Set a constraint value.

        Args:
            key: The name of the constraint.
            value: Its value; a positive one makes the trial infeasible. The first value of a
                name counts; another gets a UserWarning.

        Raises:
            TypeError: If the value is no number.
            ValueError: If it is NaN.
        """
        if self._draft.is_closed:
            raise self._closed_error()
        found = constraint_to_set(self.system_attrs, key, value)
        if found is not None:
            self._draft.set_attr(*found, system=True)

    def _closed_error(self) -> UpdateFinishedTrialError:
        return UpdateFinishedTrialError(
            f"Trial {self._number} has finished and cannot be changed; ask for another one."
        )

    # ---- reading ---------------------------------------------------------------------------------

    @property
    def number(self) -> int:
        """Give the number of the trial in its study (0, 1, 2, ...)."""
        return self._number

    @property
    def params(self) -> dict[str, Any]:
        """Give the values suggested so far."""
        return {name: d.to_external_repr(value) for name, (value, d) in self._params.items()}

    @property
    def distributions(self) -> dict[str, BaseDistribution]:
        """Give the distributions suggested from so far."""
        return {name: distribution for name, (_, distribution) in self._params.items()}

    @property
    def user_attrs(self) -> dict[str, Any]:
        """Give the attributes of the user."""
        return self._now().user_attrs

    @property
    def system_attrs(self) -> dict[str, Any]:
        """Give the attributes of the machinery."""
        return self._now().system_attrs

    @property
    def constraints(self) -> dict[str, float]:
        """Give the constraint values by name."""
        return self._now().constraints

    @property
    def relative_params(self) -> dict[str, Any]:
        """Give the values that the sampler proposed together."""
        if self._relative_params is None:
            with self._steady(self.study.sampler):
                self._relative()
        return dict(self._relative_params or {})

    def explain(self) -> Explanation:
        """Say where the values suggested so far came from, and how the reports stand.

        Returns:
            What the log tells; see :meth:`steep.study.Study.explain`.
        """
        return self.study.explain(self._number)

    @property
    def datetime_start(self) -> datetime.datetime | None:
        """Give when the trial started, in local time."""
        return self._now().datetime_start


def _to_step(step: Any) -> int:
    try:
        return int(step)
    except (TypeError, ValueError):
        raise TypeError(
            f"Trial.report(step={step!r}) got a {type(step).__name__}; give an int."
        ) from None
