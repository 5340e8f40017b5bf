"""What Optuna's integrations offer for a framework is here too, with the same arguments."""

from __future__ import annotations

import importlib
import inspect
import os
import warnings
from importlib.util import find_spec
from typing import Any

import pytest

import steep
from steep.integrations.frameworks import FRAMEWORKS, is_installed

if find_spec("optuna_integration") is None:
    pytest.skip("optuna-integration is not installed", allow_module_level=True)

# Both load all frameworks, whose warnings are theirs.
pytestmark = pytest.mark.filterwarnings("ignore")

NAMES = {
    "catboost": ["CatBoostPruningCallback"],
    "keras": ["KerasPruningCallback"],
    "lightgbm": ["LightGBMPruningCallback", "LightGBMTuner", "LightGBMTunerCV"],
    "mlflow": ["MLflowCallback"],
    "pytorch_distributed": ["TorchDistributedTrial"],
    "pytorch_ignite": ["PyTorchIgnitePruningHandler"],
    "pytorch_lightning": ["PyTorchLightningPruningCallback"],
    "sklearn": ["OptunaSearchCV"],
    "skorch": ["SkorchPruningCallback"],
    "tensorboard": ["TensorBoardCallback"],
    "wandb": ["WeightsAndBiasesCallback"],
    "xgboost": ["XGBoostPruningCallback"],
}
# Methods that an object may lack: a search has some only where its estimator has them or once it is
# fitted, and frameworks call some themselves.
NOT_NEEDED = {
    *"decision_function inverse_transform predict predict_log_proba predict_proba".split(),
    *"score_samples transform classes_ set_fit_request".split(),
    *"best_index_ best_params_ best_score_ cv_results_".split(),
    *"on_fit_start before_training".split(),
}


@pytest.mark.parametrize("module", NAMES)
def test_names_arguments_and_methods_are_there(module: str) -> None:
    if not is_installed(module):
        pytest.skip(f"{FRAMEWORKS[module][1]} is not installed")
    if "KERAS_BACKEND" not in os.environ and find_spec("tensorflow") is None:
        os.environ["KERAS_BACKEND"] = "torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = importlib.import_module(f"optuna_integration.{module}")
    for name in NAMES[module]:
        their_class, our_class = getattr(theirs, name), getattr(steep.integration, name)
        assert parameters_of(their_class) == parameters_of(our_class), name
        public = {key for key in vars(their_class) if not key.startswith("_")}
        assert {key for key in public if not hasattr(our_class, key)} <= NOT_NEEDED, name


def parameters_of(cls: Any) -> list[tuple[str, Any, str]]:
    """Return name, kind and default of each argument."""
    found = inspect.signature(cls).parameters.values()
    return [(p.name, p.kind, repr(p.default)) for p in found]
