"""Logging is set by a call and goes to whatever standard error is now."""

from __future__ import annotations

import logging as stdlib
from collections.abc import Iterator

import pytest

from steep import logging


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    level = logging.get_verbosity()
    yield
    logging.set_verbosity(level)
    logging.disable_propagation()
    logging.enable_default_handler()


def test_verbosity_is_what_was_set() -> None:
    logging.set_verbosity(logging.ERROR)
    assert logging.get_verbosity() == logging.ERROR


def test_records_go_to_the_present_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    logging.set_verbosity(logging.INFO)
    logging.get_logger("steep.anywhere").info("water boils")
    assert capsys.readouterr().err.endswith("] water boils\n")


def test_a_disabled_handler_writes_nothing_twice_over(capsys: pytest.CaptureFixture[str]) -> None:
    logging.set_verbosity(logging.INFO)
    logging.disable_default_handler()
    logging.get_logger("steep.x").warning("lost")
    logging.enable_default_handler()
    logging.enable_default_handler()
    logging.get_logger("steep.x").warning("seen")
    assert capsys.readouterr().err.count("seen") == 1


def test_optuna_names_stand_for_our_loggers() -> None:
    assert logging.get_logger("optuna") is stdlib.getLogger("steep")
    assert logging.get_logger("optuna.study") is stdlib.getLogger("steep.study")
    assert logging.get_logger("mine") is stdlib.getLogger("mine")


def test_propagation_reaches_the_root_logger() -> None:
    seen: list[str] = []
    handler = stdlib.Handler()
    handler.emit = lambda record: seen.append(record.getMessage())  # type: ignore[method-assign]
    stdlib.getLogger().addHandler(handler)
    try:
        logging.set_verbosity(logging.INFO)
        logging.get_logger("steep.x").info("kept")
        logging.enable_propagation()
        logging.get_logger("steep.x").info("passed on")
    finally:
        stdlib.getLogger().removeHandler(handler)
    assert seen == ["passed on"]


def test_colour_follows_the_level() -> None:
    formatter = logging._ColourFormatter("[%(levelname)1.1s] %(message)s")
    record = stdlib.LogRecord("steep", logging.WARNING, "f", 1, "hot ] tea", None, None)
    assert formatter.format(record) == "\x1b[33m[W]\x1b[0m hot ] tea"
