"""trial.suggest_from: dataclasses whose fields say what they can be."""

from __future__ import annotations

import dataclasses
import enum
import math
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Optional, assert_type

import pytest

import steep
from steep.samplers import GPSampler, RandomSampler, TPESampler
from steep.trial import (
    Choice,
    Fixed,
    FixedTrial,
    Order,
    Ordinal,
    Range,
    Some,
    Weights,
    params_of,
)


class Activation(enum.Enum):
    RELU = "relu"
    TANH = "tanh"


@dataclasses.dataclass
class Adam:
    lr: Annotated[float, Range(1e-5, 1e-1, log=True)]
    beta: Annotated[float, Range(0.5, 0.99)] = 0.9


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sgd:
    lr: Annotated[float, Range(1e-3, 1.0, log=True)]
    nesterov: bool


@dataclasses.dataclass
class Data:
    mix: Annotated[list[float], Weights(3)]
    columns: Annotated[list[str], Some("a", "b", "c", min_size=1, max_size=2)]
    steps: Annotated[list[str], Order("scale", "impute")]
    rounding: Annotated[Any, Choice({"up": math.ceil, "down": math.floor})]


@dataclasses.dataclass
class Config:
    known: ClassVar[int] = 3
    layers: Annotated[int, Range(1, 8)]
    width: Annotated[int, Range(16, 256, step=16), "a note for somebody else"]
    batch: Annotated[int, Ordinal(16, 64, 512)]
    scheme: Literal["glorot", "he", 3]
    bias: bool
    activation: Activation
    optimizer: Adam | Sgd
    schedule: Optional[Adam]  # noqa: UP045 - people write it so
    data: Data
    epochs: int = 10
    tags: list[str] = dataclasses.field(default_factory=list)
    verbose: Annotated[bool, Fixed()] = True
    silent: Annotated[bool, Fixed] = False
    total: int = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        self.total = self.layers * self.width


GIVEN = {
    "layers": 2,
    "width": 32,
    "batch": 512,
    "scheme": "he",
    "bias": True,
    "activation": "TANH",
    "optimizer": "Sgd",
    "optimizer.Sgd.lr": 0.5,
    "optimizer.Sgd.nesterov": False,
    "schedule": "None",
    "data.mix": [0.25, 0.5, 0.25],
    "data.columns": ["c"],
    "data.steps": ["impute", "scale"],
    "data.rounding": "down",
}
WANTED = Config(
    2,
    32,
    512,
    "he",
    True,
    Activation.TANH,
    Sgd(lr=0.5, nesterov=False),
    None,
    Data([0.25, 0.5, 0.25], ["c"], ["impute", "scale"], math.floor),
)


def test_every_kind_of_field_is_filled() -> None:
    found = FixedTrial(GIVEN).suggest_from(Config)
    assert_type(found, Config)
    assert found == WANTED
    assert (found.epochs, found.tags, found.verbose, found.total) == (10, [], True, 64)


def test_params_of_gives_what_fills_it() -> None:
    assert params_of(WANTED) == GIVEN
    study = steep.create_study(sampler=RandomSampler(seed=1))
    study.enqueue_trial(params_of(WANTED))
    assert study.ask().suggest_from(Config) == WANTED


@pytest.mark.parametrize("sampler", [RandomSampler, TPESampler, GPSampler])
def test_samplers_fill_it_and_trials_give_it_again(sampler: Any) -> None:
    study = steep.create_study(sampler=sampler(seed=1))
    told = []

    def objective(trial: steep.Trial) -> float:
        config = trial.suggest_from(Config)
        told.append(config)
        return config.layers + config.optimizer.lr

    study.optimize(objective, n_trials=14)
    assert [trial.suggest_from(Config) for trial in study.trials] == told
    assert {type(config.optimizer) for config in told} == {Adam, Sgd}
    assert {config.schedule is None for config in told} == {True, False}
    for trial, config in zip(study.trials, told, strict=True):
        assert ("optimizer.Adam.lr" in trial.params) == isinstance(config.optimizer, Adam)


def test_it_mixes_with_other_suggestions_and_scopes(tmp_path: Path) -> None:
    study = steep.create_study(storage=str(tmp_path / "study.log"), sampler=RandomSampler(seed=1))
    trial = study.ask()
    first = trial.scope("first").suggest_from(Adam)
    second = trial.scope("second").suggest_from(Adam)
    trial.suggest_float("lr", 0, 1)
    assert first != second
    assert list(trial.params) == ["first.lr", "first.beta", "second.lr", "second.beta", "lr"]


@dataclasses.dataclass
class Untold:
    x: Annotated[float, Range(0, 1)]
    size: int


@dataclasses.dataclass
class Empty:
    x: Annotated[float, Range(1, 0)]


@dataclasses.dataclass
class Fractions:
    x: Annotated[int, Range(0.5, 2)]


@dataclasses.dataclass
class Text:
    x: Annotated[str, Range(0, 1)]


@dataclasses.dataclass
class Twice:
    x: Annotated[float, Range(0, 1), Range(0, 2)]


@dataclasses.dataclass
class Bare:
    x: Annotated[int, Range]


@dataclasses.dataclass
class Mixed:
    x: int | Adam


@dataclasses.dataclass
class Outer:
    inner: Empty


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        (Untold, TypeError, r"'Untold\.size' is int, .* has no default"),
        (Empty, ValueError, r"'Empty\.x': .*range is empty"),
        (Outer, ValueError, r"'Outer\.inner\.x': .*range is empty"),
        (Fractions, TypeError, r"'Fractions\.x' is int with Range"),
        (Text, TypeError, r"'Text\.x' is str with Range"),
        (Twice, TypeError, r"'Twice\.x' has several spaces"),
        (Bare, TypeError, r"'Bare\.x' is annotated with the class Range"),
        (Mixed, TypeError, r"'Mixed\.x' is int \| .*Adam"),
        (int, TypeError, r"give a dataclass"),
        (Adam(0.1), TypeError, r"give a dataclass"),
    ],
)
def test_errors_name_the_field(config: Any, error: Any, message: str) -> None:
    study = steep.create_study()
    with pytest.raises(error, match=message) as caught:
        study.ask().suggest_from(config)
    assert str(caught.value).count("suggest_from(") == 1


def test_types_that_cannot_be_read_are_told() -> None:
    class Hidden:
        pass

    @dataclasses.dataclass
    class Local:
        x: Hidden

    with pytest.raises(TypeError, match=r"types of Local cannot be read.*at the top of a module"):
        steep.create_study().ask().suggest_from(Local)


def test_values_of_earlier_trials_must_fit() -> None:
    study = steep.create_study()
    study.enqueue_trial({**GIVEN, "activation": "GELU"})
    with pytest.raises(ValueError, match=r"'Config\.activation': 'GELU' is not one of"):
        study.ask().suggest_from(Config)


@pytest.mark.parametrize("config", [Adam, 3])
def test_params_of_takes_objects(config: Any) -> None:
    with pytest.raises(TypeError, match="give an object of a dataclass"):
        params_of(config)


def test_params_of_tells_what_has_no_label() -> None:
    config = dataclasses.replace(WANTED.data, rounding=math.trunc)
    with pytest.raises(ValueError, match=r"'Data\.rounding' is .*not one of \['up', 'down'\]"):
        params_of(config)
