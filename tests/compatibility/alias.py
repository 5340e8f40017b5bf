"""Let the name of one package mean another, for programs that are not to be changed.

```python
with standing_for("optuna", "steep"):
    import optuna.visualization as vis  # is steep.visualization, and no second copy of it
```
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

__all__ = ["Alias", "standing_for"]


class Alias(MetaPathFinder, Loader):
    """Find the modules of a package under another package's name.

    Args:
        name: The name that programs import.
        package: The name of the package that they get.
    """

    def __init__(self, name: str, package: str) -> None:
        self._name, self._package = name, package

    def covers(self, module: str) -> bool:
        """Tell whether a module's name is this one, or below it."""
        return module == self._name or module.startswith(f"{self._name}.")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Take charge of the modules that are below the name."""
        return ModuleSpec(fullname, self) if self.covers(fullname) else None

    def exec_module(self, module: ModuleType) -> None:
        """Put the real module in the place of the empty one that the import system has made."""
        real = self._package + module.__name__.removeprefix(self._name)
        sys.modules[module.__name__] = importlib.import_module(real)


@contextmanager
def standing_for(name: str, package: str) -> Iterator[None]:
    """Let `name` mean `package` meanwhile; what bore that name before is put back."""
    alias = Alias(name, package)
    before = _taken_out(alias)
    sys.meta_path.insert(0, alias)
    try:
        yield
    finally:
        sys.meta_path.remove(alias)
        _taken_out(alias)
        sys.modules.update(before)


def _taken_out(alias: Alias) -> dict[str, ModuleType]:
    return {name: sys.modules.pop(name) for name in list(sys.modules) if alias.covers(name)}
