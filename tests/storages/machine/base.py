"""The workers of the machine, and how it chooses among them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize
from storages.machine.model import MAX_RETRY, OPEN, Handle, StudyModel

import steep
from steep.storages import RetryHeartbeatStaleTrialCallback, Storage
from steep.storages.background import Background
from steep.trial import TrialState

__all__ = ["FINISHED", "SAMPLER", "BaseMachine", "Worker", "attrs", "plain", "texts"]

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
RUNNING, WAITING = TrialState.RUNNING, TrialState.WAITING
FINISHED = (COMPLETE, PRUNED, FAIL)
LONG = 1e6  # seconds that never pass
SAMPLER = steep.samplers.RandomSampler(seed=0)

texts = st.text(st.characters(codec="utf-8"), max_size=4)
attrs = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(),
    texts,
    st.just([1, {"a": None}]),
)
_examples = itertools.count()


def plain(value: Any) -> Any:
    """Give something that equals what is the same to the last bit; the order of keys is free."""
    if isinstance(value, dict):
        return sorted((repr(key), plain(one)) for key, one in value.items())
    return repr(value)


class Worker:
    """A storage, the studies that it has loaded, and the trials that it has asked for."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.studies: dict[int, steep.Study] = {}
        self.handles: dict[int, list[Handle]] = {}
        self.held: set[tuple[int, int]] = set()

    @property
    def writer_id(self) -> str:
        return self.storage._writer.id

    @property
    def owner(self) -> str | None:
        """Give whom its trials belong to."""
        is_watched = self.storage.heartbeat_interval is not None and self.storage._keeps_log
        return self.writer_id if is_watched else None

    def study(self, model: StudyModel) -> steep.Study:
        if model.study_id not in self.studies:
            self.studies[model.study_id] = steep.load_study(
                study_name=model.name, storage=self.storage, sampler=SAMPLER
            )
        return self.studies[model.study_id]

    def of(self, model: StudyModel) -> list[Handle]:
        return self.handles.setdefault(model.study_id, [])

    def flush(self, model: StudyModel) -> None:
        """Let the model know that this worker has flushed."""
        for handle in self.of(model):
            model.flush(handle)


class BaseMachine(RuleBasedStateMachine):
    """Open workers, choose among them, and close them.

    Args:
        open_storage: Gives a storage over a backend of its own.
        n_workers: How many workers there are.
    """

    def __init__(self, open_storage: Callable[..., Storage], n_workers: int = 3) -> None:
        super().__init__()
        self._patches = pytest.MonkeyPatch()
        self._patches.setattr(Background, "wake", lambda self: None)
        self._open_storage = open_storage
        self._n_workers = n_workers
        self._prefix = f"e{next(_examples)}-"
        self._steps = itertools.count()
        self.models: dict[str, StudyModel] = {}
        self.dead: set[str] = set()
        self.workers: list[Worker] = []

    @initialize(
        first_snapshot=st.integers(1, 12), watched=st.lists(st.booleans(), min_size=3, max_size=3)
    )
    def begin(self, first_snapshot: int, watched: list[bool]) -> None:
        self._patches.setattr("steep.storages.core._FIRST_SNAPSHOT", first_snapshot)
        for is_watched in watched[: self._n_workers]:
            self.workers.append(Worker(self._open(is_watched)))

    def _open(self, is_watched: bool) -> Storage:
        if self._n_workers == 1:
            return self._open_storage()
        options: dict[str, Any] = {}
        if is_watched:
            options = {
                "heartbeat_interval": LONG / 10,
                "grace_period": LONG,
                "failed_trial_callback": RetryHeartbeatStaleTrialCallback(max_retry=MAX_RETRY),
            }
        return self._ageing(self._open_storage(**options))

    def _ageing(self, storage: Storage) -> Storage:
        """Let the writers that the model calls dead be silent for long."""
        real = storage._backend.ages

        def ages() -> dict[str, float]:
            return dict.fromkeys(real(), 0.0) | dict.fromkeys(self.dead, 2 * LONG)

        storage._backend.ages = ages  # type: ignore[method-assign]
        return storage

    # ---- choosing --------------------------------------------------------------------------------

    def _worker(self, data: Any) -> Worker:
        return self.workers[data.draw(st.integers(0, self._n_workers - 1), "worker")]

    def _model(self, data: Any) -> StudyModel:
        return self.models[data.draw(st.sampled_from(sorted(self.models)), "study")]

    def _handle(self, data: Any) -> tuple[Worker, StudyModel, Handle]:
        found = [
            (worker, model, handle)
            for worker in self.workers
            for model in self.models.values()
            for handle in worker.of(model)
        ]
        return found[data.draw(st.integers(0, len(found) - 1), "handle")]

    def _number(self, data: Any, *states: TrialState) -> tuple[StudyModel, int]:
        found = [(m, n) for m in self.models.values() for n in m.numbers(*states)]
        return found[data.draw(st.integers(0, len(found) - 1), "trial")]

    def _has_studies(self) -> bool:
        return bool(self.models)

    def _has_handles(self) -> bool:
        return any(w.of(m) for w in self.workers for m in self.models.values())

    def _has_running(self) -> bool:
        return any(m.numbers(RUNNING) for m in self.models.values())

    def _has_open(self) -> bool:
        return any(m.numbers(*OPEN) for m in self.models.values())

    def _has_waiting(self) -> bool:
        return any(m.numbers(WAITING) for m in self.models.values())

    def _has_trials(self) -> bool:
        return any(m.numbers() for m in self.models.values())

    def _is_shared(self) -> bool:
        return self._n_workers > 1

    def teardown(self) -> None:
        try:
            for worker in self.workers[:1]:
                for model in self.models.values():
                    worker.storage.delete_study(model.study_id)
            for worker in self.workers:
                worker.storage.close()
        finally:
            self._patches.undo()
