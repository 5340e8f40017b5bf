"""Errors name the call, the value received and the fix."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import steep


def told(value: Any) -> None:
    study = steep.create_study()
    study.tell(study.ask(), value, state=steep.trial.TrialState.COMPLETE)


def reused() -> None:
    trial = steep.create_study().ask()
    trial.suggest_float("rate", 0, 1)
    trial.suggest_int("rate", 0, 1)


def twice() -> None:
    study = steep.create_study()
    trial = study.ask()
    study.tell(trial, 1.0)
    study.tell(trial, 2.0)


def suggest(method: str, *args: Any, **kwargs: Any) -> Callable[[], Any]:
    return lambda: getattr(steep.create_study().ask(), method)("rate", *args, **kwargs)


def optimize_with(catch: Any) -> None:
    steep.create_study().optimize(lambda trial: 1.0, n_trials=1, catch=catch)


# Each call that fails, the class of its error, and the words its message must hold.
CASES: list[tuple[str, Callable[[], Any], type[Exception], list[str]]] = [
    (
        "direction",
        lambda: steep.create_study(direction="up"),
        ValueError,
        ["up", "minimize", "maximize"],
    ),
    ("no directions", lambda: steep.create_study(directions=[]), ValueError, ["directions"]),
    (
        "both",
        lambda: steep.create_study(direction="minimize", directions=["minimize"]),
        ValueError,
        ["direction", "directions"],
    ),
    (
        "unknown study",
        lambda: steep.load_study(study_name="tea", storage=steep.storages.InMemoryStorage()),
        KeyError,
        ["tea"],
    ),
    ("nan", lambda: told(float("nan")), ValueError, ["nan"]),
    ("text", lambda: told("high"), ValueError, ["high"]),
    ("length", lambda: told([1.0, 2.0]), ValueError, ["2", "1"]),
    ("reused name", reused, ValueError, ["rate"]),
    ("told twice", twice, ValueError, ["COMPLETE"]),
    ("empty range", suggest("suggest_float", 2.0, 1.0), ValueError, ["2.0", "1.0", "low", "high"]),
    ("log of zero", suggest("suggest_float", 0.0, 1.0, log=True), ValueError, ["0.0", "log"]),
    ("step", suggest("suggest_float", 0.0, 1.0, step=-1.0), ValueError, ["step", "-1.0"]),
    ("log and step", suggest("suggest_int", 1, 9, log=True, step=2), ValueError, ["log", "step"]),
    ("no choices", suggest("suggest_categorical", []), ValueError, ["choices"]),
    ("catch", lambda: optimize_with(1), TypeError, ["catch", "1"]),
    ("enqueue", lambda: steep.create_study().enqueue_trial([1]), TypeError, ["params"]),
    ("report value", lambda: steep.create_study().ask().report("bad", 0), TypeError, ["bad"]),
    ("report step", lambda: steep.create_study().ask().report(1.0, "x"), TypeError, ["x"]),
    ("negative step", lambda: steep.create_study().ask().report(1.0, -3), ValueError, ["-3"]),
    ("no robust", lambda: steep.create_study().robust_best(), ValueError, ["complete"]),
    (
        "robust of two",
        lambda: steep.create_study(directions=["minimize"] * 2).robust_best(),
        RuntimeError,
        ["robust_best", "best_trials"],
    ),
    ("no best", lambda: steep.create_study().best_trial, ValueError, ["complete"]),
    (
        "best of two",
        lambda: steep.create_study(directions=["minimize"] * 2).best_trial,
        RuntimeError,
        ["best_trials"],
    ),
    ("unknown number", lambda: steep.create_study().tell(7, 1.0), ValueError, ["7"]),
    (
        "constraint",
        lambda: steep.create_study().ask().set_constraint("size", float("nan")),
        ValueError,
        ["size", "nan"],
    ),
    (
        "frozen name",
        lambda: steep.create_trial(value=1.0).suggest_float("rate", 0, 1),
        ValueError,
        ["rate"],
    ),
]


@pytest.mark.parametrize(
    ("call", "error", "words"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_messages_hold_what_helps(
    call: Callable[[], Any], error: type[Exception], words: list[str]
) -> None:
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    lost = [word for word in words if not re.search(re.escape(word), message, re.IGNORECASE)]
    assert lost == [], message
