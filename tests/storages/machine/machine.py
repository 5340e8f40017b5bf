"""Three workers do whatever workers do, in any order; a model says what must come of it.

Each worker is a storage of its own over a backend of its own on the same medium, as in a process
of its own. After each step all of them must show exactly what the model says, down to parameters
that are still on their way: these reach the log only when their worker flushes or tells, since the
threads in the background are switched off.
"""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from typing import Any

import hypothesis.strategies as st
from hypothesis.stateful import invariant, precondition, rule
from storages.machine.base import FINISHED, BaseMachine, Worker, attrs, plain
from storages.machine.model import OPEN, Row, StudyModel
from storages.machine.trials import TrialMachine

import steep
from steep.table import DELETED
from steep.trial import TrialState
from steep.trial.rows import fields_of_row

__all__ = ["Machine"]

COMPLETE = TrialState.COMPLETE
RUNNING, WAITING = TrialState.RUNNING, TrialState.WAITING


class Machine(TrialMachine):
    """See the module."""

    # ---- edits -----------------------------------------------------------------------------------

    @precondition(BaseMachine._has_trials)
    @rule(data=st.data())
    def delete_trial(self, data: Any) -> None:
        worker = self._worker(data)
        model, number = self._number(data)
        worker.study(model).delete_trial(number)
        worker.flush(model)
        model.rows[number] = None

    @precondition(BaseMachine._has_trials)
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

    @precondition(BaseMachine._has_running)
    @rule(data=st.data())
    def release(self, data: Any) -> None:
        worker = self._worker(data)
        model, number = self._number(data, RUNNING)
        trial_id = worker.storage.trial_id_of(model.study_id, number)
        assert worker.storage.set_trial_state_values(trial_id, WAITING)
        worker.flush(model)
        model.release(number)

    @precondition(BaseMachine._has_open)
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

    @precondition(BaseMachine._has_open)
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

    @precondition(BaseMachine._has_studies)
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

    @precondition(BaseMachine._is_shared)
    @rule(data=st.data())
    def count_as_dead(self, data: Any) -> None:
        """Presume a worker dead that goes on later: its heartbeat is late."""
        self.dead.add(self._worker(data).writer_id)

    @precondition(BaseMachine._is_shared)
    @rule(data=st.data())
    def hear_again(self, data: Any) -> None:
        self.dead.discard(self._worker(data).writer_id)

    @precondition(BaseMachine._has_studies)
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

    @precondition(BaseMachine._is_shared)
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

    @precondition(BaseMachine._is_shared)
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
                del fields["_table"]  # each worker has its own
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
