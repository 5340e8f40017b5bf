"""What workers do with studies and trials."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis.stateful import precondition, rule
from storages.machine.base import FINISHED, SAMPLER, BaseMachine, Worker, attrs, texts
from storages.machine.model import Handle, Row, StudyModel

import steep
from steep.exceptions import DuplicatedStudyError
from steep.trial import TrialState

__all__ = ["TrialMachine"]

COMPLETE, PRUNED = TrialState.COMPLETE, TrialState.PRUNED
RUNNING, WAITING = TrialState.RUNNING, TrialState.WAITING

numbers = st.floats(allow_nan=False, width=64)
names = st.sampled_from(["a", "b", "with space, ünïcode"])
fixed_params = st.sampled_from([{}, {"x": 0.25}, {"x": 0.5, "c": None}, {"n": 3, "c": True}])
SUGGEST: dict[str, Callable[[Any], Any]] = {
    "x": lambda trial: trial.suggest_float("x", 0, 1),
    "n": lambda trial: trial.suggest_int("n", 1, 5),
    "c": lambda trial: trial.suggest_categorical("c", ["a", None, True]),
}


class TrialMachine(BaseMachine):
    """Create studies, ask, suggest, report, tell and add."""

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

    @precondition(BaseMachine._has_studies)
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

    @precondition(BaseMachine._has_studies)
    @rule(data=st.data(), key=st.sampled_from("uv"), value=attrs)
    def set_study_attr(self, data: Any, key: str, value: Any) -> None:
        model = self._model(data)
        self._worker(data).study(model).set_user_attr(key, value)
        model.user_attrs[key] = value

    # ---- asking and telling ----------------------------------------------------------------------

    @precondition(BaseMachine._has_studies)
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

    @precondition(BaseMachine._has_handles)
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

    @precondition(BaseMachine._has_handles)
    @rule(data=st.data(), value=st.floats())
    def report(self, data: Any, value: float) -> None:
        _, model, handle = self._handle(data)
        if model.n_objectives == 1:
            step = next(self._steps)
            handle.trial.report(value, step)
            handle.reports[step] = handle.new_reports[step] = value

    @precondition(BaseMachine._has_handles)
    @rule(data=st.data(), key=st.sampled_from("uv"), value=attrs)
    def set_attr(self, data: Any, key: str, value: Any) -> None:
        _, _, handle = self._handle(data)
        handle.trial.set_user_attr(key, value)
        handle.user_attrs[key] = value

    @precondition(BaseMachine._has_handles)
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

    @precondition(BaseMachine._has_running)
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

    @precondition(BaseMachine._has_studies)
    @rule(data=st.data(), params=fixed_params, user_attrs=st.dictionaries(texts, attrs, max_size=2))
    def enqueue(self, data: Any, params: dict[str, Any], user_attrs: dict[str, Any]) -> None:
        model = self._model(data)
        self._worker(data).study(model).enqueue_trial(params, user_attrs)
        model.add(
            Row(WAITING, user_attrs=dict(user_attrs), system_attrs={"fixed_params": dict(params)})
        )

    @precondition(BaseMachine._has_studies)
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
