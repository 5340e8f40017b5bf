"""An integration loads its own framework only, and says how to install a missing one."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

import steep
import steep.integration
import steep.integrations
from steep.integrations.frameworks import FRAMEWORKS, is_installed

# Keras needs a backend, whichever.
KERAS = os.environ.get("KERAS_BACKEND", "tensorflow" if find_spec("tensorflow") else "torch")
OUTSIDE_OF_FRAMEWORKS = set(
    "folds frameworks lightgbm_steps lightgbm_tuner reporting search tracking".split()
)


def printed_by(code: str) -> list[str]:
    """Run a program in a fresh process, and return the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "KERAS_BACKEND": KERAS},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_package_loads_no_framework() -> None:
    code = "import steep.integrations, steep.integration, sys; print(*sys.modules)"
    (modules,) = printed_by(code)
    assert {package for package, _ in FRAMEWORKS.values()}.isdisjoint(modules.split())


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_module_loads_no_other_integration(name: str) -> None:
    if not is_installed(name):
        pytest.skip(f"{FRAMEWORKS[name][1]} is not installed")
    # Frameworks print as they please: the answer is in the last two lines.
    *_, names, modules = printed_by(
        "import steep, sys\n"
        f"module = steep.integrations.{name}\n"
        "assert all(getattr(steep.integrations, n) is getattr(module, n)\n"
        "           for n in module.__all__ if n in steep.integrations.__all__)\n"
        "print(*module.__all__)\n"
        "print(*(m for m in sys.modules if m.startswith('steep.integrations.')))"
    )
    assert set(names.split()) & set(steep.integrations.__all__)
    loaded = {module.split(".")[2] for module in modules.split()}
    assert loaded - OUTSIDE_OF_FRAMEWORKS - {"keras"} == {name} - {"keras"}  # tfkeras is keras


def test_every_module_that_is_listed_has_a_framework() -> None:
    listed = {name for name in steep.integrations.__all__ if name in FRAMEWORKS}
    assert listed == set(FRAMEWORKS)
    assert set(steep.integrations.__all__) <= set(dir(steep.integration))


def test_a_missing_framework_is_one_line_with_the_command() -> None:
    lines = printed_by(
        "import steep, sys\n"
        "from steep.integrations.frameworks import FRAMEWORKS\n"
        "for name, (package, _) in FRAMEWORKS.items():\n"
        "    sys.modules[package] = None\n"
        "    try: getattr(steep.integrations, name)\n"
        "    except ModuleNotFoundError as error: print(error, error.__suppress_context__)\n"
    )
    assert lines == [
        f"steep.integrations.{name} needs {install}: pip install {install} True"
        for name, (_, install) in FRAMEWORKS.items()
    ]


def test_what_a_framework_misses_itself_is_told_as_it_is() -> None:
    code = (
        "import steep, sys, types\n"
        "class Broken(types.ModuleType):\n"
        "    def __getattr__(self, name): raise ModuleNotFoundError('no wheels', name='wheels')\n"
        "sys.modules['xgboost'] = sys.modules['xgboost.callback'] = Broken('xgboost.callback')\n"
        "try: steep.integrations.xgboost\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    assert printed_by(code) == ["no wheels"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("BoTorchSampler", "GPSampler"), ("dask", "get_executor"), ("PyCmaSampler", "CmaEsSampler")],
)
def test_what_is_elsewhere_is_said(name: str, hint: str) -> None:
    with pytest.raises(AttributeError, match=hint):
        getattr(steep.integrations, name)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'NoSuchCallback'"):
        _ = steep.integration.NoSuchCallback
    assert not hasattr(steep.integrations, "NoSuchCallback")


def test_programs_for_optuna_find_the_same_objects() -> None:
    pytest.importorskip("xgboost")
    *_, line = printed_by(
        "import steep as optuna\n"
        "import steep.integration.xgboost as a\n"
        "from steep.integration import XGBoostPruningCallback as B, xgboost as b\n"
        "c, C = optuna.integration.xgboost, optuna.integration.XGBoostPruningCallback\n"
        "import steep.integrations.xgboost as real\n"
        "print(a is b is c is real, B is C is real.XGBoostPruningCallback, real.__spec__.name)"
    )
    assert line == "True True steep.integrations.xgboost"


def test_names_below_optuna_are_python_s_to_find() -> None:
    """`import steep as optuna` names a variable: `from optuna...` does not look at it."""
    lines = printed_by(
        "import sys; sys.modules['optuna'] = None\n"
        "import steep as optuna\n"
        "try: from optuna.integration import XGBoostPruningCallback\n"
        "except ModuleNotFoundError as error: print(error.name.split('.')[0])"
    )
    assert lines == ["optuna"]
