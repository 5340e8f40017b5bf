"""A server that is not there: its tests are skipped aloud, or fail where all servers must be."""

from __future__ import annotations

from typing import Any

import pytest
from storages import servers

NOWHERE = "redis://127.0.0.1:1/0"


def test_a_missing_server_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEEP_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match=f"no server at {NOWHERE}: "):
        servers.need(NOWHERE)


def test_a_missing_server_fails_where_all_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEEP_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match=f"no server at {NOWHERE}: "):
        servers.need(NOWHERE)


def test_ports_are_not_those_that_the_system_hands_out() -> None:
    assert all(port < 32768 for port in (servers.free_port() for _ in range(20)))


class Terminal:
    """Take what a test run says at its end."""

    def __init__(self, reports: list[pytest.TestReport]) -> None:
        self._reports = reports
        self.lines: list[str] = []

    def getreports(self, name: str) -> list[pytest.TestReport]:
        return self._reports if name == "skipped" else []

    def section(self, title: str) -> None:
        self.lines.append(title)

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def skipped(why: Any, config: pytest.Config) -> pytest.TestReport:
    """Give the report of a skipped test as it comes from a worker of xdist."""
    report = pytest.TestReport("t", ("t.py", 1, "t"), {}, "skipped", why, "setup")
    sent = config.hook.pytest_report_to_serializable(config=config, report=report)
    got = config.hook.pytest_report_from_serializable(config=config, data=sent)
    assert isinstance(got, pytest.TestReport)
    return got


def test_the_end_of_a_run_says_what_was_skipped(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEEP_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception) as found:
        servers.need(NOWHERE)
    (say,) = (
        plugin.pytest_terminal_summary
        for plugin in pytestconfig.pluginmanager.get_plugins()
        if getattr(plugin, "__file__", "").endswith("tests/conftest.py")
    )
    no_server, other = ("servers.py", 9, f"Skipped: {found.value}"), ("t.py", 1, "Skipped: dark")
    terminal = Terminal([skipped(why, pytestconfig) for why in (no_server, other, no_server)])
    say(terminal)
    assert terminal.lines[1:] == [f"2 of {found.value}"]
    silent = Terminal([skipped(other, pytestconfig)])
    say(silent)
    assert silent.lines == []
