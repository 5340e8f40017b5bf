"""Join a plot, which gives plain data, to the renderer that draws it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, TypeVar

from steep.visualization.figure import Figure

__all__ = ["join"]

P = ParamSpec("P")
R = TypeVar("R")


def join(
    plot: Callable[P, Figure],
    require: Callable[[], None],
    draw: Callable[[Figure], R],
    returned: Any,
) -> Callable[P, R]:
    """Make the public function of a plot: same arguments, same documentation, a drawn figure.

    Args:
        plot: Gives the plain data.
        require: Raises where the library of the renderer is missing; called first.
        draw: Draws the plain data.
        returned: What the function returns, for its signature.

    Returns:
        The function ``plot_NAME``. Its documentation leaves out the example, which is of ``plot``.

    Example:
        >>> def title(text: str) -> Figure:
        ...     '''Show a title.'''
        ...     return Figure(text, ())
        >>> plot_title = join(title, lambda: None, lambda figure: figure.title, "str")
        >>> plot_title.__name__, plot_title("Tea")
        ('plot_title', 'Tea')
    """

    @wraps(plot)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        require()
        return draw(plot(*args, **kwargs))

    wrapper.__name__ = wrapper.__qualname__ = f"plot_{plot.__name__}"
    wrapper.__doc__ = (plot.__doc__ or "").partition("    Example:\n")[0].rstrip() + "\n"
    vars(wrapper)["__signature__"] = signature(plot).replace(return_annotation=returned)
    return wrapper
