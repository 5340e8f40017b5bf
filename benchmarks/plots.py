"""Measure how long each plot takes to build, with plotly's JSON, and by matplotlib.

A plot of 10,000 trials is to be built in 0.2 s. Times are those of the processor, the least of
several repeats.

    $ python benchmarks/plots.py
    $ python benchmarks/plots.py --trials 100000 --repeats 3
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import time
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import steep
from steep.study import StudyDirection
from steep.trial import TrialState, create_trial
from steep.visualization import matplotlib as axes_plots
from steep.visualization.plotly import to_json


class Stagnation:
    """The room for improvement shrinks while nothing gets better."""

    def evaluate(self, trials: list[Any], study_direction: Any) -> float:
        """Compare the best with the spread of the last trials."""
        values: list[float] = [t.value for t in trials if math.isfinite(t.value)] or [0.0]
        recent = values[-20:]
        return (sum(recent) / len(recent) - min(values)) / math.sqrt(len(values))


class Noise:
    """The error of a value is known."""

    def evaluate(self, trials: list[Any], study_direction: Any) -> float:
        """Give the error."""
        return 0.05


class Pairs:
    """Rate pairs by the variance that only both explain, so that drawing takes the time."""

    def interactions(
        self, study: Any, params: list[str] | None = None, *, target: Any = None
    ) -> dict[tuple[str, str], float]:
        """Draw the ratings, the same each time."""
        draw = random.Random(1)
        names = sorted(study.table.params)
        return {pair: draw.random() ** 3 / 2 for pair in itertools.combinations(names, 2)}


def make_study(n: int, reports: int = 10) -> steep.Study:
    """Make a study of six parameters, one of them conditional, with pruned trials and reports."""
    kinds = steep.distributions
    space: dict[str, Any] = {f"x{i}": kinds.FloatDistribution(0.0, 1.0) for i in range(4)}
    space |= {"kind": kinds.CategoricalDistribution(list("abcd")), "n": kinds.IntDistribution(1, 9)}
    study = steep.create_study()
    for row in np.random.default_rng(0).random((n, 6)).tolist():
        params = dict(
            zip(space, [*row[:4], "abcd"[int(4 * row[4])], 1 + int(9 * row[5])], strict=True)
        )
        if row[4] < 0.5:
            del params["x3"]
        pruned = row[0] > 0.8
        study.add_trial(
            create_trial(
                state=TrialState.PRUNED if pruned else TrialState.COMPLETE,
                value=None if pruned else sum(row),
                params=params,
                distributions={name: space[name] for name in params},
                intermediate_values={
                    step: row[0] / (step + 1) for step in range(3 if pruned else reports)
                },
            )
        )
    return study


def make_front(n: int) -> steep.Study:
    """Make a study of two objectives."""
    study = steep.create_study(directions=[StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE])
    for values in np.random.default_rng(0).random((n, 2)).tolist():
        study.add_trial(create_trial(values=values))
    return study


def calls(n: int) -> dict[str, Callable[[Any], Any]]:
    """Give the calls to be timed, by the name of the plot."""
    study, front = make_study(n), make_front(n)
    rules = {"improvement_evaluator": Stagnation(), "error_evaluator": Noise()}
    special: dict[str, Callable[[Any], Any]] = {
        "plot_pareto_front": lambda plot: plot(front),
        "plot_hypervolume_history": lambda plot: plot(front, [1.0, 0.0]),
        "plot_interaction": lambda plot: plot(study, Pairs()),
        "plot_terminator_improvement": lambda plot: plot(study, **rules),
    }
    names = [name for name in steep.visualization.__all__ if name.startswith("plot_")]
    return {name: special.get(name, lambda plot: plot(study)) for name in names}


def best_time(call: Callable[[], Any], repeats: int) -> float:
    """Give the least time of the processor in seconds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def main(words: Sequence[str] | None = None) -> None:
    """Print a table: plain figure with JSON, plotly's own figure, matplotlib's axes."""
    import matplotlib as library
    from matplotlib import pyplot

    library.use("Agg")
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args(words)
    steep.logging.set_verbosity(steep.logging.ERROR)
    warnings.simplefilter("ignore")
    print(f"{arguments.trials:,} trials, ms      figure + JSON   plotly   matplotlib")
    for name, call in calls(arguments.trials).items():
        drawn = getattr(steep.visualization, name)
        plain = drawn.__wrapped__

        def by_matplotlib(name: str = name, call: Callable[[Any], Any] = call) -> None:
            call(getattr(axes_plots, name))
            pyplot.close("all")

        seconds = (
            best_time(lambda c=call, p=plain: to_json(c(p)), arguments.repeats),  # type: ignore[misc]
            best_time(lambda c=call, d=drawn: c(d), arguments.repeats),  # type: ignore[misc]
            best_time(by_matplotlib, arguments.repeats),
        )
        columns = "".join(f"{1000 * value:12.1f}" for value in seconds)
        print(f"{name.removeprefix('plot_'):24}{columns}", flush=True)


if __name__ == "__main__":
    main()
