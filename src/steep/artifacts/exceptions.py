"""What can go wrong with artifacts beside the errors of files and networks."""

from __future__ import annotations

from steep.exceptions import OptunaError

__all__ = ["ArtifactNotFound"]


class ArtifactNotFound(OptunaError):
    """Report that a store has no artifact of an id."""
