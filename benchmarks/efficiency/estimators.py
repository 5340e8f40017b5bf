"""The models of `models`: for each a space, and the loss of a configuration.

Data sets are cut to some hundreds of rows, so that one evaluation takes well under 0.3 s.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.efficiency.spaces import Configuration, Parameter, Space

__all__ = ["MODELS"]

P = Parameter
Loss = Callable[[Configuration], float]


@functools.cache
def _data(name: str) -> tuple[Any, Any]:
    """Give at most 400 rows of a data set, in an order that never changes, scaled."""
    from sklearn import datasets
    from sklearn.preprocessing import StandardScaler

    made = {
        "moons": lambda: datasets.make_moons(300, noise=0.3, random_state=0),
        "many": lambda: datasets.make_classification(
            300, 20, n_informative=5, n_classes=3, flip_y=0.05, random_state=1
        ),
        "friedman": lambda: datasets.make_friedman1(300, noise=1.0, random_state=2),
    }
    if name in made:
        x, y = made[name]()
    else:
        x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(x))[:400]
    return StandardScaler().fit_transform(x[rows]), y[rows]


def _log_loss(estimator: Any, data: str) -> float:
    return _crossed(estimator, data, "neg_log_loss")


def _error(estimator: Any, data: str) -> float:
    return _crossed(estimator, data, "accuracy") + 1.0


def _square(estimator: Any, data: str) -> float:
    return _crossed(estimator, data, "neg_mean_squared_error")


def _crossed(estimator: Any, data: str, scoring: str) -> float:
    """Give the negative mean score over three folds, NaN where the model fails."""
    from sklearn.model_selection import KFold, cross_val_score

    x, y = _data(data)
    folds = KFold(3, shuffle=True, random_state=0)
    scores = cross_val_score(estimator, x, y, cv=folds, scoring=scoring, error_score=np.nan)
    return -float(scores.mean())


def _without(configuration: Configuration, *names: str) -> Configuration:
    return {key: value for key, value in configuration.items() if key not in names}


def _svc(c: Configuration) -> float:
    from sklearn.svm import SVC

    return _error(SVC(**c, random_state=0, max_iter=5000), "digits")


SVC_SPACE = Space(
    (
        P("kernel", "choice", choices=("linear", "rbf", "poly", "sigmoid")),
        P("C", "float", 1e-3, 1e3, log=True),
        P("gamma", "float", 1e-5, 1e1, log=True, when=("kernel", ("rbf", "poly", "sigmoid"))),
        P("degree", "int", 2, 5, when=("kernel", ("poly",))),
        P("coef0", "float", -1.0, 1.0, when=("kernel", ("poly", "sigmoid"))),
        P("class_weight", "choice", choices=(None, "balanced")),
    )
)


def _mlp(c: Configuration) -> float:
    from sklearn.neural_network import MLPClassifier

    layers = tuple(c[f"units{i}"] for i in range(c["layers"]))
    rest = _without(c, "layers", *(f"units{i}" for i in range(3)))
    model = MLPClassifier(hidden_layer_sizes=layers, max_iter=8, random_state=0, **rest)
    return _log_loss(model, "breast_cancer")


MLP_SPACE = Space(
    (
        P("layers", "choice", choices=(1, 2, 3)),
        P("units0", "int", 4, 64, log=True),
        P("units1", "int", 4, 64, log=True, when=("layers", (2, 3))),
        P("units2", "int", 4, 64, log=True, when=("layers", (3,))),
        P("activation", "choice", choices=("relu", "tanh", "logistic")),
        P("solver", "choice", choices=("adam", "sgd")),
        P("learning_rate_init", "float", 1e-4, 1e0, log=True),
        P("momentum", "float", 0.0, 0.99, when=("solver", ("sgd",))),
        P("beta_1", "float", 0.5, 0.99, when=("solver", ("adam",))),
        P("alpha", "float", 1e-6, 1e1, log=True),
        P("batch_size", "int", 8, 128, log=True),
    )
)


def _forest(c: Configuration) -> float:
    from sklearn.ensemble import RandomForestRegressor

    return _square(RandomForestRegressor(**c, n_estimators=12, random_state=0), "diabetes")


FOREST_SPACE = Space(
    (
        P("max_depth", "int", 1, 20, log=True),
        P("max_features", "float", 0.1, 1.0),
        P("min_samples_leaf", "int", 1, 40, log=True),
        P("min_samples_split", "int", 2, 40, log=True),
        P("criterion", "choice", choices=("squared_error", "friedman_mse", "poisson")),
        P("bootstrap", "choice", choices=(True, False)),
        P("max_samples", "float", 0.2, 1.0, when=("bootstrap", (True,))),
    )
)


def _boosting(c: Configuration) -> float:
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(**c, early_stopping=False, random_state=0)
    return _square(model, "friedman")


BOOSTING_SPACE = Space(
    (
        P("learning_rate", "float", 1e-3, 1.0, log=True),
        P("max_iter", "int", 5, 40),
        P("max_leaf_nodes", "int", 2, 32, log=True),
        P("min_samples_leaf", "int", 2, 60, log=True),
        P("l2_regularization", "float", 1e-6, 1e2, log=True),
        P("max_features", "float", 0.1, 1.0),
        P("max_bins", "int", 8, 255, log=True),
    )
)


def _neighbours(c: Configuration) -> float:
    from sklearn.decomposition import PCA
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline

    steps = [PCA(c["components"], random_state=0)] if c["reduce"] == "pca" else []
    model = KNeighborsClassifier(**_without(c, "reduce", "components"))
    return _error(make_pipeline(*steps, model), "many")


NEIGHBOURS_SPACE = Space(
    (
        P("reduce", "choice", choices=("none", "pca")),
        P("components", "int", 2, 20, when=("reduce", ("pca",))),
        P("n_neighbors", "int", 1, 80, log=True),
        P("weights", "choice", choices=("uniform", "distance")),
        P("metric", "choice", choices=("euclidean", "manhattan", "chebyshev", "minkowski")),
        P("p", "float", 1.0, 6.0, when=("metric", ("minkowski",))),
    )
)


def _logistic(c: Configuration) -> float:
    from sklearn.linear_model import SGDClassifier

    return _error(SGDClassifier(**c, random_state=0, max_iter=20, tol=None), "wine")


LOGISTIC_SPACE = Space(
    (
        P("loss", "choice", choices=("log_loss", "hinge", "modified_huber", "perceptron")),
        P("penalty", "choice", choices=("l1", "l2", "elasticnet")),
        P("l1_ratio", "float", 0.01, 0.99, when=("penalty", ("elasticnet",))),
        P("alpha", "float", 1e-6, 1e0, log=True),
        P("learning_rate", "choice", choices=("optimal", "constant", "invscaling", "adaptive")),
        P("eta0", "float", 1e-4, 1e0, log=True),
        P("power_t", "float", 0.1, 0.9, when=("learning_rate", ("invscaling",))),
        P("average", "choice", choices=(False, True)),
    )
)


def _elastic(c: Configuration) -> float:
    from sklearn.linear_model import ElasticNet
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, SplineTransformer

    steps: list[Any] = []
    if c["features"] == "polynomial":
        steps = [PolynomialFeatures(c["degree"], interaction_only=c["interactions"])]
    elif c["features"] == "spline":
        steps = [SplineTransformer(n_knots=c["knots"], degree=c["order"])]
    model = ElasticNet(alpha=c["alpha"], l1_ratio=c["l1_ratio"], max_iter=300, tol=1e-3)
    return _square(make_pipeline(*steps, model), "friedman")


ELASTIC_SPACE = Space(
    (
        P("features", "choice", choices=("plain", "polynomial", "spline")),
        P("degree", "int", 2, 3, when=("features", ("polynomial",))),
        P("interactions", "choice", choices=(False, True), when=("features", ("polynomial",))),
        P("knots", "int", 2, 12, when=("features", ("spline",))),
        P("order", "int", 1, 4, when=("features", ("spline",))),
        P("alpha", "float", 1e-4, 1e1, log=True),
        P("l1_ratio", "float", 0.01, 1.0),
    )
)


def _any_classifier(c: Configuration) -> float:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.svm import SVC

    model: Any
    if c["model"] == "svm":
        model = SVC(C=c["C"], gamma=c["gamma"], probability=False, max_iter=5000)
    elif c["model"] == "trees":
        model = ExtraTreesClassifier(
            15, max_depth=c["depth"], min_samples_leaf=c["leaf"], random_state=0
        )
    elif c["model"] == "neighbours":
        model = KNeighborsClassifier(c["k"], weights=c["weights"])
    else:
        model = GaussianNB(var_smoothing=c["smoothing"])
    return _error(_scaled(c["scaler"], model), "digits")


def _scaled(scaler: str, model: Any) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, QuantileTransformer

    steps = {
        "none": [],
        "minmax": [MinMaxScaler()],
        "quantile": [QuantileTransformer(n_quantiles=50, random_state=0)],
    }
    return make_pipeline(*steps[scaler], model)


ANY_SPACE = Space(
    (
        P("model", "choice", choices=("svm", "trees", "neighbours", "bayes")),
        P("scaler", "choice", choices=("none", "minmax", "quantile")),
        P("C", "float", 1e-3, 1e3, log=True, when=("model", ("svm",))),
        P("gamma", "float", 1e-5, 1e1, log=True, when=("model", ("svm",))),
        P("depth", "int", 1, 20, log=True, when=("model", ("trees",))),
        P("leaf", "int", 1, 30, log=True, when=("model", ("trees",))),
        P("k", "int", 1, 50, log=True, when=("model", ("neighbours",))),
        P("weights", "choice", choices=("uniform", "distance"), when=("model", ("neighbours",))),
        P("smoothing", "float", 1e-9, 1e1, log=True, when=("model", ("bayes",))),
    )
)


def _ridge(c: Configuration) -> float:
    from sklearn.kernel_ridge import KernelRidge

    return _square(KernelRidge(**c), "diabetes")


RIDGE_SPACE = Space(
    (
        P("kernel", "choice", choices=("linear", "rbf", "laplacian", "polynomial")),
        P("alpha", "float", 1e-4, 1e3, log=True),
        P("gamma", "float", 1e-5, 1e1, log=True, when=("kernel", ("rbf", "laplacian"))),
        P("degree", "int", 2, 3, when=("kernel", ("polynomial",))),
        P("coef0", "float", 0.1, 100.0, log=True, when=("kernel", ("polynomial",))),
    )
)


def _tree(c: Configuration) -> float:
    from sklearn.ensemble import AdaBoostClassifier
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(
        criterion=c["criterion"],
        max_depth=c["depth"],
        min_samples_leaf=c["leaf"],
        splitter=c["splitter"],
        random_state=0,
    )
    if c["boost"] == "yes":
        tree = AdaBoostClassifier(
            tree, n_estimators=c["rounds"], learning_rate=c["rate"], random_state=0
        )
    return _log_loss(tree, "moons")


TREE_SPACE = Space(
    (
        P("boost", "choice", choices=("no", "yes")),
        P("rounds", "int", 2, 25, when=("boost", ("yes",))),
        P("rate", "float", 1e-2, 2.0, log=True, when=("boost", ("yes",))),
        P("criterion", "choice", choices=("gini", "entropy", "log_loss")),
        P("splitter", "choice", choices=("best", "random")),
        P("depth", "int", 1, 16, log=True),
        P("leaf", "int", 1, 60, log=True),
    )
)


MODELS: dict[str, tuple[Space, Loss]] = {
    "svc": (SVC_SPACE, _svc),
    "mlp": (MLP_SPACE, _mlp),
    "forest": (FOREST_SPACE, _forest),
    "boosting": (BOOSTING_SPACE, _boosting),
    "neighbours": (NEIGHBOURS_SPACE, _neighbours),
    "logistic": (LOGISTIC_SPACE, _logistic),
    "elastic": (ELASTIC_SPACE, _elastic),
    "any-classifier": (ANY_SPACE, _any_classifier),
    "ridge": (RIDGE_SPACE, _ridge),
    "trees": (TREE_SPACE, _tree),
}
