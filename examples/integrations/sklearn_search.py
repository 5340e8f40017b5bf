"""Search for the parameters of a pipeline of scikit-learn, fold by fold.

$ pip install steep scikit-learn
$ python examples/integrations/sklearn_search.py
"""

from __future__ import annotations

from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from steep.distributions import CategoricalDistribution, FloatDistribution
from steep.integrations import SearchCV

SPACE = {
    "svc__C": FloatDistribution(1e-2, 1e3, log=True),
    "svc__gamma": FloatDistribution(1e-5, 1e-1, log=True),
    "svc__kernel": CategoricalDistribution(["rbf", "sigmoid"]),
}


def main() -> None:
    """Search, and print what was found."""
    pixels, digits = load_digits(n_class=5, return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), SVC())
    search = SearchCV(pipeline, SPACE, n_trials=30, cv=4, random_state=0, n_jobs=1)
    search.fit(pixels, digits)
    states = search.cv_results_["trial_state"].tolist()
    print(f"Trials: {len(states)}, of which {states.count('PRUNED')} were pruned by fold")
    print(f"Best mean accuracy: {search.best_score_:.3f} with {search.best_params_}")


if __name__ == "__main__":
    main()
