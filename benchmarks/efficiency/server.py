"""The side of a peer: reads JSON lines from its standard input, and answers with JSON lines.

| line | answer |
|---|---|
| `["start", peer, space, seed, objectives, evaluations]` | the first configuration |
| `["tell", losses]` | the next configuration |

An exception is answered as `{"error": ...}`. Libraries print; so what they print goes to the
standard error, and the answers leave by a copy of the standard output.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import Any

from benchmarks.efficiency.peers import Adapter, make
from benchmarks.efficiency.spaces import Configuration, Space

__all__ = ["serve"]


class Session:
    """Hold the adapter that runs, and what it asked for last."""

    def __init__(self) -> None:
        self._adapter: Adapter | None = None
        self._asked: Configuration = {}

    def answer(self, command: str, *arguments: Any) -> dict[str, Any]:
        """Carry out one line."""
        if command == "start":
            peer, space, *rest = arguments
            self._adapter = make(peer, Space.from_json(space), *rest)
        else:
            assert self._adapter is not None, "a run is started before it is told"
            self._adapter.tell(self._asked, arguments[0])
        self._asked = self._adapter.ask()
        return {"configuration": self._asked}


def serve() -> None:
    """Answer until the input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    session = Session()
    for line in sys.stdin:
        try:
            reply = session.answer(*json.loads(line))
        except Exception:
            reply = {"error": traceback.format_exc()}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    serve()
