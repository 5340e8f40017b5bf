"""Draw every plot as a picture with both backends, into docs/gallery, and list them in a page.

The studies (tools/gallery_studies.py) are real ones, which hold what can make a plot stumble:
failed, pruned and infeasible trials, categorical, logarithmic and conditional parameters.

    $ python tools/gallery.py                # all plots
    $ python tools/gallery.py plot_contour   # only these
    $ python tools/gallery.py --kind one --output build/one   # a study of one trial

Plotly's pictures are taken by Chromium without a window; matplotlib draws its own.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import steep

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # run as a script it does not find the folder of tools

from tools import gallery_studies as studies  # noqa: E402

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
    "trials that failed, were pruned or break a constraint. The studies are real: small networks "
    "and forests, trained on scikit-learn's digits (`tools/gallery_studies.py`). `make gallery` "
    "trains them and draws these pictures anew."
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
STATIC = {"displayModeBar": False}
FLAGS = (
    "--headless --no-sandbox --hide-scrollbars --disable-background-networking --disable-sync "
    "--disable-component-update --no-first-run --use-angle=swiftshader "
    "--enable-unsafe-swiftshader"
).split()


def calls(n: int) -> dict[str, Callable[[Any], Any]]:
    """Give, for each picture, how to draw it with a backend; a study is made at its first use."""

    def tuned() -> steep.Study:
        return studies.quick_study(n) if n > 1000 else studies.training_study(n)

    def spread() -> steep.Study:
        return tuned() if n > 1000 else studies.spread_study(n // 2)

    def front(objectives: int = 2) -> steep.Study:
        return studies.front_study(min(n, 1000), objectives)

    pair = ["learning_rate", "units"] if n else None
    fanova = steep.importance.FanovaImportanceEvaluator(seed=0)
    regret = steep.terminator.RegretBoundEvaluator(seed=0)
    return {
        "plot_optimization_history": lambda b: b.plot_optimization_history(tuned()),
        "plot_learning_curves": lambda b: b.plot_learning_curves(tuned()),
        "plot_intermediate_values": lambda b: b.plot_intermediate_values(tuned()),
        "plot_param_importances": lambda b: b.plot_param_importances(spread(), evaluator=fanova),
        "plot_interaction": lambda b: b.plot_interaction(spread(), fanova),
        "plot_parameter_history": lambda b: b.plot_parameter_history(tuned()),
        "plot_slice": lambda b: b.plot_slice(tuned()),
        "plot_contour": lambda b: b.plot_contour(spread()),
        "plot_contour.pair": lambda b: b.plot_contour(spread(), pair),
        "plot_rank": lambda b: b.plot_rank(spread()),
        "plot_parallel_coordinate": lambda b: b.plot_parallel_coordinate(tuned()),
        "plot_pareto_front": lambda b: b.plot_pareto_front(front()),
        "plot_pareto_front.three": lambda b: b.plot_pareto_front(front(3)),
        "plot_hypervolume_history": lambda b: b.plot_hypervolume_history(front(), [100.0, 0.5]),
        "plot_edf": lambda b: b.plot_edf([tuned(), spread()]),
        "plot_timeline": lambda b: b.plot_timeline(studies.parallel_study(min(n, 40))),
        "plot_terminator_improvement": lambda b: b.plot_terminator_improvement(
            studies.cross_validated_study(min(n, 60)), True, regret
        ),
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
