"""What is said of a trial: plain data, and the same as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

__all__ = ["Check", "Explanation", "How", "Origin", "Outcome", "Pruning", "number_text"]

How = Literal["joint", "independent", "fixed", "single", "added", "unknown"]
Outcome = Literal["pruned", "kept", "not judged"]


@dataclass(frozen=True)
class Origin:
    """Say where a value came from.

    Attributes:
        name: The parameter.
        value: Its value.
        how: "joint": proposed together with others; "independent": proposed by itself; "fixed":
            enqueued, or held by a PartialFixedSampler; "single": there was nothing to choose;
            "added": the trial came as a whole; "unknown": the log does not tell.
        source: Who proposed it: the class of a sampler, or the call that gave the value.
        why: The reason, in words.
    """

    name: str
    value: Any
    how: How
    source: str
    why: str


@dataclass(frozen=True)
class Check:
    """Say how a trial stood when the pruner looked at it.

    Attributes:
        step: The step of the report after which it looked.
        value: What it looked at, such as the best report so far.
        bar: What it compared that with; NaN where nothing.
        passed: Whether the trial may go on.
        text: All of it in words.
    """

    step: int
    value: float
    bar: float
    passed: bool
    text: str


@dataclass(frozen=True)
class Pruning:
    """Say why a trial was pruned, or was not.

    Attributes:
        pruner: The class of the pruner, or None where there is none to name.
        outcome: "pruned", "kept", or "not judged".
        why: The reason, in words.
        checks: How the trial stood each time, as far as the log tells; empty where the rule of
            the pruner cannot be followed.
    """

    pruner: str | None
    outcome: Outcome
    why: str
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Say where the values of a trial came from, and why it was or was not pruned.

    ``print`` shows it as text, a notebook as a table, and ``dataclasses.asdict`` gives plain data.

    Attributes:
        number: The number of the trial.
        state: The name of its state.
        origins: One for each parameter, in the order in which they were suggested.
        pruning: What the pruner said.
        caveats: What the log does not tell, and what therefore may have been otherwise.
    """

    number: int
    state: str
    origins: tuple[Origin, ...]
    pruning: Pruning
    caveats: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Trial {self.number} ({self.state})"
        names = max((len(origin.name) for origin in self.origins), default=0)
        values = max((len(number_text(origin.value)) for origin in self.origins), default=0)
        for origin in self.origins:
            value = number_text(origin.value)
            yield f"  {origin.name:<{names}} = {value:<{values}}  {origin.source}: {origin.why}"
        if not self.origins:
            yield "  It has no parameters."
        yield f"{self._heading}: {self.pruning.why}"
        yield from (f"Note: {caveat}" for caveat in self.caveats)

    @property
    def _heading(self) -> str:
        pruner = f" ({self.pruning.pruner})" if self.pruning.pruner else ""
        return f"{self.pruning.outcome.capitalize()}{pruner}"

    def _repr_html_(self) -> str:
        cell = 'style="text-align:left;vertical-align:top;padding:2px 14px 2px 0"'
        rows = "".join(
            f"<tr><th {cell}>{escape(origin.name)}</th>"
            f"<td {cell}>{escape(number_text(origin.value))}</td>"
            f"<td {cell}>{escape(origin.source)}: {escape(origin.why)}</td></tr>"
            for origin in self.origins
        )
        notes = "".join(f"<div><i>{escape(caveat)}</i></div>" for caveat in self.caveats)
        return (
            f'<div class="steep"><div><b>Trial {self.number}</b> ({self.state})</div>'
            f'<table style="background:transparent"><tbody>{rows}</tbody></table>'
            f"<div><b>{escape(self._heading)}</b>: {escape(self.pruning.why)}</div>{notes}</div>"
        )


def number_text(value: Any) -> str:
    """Write a value as short as it can be read.

    Args:
        value: A float gets five digits; anything else is written as it is.
    """
    return f"{value:.5g}" if isinstance(value, float) else str(value)
