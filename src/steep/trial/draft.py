"""What a live trial has gathered and has not yet put into the log.

Suggesting and reporting only write into dictionaries here; one event carries them to the storage
when the trial finishes, or earlier when somebody reads the study. Entries of ``params`` and
``reports`` are never changed or removed, so a count tells which of them were sent.
"""

from __future__ import annotations

from typing import Any

from steep.events import Changes, Params

__all__ = ["Draft"]


class Draft:
    """Gather the parameters, reports and attributes of one running trial.

    Args:
        number: The number of the trial.
        params: What the log holds of its parameters already.
        reports: What the log holds of its reports already.
        is_closed: Whether the trial has finished and nothing may be added.

    Example:
        >>> draft = Draft(0, {}, {})
        >>> draft.reports[1] = 0.5
        >>> draft.take().reports, draft.take()
        ({1: 0.5}, None)
    """

    __slots__ = (
        "_sent_params",
        "_sent_reports",
        "is_closed",
        "number",
        "params",
        "reports",
        "system_attrs",
        "user_attrs",
    )

    def __init__(
        self,
        number: int,
        params: Params,
        reports: dict[int, float],
        is_closed: bool = False,
    ) -> None:
        self.number = number
        self.is_closed = is_closed
        self.params = params
        self.reports = reports
        self.user_attrs: dict[str, Any] = {}
        self.system_attrs: dict[str, Any] = {}
        self._sent_params = len(params)
        self._sent_reports = len(reports)

    def take(self) -> Changes | None:
        """Take what was gathered since the last call.

        Returns:
            The changes, or None where there are none. The caller must hold the storage's lock.
        """
        # list(dict.items()) is one step for the interpreter: the trial's own thread may go on
        # suggesting while another one takes.
        params = dict(list(self.params.items())[self._sent_params :])
        reports = dict(list(self.reports.items())[self._sent_reports :])
        self._sent_params += len(params)
        self._sent_reports += len(reports)
        user_attrs, self.user_attrs = self.user_attrs, {}
        system_attrs, self.system_attrs = self.system_attrs, {}
        if params or reports or user_attrs or system_attrs:
            return Changes(params, reports, user_attrs, system_attrs)
        return None

    def close(self) -> Changes:
        """Take the rest and let nothing be added any more.

        Returns:
            The changes since the last :meth:`take`.
        """
        self.is_closed = True
        if self._sent_params or self._sent_reports:
            return self.take() or Changes()
        return Changes(self.params, self.reports, self.user_attrs, self.system_attrs)

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
