"""The gallery holds every plot, drawn by both backends, and stays small."""

from __future__ import annotations

from pathlib import Path

import steep
from tools.gallery import ROOT, TEXTS, page

PLOTS = {name for name in steep.visualization.__all__ if name.startswith("plot_")}


def test_every_plot_is_described() -> None:
    assert set(TEXTS) == PLOTS


def test_every_plot_has_pictures_that_the_page_shows() -> None:
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    for plot in PLOTS:
        for backend in ("plotly", "matplotlib"):
            name = f"gallery/{plot}.{backend}.webp"
            assert name in text
            assert (ROOT / "docs" / name).is_file()


def test_the_page_is_the_one_that_the_tool_writes() -> None:
    text = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
    names = [line.split("gallery/")[1].removesuffix(".plotly.webp)") for line in _pictures(text)]
    assert page(names) == text


def test_the_pictures_take_less_than_three_megabytes() -> None:
    folder: Path = ROOT / "docs" / "gallery"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 3_000_000


def _pictures(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.endswith(".plotly.webp)")]
