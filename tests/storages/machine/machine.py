"""Three workers do whatever workers do, in any order; a model says what must come of it.

Each worker is a storage of its own over a backend of its own on the same medium, as in a process
of its own. After each step all of them must show exactly what the model says, down to parameters
that are still on their way: these reach the log only when their worker flushes or tells, since the
threads in the background are switched off.
"""

from __future__ import annotations

import itertools
import os
import pickle
import sys
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from storages.machine.model import MAX_RETRY, OPEN, Handle, Row, StudyModel

import steep
from steep.exceptions import DuplicatedStudyError
from steep.storages import RetryHeartbeatStaleTrialCallback, Storage
from steep.storages.background import Background
from steep.table import DELETED
from steep.trial import TrialState
from steep.trial.rows import fields_of_row

__all__ = ["Machine"]

COMPLETE, PRUNED, FAIL = TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL
RUNNING, WAITING = TrialState.RUNNING, TrialState.WAITING
FINISHED = (COMPLETE, PRUNED, FAIL)
LONG = 1e6  # seconds that never pass
SAMPLER = steep.samplers.RandomSampler(seed=0)

numbers = st.floats(allow_nan=False, width=64)
texts = st.text(st.characters(codec="utf-8"), max_size=4)
nested = st.just([1, {"a": None}])
attrs = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    st.floats(),
    texts,
    st.just([1, {"a": None}]),
)
endings = st.sampled_from(["killed", "closed", "pickled"])
any_state = st.sampled_from(list(TrialState))
names = st.sampled_from(["a", "b", "with space, ünïcode"])
fixed_params = st.sampled_from([{}, {"x": 0.25}, {"x": 0.5, "c": None}, {"n": 3, "c": True}])
SUGGEST: dict[str, Callable[[Any], Any]] = {
    "x": lambda trial: trial.suggest_float("x", 0, 1),
    "n": lambda trial: trial.suggest_int("n", 1, 5),
    "c": lambda trial: trial.suggest_categorical("c", ["a", None, True]),
}
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


class Machine(RuleBasedStateMachine):
    """See the module.

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

    # ---- studies ---------------------------------------------------------------------------------

    @rule(data=st.data(), name=names, n_objectives=st.sampled_from([1, 1, 2]), up=st.booleans())
    def create_study(self, data: Any, name: str, n_objectives: int, up: bool) -> None:
        worker = self._worker(data)
        direction = "maximize" if up else "minimize"
        call: dict[str, Any] = {
            "study_name": self._prefix + name,
            "storage": worker.storage,
            "directions": [direction] * n_objectives,
            "sampler": SAMPLER,
        }
        if name in self.models:
            with pytest.raises(DuplicatedStudyError):
                steep.create_study(**call)
            return
        study = steep.create_study(**call)
        known = [model.study_id for model in self.models.values()]
        assert study._study_id not in known
        self.models[name] = model = StudyModel(
            self._prefix + name, study._study_id, n_objectives, up
        )
        worker.studies[model.study_id] = study

    @precondition(_has_studies)
    @rule(data=st.data())
    def delete_study(self, data: Any) -> None:
        if not data.draw(st.booleans(), "really"):
            return
        worker, model = self._worker(data), self._model(data)
        steep.delete_study(study_name=model.name, storage=worker.storage)
        self.models = {name: m for name, m in self.models.items() if m is not model}
        for other in self.workers:
            with pytest.raises(KeyError):
                other.storage.get_all_trials(model.study_id)
            other.studies.pop(model.study_id, None)
            other.handles.pop(model.study_id, None)

    @precondition(_has_studies)
    @rule(data=st.data(), key=st.sampled_from("uv"), value=attrs)
    def set_study_attr(self, data: Any, key: str, value: Any) -> None:
        model = self._model(data)
        self._worker(data).study(model).set_user_attr(key, value)
        model.user_attrs[key] = value

    # ---- asking and telling ----------------------------------------------------------------------

    @precondition(_has_studies)
    @rule(data=st.data(), limit=st.none() | st.integers(0, 4))
    def ask(self, data: Any, limit: int | None) -> None:
        worker, model = self._worker(data), self._model(data)
        trial = worker.study(model)._ask(limit)
        if worker.owner is not None:
            self._expect_reaping(worker, model)
        number = model.ask(worker.owner, limit)
        assert number == (None if trial is None else trial.number)
        if number is None:
            return
        row = model.row(number)
        handles = [handle for handle in worker.of(model) if handle.number != number]
        handles.append(Handle(number, row.lease, trial, dict(row.reports)))
        worker.handles[model.study_id] = handles
        worker.held.add((model.study_id, number))

    @precondition(_has_handles)
    @rule(data=st.data(), name=st.sampled_from(sorted(SUGGEST)))
    def suggest(self, data: Any, name: str) -> None:
        _, model, handle = self._handle(data)
        was_held, known = model.holds(handle), model.rows[handle.number]
        value = SUGGEST[name](handle.trial)
        if not was_held or known is None:
            return
        expected = known.params | handle.params
        if name in expected:
            assert value == expected[name]
        else:
            fixed = known.system_attrs.get("fixed_params", {})
            assert value == fixed.get(name, value)
            handle.params[name] = value

    @precondition(_has_handles)
    @rule(data=st.data(), value=st.floats())
    def report(self, data: Any, value: float) -> None:
        _, model, handle = self._handle(data)
        if model.n_objectives == 1:
            step = next(self._steps)
            handle.trial.report(value, step)
            handle.reports[step] = handle.new_reports[step] = value

    @precondition(_has_handles)
    @rule(data=st.data(), key=st.sampled_from("uv"), value=attrs)
    def set_attr(self, data: Any, key: str, value: Any) -> None:
        _, _, handle = self._handle(data)
        handle.trial.set_user_attr(key, value)
        handle.user_attrs[key] = value

    @precondition(_has_handles)
    @rule(data=st.data(), state=st.sampled_from(FINISHED))
    def tell(self, data: Any, state: TrialState) -> None:
        worker, model, handle = self._handle(data)
        values = self._values(data, model) if state == COMPLETE else None
        complaint = self._tell(worker, model, handle.trial, state, values)
        if model.holds(handle):
            assert complaint == ""
            model.flush(handle)
            kept = model.pruned_values(handle.reports) if state == PRUNED else values
            model.finish(handle.number, state, kept)
        else:
            assert complaint
        worker.of(model).remove(handle)
        worker.flush(model)

    def _tell(
        self,
        worker: Worker,
        model: StudyModel,
        trial: Any,
        state: TrialState,
        values: list[float] | None,
    ) -> str:
        """Tell a trial, and give what the storage had to complain of."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                worker.study(model).tell(trial, values, state)
            except ValueError as error:  # somebody else has told it
                return str(error)
        messages = [
            str(w.message) for w in caught if "was taken from this worker" in str(w.message)
        ]
        return "".join(messages)

    @precondition(_has_running)
    @rule(data=st.data(), state=st.sampled_from(FINISHED))
    def tell_by_number(self, data: Any, state: TrialState) -> None:
        worker = self._worker(data)
        model, number = self._number(data, RUNNING)
        if (model.study_id, number) in worker.held:
            return
        values = self._values(data, model) if state == COMPLETE else None
        assert self._tell(worker, model, number, state, values) == ""
        if state == PRUNED:
            values = model.pruned_values(model.row(number).reports)
        model.finish(number, state, values)
        worker.flush(model)

    def _values(self, data: Any, model: StudyModel) -> list[float]:
        size = model.n_objectives
        return data.draw(st.lists(numbers, min_size=size, max_size=size), "values")

    # ---- adding ----------------------------------------------------------------------------------

    @precondition(_has_studies)
    @rule(data=st.data(), params=fixed_params, user_attrs=st.dictionaries(texts, attrs, max_size=2))
    def enqueue(self, data: Any, params: dict[str, Any], user_attrs: dict[str, Any]) -> None:
        model = self._model(data)
        self._worker(data).study(model).enqueue_trial(params, user_attrs)
        model.add(
            Row(WAITING, user_attrs=dict(user_attrs), system_attrs={"fixed_params": dict(params)})
        )

    @precondition(_has_studies)
    @rule(
        data=st.data(), states=st.lists(st.sampled_from(list(TrialState)), min_size=1, max_size=3)
    )
    def add_trials(self, data: Any, states: list[TrialState]) -> None:
        worker, model = self._worker(data), self._model(data)
        rows = []
        for state in states:
            row = Row(state, self._values(data, model) if state == COMPLETE else None)
            row.params = {"x": data.draw(st.sampled_from([0.0, 0.75]))}
            row.reports = {next(self._steps): data.draw(numbers)}
            rows.append(row)
        worker.study(model).add_trials(
            steep.create_trial(
                state=row.state,
                values=row.values,
                params=row.params,
                distributions={"x": steep.distributions.FloatDistribution(0, 1)},
                intermediate_values=row.reports,
            )
            for row in rows
        )
        for row in rows:
            model.add(row)

    # ---- edits -----------------------------------------------------------------------------------

    @precondition(_has_trials)
    @rule(data=st.data())
    def delete_trial(self, data: Any) -> None:
        worker = self._worker(data)
        model, number = self._number(data)
        worker.study(model).delete_trial(number)
        worker.flush(model)
        model.rows[number] = None

    @precondition(_has_trials)
    @rule(data=st.data(), state=st.none() | st.sampled_from(FINISHED), value=attrs)
    def amend_trial(self, data: Any, state: TrialState | None, value: Any) -> None:
        worker = self._worker(data)
        model, number = self._number(data)
        row = model.row(number)
        if row.state in OPEN:
            state = None
        values = self._values(data, model) if state == COMPLETE else None
        worker.study(model).amend_trial(
            number, state=state, values=values, user_attrs={"note": value}
        )
        worker.flush(model)
        row.user_attrs["note"] = value
        if state is not None:
            row.state, row.values = state, values

    # ---- the storage interface -------------------------------------------------------------------

    @precondition(_has_running)
    @rule(data=st.data())
    def release(self, data: Any) -> None:
        worker = self._worker(data)
        model, number = self._number(data, RUNNING)
        trial_id = worker.storage.trial_id_of(model.study_id, number)
        assert worker.storage.set_trial_state_values(trial_id, WAITING)
        worker.flush(model)
        model.release(number)

    @precondition(_has_open)
    @rule(data=st.data())
    def claim(self, data: Any) -> None:
        worker = self._worker(data)
        model, number = self._number(data, *OPEN)
        if (model.study_id, number) in worker.held:
            return
        trial_id = worker.storage.trial_id_of(model.study_id, number)
        claimed = worker.storage.set_trial_state_values(trial_id, RUNNING)
        worker.flush(model)
        assert claimed == (model.row(number).state == WAITING)
        if claimed:
            model.claim(number, worker.owner)

    @precondition(_has_open)
    @rule(data=st.data(), value=attrs, report=st.floats())
    def write(self, data: Any, value: Any, report: float) -> None:
        worker = self._worker(data)
        model, number = self._number(data, *OPEN)
        trial_id = worker.storage.trial_id_of(model.study_id, number)
        step = next(self._steps)
        worker.storage.set_trial_user_attr(trial_id, "u", value)
        worker.storage.set_trial_system_attr(trial_id, "s", value)
        worker.storage.set_trial_intermediate_value(trial_id, step, report)
        worker.flush(model)
        row = model.row(number)
        row.user_attrs["u"] = row.system_attrs["s"] = value
        row.reports[step] = report
        for handle in worker.of(model):
            if handle.number == number:
                handle.reports[step] = report

    @precondition(_has_studies)
    @rule(data=st.data())
    def read(self, data: Any) -> None:
        worker, model = self._worker(data), self._model(data)
        trials = worker.study(model).trials
        worker.flush(model)
        assert [t.number for t in trials] == model.numbers()
        for trial in trials:
            fields = {k: getattr(trial, k) for k in Row(WAITING).shown(0)}
            assert plain(fields) == plain(model.row(trial.number).shown(trial.number))

    # ---- lost workers ----------------------------------------------------------------------------

    @precondition(_is_shared)
    @rule(data=st.data())
    def count_as_dead(self, data: Any) -> None:
        """Presume a worker dead that goes on later: its heartbeat is late."""
        self.dead.add(self._worker(data).writer_id)

    @precondition(_is_shared)
    @rule(data=st.data())
    def hear_again(self, data: Any) -> None:
        self.dead.discard(self._worker(data).writer_id)

    @precondition(_has_studies)
    @rule(data=st.data())
    def reap(self, data: Any) -> None:
        worker, model = self._worker(data), self._model(data)
        reaped = worker.storage.reap(model.study_id)
        assert reaped == self._expect_reaping(worker, model)

    def _expect_reaping(self, worker: Worker, model: StudyModel) -> list[int]:
        if worker.owner is None:
            return []
        stale = model.stale(self.dead, worker.owner)
        if stale:
            worker.flush(model)
        for number in stale:
            model.reap(number)
        return stale

    # ---- processes -------------------------------------------------------------------------------

    @precondition(_is_shared)
    @rule(
        data=st.data(), how=st.sampled_from(["killed", "closed", "pickled"]), watched=st.booleans()
    )
    def restart(self, data: Any, how: str, watched: bool) -> None:
        index = data.draw(st.integers(0, self._n_workers - 1), "worker")
        worker = self.workers[index]
        if how != "killed":
            for model in self.models.values():
                if model.study_id in worker.storage._tables:
                    worker.flush(model)
        self.dead.add(worker.writer_id)
        if how == "pickled":
            storage = self._ageing(pickle.loads(pickle.dumps(worker.storage)))
        else:
            storage = self._open(watched)
        if how == "closed":
            worker.storage.close()
        self.workers[index] = Worker(storage)

    @precondition(_is_shared)
    @rule(data=st.data())
    def fork(self, data: Any) -> None:
        """Let a child process see the same, through the storage that it inherits."""
        worker = self._worker(data)
        for one in self.workers:  # what they have gathered is sent before a fork
            for model in self.models.values():
                one.flush(model)
        before = os.getpid()
        child = os.fork()
        if not child:
            code = 1
            try:
                self._check(worker)
                for model in self.models.values():
                    worker.storage.append(model.study_id, steep.events.SetStudyAttr("k", before))
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        for model in self.models.values():
            model.user_attrs["k"] = before

    # ---- snapshots -------------------------------------------------------------------------------

    @precondition(lambda self: self._is_shared() and self._has_studies())
    @rule(data=st.data())
    def save_snapshot(self, data: Any) -> None:
        worker, model = self._worker(data), self._model(data)
        table = worker.storage.synced(model.study_id)
        last = worker.storage.read_log(model.study_id)[-1]
        worker.storage._save_snapshot(model.study_id, table, last)

    @precondition(lambda self: self._is_shared() and self._has_studies())
    @rule(data=st.data(), how=st.sampled_from(["flip", "cut", "empty"]), where=st.floats(0, 1))
    def damage_snapshot(self, data: Any, how: str, where: float) -> None:
        worker, model = self._worker(data), self._model(data)
        found = worker.storage._backend.load_snapshot(model.study_id)
        if not found:
            return
        at = min(len(found) - 1, int(where * len(found)))
        damaged = {
            "flip": found[:at] + bytes([found[at] ^ 1]) + found[at + 1 :],
            "cut": found[:at],
            "empty": b"",
        }[how]
        worker.storage._backend.save_snapshot(model.study_id, 1, damaged)

    # ---- what must hold --------------------------------------------------------------------------

    @invariant()
    def everybody_sees_what_the_model_says(self) -> None:
        seen = [self._check(worker) for worker in self.workers]
        assert all(one == seen[0] for one in seen), "workers differ at the same position"

    def _check(self, worker: Worker) -> str:
        """Compare a worker with the model, and give all that it sees."""
        storage, seen = worker.storage, []
        mine = {n: i for i, n in storage._backend.studies().items() if n.startswith(self._prefix)}
        ids = {model.name: model.study_id for model in self.models.values()}
        assert list(mine.items()) == list(ids.items()), "in the order of creation"
        for model in self.models.values():
            table = storage.synced(model.study_id)
            assert table.n == len(model.rows)
            assert table.n_started == model.n_started
            assert plain(table.study_user_attrs) == plain(model.user_attrs)
            for number, row in enumerate(model.rows):
                if row is None:
                    assert table.state_of(number) == DELETED
                    continue
                fields = fields_of_row(table, number, storage.trial_id_of(model.study_id, number))
                fields["number"], fields["values"] = number, fields["_values"]
                expected = row.shown(number)
                assert plain({k: fields[k] for k in expected}) == plain(expected)
                assert table.lease_of(number) == row.lease
                assert table.owners.get(number) == row.owner
                seen.append(fields)
            self._check_best(table, model)
            seen.append((table.position, table.best, table.finished.tolist(), table.configs))
        return repr(seen)

    def _check_best(self, table: Any, model: StudyModel) -> None:
        if model.n_objectives == 1:
            expected = model.best_value()
            found = None if table.best is None else table.values_of(table.best)[0]
            assert found == expected

    def teardown(self) -> None:
        try:
            for worker in self.workers[:1]:
                for model in self.models.values():
                    worker.storage.delete_study(model.study_id)
            for worker in self.workers:
                worker.storage.close()
        finally:
            self._patches.undo()
