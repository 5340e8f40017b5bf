"""The programs that measure sample efficiency: spaces, adapters, records and the comparison."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.efficiency import models, pareto, results, runs, tasks
from benchmarks.efficiency.ceiling import wins_of_the_informed
from benchmarks.efficiency.client import Client
from benchmarks.efficiency.peers import make, peer_named
from benchmarks.efficiency.report import bootstrap, wins
from benchmarks.efficiency.spaces import Parameter, Space
from benchmarks.shared import Record, read

SPACE = Space(
    (
        Parameter("kind", "choice", choices=("a", "b", None)),
        Parameter("n", "int", 1, 9, log=True),
        Parameter("lr", "float", 1e-5, 1.0, log=True),
        Parameter("inner", "float", 0.0, 1.0, when=("kind", ("a", "b"))),
        Parameter("deep", "int", 0, 3, when=("kind", ("b",))),
    )
)


def test_a_space_survives_json() -> None:
    assert Space.from_json(SPACE.to_json()) == SPACE


def test_only_what_has_an_effect_is_kept() -> None:
    whole = {"kind": "a", "n": 2, "lr": 0.1, "inner": 0.5, "deep": 1}
    assert SPACE.only_active(whole) == {"kind": "a", "n": 2, "lr": 0.1, "inner": 0.5}


@pytest.mark.parametrize("peer", ["random", "steep", "steep-auto", "steep:TPESampler,group=true"])
def test_an_adapter_asks_for_what_is_there_and_the_same_with_the_same_seed(peer: str) -> None:
    def asked() -> list[str]:
        adapter = make(peer, SPACE, 3, 1, 14)
        found = []
        for _ in range(14):
            configuration = adapter.ask()
            assert SPACE.only_active(configuration) == configuration
            assert ("deep" in configuration) == (configuration["kind"] == "b")
            adapter.tell(configuration, [configuration["lr"]])
            found.append(repr(configuration))
        return found

    assert asked() == asked()


def test_an_unknown_peer_is_named() -> None:
    with pytest.raises(ValueError, match="no peer 'nobody'"):
        peer_named("nobody")


def test_a_peer_that_fails_is_quoted() -> None:
    with Client("steep:NoSampler") as client, pytest.raises(RuntimeError, match="NoSampler"):
        client.start(SPACE, seed=0)


def test_a_run_is_recorded_once(tmp_path: Path) -> None:
    for _ in range(2):
        runs.run("random", ["pareto/zdt1"], [0, 1], 12, tmp_path)
    records = read([tmp_path / "random.jsonl"])
    assert [record["seed"] for record in records] == [0, 1]
    best = runs.trace(records[0])
    assert len(best) == 12
    assert (np.diff(best) <= 0).all()


def test_improvements_and_traces_belong_together() -> None:
    best = np.array([5.0, 5.0, 3.0, 3.0, -1.0])
    record = {"trace": runs.improvements(best), "n": 5}
    assert runs.trace(record).tolist() == best.tolist()


def test_packed_records_are_read_again(tmp_path: Path) -> None:
    fresh, kept = tmp_path / "fresh", tmp_path / "kept"
    fresh.mkdir()
    runs.run("random", ["pareto/zdt1"], [0], 5, fresh)
    assert results.keep(fresh, kept) == 1
    assert results.read_results([kept]) == read([fresh / "random.jsonl"])


def record(peer: str, seed: int, loss: float) -> Record:
    task = "pareto/zdt1"
    return {"peer": peer, "task": task, "seed": seed, "n": 3, "trace": [[1, 1.0], [2, loss]]}


def test_wins_are_paired_over_the_seeds_that_both_have_and_ties_are_half() -> None:
    ours = [record("us", 0, 0.1), record("us", 1, 0.5), record("us", 2, 0.9)]
    theirs = [record("them", 0, 0.2), record("them", 1, 0.5), record("them", 5, 0.0)]
    both = results.Results(ours + theirs, 3)
    (group,) = wins(both, "us", "them", ["pareto/zdt1"], 3)
    assert group.tolist() == [1.0, 0.5]


def test_the_interval_holds_the_mean_and_narrows_where_tasks_agree() -> None:
    mean, low, high = bootstrap([np.array([1.0, 0.0])] * 50)
    assert low < mean == 0.5 < high
    assert high - low < 0.3


@pytest.mark.parametrize("name", [n for n, p in pareto.PROBLEMS.items() if p.objectives < 4])
def test_the_true_front_misses_little(name: str) -> None:
    problem = pareto.PROBLEMS[name]
    front = problem.front()[:: 20 if problem.objectives == 2 else 9]
    assert problem.progress(front)[-1] < 0.15
    middle = {f"x{i}": 0.7 for i in range(problem.dimension)}
    assert len(problem.evaluate(middle)) == problem.objectives


def test_who_knows_a_table_wins_the_more_the_fewer_points_are_left() -> None:
    true = np.arange(1000.0)
    found = wins_of_the_informed(true, true, np.array([0.0, 5.0]), [0.01, 0.1, 1.0], 10)
    assert found[0] == 0.75  # all of the ten best: a tie, and a win
    assert found[0] > found[1] > found[2]
    blind = wins_of_the_informed(true, -true, np.array([0.0, 5.0]), [0.01], 10)
    assert blind == [0.0]


@pytest.mark.parametrize("name", ["ridge", "neighbours", "logistic"])
def test_a_model_gives_the_same_loss_each_time(name: str) -> None:
    space, loss = models.MODELS[name]
    configuration = space.only_active({p.name: p.at(0.4) for p in space})
    assert loss(configuration) == loss(configuration)
    assert np.isfinite(loss(configuration))


def test_each_task_is_for_tuning_or_for_confirmation() -> None:
    halves = json.loads(tasks.HALVES.read_text())
    assert not set(halves["tuning"]) & set(halves["confirmation"])
    known = {f"models/{name}" for name in models.MODELS}
    known |= {f"pareto/{name}" for name in pareto.PROBLEMS}
    assert known <= {*halves["tuning"], *halves["confirmation"]}
