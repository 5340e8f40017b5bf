"""A search by cross-validation is an estimator of scikit-learn, and prunes by fold."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import steep
from steep.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_iris
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    RandomizedSearchCV,
    StratifiedKFold,
    cross_val_score,
)
from sklearn.model_selection._search import BaseSearchCV
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from steep.integrations import OptunaSearchCV, SearchCV

X, Y = load_iris(return_X_y=True)
C = {"C": FloatDistribution(1e-4, 1e2, log=True)}
ALPHA = {"alpha": FloatDistribution(1e-3, 10, log=True)}


def let_off(estimator: Any) -> dict[str, str]:
    """Name the checks that need not pass, and why."""
    if isinstance(estimator, OptunaSearchCV):
        return {"check_non_transformer_estimators_n_iter": "max_iter is there for Optuna only"}
    if isinstance(estimator.estimator, Ridge):
        return {"check_supervised_y_2d": "scikit-learn lets off its own searches as well"}
    return {}


class Nop(steep.pruners.NopPruner):
    """One whose name, and so that of the tests, is the same in all processes."""

    def __repr__(self) -> str:
        return "Nop()"


@parametrize_with_checks(
    [
        SearchCV(LogisticRegression(), C, n_trials=2, cv=3, random_state=0),
        SearchCV(Ridge(), ALPHA, n_trials=2, cv=3, pruner=Nop()),
        OptunaSearchCV(LogisticRegression(), C, n_trials=2, cv=3, random_state=0),
    ],
    expected_failed_checks=let_off,
)
@pytest.mark.filterwarnings("ignore")  # scikit-learn judges itself which warnings are errors
def test_the_checks_of_scikit_learn_pass(estimator: Any, check: Any) -> None:
    check(estimator)


def search(**how: Any) -> Any:
    how = {"n_trials": 12, "cv": StratifiedKFold(4), "random_state": 0, **how}
    return SearchCV(SVC(), C, **how)


def test_it_is_a_search_of_scikit_learn() -> None:
    assert issubclass(SearchCV, BaseSearchCV)
    assert issubclass(OptunaSearchCV, SearchCV)


def test_hopeless_trials_are_pruned_by_fold() -> None:
    found = search().fit(X, Y)
    results = found.cv_results_
    states = results["trial_state"].tolist()
    assert set(states) == {"COMPLETE", "PRUNED"}
    for trial, state, mean in zip(
        found.study_.trials, states, results["mean_test_score"], strict=True
    ):
        assert trial.state.name == state
        n_folds = len(trial.intermediate_values)
        scores = [results[f"split{i}_test_score"][trial.number] for i in range(4)]
        assert np.isfinite(scores).tolist() == [i < n_folds for i in range(4)]
        means = np.cumsum(scores[:n_folds]) / np.arange(1, n_folds + 1)
        assert list(trial.intermediate_values.values()) == pytest.approx(means.tolist())
        if state == "COMPLETE":
            assert n_folds == 4
            assert trial.value == pytest.approx(mean)
        else:
            assert n_folds < 4
            assert np.isnan(mean)
    assert results["rank_test_score"][found.best_index_] == 1
    assert found.best_params_ == found.study_.best_params
    assert found.best_score_ == pytest.approx(found.study_.best_value)
    assert found.n_splits_ == 4


def test_results_are_those_of_scikit_learn_where_every_fold_is_evaluated() -> None:
    ours = search(pruner=steep.pruners.NopPruner(), return_train_score=True).fit(X, Y)
    values = [params["C"] for params in ours.cv_results_["params"]]
    theirs = RandomizedSearchCV(
        SVC(), {"C": values}, n_iter=12, cv=StratifiedKFold(4), return_train_score=True
    ).fit(X, Y)
    assert set(ours.cv_results_) - set(theirs.cv_results_) == {"trial_number", "trial_state"}
    assert set(theirs.cv_results_) <= set(ours.cv_results_)
    order = [values.index(params["C"]) for params in theirs.cv_results_["params"]]
    for key, wanted in theirs.cv_results_.items():
        if "time" not in key and key != "params":
            np.testing.assert_allclose(
                np.ma.getdata(ours.cv_results_[key])[order].astype(float),
                np.ma.getdata(wanted).astype(float),
            )
    assert ours.best_score_ == theirs.best_score_


def test_the_same_seed_gives_the_same_search_and_leaves_the_arguments_alone() -> None:
    one = search(random_state=np.random.RandomState(3)).fit(X, Y)
    other = search(random_state=np.random.RandomState(3)).fit(X, Y)
    assert one.cv_results_["params"] == other.cv_results_["params"]
    different = search(random_state=4).fit(X, Y)
    assert one.cv_results_["params"] != different.cv_results_["params"]


def test_folds_run_at_once_and_give_the_same_results() -> None:
    how: dict[str, Any] = {"pruner": steep.pruners.NopPruner(), "n_trials": 3}
    alone, together = search(**how).fit(X, Y), search(n_jobs=2, **how).fit(X, Y)
    assert alone.cv_results_["params"] == together.cv_results_["params"]
    np.testing.assert_array_equal(
        alone.cv_results_["mean_test_score"], together.cv_results_["mean_test_score"]
    )


def test_two_jobs_prune_after_every_second_fold() -> None:
    found = search(n_jobs=2).fit(X, Y)
    assert {len(trial.intermediate_values) for trial in found.study_.trials} == {2, 4}


def test_with_several_metrics_the_one_that_refit_names_is_searched_by() -> None:
    found = search(scoring=["accuracy", "f1_macro"], refit="f1_macro").fit(X, Y)
    results = found.cv_results_
    complete = results["trial_state"] == "COMPLETE"
    assert found.study_.best_value == results["mean_test_f1_macro"][complete].max()
    assert found.best_score_ == found.study_.best_value
    assert np.isfinite(results["mean_test_accuracy"][complete]).all()
    assert "PRUNED" in results["trial_state"]
    assert set(found.scorer_) == {"accuracy", "f1_macro"}


def test_a_function_as_scoring_may_return_several_metrics() -> None:
    def scores(estimator: Any, x: Any, y: Any) -> dict[str, float]:
        return {"hits": float((estimator.predict(x) == y).sum()), "one": 1.0}

    assert search(scoring=scores, refit="hits", n_trials=2).fit(X, Y).best_score_ > 10
    with pytest.raises(ValueError, match=r"\['hits', 'one'\].*SearchCV\(refit=NAME\)"):
        search(scoring=scores, refit=False, n_trials=2).fit(X, Y)


def test_without_a_metric_to_refit_by_all_of_them_are_objectives() -> None:
    found = search(scoring=["accuracy", "neg_log_loss"], refit=False, n_trials=3)
    found.set_params(estimator=LogisticRegression(max_iter=1000)).fit(X, Y)
    assert len(found.study_.directions) == 2
    assert set(found.cv_results_["trial_state"]) == {"COMPLETE"}
    for trial in found.study_.trials:
        assert trial.values == [
            pytest.approx(found.cv_results_[f"mean_test_{name}"][trial.number])
            for name in ("accuracy", "neg_log_loss")
        ]


def test_a_function_may_choose_the_trial() -> None:
    found = search(refit=lambda results: 1, n_trials=3, pruner=steep.pruners.NopPruner())
    assert found.fit(X, Y).best_params_ == found.study_.trials[1].params


def test_a_function_may_suggest_the_parameters() -> None:
    def space(trial: Any) -> dict[str, Any]:
        params = {"kernel": trial.suggest_categorical("kernel", ["linear", "poly"])}
        if params["kernel"] == "poly":
            params["degree"] = trial.suggest_int("degree", 2, 4)
        return params

    found = SearchCV(SVC(), space, n_trials=8, random_state=0).fit(X, Y)
    degrees = found.cv_results_["param_degree"]
    linear = found.cv_results_["param_kernel"] == "linear"
    assert degrees.mask.tolist() == linear.tolist()
    assert 0 < linear.sum() < 8


def test_a_study_is_gone_on_with() -> None:
    study = steep.create_study(
        direction="maximize", sampler=steep.samplers.RandomSampler(seed=0), storage="sqlite://"
    )
    search(study=study, n_trials=3).fit(X, Y)
    found = search(study=study, n_trials=4).fit(X, Y)
    assert found.study_ is study
    assert found.cv_results_["trial_number"].tolist() == [3, 4, 5, 6]
    assert len(study.trials) == 7


def test_groups_and_weights_reach_where_they_belong() -> None:
    groups = np.arange(len(Y)) % 3
    found = search(cv=LeaveOneGroupOut(), n_trials=2).fit(
        X, Y, groups=groups, sample_weight=np.ones(len(Y))
    )
    assert found.n_splits_ == 3


def test_shuffled_folds_are_the_same_for_all_trials() -> None:
    seen: list[int] = []

    class Watching(SVC):
        def fit(self, x: Any, y: Any) -> Any:
            seen.append(hash(np.asarray(x).tobytes()))
            return super().fit(x, y)

    how = {"n_trials": 3, "refit": False, "pruner": steep.pruners.NopPruner()}
    SearchCV(Watching(), C, cv=KFold(2, shuffle=True), **how).fit(X, Y)
    assert seen[:2] == seen[2:4] == seen[4:]


def test_it_can_be_cloned_pickled_and_nested() -> None:
    again = pickle.loads(pickle.dumps(search(n_trials=2).fit(X, Y)))
    assert again.predict(X).shape == Y.shape
    assert not hasattr(clone(again), "study_")
    assert cross_val_score(search(n_trials=2, cv=2), X, Y, cv=2).min() > 0.8


class Choosy(ClassifierMixin, BaseEstimator):
    """Fail for some depths."""

    def __init__(self, depth: int = 1) -> None:
        self.depth = depth

    def fit(self, x: Any, y: Any) -> Any:
        if self.depth % 2:
            raise ArithmeticError(f"depth {self.depth}")
        self.classes_ = np.unique(y)
        return self

    def predict(self, x: Any) -> Any:
        return np.zeros(len(x), dtype=int)


def choosy(**how: Any) -> Any:
    study = steep.create_study(direction="maximize")
    for depth in (1, 2, 3, 4):
        study.enqueue_trial({"depth": depth})
    how = {"study": study, "n_trials": 4, "cv": 2, **how}
    return SearchCV(Choosy(), {"depth": IntDistribution(1, 4)}, **how)


def test_a_fit_that_fails_fails_its_trial_only() -> None:
    with pytest.warns(FitFailedWarning, match=r"(?s)2 of 4 trials failed.*depth 3"):
        found = choosy().fit(X, Y)
    assert found.cv_results_["trial_state"].tolist() == ["FAIL", "COMPLETE", "FAIL", "COMPLETE"]
    assert np.isnan(found.cv_results_["mean_test_score"]).tolist() == [True, False, True, False]
    assert found.best_params_ == {"depth": 2}


def test_a_score_may_stand_for_failures() -> None:
    with pytest.warns(FitFailedWarning):
        found = choosy(error_score=0.0, n_trials=2).fit(X, Y)
    assert found.cv_results_["trial_state"].tolist() == ["COMPLETE"] * 2
    assert found.cv_results_["mean_test_score"].tolist() == [0, pytest.approx(1 / 3)]


def test_failures_may_end_the_search_or_be_caught() -> None:
    with pytest.raises(ArithmeticError, match="depth 1"):
        choosy(error_score="raise").fit(X, Y)
    found = choosy(error_score="raise", catch=ArithmeticError).fit(X, Y)
    assert found.cv_results_["trial_state"].tolist() == ["FAIL", "COMPLETE", "FAIL", "COMPLETE"]


def test_a_search_without_a_complete_trial_is_an_error() -> None:
    told = r"(?s)no trial to choose from: the states are \['FAIL'\].*depth 1"
    with pytest.raises(ValueError, match=told):
        choosy(n_trials=1).fit(X, Y)
    with pytest.raises(ValueError, match="Run more trials"):
        choosy(n_trials=0).fit(X, Y)
    never = steep.pruners.ThresholdPruner(lower=2.0)
    with pytest.raises(ValueError, match=r"the states are \['PRUNED', 'PRUNED'\]"):
        search(pruner=never, n_trials=2).fit(X, Y)


def test_a_terminator_learns_how_exact_the_mean_of_the_folds_is() -> None:
    found = search(n_trials=2, pruner=steep.pruners.NopPruner()).fit(X, Y)
    evaluator = steep.terminator.CrossValidationErrorEvaluator()
    assert evaluator.evaluate(found.study_.trials, found.study_.direction) > 0


def test_callbacks_see_each_trial_and_may_stop_the_search() -> None:
    numbers: list[int] = []

    def callback(study: steep.Study, trial: Any) -> None:
        numbers.append(trial.number)
        if trial.number == 2:
            study.stop()

    found = search(callbacks=[callback]).fit(X, Y)
    assert numbers == [0, 1, 2]
    assert len(found.cv_results_["params"]) == 3


@pytest.mark.parametrize(
    ("how", "error", "message"),
    [
        ({"study": steep.create_study()}, ValueError, "create_study(directions=['maximize'])"),
        (
            {
                "study": steep.create_study(direction="maximize"),
                "sampler": steep.samplers.RandomSampler(),
            },
            ValueError,
            "give them to create_study",
        ),
        ({"param_distributions": {"C": [1, 2]}}, TypeError, "got [1, 2] for 'C'"),
    ],
)
def test_bad_arguments_are_refused(how: dict[str, Any], error: Any, message: str) -> None:
    with pytest.raises(error) as caught:
        SearchCV(SVC(), **{"param_distributions": C, **how}).fit(X, Y)
    assert message in str(caught.value)


def test_optuna_s_class_prunes_where_it_is_asked_to() -> None:
    def states(**how: Any) -> set[str]:
        how = {"n_trials": 12, "cv": StratifiedKFold(4), "random_state": 0, **how}
        return set(OptunaSearchCV(SVC(), C, **how).fit(X, Y).cv_results_["trial_state"])

    assert states() == {"COMPLETE"}
    assert states(enable_pruning=True) == {"COMPLETE", "PRUNED"}


def test_optuna_s_class_searches_with_a_part_of_the_samples() -> None:
    groups = np.arange(len(Y)) % 5
    found = OptunaSearchCV(
        SVC(), C, cv=GroupKFold(5), n_trials=2, subsample=50, random_state=0, scoring=count
    ).fit(X, Y, groups=groups)
    counts = [found.cv_results_[f"split{i}_test_score"][0] for i in range(5)]
    assert sum(counts) == 50
    assert found.best_estimator_.n_features_in_ == 4
    for subsample in (0, 151, 1.5):
        with pytest.raises(ValueError, match=f"subsample={subsample}"):
            OptunaSearchCV(SVC(), C, subsample=subsample).fit(X, Y)


def count(estimator: Any, x: Any, y: Any) -> int:
    return len(y)


def test_optuna_s_class_shows_the_study() -> None:
    found = OptunaSearchCV(SVC(), C, n_trials=3, random_state=0).fit(X, Y)
    assert found.n_trials_ == len(found.trials_) == 3
    assert found.best_trial_.params == found.best_params_
    found.set_user_attr("note", "tea")
    assert found.user_attrs_ == {"note": "tea"}
    assert len(found.trials_dataframe()) == 3


def test_one_program_finds_alike_under_both_names() -> None:
    pytest.importorskip("optuna_integration", reason="optuna-integration is not installed")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import optuna
        from optuna.integration import OptunaSearchCV as Theirs

        theirs = Theirs(
            SVC(),
            {"C": optuna.distributions.CategoricalDistribution([0.001, 0.1, 10])},
            study=optuna.create_study(
                direction="maximize", sampler=optuna.samplers.BruteForceSampler()
            ),
        ).fit(X, Y)
    ours = OptunaSearchCV(
        SVC(),
        {"C": CategoricalDistribution([0.001, 0.1, 10])},
        study=steep.create_study(direction="maximize", sampler=steep.samplers.BruteForceSampler()),
    ).fit(X, Y)
    assert ours.n_trials_ == theirs.n_trials_ == 3
    assert ours.best_params_ == theirs.best_params_
    assert ours.best_score_ == pytest.approx(theirs.best_score_)
    assert set(theirs.get_params()) == set(ours.get_params())
