"""Search spaces: which parameters the trials of a study share."""

from __future__ import annotations

from steep.search_space.intersection import IntersectionSearchSpace, intersection_search_space

__all__ = ["IntersectionSearchSpace", "intersection_search_space"]
