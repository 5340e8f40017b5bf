"""A server that is not there: its tests are skipped aloud, or fail where all servers must be."""

from __future__ import annotations

from collections import Counter

import pytest
from storages import servers

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _count_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "skipped", Counter())


def test_a_missing_server_skips_and_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEEP_REQUIRE_SERVERS", raising=False)
    for _ in range(2):
        with pytest.raises(pytest.skip.Exception, match=f"no server at {NOWHERE}: "):
            servers.need(NOWHERE)
    assert list(servers.skipped.values()) == [2]


def test_a_missing_server_fails_where_all_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEEP_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match=f"no server at {NOWHERE}: "):
        servers.need(NOWHERE)
    assert not servers.skipped


class Report:
    """Take what a test run says at its end."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def section(self, title: str) -> None:
        self.lines.append(title)

    def write_line(self, line: str) -> None:
        self.lines.append(line)


def test_the_end_of_a_run_says_what_was_skipped(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Report()
    (say,) = (
        plugin.pytest_terminal_summary
        for plugin in pytestconfig.pluginmanager.get_plugins()
        if getattr(plugin, "__file__", "").endswith("storages/conftest.py")
    )
    say(report)
    assert report.lines == []
    servers.skipped["no server at redis://x"] = 3
    say(report)
    assert report.lines[1:] == ["3 of no server at redis://x"]
