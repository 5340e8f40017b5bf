"""Pages of plots open in a browser, and nothing is written to its console."""

from __future__ import annotations

import os
import shutil
import subprocess
import warnings
from pathlib import Path

import pytest

import steep

from .calls import PLOTS, call

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless --no-sandbox --disable-background-networking --disable-sync --no-first-run "
    "--disable-component-update --use-angle=swiftshader --enable-unsafe-swiftshader "
    "--enable-logging=stderr --dump-dom"
).split()


def test_a_page_of_all_plots_is_drawn_without_a_word_on_the_console(tmp_path: Path) -> None:
    if CHROMIUM is None:
        assert "STEEP_REQUIRE_CHROMIUM" not in os.environ, "run tools/chromium.sh first"
        pytest.skip("needs Chromium (Debian: apt install chromium)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figures = {name: call(getattr(steep.visualization, name), name, steep) for name in PLOTS}
    page = tmp_path / "page.html"
    page.write_text(steep.visualization.page(figures, title="All plots"), encoding="utf-8")
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=True)
    assert "CONSOLE" not in done.stderr
    # One drawing for each plot: the script has run through.
    assert done.stdout.count('class="plot-container') == len(PLOTS)
