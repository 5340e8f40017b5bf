"""`import steep` is quick because it loads no heavy package."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "click boto3 scipy pandas plotly sqlalchemy tqdm matplotlib torch sklearn redis optuna".split()
)


def loaded_by(statement: str) -> set[str]:
    """Run a statement in a fresh process, and return the names of the modules it loaded."""
    code = f"{statement}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import steep",
        "import steep; steep.create_study().optimize(lambda t: t.suggest_float('x', 0, 1), 3)",
    ],
)
def test_no_heavy_package_is_loaded(statement: str) -> None:
    modules = loaded_by(statement)
    assert "steep" in modules
    assert modules.isdisjoint(HEAVY), sorted(modules.intersection(HEAVY))


def test_executors_are_found_without_being_loaded_before() -> None:
    assert not any(name.startswith("steep.executors") for name in loaded_by("import steep"))
    used = loaded_by("import steep; steep.executors.ProcessExecutor")
    assert "steep.executors.processes" in used
    assert "steep.executors.adapters" not in used


def test_slow_modules_of_the_standard_library_wait_for_their_first_use() -> None:
    more = loaded_by("import steep") - loaded_by("import numpy, numpy.typing, logging, json")
    assert more.isdisjoint(["decimal", "hashlib", "pathlib", "urllib.parse"]), sorted(more)


def test_samplers_wait_for_their_first_use() -> None:
    assert not any(name.startswith("steep.samplers.tpe") for name in loaded_by("import steep"))
