"""The functions of the logging module, and who gets the messages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from .harness import differential
from .programs import new_study, quadratic


@contextmanager
def restored(lib: Any) -> Iterator[logging.Logger]:
    """Give the library's logger, and put it back as it was."""
    logger = logging.getLogger(lib.__name__)
    saved = logger.level, list(logger.handlers), logger.propagate
    try:
        yield logger
    finally:
        logger.setLevel(saved[0])
        logger.handlers, logger.propagate = saved[1], saved[2]


@differential
@pytest.mark.parametrize(
    "level", ["DEBUG", "INFO", "WARNING", "WARN", "ERROR", "CRITICAL", "FATAL"]
)
def test_verbosity(lib: Any, level: str) -> Any:
    value = getattr(lib.logging, level)
    with restored(lib):
        lib.logging.set_verbosity(value)
        return value, lib.logging.get_verbosity()


@differential
def test_the_default_verbosity(lib: Any) -> Any:
    import subprocess
    import sys

    program = f"import {lib.__name__} as lib; print(lib.logging.get_verbosity())"
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout


@differential
def test_warnings_only(lib: Any) -> Any:
    with restored(lib) as logger:
        records: list[str] = []
        handler = logging.Handler()
        handler.emit = lambda record: records.append(record.levelname)  # type: ignore[method-assign]
        logger.handlers = [handler]
        lib.logging.set_verbosity(lib.logging.WARNING)
        new_study(lib).optimize(lambda trial: None if trial.number else 1.0, n_trials=2)
        return records


@differential
def test_propagation(lib: Any) -> Any:
    with restored(lib) as logger:
        answers = []
        for switch in (lib.logging.enable_propagation, lib.logging.disable_propagation):
            switch()
            answers.append(logger.propagate)
        return answers


@differential
def test_propagated_messages_reach_pytest_s_log(lib: Any, caplog: pytest.LogCaptureFixture) -> Any:
    with restored(lib):
        caplog.clear()
        lib.logging.set_verbosity(lib.logging.INFO)
        lib.logging.enable_propagation()
        lib.logging.disable_default_handler()
        new_study(lib).optimize(quadratic, n_trials=1)
        return [(r.levelname, r.name.startswith(lib.__name__)) for r in caplog.records]


@differential
def test_the_default_handler_writes_to_stderr(lib: Any) -> Any:
    import subprocess
    import sys

    program = (
        f"import {lib.__name__} as lib\n"
        "study = lib.create_study(study_name='tea')\n"
        "lib.logging.disable_default_handler()\n"
        "study.optimize(lambda trial: 1.0, n_trials=1)\n"
        "lib.logging.enable_default_handler()\n"
        "study.optimize(lambda trial: 2.0, n_trials=1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    lines = done.stderr.splitlines()
    return (
        done.stdout,
        len(lines),
        [line.startswith("[I 20") for line in lines],
        [line.split("] ", 1)[1] for line in lines[1:]],
    )


@differential
def test_loggers_of_the_library(lib: Any) -> Any:
    logger = lib.logging.get_logger(f"{lib.__name__}.mine")
    return type(logger).__name__, logger.name.removeprefix(lib.__name__)
