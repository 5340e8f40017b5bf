"""The examples run as they stand and prune trials."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = sorted(Path(__file__).parents[2].joinpath("examples", "integrations").glob("*.py"))


def missing(script: Path) -> list[str]:
    """Return the packages that a script imports at its top and that are not installed."""
    found = re.findall(r"^(?:import|from) (\w+)", script.read_text(encoding="utf-8"), re.MULTILINE)
    return sorted({package for package in found if find_spec(package) is None})


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_an_example_runs_and_says_what_it_found(script: Path, tmp_path: Path) -> None:
    if packages := missing(script):
        pytest.skip(f"not installed: {', '.join(packages)}")
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts = re.search(r"Trials: (\d+), of which (\d+) were pruned", done.stdout)
    assert counts is not None, done.stdout
    assert 0 < int(counts[2]) < int(counts[1])
