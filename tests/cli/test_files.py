"""``import``, ``export``, ``plot`` and ``report``: what goes into files and comes out of them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import optuna
import pytest
from cli.harness import lines, steep

import steep as library
from steep.cli import picturing


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path}/study.db"
    for name in ("tea", "coffee"):
        study = library.create_study(study_name=name, storage=made)
        study.sampler = library.samplers.RandomSampler(seed=0)
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=5)
        study._storage.close()
    return made


def test_studies_go_to_optuna_and_come_back(url: str, tmp_path: Path) -> None:
    away, back = str(tmp_path / "optuna.log"), f"sqlite:///{tmp_path}/back.db"
    assert steep("export", away, "--storage", url).stdout == "tea\ncoffee\n"
    backend = optuna.storages.journal.JournalFileBackend(away)
    storage = optuna.storages.JournalStorage(backend)
    assert len(optuna.load_study(study_name="tea", storage=storage).trials) == 5
    result = steep("import", away, "--storage", back, "--study-name", "coffee")
    assert result.stdout == "coffee\n"
    assert steep("trials", "--study-name", "coffee", "--storage", back).stdout == (
        steep("trials", "--study-name", "coffee", "--storage", url).stdout
    )
    again = steep("import", away, "--storage", back)
    assert (again.exit_code, "coffee" in lines(again)[0]) == (1, True)


def test_a_database_of_optuna_is_known(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/optuna.db"
    optuna.create_study(storage=url)
    result = steep("studies", OPTUNA_STORAGE=url)
    (line,) = lines(result)
    assert (result.exit_code, "import" in line) == (1, True)


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl"])
def test_the_trials_of_a_study_go_to_a_file(url: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    args = ("export", str(path), "--storage", url)
    assert steep(*args, "--study-name", "tea").stdout == "tea\n"
    assert len(library.read_trials(path)) == 5
    assert steep(*args).exit_code == 1  # there are two
    assert steep(*args, "--study-name", "tea", "--study-name", "coffee").exit_code == 2


# Two need several objectives, one a study with cross-validation scores.
OF_OTHER_STUDIES = {"hypervolume_history", "pareto_front", "terminator_improvement"}


def test_every_plot_of_one_objective_has_a_command(url: str, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    for name in sorted(set(picturing.plot_names()) - OF_OTHER_STUDIES):
        page = tmp_path / f"{name}.html"
        result = steep(
            *("plot", name.replace("_", "-"), "--study-name", "tea", "--storage", url),
            *("-o", str(page), "-q"),
        )
        assert (result.exit_code, result.stdout) == (0, f"{page}\n"), result.stderr
        assert "plotly" in page.read_text(encoding="utf-8")


def test_a_plot_may_be_of_some_parameters(url: str, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    args = ("--study-name", "tea", "--storage", url, "-o", str(tmp_path / "a.html"), "--params")
    assert steep("plot", "slice", *args, "x").exit_code == 0
    assert "'y'" in steep("plot", "slice", *args, "x", "y").stderr
    refused = steep("plot", "optimization-history", *args, "x")
    assert (refused.exit_code, "takes no --params" in refused.stderr) == (2, True)


def test_a_report_is_written_and_its_path_printed(url: str, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    page = tmp_path / "report.html"
    result = steep("report", "tea", "--storage", url, "-o", str(page))
    assert (result.exit_code, result.stdout) == (0, f"{page}\n"), result.stderr
    assert "<h1>tea</h1>" in page.read_text(encoding="utf-8")
    several = steep("report", "--storage", url, "-o", str(page))
    assert (several.exit_code, len(lines(several))) == (1, 1)  # there are two


def test_a_report_goes_to_report_html_where_no_file_is_named(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("plotly")
    monkeypatch.chdir(tmp_path)
    library.delete_study(study_name="coffee", storage=url)
    assert steep("report", "--storage", url).stdout == "report.html\n"
    assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize("n_axes", [1, 2])
def test_a_picture_is_drawn_by_matplotlib(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_axes: int
) -> None:
    plt = pytest.importorskip("matplotlib.pyplot")

    def draw(study: Any) -> Any:
        assert study.study_name == "tea"
        return plt.subplots(1, n_axes)[1]

    renderer = ModuleType("steep.visualization.matplotlib")
    renderer.plot_slice = draw  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, renderer.__name__, renderer)
    path = tmp_path / "slice.png"
    result = steep("plot", "slice", "--study-name", "tea", "--storage", url, "-o", str(path))
    plt.close("all")
    assert result.exit_code == 0
    assert path.read_bytes()[:4] == b"\x89PNG"


def test_a_missing_renderer_is_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "steep.visualization.matplotlib", None)
    path = str(tmp_path / "slice.png")
    result = steep("plot", "slice", "--study-name", "tea", "--storage", url, "-o", path)
    assert (result.exit_code, "steep[matplotlib]" in lines(result)[-1]) == (1, True)
