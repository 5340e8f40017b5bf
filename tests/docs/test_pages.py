"""The examples of the pages run as they stand, and print what the pages say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doc_blocks import Page, blocks_of, not_run

import steep

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# What pages leave to the reader: any cluster does.
PRELUDES = {
    "executors.md": """
import steep
from concurrent.futures import ThreadPoolExecutor

def objective(trial):
    return trial.suggest_float("x", -1, 1) ** 2

class client:
    get_executor = staticmethod(lambda: ThreadPoolExecutor(2))

class my_cluster:
    evaluate = staticmethod(lambda batch: [params["x"] for params in batch])

study = steep.create_study(sampler=steep.samplers.RandomSampler())
""",
}

# Blocks that do not run, by page: each says why where it stands.
NOT_RUN = {
    "command_line.md": ["needs a PostgreSQL server"],
    "executors.md": ["needs Ray and Slurm", "needs a cluster"],
}
PRESENT = {path.name for path in PAGES}


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STEEP_STORAGE", raising=False)
    before = steep.logging.get_verbosity()
    steep.logging.set_verbosity(steep.logging.WARNING)
    yield
    steep.logging.set_verbosity(before)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_examples_run_one_after_the_other(path: Path, tmp_path: Path) -> None:
    page = Page(path.name, tmp_path, PRELUDES.get(path.name, ""))
    for block in blocks_of(path.read_text(encoding="utf-8")):
        if block.runs:
            page.run(block)


def test_the_blocks_that_do_not_run_are_known() -> None:
    marked = {path.name: list(not_run(path.read_text(encoding="utf-8"))) for path in PAGES}
    assert {name: reasons for name, reasons in marked.items() if reasons} == {
        name: reasons for name, reasons in NOT_RUN.items() if name in PRESENT
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_block_of_python_at_the_margin_is_found(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [block for block in blocks_of(text) if block.kind == "python"]
    assert len(found) == text.count("\n```py")
