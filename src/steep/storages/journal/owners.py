"""Processes by names that tell, on the same machine, whether they are gone."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from zlib import crc32

__all__ = ["is_gone", "me"]


@cache
def _home() -> str:
    """Name the set of processes to which ids of processes refer; "" where that is not known."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        return f"{crc32((boot + str(Path('/proc/self/ns/pid').readlink())).encode()):08x}"
    except OSError:
        return ""


def me() -> str:
    """Name this process."""
    return f"{_home()}-{os.getpid()}"


def is_gone(owner: str) -> bool:
    """Tell whether a process is gone for certain.

    Args:
        owner: What :func:`me` gave in that process.

    Returns:
        False too where that cannot be known, as on another machine.
    """
    home, _, pid = owner.partition("-")
    if not home or home != _home() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
