"""The reference of the API has an entry for every public name, and for nothing else."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

import pytest

from tools import reference_entries
from tools.reference_entries import entries, found, kind_of, missing, public_modules


@pytest.mark.parametrize("module", public_modules(), ids=lambda module: module.__name__)
def test_every_public_name_has_an_entry(module: ModuleType) -> None:
    assert not missing(module), "python tools/reference_entries.py writes what docs/reference lacks"


def test_every_public_module_has_its_own_words() -> None:
    described = {path for kind, path in entries() if kind == "module"} | {"steep"}
    assert described == {module.__name__ for module in public_modules()}


def test_no_entry_is_there_twice() -> None:
    paths = [path for _, path in entries()]
    assert len(paths) == len(set(paths))


def test_every_entry_is_public_and_of_its_kind() -> None:
    for kind, path in entries():
        module, _, name = path.rpartition(".")
        if kind != "module":
            assert name in import_module(module).__all__, path
        if kind != "module" and module not in reference_entries.BY_NAME_ONLY:
            wanted = "class" if kind == "exception" else kind
            actual = kind_of(found(path)).replace("exception", "class")
            assert wanted in (actual, "data"), path


def test_what_is_missing_is_written_as_an_entry(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reference_entries.main() == 0
    kept = [entry for entry in entries() if entry[1] != "steep.samplers.TPESampler"]
    monkeypatch.setattr(reference_entries, "entries", lambda: kept)
    assert reference_entries.main() == 1
    assert capsys.readouterr().out == ".. autoclass:: steep.samplers.TPESampler\n   :members:\n\n"
