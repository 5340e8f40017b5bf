"""Search spaces: which parameters the trials of a study share, and which come together."""

from __future__ import annotations

from steep.search_space.group import _GroupDecomposedSearchSpace, _SearchSpaceGroup
from steep.search_space.intersection import IntersectionSearchSpace, intersection_search_space

__all__ = [
    "IntersectionSearchSpace",
    "_GroupDecomposedSearchSpace",
    "_SearchSpaceGroup",
    "intersection_search_space",
]
