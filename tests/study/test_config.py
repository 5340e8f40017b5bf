"""Samplers and pruners that are made again from their description."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import steep
from steep.study.config import build, describe


@pytest.mark.parametrize(
    ("role", "made"),
    [
        ("sampler", steep.samplers.RandomSampler(seed=3)),
        ("sampler", steep.samplers.NSGAIISampler(crossover=steep.samplers.nsgaii.UNDXCrossover())),
        ("pruner", steep.pruners.MedianPruner(n_warmup_steps=2)),
    ],
    ids=["sampler", "crossover", "pruner"],
)
def test_what_was_described_is_made_again(role: str, made: object) -> None:
    again = build(role, describe(made))
    assert type(again) is type(made)
    assert describe(again) == describe(made)


@pytest.mark.parametrize("name", ["nsgaii", "__all__", "os:system", "NoSampler"])
def test_what_is_no_class_of_ours_is_not_made(name: str) -> None:
    assert build("sampler", {"class": name, "arguments": {}}) is None


def test_loading_a_study_imports_no_sampler_but_its_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'study.db'}"
    steep.create_study(study_name="tea", storage=url, sampler=steep.samplers.RandomSampler())
    program = (
        "import sys, steep; steep.load_study(study_name='tea', storage=sys.argv[1]); "
        "print(*(name for name in sys.modules if name.startswith('steep.samplers.')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, url], capture_output=True, text=True, check=True
    )
    found = set(done.stdout.split())
    assert "steep.samplers.random" in found
    assert not [name for name in found if "nsga" in name or "cmaes" in name]
