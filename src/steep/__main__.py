"""Run the command line by ``python -m steep``."""

from __future__ import annotations

from steep.cli import main

if __name__ == "__main__":
    main(prog_name="steep")
