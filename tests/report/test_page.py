"""The report: one page, whatever has happened in the study."""

from __future__ import annotations

import importlib.util
import math
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import steep
from steep.report import page, report_page, write_report
from steep.report.comparison import compare
from steep.trial import TrialState

from .studies import made, narrowing, pruned

pytest.importorskip("plotly")
CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-background-networking --disable-sync --no-first-run "
    "--disable-component-update --use-angle=swiftshader --enable-unsafe-swiftshader "
    "--enable-logging=stderr --dump-dom"
).split()

Make = Callable[[], steep.Study]


def waiting() -> steep.Study:
    study = steep.create_study()
    study.enqueue_trial({"x": 1})
    return study


STUDIES: dict[str, tuple[Make, str]] = {
    "empty": (lambda: steep.create_study(study_name="t"), "The study has no trials yet."),
    "waiting": (waiting, "None is complete (1 waiting), so there is no result yet."),
    "one": (lambda: made(1, lambda p, i: 1.5), "The best value, 1.5, was reached by trial 0."),
    "failures": (
        lambda: made(30, lambda p, i: 1.0, fails=lambda p: True),
        "None is complete (30 failed), so there is no result yet.",
    ),
    "pruned": (lambda: pruned(20, every=1), "None is complete (20 pruned)"),
    "infeasible": (
        lambda: made(30, lambda p, i: p["x"], violates=lambda p: True),
        "All 30 complete trials break a constraint, so there is no best one.",
    ),
    "infinite": (lambda: made(30, lambda p, i: math.inf), "The best value, inf, was reached"),
    "equal": (lambda: made(30, lambda p, i: 1.0), "The best value, 1, was reached by trial 0."),
    "no parameters": (
        lambda: made(30, lambda p, i: float(i), params=lambda draw, number: {}),
        "The best value, 0,",
    ),
    "two objectives": (
        lambda: made(60, lambda p, i: (p["x"] ** 2, p["n"]), directions=["minimize", "maximize"]),
        "on the Pareto front",
    ),
    "failures of two": (
        lambda: made(9, lambda p, i: (), fails=lambda p: True, directions=["minimize"] * 2),
        "None is complete (9 failed)",
    ),
    "five objectives": (
        lambda: made(30, lambda p, i: tuple([p["x"]] * 5), directions=["minimize"] * 5),
        "on the Pareto front",
    ),
    "tuned": (lambda: made(200, lambda p, i: p["x"] ** 2, params=narrowing), "The best value, "),
}


def words(html: str) -> str:
    """Give the text of a page without its scripts and styles."""
    bare = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", bare))


@pytest.mark.parametrize(("make", "says"), STUDIES.values(), ids=STUDIES)
def test_every_study_gets_a_page_that_says_what_happened(make: Make, says: str) -> None:
    html = report_page(make())
    assert says in words(html)
    assert html.count("<figure") == len(re.findall(r"Figure \d+\.", words(html)))
    assert "nan" not in words(html).lower().split()


def test_the_page_holds_diagnosis_comparison_and_figures_in_this_order() -> None:
    study = made(200, lambda p, i: p["x"] ** 2, params=narrowing)
    text = words(report_page(study))
    places = [
        text.index(part) for part in ("It has converged", "Trial ", "Best tenth", "Figure 1.")
    ]
    assert places == sorted(places)
    names = re.findall(r"Figure \d+\. ([A-Z][a-z ]+)\.", text)
    assert names == [
        *("History", "Importances", "Landscape", "Ranks", "Interactions", "Slices"),
        *("Parallel axes", "Distribution", "Parameter history", "Timeline"),
    ]


def test_each_statement_shows_the_numbers_behind_it() -> None:
    html = report_page(pruned(40, every=2))
    aside = html[html.index("Pruning saved 40 %") :]
    assert "<th>reports saved</th><td>160</td>" in aside[: aside.index("</aside>")]


def test_what_a_user_wrote_is_text_and_not_markup() -> None:
    name = "<script>alert(1)</script>"
    study = steep.create_study(study_name=name)
    study.set_metric_names(["<b>loss"])
    space = {"<i>": steep.distributions.CategoricalDistribution(["<u>", "b"])}
    for i in range(30):
        choice = "<u>" if i % 2 else "b"
        study.add_trial(
            steep.create_trial(value=float(i), params={"<i>": choice}, distributions=space)
        )
    html = report_page(study)
    assert name not in html
    body = re.sub(r"<(script|style)\b.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.search(r"<(i|u|b>loss)>?", body.replace("<b>Figure", ""))


def test_nothing_is_loaded_from_a_network() -> None:
    from plotly.offline import get_plotlyjs

    html = report_page(made(40, lambda p, i: p["x"]))
    own = html.replace(get_plotlyjs(), "")
    assert not re.findall(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|@import|url\(""", own)


def test_minus_signs_are_those_of_typesetters_and_dates_keep_their_hyphens() -> None:
    assert page.escape("from 2026-05-04, -0.5 to 1e-5 & -inf") == (
        "from 2026-05-04, −0.5 to 1e-5 &amp; -inf"
    )


def test_the_comparison_counts_all_and_the_good_ones() -> None:
    study = made(100, lambda p, i: abs(p["x"] - 0.9))
    row = next(row for row in compare(study.table) if row.name == "x")
    assert (row.low, row.high) == ("-1", "1")
    assert (int(row.all_counts.sum()), int(row.good_counts.sum())) == (100, 10)
    assert row.good_counts[:18].sum() == 0
    assert row.best_at == pytest.approx((study.best_params["x"] + 1) / 2)


def test_ordered_values_are_named_and_not_counted() -> None:
    study = steep.create_study()
    grades = ["A", "B", "C", "D"]
    space = {"grade": steep.distributions.OrdinalDistribution(grades)}
    for i in range(80):
        grade = grades[i % 4]
        failed = grade == "A" and i % 3 > 0
        study.add_trial(
            steep.create_trial(
                state=TrialState.FAIL if failed else TrialState.COMPLETE,
                value=None if failed else -float(i % 4),
                params={"grade": grade},
                distributions=space,
            )
        )
    text = words(report_page(study))
    assert "grade at its upper end (D)" in text
    assert "Trials fail with grade ≤ A" in text
    assert [(row.best, row.low, row.high) for row in compare(study.table)] == [("D", "A", "D")]


def test_report_sees_what_runs_and_replaces_the_file_as_a_whole(tmp_path: Path) -> None:
    study = made(3, lambda p, i: p["x"])
    study.ask().suggest_float("x", -1, 1)
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    study.report(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!doctype html>")
    assert "<dd>1</dd><dt>running</dt>" in text
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    with pytest.raises(OSError, match="nowhere"):
        write_report(study, tmp_path / "nowhere" / "report.html")


def test_a_thousand_trials_are_reported_in_three_seconds() -> None:
    study = made(1000, lambda p, i: p["x"] ** 2, params=narrowing)
    began = time.process_time()
    report_page(study)
    assert time.process_time() - began < 3.0  # 0.6 s here; the clock of the wall stands for others


def test_without_plotly_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install plotly"):
        report_page(made(3, lambda p, i: p["x"]))


def test_a_page_opens_in_a_browser_without_a_word_on_the_console(tmp_path: Path) -> None:
    if CHROMIUM is None:
        assert "STEEP_REQUIRE_CHROMIUM" not in os.environ, "run tools/chromium.sh first"
        pytest.skip("needs Chromium (Debian: apt install chromium)")
    path = tmp_path / "report.html"
    made(60, lambda p, i: p["x"] ** 2, params=narrowing).report(path)
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    assert "CONSOLE" not in done.stderr
    n_figures = path.read_text(encoding="utf-8").count("<figure")
    assert done.stdout.count('class="plot-container') == n_figures > 5
