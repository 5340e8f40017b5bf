"""Random numbers follow from seed and trial number, whatever else was drawn."""

from __future__ import annotations

import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.streams import Streams

STUDY, OTHER = (SimpleNamespace(entropy=entropy, redraws={}) for entropy in (1, 2))
seeds = st.integers(0, 2**70)
trial_numbers = st.integers(0, 2**40)


@given(seeds, trial_numbers, st.text(max_size=5), st.lists(trial_numbers, max_size=3))
def test_a_uniform_number_depends_on_seed_number_and_name_only(
    seed: int, number: int, name: str, before: list[int]
) -> None:
    streams = Streams(seed)
    for drawn in before:
        streams.uniform(STUDY, drawn, name)
        streams.uniform(STUDY, drawn, "other")
    value = streams.uniform(STUDY, number, name)
    assert 0 <= value < 1
    assert Streams(seed).uniform(OTHER, number, name) == value


@given(seeds, trial_numbers, st.integers(0, 2**32))
def test_a_generator_depends_on_seed_number_and_salt_only(
    seed: int, number: int, salt: int
) -> None:
    streams = Streams(seed)
    streams.generator(STUDY, number + 1, salt).random(7)
    value = streams.generator(STUDY, number, salt).random(3)
    assert (Streams(seed).generator(OTHER, number, salt).random(3) == value).all()
    assert (streams.generator(STUDY, number + 1, salt).random(3) != value).all()


def test_without_a_seed_two_studies_get_different_numbers() -> None:
    streams = Streams()
    assert streams.uniform(STUDY, 0, "x") != streams.uniform(OTHER, 0, "x")
    assert streams.generator(STUDY, 0).random() != streams.generator(OTHER, 0).random()
    assert streams.uniform(STUDY, 0, "x") != Streams().uniform(STUDY, 0, "x")


def test_a_pickled_copy_goes_on_alike() -> None:
    streams = Streams()
    streams.uniform(STUDY, 3, "x")
    copy = pickle.loads(pickle.dumps(streams))
    assert copy.uniform(STUDY, 4, "x") == streams.uniform(STUDY, 4, "x")


def test_another_process_draws_the_same_numbers() -> None:
    program = (
        "from types import SimpleNamespace as N; from steep.streams import Streams;"
        "print(repr(Streams(5).uniform(N(entropy=9, redraws={}), 1000, 'lr')))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": "7"},
    ).stdout
    assert float(printed) == Streams(5).uniform(STUDY, 1000, "lr")


@pytest.mark.parametrize("names", [("x", "y"), ("a", "b")])
def test_numbers_are_uniform_and_independent(names: tuple[str, str]) -> None:
    streams = Streams(0)
    x, y = (np.array([streams.uniform(STUDY, i, name) for i in range(4000)]) for name in names)
    counts, _, _ = np.histogram2d(x, y, bins=8, range=[[0, 1], [0, 1]])
    # 63 degrees of freedom: mean 63, standard deviation 11.
    statistic = ((counts - 62.5) ** 2 / 62.5).sum()
    assert 30 < statistic < 120


@given(seeds, trial_numbers, st.integers(1, 99))
def test_a_trial_that_is_drawn_again_gets_other_numbers_and_the_others_keep_theirs(
    seed: int, number: int, redraws: int
) -> None:
    study = SimpleNamespace(entropy=1, redraws={number: redraws})
    streams = Streams(seed)
    value = streams.uniform(study, number, "x")
    assert 0 <= value < 1
    assert value != streams.uniform(STUDY, number, "x")
    assert streams.uniform(study, number + 1, "x") == streams.uniform(STUDY, number + 1, "x")
