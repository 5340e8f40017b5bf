"""One name stands for another package, and nothing is loaded twice."""

from __future__ import annotations

import importlib
import sys

import optuna
import pytest

import steep
import steep.study.optimize

from .alias import standing_for

IMPORTS = """
import optuna
import optuna.study.optimize
import optuna.visualization as vis
from optuna import samplers
from optuna.distributions import FloatDistribution
"""


def test_every_import_gives_a_module_of_the_other_package() -> None:
    program: dict[str, object] = {}
    specs = [module.__spec__ for module in (steep, steep.visualization)]
    with standing_for("optuna", "steep"):
        exec(IMPORTS, program)
        assert sys.modules["optuna.study.optimize"] is steep.study.optimize
    assert program["optuna"] is steep
    assert program["vis"] is steep.visualization
    assert program["samplers"] is steep.samplers
    assert program["FloatDistribution"] is steep.distributions.FloatDistribution
    assert [module.__spec__ for module in (steep, steep.visualization)] == specs


def test_what_the_other_package_lacks_is_not_found() -> None:
    with standing_for("optuna", "steep"), pytest.raises(ModuleNotFoundError, match="steep._gp"):
        importlib.import_module("optuna._gp")


def test_the_name_means_what_it_did_before_and_afterwards() -> None:
    names = {name for name in sys.modules if name.partition(".")[0] == "optuna"}
    with standing_for("optuna", "steep"):
        assert importlib.import_module("optuna") is steep
    assert {name for name in sys.modules if name.partition(".")[0] == "optuna"} == names
    assert sys.modules["optuna"] is optuna


def test_a_name_that_only_begins_alike_is_left_alone() -> None:
    with standing_for("optuna", "steep"), pytest.raises(ModuleNotFoundError, match="optuna_more"):
        importlib.import_module("optuna_more")
