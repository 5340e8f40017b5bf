"""Draw every plot as a picture with both backends, into docs/gallery, and list them in a page.

The studies are made up, so that they hold what can make a plot stumble: failed, pruned, infeasible
and infinite trials, categorical, logarithmic and conditional parameters.

    $ python tools/gallery.py                # all plots
    $ python tools/gallery.py plot_contour   # only these
    $ python tools/gallery.py --kind one --output build/one   # a study of one trial

Plotly's pictures are taken by Chromium without a window; matplotlib draws its own.
"""

from __future__ import annotations

import argparse
import io
import itertools
import math
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import steep
from steep.study import StudyDirection
from steep.trial import TrialState, create_trial

ROOT = Path(__file__).parent.parent
KINDS = {"rich": 200, "one": 1, "empty": 0, "many": 20_000}
WIDTH = 1000

TEXTS = {
    "plot_contour": "The value as a landscape over each pair of parameters.",
    "plot_edf": "Which share of the trials is at least as small as each value.",
    "plot_hypervolume_history": "The volume that the Pareto front dominates, after each trial.",
    "plot_interaction": "Which pairs of parameters matter together.",
    "plot_intermediate_values": "What the trials reported, step by step.",
    "plot_learning_curves": "Who was pruned, when, and against what.",
    "plot_optimization_history": "The value of every trial, and the best so far.",
    "plot_parallel_coordinate": "Every trial as a line across the axes of value and parameters.",
    "plot_param_importances": "How much each parameter matters.",
    "plot_parameter_history": "Where the sampler has looked, and whether it has settled.",
    "plot_pareto_front": "The trials that no other is better than in all objectives.",
    "plot_rank": "Each pair of parameters, coloured by the place of the trial among all.",
    "plot_slice": "The value of every trial against each of its parameters.",
    "plot_terminator_improvement": "How much better the best value may still get.",
    "plot_timeline": "When each trial ran, and how it ended.",
}
INTRODUCTION = (
    "Every plot is there twice, with the same arguments: `steep.visualization` draws with plotly, "
    "`steep.visualization.matplotlib` with matplotlib. Both draw the same plain data. Crosses are "
    "trials that failed, were pruned or break a constraint. `make gallery` draws these pictures "
    "anew."
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STATIC = {"displayModeBar": False}
FLAGS = (
    "--headless --no-sandbox --hide-scrollbars --disable-background-networking --disable-sync "
    "--disable-component-update --no-first-run --use-angle=swiftshader "
    "--enable-unsafe-swiftshader"
).split()


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
    """Rate pairs by the variance that only both explain, for the pictures."""

    def interactions(
        self, study: Any, params: list[str] | None = None, *, target: Any = None
    ) -> dict[tuple[str, str], float]:
        """Draw the ratings, the same each time."""
        draw = random.Random(1)
        names = sorted(study.table.params)
        return {pair: draw.random() ** 3 / 2 for pair in itertools.combinations(names, 2)}


def training_study(n: int, name: str = "training", seed: int = 3) -> steep.Study:
    """Make a study of a network's training: one objective, with reports."""
    study = steep.create_study(study_name=name, pruner=steep.pruners.PercentilePruner(60, 5, 3, 4))
    draw, now = random.Random(seed), datetime(2026, 5, 4, 9, 30)
    complete: list[list[float]] = []
    for number in range(n):
        params, space = _suggest(draw, settled=number / max(1, n))
        curve = [_loss(params) + 1.5 / (step + 1) + draw.gauss(0, 0.03) for step in range(20)]
        state, reports, values = _run(draw, number, curve, complete)
        start = now + timedelta(seconds=20 * (number // 4) + 2 * draw.random())
        study.add_trial(
            create_trial(
                state=state,
                values=values,
                params=params,
                distributions=space,
                intermediate_values=dict(enumerate(reports)),
                system_attrs={"constraints:memory in GB": params["units"] / 400 - 1},
            )
        )
        _set_times(study, number, start, len(reports))
    return study


def _set_times(study: steep.Study, number: int, start: datetime, steps: int) -> None:
    study.table.start[number] = start.timestamp()
    study.table.complete[number] = start.timestamp() + 2 + 0.9 * steps


def _suggest(draw: random.Random, settled: float) -> tuple[dict[str, Any], dict[str, Any]]:
    kinds = steep.distributions
    wide = 1.2 - settled
    params: dict[str, Any] = {
        "learning_rate": 10 ** min(-0.5, max(-5, draw.gauss(-2.5, 1.2 * wide))),
        "units": int(2 ** min(9, max(3, draw.gauss(7, 2 * wide)))),
        "optimizer": draw.choice(["sgd", "adam", "adamw", "adam"]),
        "dropout": min(0.8, max(0.0, draw.gauss(0.3, 0.2 * wide))),
    }
    space = {
        "learning_rate": kinds.FloatDistribution(1e-5, 10**-0.5, log=True),
        "units": kinds.IntDistribution(8, 512, log=True),
        "optimizer": kinds.CategoricalDistribution(["sgd", "adam", "adamw"]),
        "dropout": kinds.FloatDistribution(0.0, 0.8),
        "momentum": kinds.FloatDistribution(0.0, 1.0),
    }
    if params["optimizer"] == "sgd":
        params["momentum"] = draw.random()
    return params, {name: space[name] for name in params}


def _loss(params: dict[str, Any]) -> float:
    dropout: float = params["dropout"]
    rate: float = (math.log10(params["learning_rate"]) + 2.5) ** 2 / 4
    size = (math.log2(params["units"]) - 7) ** 2 / 20
    optimum: float = 0.2 + rate + size + (0.1 if params["optimizer"] == "sgd" else 0)
    return optimum + dropout / 5


def _run(
    draw: random.Random, number: int, curve: list[float], complete: list[list[float]]
) -> tuple[TrialState, list[float], list[float] | None]:
    """Let a trial end as its pruner would have it, but for some that fail or overflow."""
    if number and draw.random() < 0.06:
        return TrialState.FAIL, curve[: draw.randrange(1, 8)], None
    if number and draw.random() < 0.03:
        return TrialState.COMPLETE, curve, [math.inf]
    for step in range(3, len(curve), 4):
        others = sorted(values[step] for values in complete)
        if len(others) >= 5 and min(curve[: step + 1]) > others[6 * len(others) // 10]:
            return TrialState.PRUNED, curve[: step + 1], None
    complete.append(curve)
    return TrialState.COMPLETE, curve, [curve[-1]]


def front_study(n: int, objectives: int = 2) -> steep.Study:
    """Make a study of several objectives: a model is to be small, accurate and quick."""
    small, large = StudyDirection.MINIMIZE, StudyDirection.MAXIMIZE
    directions = [small, large, small][:objectives]
    study = steep.create_study(study_name="front", directions=directions)
    study.set_metric_names(["size in MB", "accuracy", "latency in ms"][:objectives])
    draw = random.Random(5)
    unit = steep.distributions.FloatDistribution(0.0, 1.0)
    for number in range(n):
        x, y = draw.random(), draw.random() ** 2
        values = [10 + 90 * x + 20 * y, 0.6 + 0.35 * math.sqrt(x) - 0.2 * y, 40 - 30 * x + 60 * y]
        failed = number > 0 and draw.random() < 0.08
        study.add_trial(
            create_trial(
                state=TrialState.FAIL if failed else TrialState.COMPLETE,
                values=None if failed else values[:objectives],
                params={"x": x, "y": y},
                distributions={"x": unit, "y": unit},
                system_attrs={"constraints:size": values[0] - 95},
            )
        )
    return study


def calls(n: int) -> dict[str, Callable[[Any], Any]]:
    """Give, for each picture, how to draw it with a backend."""
    study, front, solid = training_study(n), front_study(n), front_study(n, 3)
    other = training_study(n // 2, "fewer trials", 4) if n > 1 else study
    pair = ["dropout", "learning_rate"] if n else None
    rules = {"improvement_evaluator": Stagnation(), "error_evaluator": Noise(), "plot_error": True}
    return {
        "plot_optimization_history": lambda b: b.plot_optimization_history(study),
        "plot_learning_curves": lambda b: b.plot_learning_curves(study),
        "plot_intermediate_values": lambda b: b.plot_intermediate_values(study),
        "plot_param_importances": lambda b: b.plot_param_importances(study),
        "plot_interaction": lambda b: b.plot_interaction(study, Pairs()),
        "plot_parameter_history": lambda b: b.plot_parameter_history(study),
        "plot_slice": lambda b: b.plot_slice(study),
        "plot_contour": lambda b: b.plot_contour(study),
        "plot_contour.pair": lambda b: b.plot_contour(study, pair),
        "plot_rank": lambda b: b.plot_rank(study),
        "plot_parallel_coordinate": lambda b: b.plot_parallel_coordinate(study),
        "plot_pareto_front": lambda b: b.plot_pareto_front(front),
        "plot_pareto_front.three": lambda b: b.plot_pareto_front(solid),
        "plot_hypervolume_history": lambda b: b.plot_hypervolume_history(front, [120.0, 0.4]),
        "plot_edf": lambda b: b.plot_edf([study, other] if n > 1 else study),
        "plot_timeline": lambda b: b.plot_timeline(study),
        "plot_terminator_improvement": lambda b: b.plot_terminator_improvement(study, **rules),
    }


def browser() -> str:
    """Find Chromium, or say how to get it."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise SystemExit("Plotly's pictures need Chromium (Debian: apt install chromium).")
    return found


def shoot(program: str, figures: dict[str, Any], output: Path) -> None:
    """Take pictures of plotly's figures: all on one long page, which is then cut up."""
    from PIL import Image

    parts, heights = [], []
    for index, figure in enumerate(figures.values()):
        heights.append(int(figure.layout.height or 480))
        figure.update_layout(width=WIDTH, height=heights[-1])
        script: Any = index == 0
        parts.append(figure.to_html(full_html=False, include_plotlyjs=script, config=STATIC))
    text = f'<!doctype html><meta charset="utf-8"><body style="margin:0">{"".join(parts)}'
    with tempfile.TemporaryDirectory() as folder:
        source, picture = Path(folder) / "page.html", Path(folder) / "picture.png"
        source.write_text(text, encoding="utf-8")
        size = f"--window-size={WIDTH},{sum(heights) + 200}"
        command = [program, *FLAGS, f"--user-data-dir={folder}/profile", size]
        command += [f"--screenshot={picture}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        with Image.open(picture) as image:
            top = 0
            for name, height in zip(figures, heights, strict=True):
                _save(image.crop((0, top, WIDTH, top + height)), output / f"{name}.plotly.webp")
                top += height


def _save(image: Any, path: Path) -> None:
    """Save a picture as WebP, which takes a third of the room."""
    image.convert("RGB").save(path, "WEBP", quality=82, method=6)


def draw_axes(axes: Any, path: Path) -> None:
    """Save the figure of matplotlib's axes."""
    from matplotlib import pyplot
    from PIL import Image

    figure = getattr(axes, "flat", [axes])[-1].figure
    picture = io.BytesIO()
    figure.savefig(picture)
    _save(Image.open(picture), path)
    pyplot.close(figure)


def page(names: Sequence[str]) -> str:
    """Write the page that lists the pictures."""
    parts = [
        "# Gallery",
        INTRODUCTION,
    ]
    for name in names:
        plot = name.partition(".")[0]
        if name == plot:
            parts.append(f"## {plot}\n\n{TEXTS[plot]}")
        parts.append(
            f"![{plot}, drawn by plotly](gallery/{name}.plotly.webp)\n"
            f"![{plot}, drawn by matplotlib](gallery/{name}.matplotlib.webp)"
        )
    return "\n\n".join(parts) + "\n"


def main(words: Sequence[str] | None = None) -> int:
    """Draw the pictures, and write the page where all of them were drawn."""
    import matplotlib as library

    library.use("Agg")
    from steep.visualization import matplotlib as axes_plots

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("plots", nargs="*", help="only these plots")
    parser.add_argument("--kind", choices=KINDS, default="rich", help="which study to draw")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "gallery")
    parser.add_argument("--only", choices=("plotly", "matplotlib"), help="only this backend")
    arguments = parser.parse_args(words)
    arguments.output.mkdir(parents=True, exist_ok=True)
    steep.logging.set_verbosity(steep.logging.ERROR)
    warnings.simplefilter("ignore")
    all_calls = calls(KINDS[arguments.kind])
    chosen = {
        n: call for n, call in all_calls.items() if n in arguments.plots or not arguments.plots
    }
    if arguments.only != "plotly":
        for name, call in chosen.items():
            draw_axes(call(axes_plots), arguments.output / f"{name}.matplotlib.webp")
    if arguments.only != "matplotlib":
        figures = {name: call(steep.visualization) for name, call in chosen.items()}
        # A picture of more than 8,192 pixels is more than the software renderer holds.
        for start in range(0, len(figures), 8):
            some = dict(list(figures.items())[start : start + 8])
            shoot(browser(), some, arguments.output)
    if arguments.kind == "rich" and not arguments.plots and not arguments.only:
        (arguments.output.parent / "gallery.md").write_text(page(list(all_calls)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
