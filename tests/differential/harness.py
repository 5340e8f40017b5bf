"""Run one program under Optuna and under steep, and compare what a user can observe.

```python
@differential
def test_nested_optimize_is_refused(lib):
    study = lib.create_study()
    return attempt(study.optimize, lambda trial: study.optimize(quadratic, n_trials=1), n_trials=1)
```

A program is a function of the module `lib`. Its outcome is what it returns (rendered as text), the
exception that leaves it, the classes of its warnings, and, with `logs=True`, the shape of its log
messages. The outcome under Optuna must say something: a program that returns None without a
warning, or dies of a slip in the program itself, is a fault of the test and fails as such.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from .render import lineage, render

REFERENCE, SUBJECT = "optuna", "steep"
SLIPS = (AttributeError, NameError, ImportError, AssertionError, SyntaxError)
# steep has no experimental features, hence no such warning; the others come from dependencies.
UNRELATED_WARNINGS = ("ExperimentalWarning", "ResourceWarning", "PendingDeprecationWarning")


@dataclass
class Outcome:
    """What one run of a program showed."""

    value: Any = None
    error: BaseException | None = None
    warned: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the outcome as text, ready for a line by line difference."""
        result = f"raised {lineage(self.error)}" if self.error else f"returned {render(self.value)}"
        parts = [result, *(f"warned {name}" for name in self.warned)]
        return "\n".join(parts + [f"logged {line}" for line in self.logged])


def differential(program: Callable[..., Any] | None = None, /, *, logs: bool = False) -> Any:
    """Make a test of a program: run it under both libraries and require the same outcome."""
    if program is None:
        return functools.partial(differential, logs=logs)

    @functools.wraps(program)
    def test(**arguments: Any) -> None:
        expected = observe(REFERENCE, program, arguments, logs)
        _require_meaning(program.__name__, expected)
        _compare(expected, observe(SUBJECT, program, arguments, logs))

    signature = inspect.signature(program)
    test.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[p for p in signature.parameters.values() if p.name != "lib"]
    )
    return test


def observe(
    name: str, program: Callable[..., Any], arguments: dict[str, Any], logs: bool
) -> Outcome:
    """Run `program` under the library called `name`, and record its outcome."""
    lib = importlib.import_module(name)
    outcome = Outcome()
    with warnings.catch_warnings(record=True) as caught, _logged(lib, logs) as messages:
        warnings.simplefilter("always")
        try:
            outcome.value = program(lib, **arguments)
        except Exception as error:
            outcome.error = error
    outcome.warned = warning_names(caught)
    outcome.logged = messages
    return outcome


def warning_names(caught: list[warnings.WarningMessage]) -> list[str]:
    """Return the classes of the warnings, without those that say nothing about behaviour."""
    names = (w.category.__name__ for w in caught)
    return sorted(name for name in names if name not in UNRELATED_WARNINGS)


def attempt(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return what the call returns, or the exception and warnings it ends with, as plain data."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = call(*args, **kwargs)
        except SLIPS as slip:
            raise slip
        except (Exception, KeyboardInterrupt) as error:
            result = error
    names = warning_names(caught)
    return {"result": result, "warned": names} if names else result


def attempt_each(call: Callable[..., Any], cases: list[Any]) -> dict[str, Any]:
    """Return the outcome of `call(case)` for each of the cases, by the case's text."""
    return {f"{position} {case!r}": attempt(call, case) for position, case in enumerate(cases)}


def _require_meaning(name: str, outcome: Outcome) -> None:
    if isinstance(outcome.error, SLIPS):
        raise RuntimeError(f"the program {name} itself is at fault") from outcome.error
    if not (outcome.value is not None or outcome.error or outcome.warned or outcome.logged):
        raise RuntimeError(f"the program {name} shows nothing to compare: return something")


def _compare(expected: Outcome, actual: Outcome) -> None:
    want, got = expected.text().splitlines(), actual.text().splitlines()
    if want == got:
        return
    lines = difflib.unified_diff(want, got, REFERENCE, SUBJECT, lineterm="", n=4)
    failure = pytest.fail.Exception("\n" + "\n".join(lines), pytrace=False)
    raise failure from (actual.error if actual.error is not expected.error else None)


# Users grep for these messages, so the numbers and dictionaries in them count; the rest does not.
SHAPES = (
    (
        "finished",
        (
            r"Trial (\d+) finished with values?: (.*) and parameters: (\{.*\})\."
            r"(?: Best is trial (\d+) with value: (.*)\.)?"
        ),
    ),
    ("pruned", r"Trial (\d+) pruned\. ?(.*)"),
    (
        "raised",
        r"Trial (\d+) failed with parameters: (\{.*\}) because of .* error: (\w+\(.*\))\.",
    ),
    ("failed", r"Trial (\d+) failed with parameters: (\{.*\}) because of .*"),
    ("failed", r"Trial (\d+) failed with value (.*)\."),
    ("created", r"A new study created in memory with name: (.*)"),
    ("existing", r"Using an existing study with name '(.*)' instead of creating a new one\."),
)


def message_shape(message: str) -> str:
    """Return what a log message says, without its wording; "other" where no user relies on it."""
    for kind, pattern in SHAPES:
        if match := re.fullmatch(pattern, message.strip(), flags=re.DOTALL):
            return render((kind, *match.groups())).replace("\n", "")
    return "other"


@contextmanager
def _logged(lib: Any, wanted: bool) -> Iterator[list[str]]:
    logger = logging.getLogger(lib.__name__)
    collector = Collector()
    level = logger.level
    handlers, logger.handlers = logger.handlers, [collector]
    logger.setLevel(logging.DEBUG if wanted else logging.CRITICAL)
    try:
        yield collector.shapes
    finally:
        logger.handlers = handlers
        logger.setLevel(level)


class Collector(logging.Handler):
    """Keep the level and shape of each message."""

    def __init__(self) -> None:
        super().__init__()
        self.shapes: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        shape = message_shape(record.getMessage())
        traceback = " with traceback" if record.exc_info else ""
        self.shapes.append(f"{record.levelname} {shape}{traceback}")
