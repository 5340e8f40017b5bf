"""steep inside the frameworks that people train with.

Each integration is a module of its own, which loads its framework and nothing else of this room;
the names below load theirs at the first use. Where a framework is missing, an error says in one
line how to install it.

| module | what it has |
|---|---|
| ``catboost`` | :class:`CatBoostPruningCallback` |
| ``keras`` | :class:`KerasPruningCallback` |
| ``lightgbm`` | ``LightGBMPruningCallback``, ``LightGBMTuner``, ``LightGBMTunerCV`` |
| ``mlflow`` | :class:`MLflowCallback` |
| ``pytorch_distributed`` | :class:`TorchDistributedTrial` |
| ``pytorch_ignite`` | :class:`PyTorchIgnitePruningHandler` |
| ``pytorch_lightning`` | :class:`PyTorchLightningPruningCallback` |
| ``sklearn`` | :class:`OptunaSearchCV`, :class:`SearchCV` |
| ``skorch`` | :class:`SkorchPruningCallback` |
| ``tensorboard`` | :class:`TensorBoardCallback` |
| ``tfkeras`` | :class:`TFKerasPruningCallback` |
| ``transformers`` | :func:`hyperparameter_search` |
| ``wandb`` | :class:`WeightsAndBiasesCallback` |
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
    from steep.integrations import (
        catboost,
        keras,
        lightgbm,
        mlflow,
        pytorch_distributed,
        pytorch_ignite,
        pytorch_lightning,
        sklearn,
        skorch,
        tensorboard,
        tfkeras,
        transformers,
        wandb,
        xgboost,
    )
    from steep.integrations.catboost import CatBoostPruningCallback
    from steep.integrations.keras import KerasPruningCallback
    from steep.integrations.lightgbm import LightGBMPruningCallback, LightGBMTuner, LightGBMTunerCV
    from steep.integrations.mlflow import MLflowCallback
    from steep.integrations.pytorch_distributed import TorchDistributedTrial
    from steep.integrations.pytorch_ignite import PyTorchIgnitePruningHandler
    from steep.integrations.pytorch_lightning import PyTorchLightningPruningCallback
    from steep.integrations.sklearn import OptunaSearchCV, SearchCV
    from steep.integrations.skorch import SkorchPruningCallback
    from steep.integrations.tensorboard import TensorBoardCallback
    from steep.integrations.tfkeras import TFKerasPruningCallback
    from steep.integrations.transformers import hyperparameter_search
    from steep.integrations.wandb import WeightsAndBiasesCallback
    from steep.integrations.xgboost import XGBoostPruningCallback

__all__ = [
    "CatBoostPruningCallback",
    "KerasPruningCallback",
    "LightGBMPruningCallback",
    "LightGBMTuner",
    "LightGBMTunerCV",
    "MLflowCallback",
    "OptunaSearchCV",
    "PyTorchIgnitePruningHandler",
    "PyTorchLightningPruningCallback",
    "SearchCV",
    "SkorchPruningCallback",
    "TFKerasPruningCallback",
    "TensorBoardCallback",
    "TorchDistributedTrial",
    "WeightsAndBiasesCallback",
    "XGBoostPruningCallback",
    "hyperparameter_search",
    "catboost",
    "keras",
    "lightgbm",
    "mlflow",
    "pytorch_distributed",
    "pytorch_ignite",
    "pytorch_lightning",
    "sklearn",
    "skorch",
    "tensorboard",
    "tfkeras",
    "transformers",
    "wandb",
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
        "KerasPruningCallback": "keras",
        "LightGBMPruningCallback": "lightgbm",
        "LightGBMTuner": "lightgbm",
        "LightGBMTunerCV": "lightgbm",
        "MLflowCallback": "mlflow",
        "OptunaSearchCV": "sklearn",
        "PyTorchIgnitePruningHandler": "pytorch_ignite",
        "PyTorchLightningPruningCallback": "pytorch_lightning",
        "SearchCV": "sklearn",
        "SkorchPruningCallback": "skorch",
        "TFKerasPruningCallback": "tfkeras",
        "TensorBoardCallback": "tensorboard",
        "TorchDistributedTrial": "pytorch_distributed",
        "WeightsAndBiasesCallback": "wandb",
        "XGBoostPruningCallback": "xgboost",
        "hyperparameter_search": "transformers",
        "catboost": None,
        "keras": None,
        "lightgbm": None,
        "mlflow": None,
        "pytorch_distributed": None,
        "pytorch_ignite": None,
        "pytorch_lightning": None,
        "sklearn": None,
        "skorch": None,
        "tensorboard": None,
        "tfkeras": None,
        "transformers": None,
        "wandb": None,
        "xgboost": None,
    },
)


def __getattr__(name: str) -> Any:
    if name in _HINTS:
        raise AttributeError(f"steep.integrations has no {name}: {_HINTS[name]}.")
    return _find(name)
