"""Learning curves, and where trials that were stopped stood among the others."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steep.kernels.curves import Curves, places

Curve = dict[int, float]
Study = list[tuple[Curve, bool]]
"""The losses by step of each trial, and whether it was stopped."""

LOSSES = st.integers(0, 6).map(float) | st.sampled_from([math.nan, math.inf, -math.inf])
CURVES = st.dictionaries(st.integers(-3, 8), LOSSES, max_size=8)
STUDIES = st.lists(st.tuples(CURVES, st.booleans()), min_size=1, max_size=12)


def curves_of(study: Study) -> Curves:
    """Return the curves of a study; NaN is no report."""
    reports = [sorted((s, loss) for s, loss in curve.items() if loss == loss) for curve, _ in study]
    flat = [report for own in reports for report in own]
    return Curves(
        np.cumsum([0, *map(len, reports)]),
        np.array([step for step, _ in flat], dtype=np.int64),
        np.array([loss for _, loss in flat], dtype=np.float64),
    )


def places_in(study: Study) -> list[float]:
    """Return the places of the stopped trials."""
    is_stopped = np.array([stopped for _, stopped in study])
    return places(curves_of(study), np.arange(len(study)), is_stopped).tolist()


def place_by_definition(study: Study, own: Curve) -> float:
    """Return the place of one stopped trial, one comparison at a time."""
    known = {step: loss for step, loss in own.items() if not math.isnan(loss)}
    if not known:
        return 1.0
    last = max(known)
    points = []
    for curve, stopped in study:
        steps = [step for step, loss in curve.items() if not math.isnan(loss)]
        before = [step for step in steps if step <= last]
        if before and (not stopped or max(steps) >= last):
            other = curve[max(before)]
            points.append(1.0 if other < known[last] else 0.5 if other == known[last] else 0.0)
    return sum(points) / len(points)


@given(STUDIES)
def test_a_place_is_the_share_of_better_trials_among_those_that_came_as_far(study: Study) -> None:
    wanted = [place_by_definition(study, curve) for curve, stopped in study if stopped]
    assert places_in(study) == pytest.approx(wanted)


@given(STUDIES, st.data())
def test_only_the_order_at_each_step_matters(study: Study, data: st.DataObject) -> None:
    # Where a trial did not report, its last loss before counts, so all report at each step.
    dense = [({s: float(s * 7 % 5 + i * 3 % 4) for s in range(len(c))}, p) for i, (c, p) in
             enumerate(study)]  # fmt: skip
    dense = [(curve if stopped else {**dict.fromkeys(range(9), 2.5), **curve}, stopped)
             for curve, stopped in dense]  # fmt: skip
    scale = [data.draw(st.sampled_from([1e-3, 1.0, 1e6])) for _ in range(9)]
    shift = [data.draw(st.sampled_from([-50.0, 0.0, 50.0])) for _ in range(9)]
    moved = [({s: v**3 * scale[s] + shift[s] for s, v in curve.items()}, p) for curve, p in dense]
    assert places_in(moved) == places_in(dense)


@given(STUDIES, CURVES.filter(bool), LOSSES)
def test_a_worse_loss_never_has_a_better_place(study: Study, curve: Curve, other: float) -> None:
    last = max(curve)
    low, high = sorted([curve[last], other])
    if math.isnan(low) or math.isnan(high):
        return
    found = [places_in([*study, ({**curve, last: loss}, True)])[-1] for loss in (low, high)]
    assert found[0] <= found[1]


def test_a_trial_that_did_as_a_complete_one_has_its_place() -> None:
    ended: Study = [({0: loss, 1: loss + 1}, False) for loss in (1.0, 2.0, 3.0, 4.0, 5.0)]
    for i, (curve, _) in enumerate(ended):
        stopped = ({0: curve[0]}, True)
        assert places_in([*ended, stopped])[0] == pytest.approx((i + 1) / 6)


def test_many_trials_and_steps_are_judged_by_some_of_them() -> None:
    rng = np.random.default_rng(0)
    study: Study = []
    for i in range(3000):
        level, stop = rng.normal(), i % 2 == 1
        length = int(rng.integers(1, 60)) if stop else 60
        study.append(({s: level + 0.05 * rng.normal() for s in range(length)}, stop))
    found = np.array(places_in(study))
    wanted = [place_by_definition(study, curve) for curve, stopped in study[:200] if stopped]
    assert np.abs(found[:100] - wanted).max() < 0.1


def test_trials_that_are_not_asked_about_do_not_count() -> None:
    study: Study = [({0: loss}, False) for loss in (3.0, 1.0, 2.0, 0.0)]
    found = places(curves_of(study), np.array([0, 1, 2]), np.array([False, False, True]))
    assert found.tolist() == [0.5]
