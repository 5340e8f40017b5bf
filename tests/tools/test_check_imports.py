from __future__ import annotations

from pathlib import Path

import pytest

from tools.check_imports import LAZY_EXCEPTIONS, check, imports_of, main


def package(tmp_path: Path, **files: str) -> Path:
    """Write a package `steep` from texts by name, "samplers__tpe" meaning samplers/tpe.py."""
    root = tmp_path / "steep"
    root.mkdir()
    for room in ("table", "space", "samplers__tpe", "storages__memory", "kernels__parzen"):
        files.setdefault(room, "")
    for name, text in files.items():
        parts = [name] if name == "__init__" else name.split("__")
        path = root.joinpath(*parts).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("table", "from steep.space import Space"),
        ("table", "from steep import space"),
        ("table", "from . import space"),
        ("table", "def f():\n    import scipy.special"),
        (
            "table",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import steep.study.study",
        ),
        ("table", "import typing\nif typing.TYPE_CHECKING:\n    import pandas"),
        ("samplers__tpe", "from steep.samplers._pending import penalties"),
        ("samplers__tpe", "from . import _pending"),
        ("samplers__tpe", "from steep.table import __doc__"),
        ("samplers__tpe", "import tqdm_like"),
        ("kernels__parzen", "from steep.kernels import pareto"),
    ],
)
def test_allowed_imports_pass(tmp_path: Path, file: str, text: str) -> None:
    assert check(package(tmp_path, **{file: text})) == []


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("space", "from steep.table import Table", "may not import from 'table'"),
        ("space", "from steep.table import Table, fold", "may not import from 'table'"),
        ("space", "from steep import table", "may not import from 'table'"),
        ("space", "from .table import Table", "may not import from 'table'"),
        ("space", "def f():\n    import steep.table", "may not import from 'table'"),
        ("samplers__tpe", "from ..pruners import x", "may not import from 'pruners'"),
        ("storages__memory", "from steep.samplers.tpe import x", "may not import from 'samplers'"),
        ("table", "from steep import create_study", "imports steep itself"),
        ("table", "import steep", "imports steep itself"),
        ("table", "from steep.cellar import x", "'cellar' has no place in ORDER"),
        ("cellar", "from steep.space import x", "'cellar' has no place in ORDER"),
        ("kernels__parzen", "from steep.space import x", "imports nothing of steep"),
        ("samplers__tpe", "from steep.table import _fold", "takes the private _fold"),
        ("samplers__tpe", "import steep.table._fold", "takes the private _fold"),
        ("samplers__tpe", "from steep.storages._log import x", "takes the private _log"),
        ("table", "import scipy.special", "loads scipy on import"),
        ("table", "try:\n    from tqdm import tqdm\nexcept ImportError:\n    pass", "loads tqdm"),
        ("table", "class A:\n    import pandas", "loads pandas"),
        ("table", "def f():\n    import optuna", "imports optuna"),
        (
            "table",
            "import typing\nif typing.TYPE_CHECKING:\n    pass\nelse:\n    import torch",
            "loads torch",
        ),
    ],
)
def test_each_broken_law_is_reported_once(
    tmp_path: Path, file: str, text: str, message: str
) -> None:
    (problem,) = check(package(tmp_path, **{file: text}))
    assert message in problem
    assert f"{file.rpartition('__')[2]}.py:" in problem


def test_the_package_itself_may_show_every_room(tmp_path: Path) -> None:
    assert check(package(tmp_path, __init__="from steep.visualization import plot_slice")) == []


def test_an_upward_import_inside_a_function_needs_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = package(tmp_path, space="def f():\n    import steep.table")
    monkeypatch.setitem(LAZY_EXCEPTIONS, ("steep.space", "table"), "for this test")
    assert check(root) == []
    (root / "space.py").write_text("import steep.table")
    assert "may not import from 'table'" in check(root)[0]


def test_imports_of_tells_line_and_laziness() -> None:
    first, second = imports_of("import a\ndef f():\n    from b import c\n", "steep.x")
    assert (first.line, first.module, first.name, first.lazy) == (1, "a", None, False)
    assert (second.line, second.module, second.name, second.lazy) == (3, "b", "c", True)


def test_main_fails_on_a_broken_law_and_on_an_empty_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(package(tmp_path, table="import scipy"))]) == 1
    assert "loads scipy" in capsys.readouterr().out
    assert main([str(tmp_path / "nothing")]) == 1
    assert "no Python module" in capsys.readouterr().err


def test_the_imports_of_steep_point_downwards(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0, capsys.readouterr().out
