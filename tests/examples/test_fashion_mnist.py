"""The main job, small: it runs from the command line and leaves a page that stands alone."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).parents[2] / "examples" / "fashion_mnist.py"

pytest.importorskip("torch")
pytest.importorskip("plotly")
fashion_mnist = pytest.importorskip("fashion_mnist")

# The importances warn, rightly, that a handful of trials says little.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write images whose class can be learned: the brightest row tells it."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for part, n in (("train", 600), ("t10k", 200)):
        labels = rng.integers(10, size=n, dtype=np.uint8)
        images = rng.integers(100, size=(n, 10, 4), dtype=np.uint8)
        images[np.arange(n), labels] += 100
        header = bytes([0, 0, 8, 3]) + struct.pack(">3I", n, 10, 4)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = bytes([0, 0, 8, 1]) + struct.pack(">I", n)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
    return folder


def run(*arguments: object) -> str:
    """Run the example in a process of its own, and return what it printed."""
    done = subprocess.run(
        [sys.executable, SCRIPT, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def done(data: Path) -> str:
    page = data / "page.html"
    return run("--data", data, "--trials", 12, "--epochs", 3, "--seed", 1, "--output", page)


def test_the_summary_tells_counts_value_and_parameters(done: str) -> None:
    counts = re.search(r"Trials: 12, complete: (\d+), pruned: (\d+)", done)
    assert counts is not None, done
    assert sum(map(int, counts.groups())) == 12
    best = re.search(r"Best accuracy: (\d\.\d{4}) in trial \d+", done)
    assert best is not None, done
    assert float(best[1]) > 0.5
    for name in ("n_layers", "n_units_l0", "dropout_l0", "optimizer", "lr"):
        assert f"  {name}: " in done


def test_the_page_holds_three_plots_and_loads_nothing(done: str, data: Path) -> None:
    page = (data / "page.html").read_text(encoding="utf-8")
    assert page.count("Plotly.newPlot(") == 3
    assert not re.search(r"<(script|link|img)[^>]*\s(src|href)=", page)
    assert page.lower().startswith("<!doctype html>")


def test_the_same_seed_gives_the_same_summary(
    done: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = f"--data {data} --trials 12 --epochs 3 --seed 1 --output {data}/page.html"
    fashion_mnist.main(words.split())
    assert capsys.readouterr().out == done


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--trials 0", "--trials and --epochs must be at least 1"),
        ("--epochs -1", "--trials and --epochs must be at least 1"),
        ("--output /nowhere/page.html", "--output: there is no folder /nowhere"),
        ("--data /nowhere", "error: /nowhere is no folder"),
    ],
)
def test_bad_arguments_are_refused_before_the_first_trial(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        fashion_mnist.main(words.split())
    assert message in f"{stop.value} {capsys.readouterr().err}"
    assert stop.value.code != 0


@pytest.mark.parametrize("trials", [1, 2, 3])
def test_a_handful_of_trials_is_enough_for_the_page(
    trials: int, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    words = f"--data {data} --trials {trials} --epochs 1 --output {page}"
    fashion_mnist.main(words.split())
    assert f"Trials: {trials}, complete: {trials}, pruned: 0" in capsys.readouterr().out
    assert page.stat().st_size > 1_000_000
