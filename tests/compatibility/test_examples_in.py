"""What counts as an example of a docstring."""

from __future__ import annotations

import inspect

from .docstrings import examples_in

DOCSTRING = """Do something.

    Example:

        .. testsetup::

            a = 1

        .. testcode::
            :hide:

            import tool

            print(a)
        .. testoutput::

            1

        .. code-block:: bash

            pip install tool

        Text that is no code.

        .. code-block:: python

            tool.run()

        .. testcleanup::

            del a

    .. code::

        tool.stop()
    """


def test_what_is_tested_is_one_program_and_what_is_shown_one_each() -> None:
    tested, run, stop = examples_in(inspect.cleandoc(DOCSTRING), "do", "tool")
    assert tested.name == "do"
    assert tested.code.split() == "a = 1 import tool print(a) del a".split()
    assert (tested.output or "").split() == ["1"]
    assert (run.name, run.output) == ("do 2", None)
    assert run.code.split() == "import tool tool.run()".split()
    assert stop.code.split() == "import tool tool.stop()".split()


def test_a_docstring_without_directives_has_none() -> None:
    assert examples_in("Do something. ``code::`` is no directive.", "do", "tool") == []
