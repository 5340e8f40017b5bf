"""The tables for notebooks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from steep.html import study_html, trial_html
from steep.trial import create_trial


class Rows(HTMLParser):
    """Read the rows of all tables, and check that tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows: dict[str, str] = {}
        self._cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.open.append(tag)
        if tag == "tr":
            self._cells = []
        if tag in ("td", "th"):
            self._cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "tr":
            name, value = self._cells
            self.rows[name] = value

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("td", "th"):
            self._cells[-1] += data


def rows_of(html: str) -> dict[str, str]:
    parser = Rows()
    parser.feed(html)
    assert parser.open == []
    return parser.rows


def test_a_study_tells_its_trials_and_the_best_one() -> None:
    study = steep.create_study(direction="maximize", study_name="tea")
    space = {"x": FloatDistribution(0.0, 1.0), "k": CategoricalDistribution(["a", None])}
    for x in (0.25, 0.5):
        params = {"x": x, "k": None}
        study.add_trial(create_trial(value=x, params=params, distributions=space))
    study.add_trial(create_trial(state=steep.trial.TrialState.FAIL))
    html = study_html(study)
    assert "<b>tea</b>" in html
    assert rows_of(html) == {
        "Objective": "maximize",
        "Trials": "3 (2 complete, 1 failed)",
        "Best trial": "1 with value 0.5",
        "x": "0.5",
        "k": "None",
    }


def test_an_empty_study_says_so() -> None:
    rows = rows_of(study_html(steep.create_study()))
    assert rows == {"Objective": "minimize", "Trials": "0", "Best trial": "none yet"}


def test_several_objectives_are_named() -> None:
    study = steep.create_study(directions=["minimize", "maximize"])
    study.set_metric_names(["loss", "accuracy"])
    study.add_trial(create_trial(values=[1.0, 2.0]))
    rows = rows_of(study_html(study))
    assert rows["Objectives"] == "minimize loss, maximize accuracy"
    assert rows["Pareto front"] == "1 trial"


def test_a_trial_tells_what_it_is() -> None:
    start = datetime(2026, 1, 31, 12)
    trial = create_trial(
        value=0.5,
        params={"n": 3},
        distributions={"n": IntDistribution(1, 5)},
        user_attrs={"note": "good"},
        system_attrs={"constraints:memory": 1.0, "constraints:time": -1.0},
        intermediate_values={0: 0.9, 7: 0.5},
    )
    trial.datetime_start, trial.datetime_complete = start, start + timedelta(seconds=75)
    rows = rows_of(trial_html(trial))
    assert rows == {
        "State": "complete",
        "Value": "0.5",
        "Started": "2026-01-31 12:00:00",
        "Duration": "0:01:15",
        "Reported": "2 reports, last 0.5 at step 7",
        "Violates": "memory",
        "n": "3",
        "note": "good",
    }


def test_an_unfinished_trial_has_no_values() -> None:
    rows = rows_of(trial_html(create_trial(state=steep.trial.TrialState.WAITING)))
    assert rows["State"] == "waiting"
    assert not {"Value", "Values", "Duration"} & set(rows)


def test_what_the_user_wrote_is_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    study = steep.create_study(study_name=evil)
    space = {evil: CategoricalDistribution([evil])}
    study.add_trial(
        create_trial(value=1.0, params={evil: evil}, distributions=space, user_attrs={evil: evil})
    )
    html = study_html(study) + trial_html(study.trials[0])
    assert "<img" not in html
    assert rows_of(html)[evil] == evil


def test_tables_stay_small() -> None:
    names = [f"p{i}" for i in range(100)]
    unit = FloatDistribution(0.0, 1.0)
    trial = create_trial(
        value=1.0,
        params=dict.fromkeys(names, 0.5),
        distributions=dict.fromkeys(names, unit),
        user_attrs={"long": "x" * 10_000},
    )
    html = trial_html(trial)
    assert len(html) < 30_000
    assert "and 60 more" in html
    assert len(rows_of(html)["long"]) == 200


@pytest.mark.parametrize("what", ["study", "trial"])
def test_tables_follow_the_colours_of_the_page(what: str) -> None:
    study = steep.create_study()
    study.add_trial(create_trial(value=1.0))
    html = study_html(study) if what == "study" else trial_html(study.trials[0])
    colours = set(re.findall(r"(?<![-\w])(?:color|background):([^;\"]+)", html))
    assert colours == {"inherit", "transparent"}


def test_notebooks_find_the_tables() -> None:
    study = steep.create_study()
    study.add_trial(create_trial(value=1.0))
    assert study._repr_html_() == study_html(study)
    assert study.trials[0]._repr_html_() == trial_html(study.trials[0])
