"""One BLAS thread inside a block: what others have set is back afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from steep.kernels.blas import Library, OneThread, libraries, one_thread


class Fake:
    """Stand for a library."""

    def __init__(self, n: int) -> None:
        self.n = n

    def set(self, n: int) -> None:
        self.n = n

    def library(self) -> Library:
        return Library(lambda: self.n, self.set)


@pytest.fixture
def fakes() -> list[Fake]:
    return [Fake(4), Fake(1), Fake(8)]


@pytest.fixture
def alone(fakes: list[Fake]) -> OneThread:
    return OneThread(lambda: [fake.library() for fake in fakes])


def numbers(fakes: list[Fake]) -> list[int]:
    return [fake.n for fake in fakes]


def test_inside_there_is_one_thread_and_afterwards_what_was(
    fakes: list[Fake], alone: OneThread
) -> None:
    with alone:
        with alone:
            assert numbers(fakes) == [1, 1, 1]
        assert numbers(fakes) == [1, 1, 1]
    assert numbers(fakes) == [4, 1, 8]


def test_an_error_leaves_the_block(fakes: list[Fake], alone: OneThread) -> None:
    with pytest.raises(ZeroDivisionError), alone:
        raise ZeroDivisionError
    assert numbers(fakes) == [4, 1, 8]


def test_what_is_set_inside_stays(fakes: list[Fake], alone: OneThread) -> None:
    with alone:
        fakes[0].set(3)
    assert numbers(fakes) == [3, 1, 8]
    with alone:
        assert numbers(fakes) == [1, 1, 1]
    assert numbers(fakes) == [3, 1, 8]


def test_the_last_of_several_threads_restores(fakes: list[Fake], alone: OneThread) -> None:
    entered, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with alone:
            entered.set()
            leave.wait()

    other = threading.Thread(target=stay)
    with alone:
        other.start()
        entered.wait()
    assert numbers(fakes) == [1, 1, 1]
    leave.set()
    other.join()
    assert numbers(fakes) == [4, 1, 8]


@pytest.mark.parametrize("is_child", [False, True])
def test_a_fork_does_not_inherit_the_blocks_of_other_threads(
    fakes: list[Fake], alone: OneThread, is_child: bool
) -> None:
    threading.Thread(target=alone.__enter__).start()
    while numbers(fakes) != [1, 1, 1]:
        pass
    alone.before_fork()
    alone.forked(is_child)
    assert numbers(fakes) == ([4, 1, 8] if is_child else [1, 1, 1])


def test_a_fork_keeps_the_block_it_is_in(fakes: list[Fake], alone: OneThread) -> None:
    with alone:
        alone.before_fork()
        alone.forked(True)
        assert numbers(fakes) == [1, 1, 1]
    assert numbers(fakes) == [4, 1, 8]


@pytest.fixture
def two_threads() -> Iterator[list[Library]]:
    """Give the real libraries, set to two threads."""
    found = libraries()
    if not found:
        pytest.skip("no OpenBLAS with threads of its own")
    before = [library.get() for library in found]
    for library in found:
        library.set(2)
    yield found
    for library, n in zip(found, before, strict=True):
        library.set(n)


def test_openblas_is_limited(two_threads: list[Library]) -> None:
    with one_thread:
        assert [library.get() for library in two_threads] == [1] * len(two_threads)
    assert [library.get() for library in two_threads] == [2] * len(two_threads)


PROGRAM = """
import numpy as np
from scipy.linalg.lapack import dpotrf
from steep.kernels.blas import libraries, one_thread
x = np.random.default_rng(0).standard_normal((300, 300))
with one_thread:
    whole = x @ x.T + np.eye(300)
    print(repr(float(whole.sum())), repr(float(dpotrf(whole)[0].sum())))
print([library.get() for library in libraries()])
"""


def test_results_do_not_depend_on_the_number_of_threads(two_threads: list[Library]) -> None:
    printed = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env=os.environ | {"PYTHONPATH": ":".join(sys.path), "OPENBLAS_NUM_THREADS": n},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for n in "12"
    ]
    assert printed[0][0] == printed[1][0]
    assert [one[1] for one in printed] == [str([n] * len(two_threads)) for n in (1, 2)]
