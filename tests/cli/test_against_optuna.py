"""The same command lines under both programs, on the same studies."""

from __future__ import annotations

import json
from pathlib import Path

import optuna
import pytest
import yaml
from cli.harness import optuna_cli, steep
from optuna_studies import make_studies

import steep as library

FORMATS = ["value", "json", "table", "yaml"]
SPACE = json.dumps(
    {
        "x": {"name": "FloatDistribution", "attributes": {"low": 2.0, "high": 2.0}},
        "k": {"name": "CategoricalDistribution", "attributes": {"choices": ["only"]}},
    }
)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Journals with the same studies: one for Optuna, one for steep."""
    folder = tmp_path_factory.mktemp("studies")
    theirs, ours = str(folder / "optuna.log"), str(folder / "steep.log")
    backend = optuna.storages.journal.JournalFileBackend(theirs)
    make_studies(optuna.storages.JournalStorage(backend))
    library.storages.import_optuna(theirs, ours)
    return theirs, ours


def both(places: tuple[str, str], *args: str) -> tuple[tuple[int, str], tuple[int, str]]:
    theirs, ours = places
    result = steep(*args, "--storage", ours)
    return optuna_cli(*args, "--storage", theirs), (result.exit_code, result.stdout)


@pytest.mark.parametrize("flatten", [[], ["--flatten"]])
@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "command",
    [
        ["studies"],
        ["trials", "--study-name", "tea"],
        ["trials", "--study-name", "several μ"],
        ["trials", "--study-name", "empty"],
        ["best-trial", "--study-name", "tea"],
        ["best-trials", "--study-name", "tea"],
        ["best-trials", "--study-name", "several μ"],
        ["best-trials", "--study-name", "empty"],
    ],
    ids=" ".join,
)
def test_what_is_printed(
    places: tuple[str, str], command: list[str], format_: str, flatten: list[str]
) -> None:
    theirs, ours = both(places, *command, "-f", format_, *flatten)
    assert theirs[0] == ours[0] == 0
    if format_ == "yaml" and theirs[1] != ours[1]:  # PyYAML breaks long texts into lines
        assert repr(yaml.safe_load(ours[1])) == repr(yaml.safe_load(theirs[1]))
    else:
        assert ours[1] == theirs[1]


@pytest.mark.parametrize("format_", FORMATS)
def test_the_names_that_are_printed(places: tuple[str, str], format_: str) -> None:
    theirs, ours = both(places, "study-names", "-f", format_)
    assert (ours, ours[0]) == (theirs, 0)


@pytest.mark.parametrize(
    "command",
    [
        ["best-trial", "--study-name", "several μ"],
        ["best-trial", "--study-name", "empty"],
        ["best-trial", "--study-name", "none"],
        ["trials", "--study-name", "none"],
        ["trials"],
        ["trials", "--study-name", "tea", "-f", "xml"],
        ["trials", "--study-name", "tea", "--bogus"],
        ["delete-study", "--study-name", "none"],
        ["delete-study"],
        ["create-study", "--study-name", "tea"],
        ["create-study", "--direction", "up"],
        ["create-study", "--directions"],
        ["create-study", "--direction", "minimize", "--directions", "minimize", "maximize"],
        ["study", "set-user-attr", "--study-name", "tea", "--key", "k"],
        ["study", "set-user-attr", "--study-name", "none", "--key", "k", "--value", "v"],
        ["study"],
        ["storage"],
        ["storage", "upgrade"],
        ["bogus"],
        ["ask", "--study-name", "none"],
        ["ask"],
        ["ask", "--study-name", "tea", "--sampler-kwargs", "{}"],
        ["ask", "--study-name", "tea", "--sampler", "Bogus"],
        ["ask", "--study-name", "tea", "--search-space", "{"],
        ["tell", "--study-name", "tea", "--trial-number", "0", "--values", "1"],
        ["tell", "--study-name", "tea", "--trial-number", "99", "--values", "1"],
        ["tell", "--study-name", "tea", "--trial-number", "x"],
        ["tell", "--study-name", "tea", "--values", "1"],
        ["tell", "--study-name", "tea", "--trial-number", "0", "--state", "done"],
        ["studies", "-v", "-q"],
        ["studies", "--storage-class", "Bogus"],
    ],
    ids=" ".join,
)
def test_what_is_refused_has_the_same_exit_code(
    places: tuple[str, str], command: list[str]
) -> None:
    theirs, ours = both(places, *command)
    assert (ours[0], ours[0] > 0) == (theirs[0], True)


@pytest.mark.parametrize("command", [[], ["help"], ["--help"], ["-h"], ["--version"], ["-v"]])
def test_without_a_command(command: list[str]) -> None:
    code, printed = optuna_cli(*command)
    result = steep(*command)
    assert result.exit_code == code
    assert (result.stdout != "") == (printed != "")
    assert ("create-study" in result.stdout) == ("create-study" in printed)


@pytest.fixture
def fresh(tmp_path: Path) -> tuple[str, str]:
    """Two SQLite databases that are not there yet."""
    return f"sqlite:///{tmp_path}/optuna.db", f"sqlite:///{tmp_path}/steep.db"


def test_a_study_from_creation_to_deletion(fresh: tuple[str, str]) -> None:
    tea = ("--study-name", "tea")
    for args in [
        ("create-study", *tea, "--direction", "maximize"),
        ("create-study", *tea, "--skip-if-exists"),
        ("create-study", "--study-name", "two", "--directions", "minimize", "maximize"),
        ("study", "set-user-attr", *tea, "-k", "who", "--value", "me"),
        ("ask", *tea, "--search-space", SPACE),
        ("ask", *tea, "--search-space", SPACE, "--flatten", "-f", "yaml"),
        ("ask", *tea, "--search-space", SPACE, "-f", "table"),
        ("ask", *tea, "--sampler", "RandomSampler", "--sampler-kwargs", '{"seed": 1}'),
        ("ask", *tea, "--flatten"),
        ("tell", *tea, "--trial-number", "0", "--values", "-1.5"),
        ("tell", *tea, "--trial-number", "1", "--state", "fail"),
        ("tell", *tea, "--trial-number", "1", "--state", "fail", "--skip-if-finished"),
        ("tell", *tea, "--trial-number", "2", "--values", "nan", "--skip-if-finished"),
        ("ask", "--study-name", "two"),
        ("tell", "--study-name", "two", "--trial-number", "0", "--values", "1", "-2e3"),
        ("storage", "upgrade"),
        ("studies", "-f", "value"),
        ("delete-study", "--study-name", "two"),
        ("study-names",),
    ]:
        theirs, ours = both(fresh, *args)
        if args[0] == "studies":  # the times differ
            theirs, ours = (tuple(str(t).split()[:4]) for t in (theirs, ours))  # type: ignore[assignment]
        if args[-1] == "-2e3":
            assert theirs[0] == 2, "argparse takes it for an option; steep does not"
            assert ours == (0, "")
            continue
        assert (args, ours) == (args, theirs)
