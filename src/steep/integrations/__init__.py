"""steep inside the frameworks that people train with.

Each integration is a module of its own, which loads its framework and nothing else of this room;
the names below load theirs at the first use. Where a framework is missing, an error says in one
line how to install it.

| module | what it has |
|---|---|
| ``catboost`` | :class:`CatBoostPruningCallback` |
| ``lightgbm`` | :class:`LightGBMPruningCallback`, :class:`LightGBMTuner`, its ``CV`` |
| ``sklearn`` | :class:`SearchCV`, :class:`OptunaSearchCV` |
| ``xgboost`` | :class:`XGBoostPruningCallback` |

Programs for Optuna find all of it as ``optuna.integration`` after ``import steep as optuna``; see
:mod:`steep.integration`.

Example:
    >>> import steep
    >>> "XGBoostPruningCallback" in dir(steep.integrations)
    True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from steep.lazy import lazy_names

if TYPE_CHECKING:
    from steep.integrations import catboost, lightgbm, sklearn, xgboost
    from steep.integrations.catboost import CatBoostPruningCallback
    from steep.integrations.lightgbm import (
        LightGBMPruningCallback,
        LightGBMTuner,
        LightGBMTunerCV,
    )
    from steep.integrations.sklearn import OptunaSearchCV, SearchCV
    from steep.integrations.xgboost import XGBoostPruningCallback

__all__ = [
    "CatBoostPruningCallback",
    "LightGBMPruningCallback",
    "LightGBMTuner",
    "LightGBMTunerCV",
    "OptunaSearchCV",
    "SearchCV",
    "XGBoostPruningCallback",
    "catboost",
    "lightgbm",
    "sklearn",
    "xgboost",
]

_FASTAI = "report in a fastai.Callback of yours, as docs/integrations.md shows for any loop"
# What Optuna's integrations have and steep has not: what to use instead.
_ELSEWHERE = {
    ("BoTorchSampler", "botorch"): "use steep.samplers.GPSampler",
    ("DaskStorage", "dask"): "use executor=client.get_executor(), or a storage given by its URL",
    ("FastAIPruningCallback", "FastAIV2PruningCallback", "fastaiv2"): _FASTAI,
    ("PyCmaSampler", "cma"): "use steep.samplers.CmaEsSampler",
    ("ShapleyImportanceEvaluator", "shap"): "use steep.importance.FanovaImportanceEvaluator",
    ("TensorFlowPruningHook", "tensorflow"): "use KerasPruningCallback",
}
_HINTS = {name: hint for names, hint in _ELSEWHERE.items() for name in names}

_find, __dir__ = lazy_names(
    __name__,
    {
        "CatBoostPruningCallback": "catboost",
        "LightGBMPruningCallback": "lightgbm",
        "LightGBMTuner": "lightgbm",
        "LightGBMTunerCV": "lightgbm",
        "OptunaSearchCV": "sklearn",
        "SearchCV": "sklearn",
        "XGBoostPruningCallback": "xgboost",
        "catboost": None,
        "lightgbm": None,
        "sklearn": None,
        "xgboost": None,
    },
)


def __getattr__(name: str) -> Any:
    if name in _HINTS:
        raise AttributeError(f"steep.integrations has no {name}: {_HINTS[name]}.")
    return _find(name)
