"""A study on one page: what happened, what it means, and the numbers behind it.

:func:`write_report` is behind ``study.report(path)``. Each diagnosis is a pure function from the
columns of a study to a :class:`Finding`, or to None where there is nothing to say.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from steep.files import replacing
from steep.report.diagnosis import diagnose
from steep.report.finding import Finding
from steep.report.page import report_page

if TYPE_CHECKING:
    from steep.study import Study

__all__ = ["Finding", "diagnose", "report_page", "write_report"]


def write_report(study: Study, path: str | Path) -> None:
    """Write the report of a study to a file; see :meth:`steep.study.Study.report`.

    Args:
        study: The study, whose table is up to date.
        path: The file. It is there whole or not at all.

    Raises:
        ImportError: If plotly is not installed.
        OSError: If the file cannot be written.
    """
    html = report_page(study)
    with replacing(Path(path)) as file:
        file.write(html.encode())
