"""What all trials have in common: the suggest calls and the rules for reports and constraints.

A live trial asks a sampler, a frozen one reads a finished trial, a fixed one reads the user's
values. They differ in one method, ``_suggest``; everything around it is here, once.
"""

from __future__ import annotations

import abc
import datetime
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from steep.distributions import (
    BaseDistribution,
    CategoricalChoiceType,
    ChangingDistribution,
    categorical_distribution,
    changing_distribution,
    check_distribution_compatibility,
    float_distribution,
    int_distribution,
    ordinal_distribution,
)
from steep.exceptions import TrialRejected
from steep.trial.composed import ComposedSuggestions

if TYPE_CHECKING:
    from steep.trial.scope import ScopedTrial

__all__ = ["BaseTrial", "check_known", "follow_known", "warn_out_of_range"]

Choice = TypeVar("Choice", bound=CategoricalChoiceType)
Labelled = TypeVar("Labelled")
Config = TypeVar("Config")
_LISTED = (list, tuple)


class BaseTrial(ComposedSuggestions):
    """Be the interface that objectives are written against."""

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        """Suggest a number.

        Args:
            name: The name of the parameter.
            low: The smallest value, above 0 with ``log``.
            high: The largest value, included.
            step: The distance between neighbouring values; None for all numbers.
            log: Whether to search in the logarithm of the value. Excludes ``step``.

        Returns:
            A number in [low, high]. The same name gives the same value again.

        Raises:
            ValueError: If the range is empty, or the name belongs to another kind of parameter.

        Example:
            >>> from steep.trial import FixedTrial
            >>> FixedTrial({"lr": 0.01}).suggest_float("lr", 1e-5, 1e-1, log=True)
            0.01
        """
        distribution = float_distribution(low, high, step, log)
        return self._suggest(name, distribution)  # type: ignore[no-any-return]

    def suggest_int(
        self, name: str, low: int, high: int, *, step: int = 1, log: bool = False
    ) -> int:
        """Suggest an integer.

        Args:
            name: The name of the parameter.
            low: The smallest value, at least 1 with ``log``.
            high: The largest value, included.
            step: The distance between neighbouring values.
            log: Whether to search in the logarithm of the value. Excludes ``step``.

        Returns:
            An integer in [low, high]. The same name gives the same value again.

        Raises:
            ValueError: If the range is empty, or the name belongs to another kind of parameter.

        Example:
            >>> from steep.trial import FixedTrial
            >>> FixedTrial({"n_layers": 2}).suggest_int("n_layers", 1, 3)
            2
        """
        return int(self._suggest(name, int_distribution(low, high, step, log)))

    @overload
    def suggest_categorical(
        self, name: str, choices: Mapping[Any, Labelled], *, changing: bool = False
    ) -> Labelled: ...

    @overload
    def suggest_categorical(
        self, name: str, choices: Sequence[Choice], *, changing: bool = False
    ) -> Choice: ...

    # mypy says that this one is never matched, and needs it for ["auto", 1] all the same, for which
    # it infers a list of objects above.
    @overload
    def suggest_categorical(  # type: ignore[overload-cannot-match]
        self, name: str, choices: Sequence[CategoricalChoiceType], *, changing: bool = False
    ) -> CategoricalChoiceType: ...

    def suggest_categorical(
        self,
        name: str,
        choices: Sequence[CategoricalChoiceType] | Mapping[Any, Any],
        *,
        changing: bool = False,
    ) -> Any:
        """Suggest one of several choices that have no order.

        Args:
            name: The name of the parameter.
            choices: The choices: None, bool, int, float or str. Or any objects by label, such as
                ``{"relu": nn.ReLU}``; the labels are what a study stores and users give.
            changing: Whether other trials may have other choices. Samplers learn from all of
                them, and propose one of those that are given here.

        Returns:
            One of the choices, of labelled ones the object. The same name gives the same choice
            again.

        Raises:
            ValueError: If there are no choices, or the name was given other choices before and
                they are not ``changing``.

        Example:
            >>> from steep.trial import FixedTrial
            >>> FixedTrial({"optimizer": "Adam"}).suggest_categorical("optimizer", ["Adam", "SGD"])
            'Adam'
            >>> import math
            >>> FixedTrial({"round": "up"}).suggest_categorical("round", {"up": math.ceil})(0.5)
            1
        """
        make = changing_distribution if changing else categorical_distribution
        # Asking whether something is a Mapping takes longer than all the rest.
        if not isinstance(choices, _LISTED) and isinstance(choices, Mapping):
            return choices[self._suggest(name, make(list(choices)))]
        return self._suggest(name, make(choices))

    def suggest_ordinal(self, name: str, values: Sequence[Choice]) -> Choice:
        """Suggest one of several values that have an order.

        Samplers search among them as they do among ints: what was good is sought again in its
        neighbourhood, which :meth:`suggest_categorical` does not know.

        Args:
            name: The name of the parameter.
            values: The values in their order, all different: None, bool, int, float or str.

        Returns:
            One of the values. The same name gives the same value again.

        Raises:
            ValueError: If there are no values, two are equal, or the name was given other values
                before.
            TypeError: If a value is of another type.

        Example:
            >>> from steep.trial import FixedTrial
            >>> FixedTrial({"batch": 64}).suggest_ordinal("batch", [16, 64, 512])
            64
        """
        return self._suggest(name, ordinal_distribution(values))  # type: ignore[no-any-return]

    def suggest_uniform(self, name: str, low: float, high: float) -> float:
        """Call ``suggest_float(name, low, high)``; kept for old programs, with a FutureWarning."""
        _warn_deprecated("suggest_uniform", "suggest_float")
        return self.suggest_float(name, low, high)

    def suggest_loguniform(self, name: str, low: float, high: float) -> float:
        """Call ``suggest_float(..., log=True)``; kept for old programs, with a FutureWarning."""
        _warn_deprecated("suggest_loguniform", "suggest_float(..., log=True)")
        return self.suggest_float(name, low, high, log=True)

    def suggest_discrete_uniform(self, name: str, low: float, high: float, q: float) -> float:
        """Call ``suggest_float(..., step=q)``; kept for old programs, with a FutureWarning."""
        _warn_deprecated("suggest_discrete_uniform", "suggest_float(..., step=...)")
        return self.suggest_float(name, low, high, step=q)

    @abc.abstractmethod
    def _suggest(self, name: str, distribution: BaseDistribution) -> Any:
        """Give the value of a parameter in the user's representation."""

    def suggest_from(self, config: type[Config]) -> Config:
        """Fill a dataclass whose fields say what they can be.

        A field is searched if it is annotated with a space of :mod:`steep.trial.typed`, such as
        ``Annotated[float, Range(1e-5, 1e-1, log=True)]``, or if it is a ``Literal``, a ``bool``,
        an ``Enum``, another dataclass (whose parameters are ``FIELD.NAME``), or a union of
        dataclasses (``FIELD`` is the name of one, its parameters are ``FIELD.CLASS.NAME``). Other
        fields, and those that are ``Fixed``, keep their defaults.

        Args:
            config: The dataclass.

        Returns:
            An object of it.

        Raises:
            TypeError: If it is no dataclass, or a field cannot be searched and has no default.
            ValueError: If a range is not valid.

        Example:
            >>> from dataclasses import make_dataclass
            >>> from typing import Annotated
            >>> from steep.trial import FixedTrial, Range
            >>> lr = Annotated[float, Range(1e-5, 1e-1, log=True)]
            >>> Config = make_dataclass("Config", [("lr", lr), ("bias", bool)])
            >>> FixedTrial({"lr": 0.01, "bias": True}).suggest_from(Config)
            Config(lr=0.01, bias=True)
        """
        from steep.trial.typed import fill

        return fill(self, config)

    def scope(self, name: str) -> ScopedTrial:
        """Give a view of this trial whose parameters have a name and a dot in front.

        Args:
            name: The name.

        Returns:
            A trial, so that ``trial.scope("optimizer").suggest_float("lr", 0, 1)`` suggests
            ``"optimizer.lr"``.

        Raises:
            ValueError: If the name is empty, or no string.
        """
        from steep.trial.scope import ScopedTrial

        return ScopedTrial(self, name)

    def require(self, condition: bool) -> None:
        """Go on only if what was suggested meets a condition; see ``Trial.require``.

        Args:
            condition: Whether the values may be evaluated.

        Raises:
            TrialRejected: If it is not met; a record has no other values.
        """
        if not condition:
            raise TrialRejected(
                f"Trial.require() is not met by the values of this {type(self).__name__}: "
                f"{self.params}."
            )

    @abc.abstractmethod
    def report(self, value: float, step: int) -> None:
        """Report an intermediate value of the objective."""

    @abc.abstractmethod
    def should_prune(self) -> bool:
        """Tell whether the trial is hopeless and should be stopped."""

    @abc.abstractmethod
    def set_user_attr(self, key: str, value: Any) -> None:
        """Set an attribute of the user."""

    @abc.abstractmethod
    def set_constraint(self, key: str, value: float) -> None:
        """Set a constraint value; a positive one makes the trial infeasible."""

    @property
    @abc.abstractmethod
    def number(self) -> int:
        """Give the number of the trial in its study."""

    @property
    @abc.abstractmethod
    def params(self) -> dict[str, Any]:
        """Give the values of the parameters suggested so far."""

    @property
    @abc.abstractmethod
    def distributions(self) -> dict[str, BaseDistribution]:
        """Give the distributions of the parameters suggested so far."""

    @property
    @abc.abstractmethod
    def user_attrs(self) -> dict[str, Any]:
        """Give the attributes of the user."""

    @property
    @abc.abstractmethod
    def constraints(self) -> dict[str, float]:
        """Give the constraint values by name."""

    @property
    @abc.abstractmethod
    def datetime_start(self) -> datetime.datetime | None:
        """Give when the trial started, in local time."""


def check_known(name: str, old: BaseDistribution | None, new: BaseDistribution) -> None:
    """Check a distribution against the one that the same name had before.

    Args:
        name: The name of the parameter.
        old: The distribution before, or None for a new name.
        new: The distribution now.

    Raises:
        ValueError: If they differ in kind, in ``log``, or in choices.
    """
    if old is None or old is new or old == new:
        return
    try:
        check_distribution_compatibility(old, new)
    except ValueError as error:
        raise ValueError(f"suggest_*({name!r}): {error}") from None


def follow_known(name: str, old: BaseDistribution, new: BaseDistribution) -> BaseDistribution:
    """Give a distribution as one that follows another; choices that change count on from it.

    Args:
        name: The name of the parameter.
        old: The distribution before.
        new: The distribution now.

    Raises:
        ValueError: If they differ in kind, in ``log``, or in choices.
    """
    check_known(name, old, new)
    return new.within(old) if isinstance(new, ChangingDistribution) else new


def warn_out_of_range(name: str, value: Any, distribution: BaseDistribution) -> None:
    """Warn that a value given by the user is used although its distribution lacks it.

    Args:
        name: The name of the parameter.
        value: The value in the user's representation.
        distribution: The distribution that does not contain it.
    """
    warnings.warn(
        f"Parameter {name!r} was given the value {value!r}, which is out of the range of "
        f"{distribution!r}. The value is used all the same.",
        stacklevel=4,
    )


def _warn_deprecated(old: str, new: str) -> None:
    warnings.warn(f"{old} is deprecated; use {new} instead.", FutureWarning, stacklevel=3)
