"""The name under which programs for Optuna look for :mod:`steep.integrations`.

After ``import steep as optuna``, ``optuna.integration.XGBoostPruningCallback`` is
``steep.integrations.XGBoostPruningCallback``. Statements that begin with ``from optuna.`` cannot
work so: Python looks such a module up by its name, and ``optuna`` is here the name of a variable.
Write ``steep`` there: ``from steep.integration import XGBoostPruningCallback``, and likewise
``import steep.integration.lightgbm as lgb``.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__path__: list[str] = []  # makes Python look for modules inside; _Alias finds them


class _Alias(MetaPathFinder, Loader):
    """Find ``steep.integration.NAME`` where ``steep.integrations.NAME`` is: one module, not two."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname.startswith(f"{__name__}.") else None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__.removeprefix(f"{__name__}.")
        # The import statement takes what stands here after this method.
        sys.modules[module.__name__] = importlib.import_module(f"steep.integrations.{name}")


def __getattr__(name: str) -> Any:
    return getattr(importlib.import_module("steep.integrations"), name)


def __dir__() -> list[str]:
    return dir(importlib.import_module("steep.integrations"))


sys.meta_path.append(_Alias())
