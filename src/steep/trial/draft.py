"""What a live trial has gathered and has not yet put into the log.

Suggesting and reporting only write into dictionaries here; one event carries them to the storage
when the trial finishes, or earlier when somebody reads the study. Entries of ``params`` and
``reports`` are never changed or removed (a trial that draws anew gets another dictionary) and
attributes are only appended, so a count tells which
of them were sent, and the trial's own thread may go on while another one takes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from steep.events import Changes, Finish, Params

__all__ = ["Draft"]


class Draft:
    """Gather the parameters, reports and attributes of one running trial.

    Args:
        number: The number of the trial.
        params: What the log holds of its parameters already.
        reports: What the log holds of its reports already.
        lease: The lease under which it runs.
        keeps_seen: Whether to record what the sampler knew; see :class:`steep.events.Changes`.
        is_closed: Whether the trial has finished and nothing may be added.

    Attributes:
        is_lost: Whether the trial was taken from this process. What it gathers then goes nowhere.
        tried: The end of the trial that may have reached the log although sending it failed.

    Example:
        >>> draft = Draft(0, {}, {})
        >>> draft.reports[1] = 0.5
        >>> draft.set_attr("note", "tea")
        >>> draft.take(), draft.take()
        (Changes(params={}, reports={1: 0.5}, user_attrs={'note': 'tea'}, ...), None)
    """

    __slots__ = (
        "_attrs",
        "_dropped",
        "_sent_attrs",
        "_sent_params",
        "_sent_reports",
        "is_closed",
        "is_lost",
        "lease",
        "number",
        "params",
        "reports",
        "seen",
        "tried",
    )

    def __init__(
        self,
        number: int,
        params: Params,
        reports: dict[int, float],
        lease: int = 1,
        *,
        keeps_seen: bool = False,
        is_closed: bool = False,
    ) -> None:
        self.number = number
        self.lease = lease
        self.is_closed = is_closed
        self.is_lost = False
        self.tried: Finish | None = None
        self.params = params
        self.reports = reports
        self.seen: dict[str, int] | None = {} if keeps_seen else None
        self._attrs: list[tuple[str, Any, bool]] | None = None  # few trials have any
        self._dropped: Params = {}
        self._sent_attrs = 0
        self._sent_params = len(params)
        self._sent_reports = len(reports)

    @property
    def has_attrs(self) -> bool:
        """Tell whether an attribute was set by this process."""
        return self._attrs is not None

    def set_attr(self, key: str, value: Any, *, system: bool = False) -> None:
        """Set an attribute.

        Args:
            key: Its name.
            value: Anything that JSON can hold.
            system: Whether it belongs to the machinery rather than to the user.
        """
        if self._attrs is None:
            self._attrs = []
        self._attrs.append((key, value, system))

    def system_attr(self, key: str) -> Any:
        """Give an attribute of the machinery that this process has set, or None.

        Args:
            key: Its name.
        """
        found = [value for name, value, system in self._attrs or () if system and name == key]
        return found[-1] if found else None

    def revise(self, values: Mapping[str, float]) -> bool:
        """Replace values of parameters by others that no sampler has proposed.

        Args:
            values: Internal values by name, of parameters that are here.

        Returns:
            Whether they were replaced; not where the log has parameters already. The caller must
            hold the storage's lock.
        """
        if self._sent_params:
            return False
        for name, value in values.items():
            self.params[name] = (value, self.params[name][1])
            if self.seen is not None:
                self.seen.pop(name, None)
        return True

    def take(self) -> Changes | None:
        """Take what was gathered since the last call.

        Returns:
            The changes, or None where there are none. The caller must hold the storage's lock.
        """
        # list(dict.items()) is one step for the interpreter, as is the length of a list.
        params = dict(list(self.params.items())[self._sent_params :])
        reports = dict(list(self.reports.items())[self._sent_reports :])
        self._sent_params += len(params)
        self._sent_reports += len(reports)
        if self._dropped:
            params, self._dropped = {**self._dropped, **params}, {}
        return self._changes(params, reports)

    def close(self) -> Changes:
        """Take the rest and let nothing be added any more.

        Returns:
            The changes since the last :meth:`take`.
        """
        self.is_closed = True
        if self._sent_params or self._sent_reports or self._dropped:
            return self.take() or Changes()
        return self._changes(self.params, self.reports) or Changes()

    def give_back(self, changes: Changes) -> None:
        """Gather again what was taken last, since it did not reach the log.

        Args:
            changes: What the last :meth:`take` or :meth:`close` gave.
        """
        dropped = {n: gone for n, gone in changes.params.items() if gone[0] != gone[0]}
        self._dropped = {**dropped, **self._dropped}
        self._sent_params = max(0, self._sent_params - len(changes.params) + len(dropped))
        self._sent_reports = max(0, self._sent_reports - len(changes.reports))
        attrs = [(key, value, False) for key, value in changes.user_attrs.items()]
        attrs += [(key, value, True) for key, value in changes.system_attrs.items()]
        if attrs:  # before those that the trial has set meanwhile
            assert self._attrs is not None, "they were taken from there"
            self._attrs[self._sent_attrs : self._sent_attrs] = attrs
        self.is_closed = False

    def draw_anew(self) -> None:
        """Forget the parameters, so that the trial may suggest others.

        Those that were sent are taken back by the value NaN, which says that the trial does not
        have a parameter. The caller must hold the storage's lock.
        """
        for name in list(self.params)[: self._sent_params]:
            self._dropped[name] = (math.nan, self.params[name][1])
        self.params, self._sent_params = {}, 0
        if self.seen is not None:
            self.seen = {}

    def report_anew(self) -> None:
        """Forget the reports in the log, so that the trial may report the same steps again."""
        self.reports = {}
        self._sent_reports = 0

    def learn(self, params: Params, reports: dict[int, float]) -> None:
        """Take over what reached the log by another way; everything gathered must be taken.

        Args:
            params: Parameters that the log holds now.
            reports: Reports that the log holds now.
        """
        self.params.update(params)
        self.reports.update(reports)
        self._sent_params = len(self.params)
        self._sent_reports = len(self.reports)

    def _changes(self, params: Params, reports: dict[int, float]) -> Changes | None:
        attrs = () if self._attrs is None else self._attrs[self._sent_attrs :]
        if not (params or reports or attrs):
            return None
        if not attrs and not self.seen:
            return Changes(params, reports, {}, {}, {})  # five factories would take thrice as long
        self._sent_attrs += len(attrs)
        seen = self.seen or {}
        there = [name for name, (value, _) in params.items() if value == value]
        return Changes(
            params,
            reports,
            user_attrs={key: value for key, value, system in attrs if not system},
            system_attrs={key: value for key, value, system in attrs if system},
            # One that is taken back may just have been sampled again, and follows later.
            seen={name: seen[name] for name in there if name in seen},
        )
