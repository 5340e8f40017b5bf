"""From and to Optuna: its databases and its journal files, without Optuna itself.

Example:
    >>> import steep
    >>> storage = steep.storages.InMemoryStorage()
    >>> study = steep.create_study(study_name="tea", storage=storage)
    >>> study.enqueue_trial({"minutes": 4})
    >>> url = f"sqlite:///{getfixture('tmp_path')}/optuna.db"
    >>> export_optuna(storage, url)  # optuna.load_study(study_name="tea", storage=url) continues it
    ['tea']
    >>> what_is(url)
    'optuna rdb'
    >>> import_optuna(url, steep.storages.InMemoryStorage())
    ['tea']
"""

from __future__ import annotations

from steep.storages.optuna.place import what_is
from steep.storages.optuna.transfer import export_optuna, import_optuna

__all__ = ["export_optuna", "import_optuna", "what_is"]
