"""The examples in the docstrings of what helps Sphinx run."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from tools import sphinx_commands, sphinx_docstrings, sphinx_references


@pytest.mark.parametrize("module", [sphinx_commands, sphinx_docstrings, sphinx_references])
def test_the_examples_run(module: ModuleType) -> None:
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
