"""The examples that Optuna publishes with its package run under steep as they stand.

They are read from the installed Optuna, and each gets a folder and a namespace of its own.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import steep

from .alias import standing_for
from .docstrings import Example, examples_of

PACKAGE = Path(importlib.util.find_spec("optuna").origin).parent  # type: ignore[union-attr,arg-type]

SKETCH = "is a sketch: `...` stands in it for what the reader has"
PROXY = "steep has no gRPC proxy"
FOREST = "grows thousands of trees, which takes half a minute"
NOT_RUN = {
    "artifacts._backoff.Backoff": SKETCH,
    "artifacts._boto3.Boto3ArtifactStore": SKETCH,
    "artifacts._filesystem.FileSystemArtifactStore": SKETCH,
    "artifacts._gcs.GCSArtifactStore": SKETCH,
    "artifacts._list_artifact_meta.get_all_artifact_meta": SKETCH,
    "storages._grpc.client.GrpcStorageProxy": PROXY,
    "storages._grpc.server.run_grpc_proxy_server": PROXY,
    "storages.journal._storage.JournalStorage": "optimizes without an end",
    "terminator.callback.TerminatorCallback": FOREST,
    "terminator.terminator.Terminator": FOREST,
    "README 1": "downloads a data set",
    "README 3": "needs optunahub, which registers samplers over the network",
}


def examples() -> list[Example]:
    """Return the programs of Optuna's docstrings, and those of its page on PyPI."""
    page = str(importlib.metadata.metadata("optuna").get_payload())
    blocks = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    numbered = [Example(f"README {number}", code) for number, code in enumerate(blocks, 1)]
    return examples_of(PACKAGE) + numbered


def parameters() -> list[Any]:
    """Return one case for each example; those that do not run say why."""
    return [
        pytest.param(
            example,
            id=example.name,
            marks=[pytest.mark.skip(NOT_RUN[example.name])] if example.name in NOT_RUN else [],
        )
        for example in examples()
    ]


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    steep.logging.enable_default_handler()


@pytest.mark.parametrize("example", parameters())
def test_an_example_of_optuna_runs(example: Example, capsys: pytest.CaptureFixture[str]) -> None:
    program = ModuleType("__main__")
    with standing_for("optuna", "steep"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(example.code, example.name, "exec"), vars(program))
    if example.output is not None:
        assert capsys.readouterr().out.split() == example.output.split()


def test_those_that_do_not_run_are_there() -> None:
    assert set(NOT_RUN) <= {example.name for example in examples()}
