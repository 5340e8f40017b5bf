"""Connections that are cut again and again: the user of a study does not notice."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from storages.media import SHARED
from storages.proxy import Proxy
from storages.servers import MYSQL, POSTGRESQL, REDIS, need, unique
from storages.soak import amount

import steep
from steep.storages import JournalStorage, RDBStorage, Storage
from steep.trial import TrialState

RANDOM = steep.samplers.RandomSampler(seed=0)
URLS = {"postgresql": POSTGRESQL, "mysql": MYSQL, "redis": REDIS}
N_CUTS = amount(40, 1000)


@contextlib.contextmanager
def storages(kind: str, folder: Path) -> Iterator[tuple[Proxy, Storage, Storage]]:
    """Give a proxy, a storage behind it, and one with a connection that stands."""
    need(URLS[kind])
    make = _redis if kind == "redis" else _sql
    with make(kind, folder) as found:
        yield found


@contextlib.contextmanager
def _sql(kind: str, folder: Path) -> Iterator[tuple[Proxy, Storage, Storage]]:
    import sqlalchemy

    with SHARED[kind](folder) as medium:
        url = sqlalchemy.make_url(medium.url)
        with Proxy(url.host or "127.0.0.1", url.port or 0) as proxy:
            behind = url.set(host=proxy.host, port=proxy.port)
            direct = medium.open()
            direct.get_all_studies()  # makes the tables
            storage = RDBStorage(behind.render_as_string(hide_password=False))
            yield proxy, storage, direct
            storage.close()


@contextlib.contextmanager
def _redis(kind: str, folder: Path) -> Iterator[tuple[Proxy, Storage, Storage]]:
    import redis
    from redis.connection import parse_url

    from steep.storages import RedisBackend

    address, prefix = parse_url(REDIS), unique("cuts")
    with (
        Proxy(address.get("host", "127.0.0.1"), address.get("port", 6379)) as proxy,
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message=".*may lose studies")
        database = address.get("db", 0)
        behind = f"redis://{proxy.host}:{proxy.port}/{database}?socket_timeout=5"
        storage = JournalStorage(RedisBackend(behind, prefix=prefix))
        direct = JournalStorage(RedisBackend(REDIS, prefix=prefix))
        yield proxy, storage, direct
        storage.close()
        direct.close()
        with redis.Redis.from_url(REDIS) as client:
            for key in client.scan_iter(match=f"*{prefix}*"):
                client.delete(key)


@pytest.mark.parametrize("kind", URLS)
def test_a_study_behind_many_cuts_has_exactly_its_trials(kind: str, tmp_path: Path) -> None:
    with storages(kind, tmp_path) as (proxy, storage, direct):
        study = steep.create_study(study_name="tea", storage=storage, sampler=RANDOM)
        # A new connection takes about ten requests, and an append must come through in between.
        for before, after_bytes, first in (("request", 0, 10), ("reply", 0, 31), ("reply", 3, 52)):
            proxy.cut(before=before, every=63, first=first, after_bytes=after_bytes)
        told: list[tuple[int, float | None]] = []

        def objective(trial: Any) -> float:
            x = trial.suggest_float("x", 0, 1)
            trial.report(x, 0)
            trial.set_user_attr("k", trial.number)
            return float(x)

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            while proxy.cuts < N_CUTS:
                study.optimize(
                    objective,
                    n_trials=10,
                    callbacks=[lambda _, trial: told.append((trial.number, trial.value))],
                )
        proxy.calm()
        trials = steep.load_study(study_name="tea", storage=direct).trials
        assert [(t.number, t.value) for t in trials] == told
        assert [t.number for t in trials] == list(range(len(told)))
        assert {t.state for t in trials} == {TrialState.COMPLETE}
        assert all(t.params == {"x": t.value} for t in trials)
        assert all(t.intermediate_values == {0: t.value} for t in trials)
        assert all(t.user_attrs == {"k": t.number} for t in trials)
        assert study.trials == trials
