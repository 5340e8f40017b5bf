"""The executors that keep the contract: each is started once for all its tests."""

from __future__ import annotations

import contextlib
import multiprocessing
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

_N_WORKERS = 2


@contextlib.contextmanager
def _process_pool() -> Iterator[Any]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(_N_WORKERS, mp_context=spawn) as pool:
        yield pool


@contextlib.contextmanager
def _loky() -> Iterator[Any]:
    loky = pytest.importorskip("loky", reason="loky is not installed: pip install loky")
    pool = loky.ProcessPoolExecutor(_N_WORKERS)
    try:
        yield pool
    finally:
        pool.shutdown(kill_workers=True)


@contextlib.contextmanager
def _dask() -> Iterator[Any]:
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed: pip install distributed"
    )
    where = {"n_workers": _N_WORKERS, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.LocalCluster(**where) as cluster, distributed.Client(cluster) as client:
        yield client.get_executor()


@contextlib.contextmanager
def _ray() -> Iterator[Any]:
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install ray")
    from steep.executors import RayExecutor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ray.init(num_cpus=_N_WORKERS, include_dashboard=False, log_to_driver=False)
    try:
        yield RayExecutor(num_cpus=1)
    finally:
        ray.shutdown()


EXECUTORS: dict[str, Callable[[], Any]] = {
    "none": lambda: contextlib.nullcontext(None),
    "thread": lambda: contextlib.nullcontext("thread"),
    "process": lambda: contextlib.nullcontext("process"),
    "thread pool": lambda: ThreadPoolExecutor(_N_WORKERS),
    "process pool": _process_pool,
    "loky": _loky,
    "dask": _dask,
    "ray": _ray,
}


@pytest.fixture(scope="package", params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Give what ``Study.optimize(executor=...)`` takes."""
    with EXECUTORS[request.param]() as made:
        yield made
