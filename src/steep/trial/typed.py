"""Search spaces as dataclasses: fields that say what they can be, and a trial that fills them.

Example:
    >>> from steep.trial import FixedTrial
    >>> @dataclasses.dataclass
    ... class Training:
    ...     lr: Annotated[float, Range(1e-5, 1e-1, log=True)]
    ...     layers: Annotated[int, Range(1, 8)]
    ...     activation: Literal["relu", "tanh"]
    ...     epochs: int = 10
    >>> given = {"lr": 0.01, "layers": 2, "activation": "tanh"}
    >>> FixedTrial(given).suggest_from(Training)
    Training(lr=0.01, layers=2, activation='tanh', epochs=10)
    >>> params_of(Training(0.01, 2, "tanh")) == given
    True
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, cast

if TYPE_CHECKING:
    from steep.trial.base import BaseTrial

__all__ = ["Choice", "Fixed", "Order", "Ordinal", "Range", "Some", "Weights", "fill", "params_of"]

Config = TypeVar("Config")
_NONE = "None"


@dataclasses.dataclass(frozen=True)
class Range:
    """Let a field be a number of a range; its type, float or int, decides which.

    Args:
        low: The smallest value.
        high: The largest value, included.
        step: The distance between neighbouring values; None for all numbers.
        log: Whether to search in the logarithm of the value.
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False


class Choice:
    """Let a field be one of several choices; see ``Trial.suggest_categorical``.

    Args:
        choices: The choices, or one mapping from labels to objects.
    """

    def __init__(self, *choices: Any) -> None:
        self.choices = _one_or_many(choices)


class Ordinal:
    """Let a field be one of several values in their order; see ``Trial.suggest_ordinal``.

    Args:
        values: The values.
    """

    def __init__(self, *values: Any) -> None:
        self.values = values


class Some:
    """Let a field be a list of some items; see ``Trial.suggest_subset``.

    Args:
        items: The items, or one mapping from labels to objects.
        min_size: How many there are at least.
        max_size: How many there are at most; None for all.
    """

    def __init__(self, *items: Any, min_size: int = 0, max_size: int | None = None) -> None:
        self.items = _one_or_many(items)
        self.min_size, self.max_size = min_size, max_size


class Order:
    """Let a field be a list of all items in some order; see ``Trial.suggest_permutation``.

    Args:
        items: The items, or one mapping from labels to objects.
    """

    def __init__(self, *items: Any) -> None:
        self.items = _one_or_many(items)


class Weights:
    """Let a field be weights with the sum 1; see ``Trial.suggest_simplex``.

    Args:
        parts: How many, or their labels.
    """

    def __init__(self, parts: int | Sequence[str]) -> None:
        self.parts = parts


class Fixed:
    """Let a field keep its default, though its type would be searched."""


_SPACES = (Range, Choice, Ordinal, Some, Order, Weights, Fixed)


def _one_or_many(given: tuple[Any, ...]) -> Any:
    is_mapping = len(given) == 1 and isinstance(given[0], Mapping)
    return given[0] if is_mapping else given


# ---- filling -------------------------------------------------------------------------------------


def fill(trial: BaseTrial, config: type[Config]) -> Config:
    """Make an object of a dataclass from suggestions; see ``Trial.suggest_from``.

    Args:
        trial: Suggests the fields.
        config: The dataclass.

    Raises:
        TypeError: If it is no dataclass, or a field cannot be searched and has no default.
        ValueError: If a range is not valid.
    """
    return cast("Config", _fill(trial, config, _name(config)))


def _fill(trial: BaseTrial, config: type[Any], path: str) -> Any:
    values = {}
    for name, hint in _fields(config, path):
        where = f"{path}.{name}"
        space = _space_of(hint, where)
        if space is None:
            if not _has_default(config, name):
                raise TypeError(
                    f"suggest_from(): the field {where!r} is {_written(hint)}, which says not "
                    "what to search, and has no default. Give it one, or a space such as "
                    "Annotated[float, Range(0, 1)]."
                )
            continue
        try:
            values[name] = space(trial, name, where)
        except (TypeError, ValueError) as error:
            if str(error).startswith("suggest_from()"):
                raise
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"suggest_from(): the field {where!r}: {error}") from error
    return config(**values)


_Suggest = Callable[["BaseTrial", str, str], Any]


def _space_of(hint: Any, where: str) -> _Suggest | None:
    """Give how to suggest a field of a type, or None where the type does not say."""
    plain, space = _annotated(hint, where)
    if isinstance(space, Fixed):
        return None
    if isinstance(space, Range):
        return _range(plain, space, where)
    if space is not None:
        return lambda trial, name, _: _suggest_space(trial, name, space)
    if typing.get_origin(plain) is Literal:
        choices = list(typing.get_args(plain))
        return lambda trial, name, _: trial.suggest_categorical(name, choices)
    if plain is bool:
        return lambda trial, name, _: trial.suggest_categorical(name, [False, True])
    if isinstance(plain, type) and issubclass(plain, enum.Enum):
        members = {member.name: member for member in plain}
        return lambda trial, name, _: trial.suggest_categorical(name, members)
    if _is_config(plain):
        return lambda trial, name, path: _fill(trial.scope(name), plain, path)
    options = _options(plain)
    return None if options is None else lambda *to: _suggest_option(options, *to)


def _range(plain: Any, space: Range, where: str) -> _Suggest:
    if plain is float:
        return lambda trial, name, _: trial.suggest_float(
            name, space.low, space.high, step=space.step, log=space.log
        )
    ends = [space.low, space.high, 1 if space.step is None else space.step]
    if plain is int and all(end == int(end) for end in ends):
        low, high, step = map(int, ends)
        return lambda trial, name, _: trial.suggest_int(name, low, high, step=step, log=space.log)
    raise TypeError(
        f"suggest_from(): the field {where!r} is {_written(plain)} with {space}; a Range is for "
        "float, and for int with ends and a step that are ints."
    )


def _suggest_space(trial: BaseTrial, name: str, space: Any) -> Any:
    match space:
        case Choice():
            return trial.suggest_categorical(name, space.choices)
        case Ordinal():
            return trial.suggest_ordinal(name, space.values)
        case Some():
            return trial.suggest_subset(name, space.items, space.min_size, space.max_size)
        case Order():
            return trial.suggest_permutation(name, space.items)
        case _:
            return trial.suggest_simplex(name, space.parts)


def _suggest_option(options: dict[str, Any], trial: BaseTrial, name: str, path: str) -> Any:
    label = trial.suggest_categorical(name, list(options))
    option = options[label]
    return None if option is None else _fill(trial.scope(name).scope(label), option, path)


# ---- and back ------------------------------------------------------------------------------------


def params_of(config: Any) -> dict[str, Any]:
    """Give the parameters by which ``suggest_from`` makes an object, e.g. to enqueue it.

    Args:
        config: An object of a dataclass.

    Returns:
        Values by name, as ``enqueue_trial`` and ``FixedTrial`` take them.

    Raises:
        TypeError: If it is no object of a dataclass.
        ValueError: If a field is not one of its labelled choices.
    """
    if isinstance(config, type) or not dataclasses.is_dataclass(config):
        raise TypeError(f"params_of({config!r}): give an object of a dataclass.")
    return dict(_params(config, "", _name(type(config))))


def _params(config: Any, prefix: str, path: str) -> Iterator[tuple[str, Any]]:
    for field, hint in _fields(type(config), path):
        name, where, value = f"{prefix}{field}", f"{path}.{field}", getattr(config, field)
        if _space_of(hint, where) is None:
            continue
        plain, space = _annotated(hint, where)
        options = _options(plain) if space is None else None
        if options is not None:
            label = _NONE if value is None else _name(type(value))
            yield name, label
            if value is not None:
                yield from _params(value, f"{name}.{label}.", where)
        elif space is None and _is_config(plain):
            yield from _params(value, f"{name}.", where)
        else:
            yield name, _stored(value, space, where)


def _stored(value: Any, space: Any, where: str) -> Any:
    if isinstance(value, enum.Enum):
        return value.name
    labels = getattr(space, "choices", None) or getattr(space, "items", None)
    if not isinstance(labels, Mapping):
        return value
    if isinstance(space, Choice):
        return _label(labels, value, where)
    return [_label(labels, item, where) for item in value]


def _label(labels: Mapping[str, Any], value: Any, where: str) -> str:
    for label, known in labels.items():
        if known is value:
            return label
    raise ValueError(f"params_of(): the field {where!r} is {value!r}, not one of {list(labels)}.")


# ---- types ---------------------------------------------------------------------------------------


def _fields(config: type[Any], path: str) -> Iterator[tuple[str, Any]]:
    """Give the names and types of the fields that the constructor takes."""
    if not _is_config(config):
        raise TypeError(f"suggest_from({config!r}): give a dataclass.")
    try:
        hints = typing.get_type_hints(config, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"suggest_from(): the types of {path} cannot be read: {error}. Define the dataclass, "
            "and what it names, at the top of a module."
        ) from error
    for field in dataclasses.fields(config):
        if field.init:
            yield field.name, hints[field.name]


def _annotated(hint: Any, where: str) -> tuple[Any, Any]:
    """Divide a type into the plain type and the space that is annotated, or None."""
    if typing.get_origin(hint) is not Annotated:
        return hint, None
    plain, *notes = typing.get_args(hint)
    known = [note for note in notes if isinstance(note, _SPACES)]
    if len(known) > 1:
        raise TypeError(f"suggest_from(): the field {where!r} has several spaces: {known}.")
    classes = [note for note in notes if isinstance(note, type) and note in _SPACES]
    if Fixed in classes:
        return plain, Fixed()
    if classes:
        raise TypeError(
            f"suggest_from(): the field {where!r} is annotated with the class "
            f"{classes[0].__name__}; give an object of it."
        )
    return plain, known[0] if known else None


def _options(plain: Any) -> dict[str, Any] | None:
    """Give the dataclasses of a union by name, None too where it is one; None for other types."""
    if typing.get_origin(plain) not in (Union, types.UnionType):
        return None
    arguments = typing.get_args(plain)
    if not all(_is_config(option) or option is types.NoneType for option in arguments):
        return None
    return {_NONE if o is types.NoneType else _name(o): _or_none(o) for o in arguments}


def _or_none(option: Any) -> Any:
    return None if option is types.NoneType else option


def _has_default(config: type[Any], name: str) -> bool:
    (field,) = (field for field in dataclasses.fields(config) if field.name == name)
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def _is_config(plain: Any) -> bool:
    return isinstance(plain, type) and dataclasses.is_dataclass(plain)


def _name(config: Any) -> str:
    return str(getattr(config, "__name__", config))


def _written(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
