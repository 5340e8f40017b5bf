"""Draw figures with plotly. Nothing else in steep knows plotly.

`to_json` writes plotly's JSON by hand and needs no plotly; `draw` makes plotly's own figure of it.
Colours and fonts go into the figure's own template, so that plotly's global defaults stay as they
are and ``figure.update_layout(template=...)`` still works.
"""

from __future__ import annotations

from steep.visualization.plotly.renderer import draw, is_available, require, to_json

__all__ = ["draw", "is_available", "require", "to_json"]
