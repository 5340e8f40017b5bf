"""What runs the examples of the pages notices when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from doc_blocks import Block, Page, blocks_of, not_run

PAGE = """
```python
print(1)
```

```text
1
```

Words.

```text
not the output of anything
```

<!-- not run: needs a server -->
```sh
steep studies --storage postgresql://nowhere
```

```sh
make help
```
"""


def test_blocks_know_their_language_their_output_and_why_they_do_not_run() -> None:
    python, text, server, make = blocks_of(PAGE)
    assert python == Block(2, "python", "print(1)\n", None, "1\n")
    assert python.runs
    assert (text.kind, text.runs) == ("text", False)
    assert (server.reason, server.runs) == ("needs a server", False)
    assert (make.reason, make.runs) == (None, False)
    assert list(not_run(PAGE)) == ["needs a server"]


def test_another_output_fails(tmp_path: Path) -> None:
    page = Page("page.md", tmp_path)
    page.run(Block(1, "python", "x = 1\nprint(x)\n", None, "1\n"))
    page.run(Block(1, "python", "print('a\\n\\nb')\n", None, "a\n\n...\n"))
    with pytest.raises(AssertionError, match="page.md:1 prints"):
        page.run(Block(1, "python", "print(x)\n", None, "2\n"))


def test_files_and_exports_are_there_for_the_blocks_that_follow(tmp_path: Path) -> None:
    page = Page("page.md", tmp_path)
    page.run(Block(1, "python", "# tea.py\nKIND = 'green'\n"))
    page.run(Block(5, "sh", "export CUPS=2\n"))
    call = "python -c \"import os, tea; print(tea.KIND, os.environ['CUPS'])\"\n"
    page.run(Block(9, "sh", call, None, "green 2\n"))


def test_a_line_of_shell_that_fails_fails(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="exit 3"):
        Page("page.md", tmp_path).run(Block(1, "sh", "exit 3\necho after\n"))
