"""Several processes at once: no event lost, none doubled, one order for all."""

from __future__ import annotations

import json
from pathlib import Path

from storages.journal.journals import begin, finish, keys, open_backend, start

N = 200

APPEND = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from storages.journal.journals import append, open_backend
from steep.storages.writer import Writer
backend, writer = open_backend(sys.argv[1], Path(sys.argv[2])), Writer()
print("ready", flush=True)
sys.stdin.readline()
n = int(sys.argv[5])
print(json.dumps([append(backend, 0, f"{sys.argv[3]} {i}", writer=writer) for i in range(n)]))
"""

CREATE = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from storages.journal.journals import open_backend
from steep.events import CreateStudy
from steep.exceptions import DuplicatedStudyError
from steep.storages.writer import Writer
backend, ids = open_backend(sys.argv[1], Path(sys.argv[2])), {}
print("ready", flush=True)
sys.stdin.readline()
for name in map(str, range(40)):
    try:
        ids[name] = backend.create(CreateStudy(name, [1]), Writer())
    except DuplicatedStudyError:
        pass
print(json.dumps(ids))
"""
TESTS = Path(__file__).parents[2]


def run_together(script: str, *arguments: tuple[object, ...]) -> list[list[str]]:
    processes = [start(script, *each) for each in arguments]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [finish(process) for process in processes]


def test_two_processes_append_and_nothing_is_lost_or_doubled(kind: str, tmp_path: Path) -> None:
    begin(kind, tmp_path)
    arguments = [(kind, tmp_path, name, TESTS, N) for name in "ab"]
    positions = [json.loads(line) for (line,) in run_together(APPEND, *arguments)]
    readers = [open_backend(kind, tmp_path) for _ in range(2)]
    found = keys(readers[0])
    assert found == keys(readers[1])
    assert sorted(found) == sorted(f"{name} {i}" for name in "ab" for i in range(N))
    for name, own in zip("ab", positions, strict=True):
        assert [found[position - 2] for position in own] == [f"{name} {i}" for i in range(N)]
    assert {path.suffix for path in tmp_path.rglob("*")}.isdisjoint({".tmp", ".torn"})


def test_of_two_processes_that_create_a_study_one_has_made_it(kind: str, tmp_path: Path) -> None:
    arguments = [(kind, tmp_path, TESTS)] * 2
    made = [json.loads(line) for (line,) in run_together(CREATE, *arguments)]
    studies = open_backend(kind, tmp_path).studies()
    assert sorted(studies.values()) == sorted(map(str, range(40)))
    assert sorted([*made[0], *made[1]]) == sorted(studies.values())
    assert {study_id: name for each in made for name, study_id in each.items()} == studies
