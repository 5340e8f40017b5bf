"""Install peers, each in an environment of its own, and say which could not be."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from benchmarks.efficiency.client import HOMES
from benchmarks.efficiency.peers import peer_named

__all__ = ["install"]


def install(peers: Sequence[str]) -> None:
    """Make the environments that are missing.

    Args:
        peers: Names of peers.
    """
    homes = {peer_named(name).home: peer_named(name).requires for name in peers}
    for home, requires in sorted(homes.items()):
        if home:
            print(f"{home}: {_install(home, requires)}", flush=True)


def _install(home: str, requires: Sequence[tuple[str, ...]]) -> str:
    """Install some requirements, one call of pip each, and give "installed" or the error."""
    folder = HOMES / home
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    # What an earlier requirement brought (swig) must be found when a later one is compiled.
    path = os.pathsep.join([str(folder / "bin"), os.environ["PATH"]])
    for packages in requires:
        done = subprocess.run(
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", *packages],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return f"{' '.join(packages)} does not install: {done.stderr.strip()[-2000:]}"
    return "installed"
