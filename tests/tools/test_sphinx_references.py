"""References of docstrings find the one entry that is meant, and guess at nothing."""

from __future__ import annotations

import pytest

from tools.sphinx_references import can_be_imported, meant, named_in_code

LISTED = ["steep.study.Study.tell", "steep.trial.Trial", "steep.trial.Trial.report", "a.Trial"]


@pytest.mark.parametrize(
    ("target", "entry"),
    [
        ("Study.tell", "steep.study.Study.tell"),
        ("steep.study.study.Study.tell", "steep.study.Study.tell"),
        ("report", "steep.trial.Trial.report"),
        ("trial.Trial", "steep.trial.Trial"),
        ("steep.trial.live.Trial", None),  # either of two
        ("ell", None),
        ("Study.ask", None),
    ],
)
def test_the_longest_ending_decides(target: str, entry: str | None) -> None:
    assert meant(target, LISTED) == entry


def test_names_of_the_inside_can_be_imported_and_others_cannot() -> None:
    assert can_be_imported("steep.storages.backend.is_result")
    assert can_be_imported("steep.executors.serving")
    assert not can_be_imported("steep.storages.backend.nothing")
    assert not can_be_imported("nobody_has_this")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("TPESampler(seed=1, group=True)", "TPESampler"),
        ("trial.report", "Trial.report"),
        ("steep.read_trials(path)", "steep.read_trials"),
        ("plot_edf", "plot_edf"),
        ("n_trials", None),
        ("report", None),
        ("-inf", None),
        ('{"gpu": 1}', None),
        ("pip install steep", None),
    ],
)
def test_code_in_guides_names_an_entry_only_where_that_is_clear(
    code: str, name: str | None
) -> None:
    assert named_in_code(code) == name
