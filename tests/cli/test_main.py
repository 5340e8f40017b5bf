"""Where the storage comes from, how errors are told, and what colours and completion do."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli.harness import lines, steep
from click.shell_completion import BashComplete

import steep as library
from steep.cli import main


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path}/study.db"
    study = library.create_study(study_name="tea", storage=made)
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    study.enqueue_trial({"x": 0.5})
    study.tell(study.ask(), state=library.trial.TrialState.FAIL)
    study._storage.close()
    return made


def test_the_environment_names_the_storage(url: str, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    assert steep("study-names", STEEP_STORAGE=url).stdout == "tea\n"
    assert steep("study-names", OPTUNA_STORAGE=url).stdout == "tea\n"
    assert steep("study-names", STEEP_STORAGE=url, OPTUNA_STORAGE=other).stdout == "tea\n"
    assert steep("study-names", "--storage", other, STEEP_STORAGE=url).stdout == "\n"


@pytest.mark.parametrize("where", [0, 1, 3])
def test_common_options_stand_anywhere(url: str, where: int) -> None:
    args = ["trials", "--study-name", "tea"]
    args[where:where] = ["-q", "--storage", url]
    assert steep(*args).exit_code == 0


def test_a_missing_storage_prints_the_usage_and_fails() -> None:
    result = steep("trials", "--study-name", "tea")
    assert result.exit_code == 1
    assert result.stdout.startswith("Usage: steep trials [OPTIONS]")
    (line,) = lines(result)
    assert line.startswith("Error: No storage is given; give --storage URL")


def test_a_journal_is_found_by_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.txt"
    assert (
        steep(
            *("create-study", "--study-name", "tea", "--storage", str(path)),
            *("--storage-class", "JournalFileBackend"),
        ).stdout
        == "tea\n"
    )
    assert steep("study-names", "--storage", str(path)).stdout == "tea\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["trials", "--study-name", "te"], "There is no study named 'te'.*did you mean 'tea'?"),
        (["trials", "--study-name", "coffee"], "There is no study named 'coffee'.*has 'tea'"),
        (["create-study", "--study-name", "tea"], "give another --study-name, or --skip-if-exists"),
        (["ask", "--study-name", "no"], "There is no study.*Create one first: create-study"),
        (["ask", "--sampler", "Bogus"], "--sampler Bogus: there is no such class; .*TPESampler"),
        (["ask", "--sampler-kwargs", "{}"], "--sampler-kwargs is given without --sampler"),
        (["ask", "--search-space", "[]"], "--search-space is no JSON object"),
        (["tell", "--values", "1"], "give --trial-number"),
        (["tell", "--trial-number", "77"], "no trial of this number"),
        (["delete-study"], "give --study-name NAME"),
        (["trialss"], "No such command 'trialss'"),
        (["trials"], "Missing option '--study-name'. See 'steep trials --help'."),
        (["plot", "slyce", "--study-name", "tea", "-o", "x.html"], "no plot 'slyce'; .*slice"),
        (["plot", "slice", "--study-name", "tea", "-o", "x.doc"], "ends in .html"),
        (["report", "te"], "There is no study named 'te'.*did you mean 'tea'?"),
        (["report", "tea", "-o", "x.png"], "a report is a page; give a file that ends in .html"),
        (["report", "tea", "-o", "no/where.html"], "no/"),
        (["export", "x.doc/a.db"], "unable to open database file"),
        (["import", "nothing.log"], "nothing.log"),
    ],
)
def test_errors_are_one_line_that_says_what_to_do(url: str, args: list[str], said: str) -> None:
    result = steep(*args, "--storage", url)
    assert result.exit_code in (1, 2)
    assert result.stdout == ""
    (line,) = lines(result)
    assert line.startswith("Error: ")
    assert re.search(said, line), line


def test_debug_shows_the_traceback(url: str) -> None:
    result = steep("trials", "--study-name", "no", "--storage", url, "--debug")
    assert "Traceback (most recent call last):" in result.stderr
    assert lines(result)[-1].startswith("Error: There is no study")


def test_a_fault_of_the_program_is_not_hidden(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from steep.cli import studies

    monkeypatch.setattr(studies, "get_all_study_names", lambda storage: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        steep("study-names", "--storage", url)


def test_warnings_are_lines_too(url: str) -> None:
    asked = steep("ask", "--study-name", "tea", "--storage", url, "-q", "-f", "value")
    number = asked.stdout.split()[0]
    result = steep(
        *("tell", "--study-name", "tea", "--storage", url, "-q"),
        *("--trial-number", number, "--values", "nan"),
    )
    assert result.exit_code == 0
    assert lines(result) == [
        "Warning: The value nan is not acceptable. The trial is recorded as FAIL."
    ]


def test_how_much_is_said(url: str, tmp_path: Path) -> None:
    level, handlers = library.logging.get_verbosity(), list(logging.getLogger("steep").handlers)
    ask = ("ask", "--study-name", "tea", "--storage", url)
    log = tmp_path / "messages.log"
    assert "has begun with the parameters" in steep(*ask, "--log-file", str(log)).stderr
    assert steep(*ask, "-q").stderr == ""
    assert "Trial 3 has begun" in log.read_text()
    assert len(log.read_text().splitlines()) == 1
    assert library.logging.get_verbosity() == level
    assert logging.getLogger("steep").handlers == handlers


def test_colours_obey_no_color(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_a_terminal = lambda stream=None, color=None: color is False  # noqa: E731
    monkeypatch.setattr(click.utils, "should_strip_ansi", on_a_terminal)
    args = ["trials", "--study-name", "tea", "--storage", url, "-q"]
    for value, is_coloured in (("", True), ("1", False)):
        monkeypatch.setenv("NO_COLOR", value)
        with pytest.raises(SystemExit):
            main(args)
        printed = capsys.readouterr().out
        assert ("\x1b[32mCOMPLETE\x1b[0m" in printed) is is_coloured
        assert ("\x1b" in printed) is is_coloured


def completed(*words: str) -> list[str]:
    """What a shell would offer for the last of the words."""
    completer = BashComplete(main, {}, "steep", "_STEEP_COMPLETE")
    return [item.value for item in completer.get_completions(list(words[:-1]), words[-1])]


def test_shells_complete_commands_studies_and_plots(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEEP_STORAGE", raising=False)
    monkeypatch.delenv("OPTUNA_STORAGE", raising=False)
    assert completed("best") == ["best-trial", "best-trials"]
    assert completed("trials", "--storage", url, "--study-name", "") == ["tea"]
    assert completed("trials", "--study-name", "") == []
    assert completed("report", "--storage", url, "t") == ["tea"]
    assert completed("plot", "sl") == ["slice"]
    assert completed("studies", "-f", "y") == ["yaml"]
    assert completed("--storage-class", "R") == ["RDBStorage"]


def test_python_m_steep_is_the_same_program(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "steep", "trials", "--study-name", "no", "--storage", url],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: There is no study named 'no' in the storage; it has 'tea'.\n"
