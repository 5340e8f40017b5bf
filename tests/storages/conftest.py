"""What is said at the end of a test run about servers that were not there."""

from __future__ import annotations

from typing import Any

from storages import servers


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if servers.skipped:
        terminalreporter.section("tests of storages that were skipped")
        for reason, count in servers.skipped.items():
            terminalreporter.write_line(f"{count} of {reason}")
