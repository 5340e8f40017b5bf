"""The directory: numbers are given once, gaps and damage are refused, leftovers are removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from storages.journal.journals import Calls, append, begin, finish, keys, open_backend, start

from steep.events import CreateStudy
from steep.exceptions import StorageInternalError
from steep.storages.journal import DirectoryBackend
from steep.storages.journal.owners import me
from steep.storages.writer import Writer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log of three notes."""
    begin("directory", tmp_path)
    backend = open_backend("directory", tmp_path)
    for key in ("one", "two", "three"):
        append(backend, 0, key)
    return tmp_path / "study.d"


def opened(folder: Path, calls: Calls | None = None) -> DirectoryBackend:
    backend: DirectoryBackend = open_backend("directory", folder.parent, calls)
    return backend


def test_a_log_is_a_file_a_record(folder: Path) -> None:
    assert sorted(folder.glob("*.rec")) == [folder / f"{n:012d}.rec" for n in range(5)]
    assert (folder / f"{0:012d}.rec").read_text() == "steep log 1\n"


def test_who_comes_second_takes_the_next_number(folder: Path) -> None:
    def late(number: int, name: str, real: object, arguments: object) -> object:
        if name == "link" and calls.count("link") <= 2:
            append(opened(folder), 0, f"quicker {number}")
        return real()  # type: ignore[operator]

    calls = Calls(late)
    backend = opened(folder, calls)
    assert append(backend, 0, "late") == 7
    assert [key[:5] for key in keys(backend)] == ["one", "two", "three", "quick", "quick", "late"]
    assert calls.count("pwrite") == 1


def test_many_records_are_read_from_packs_and_bad_packs_are_not_used(folder: Path) -> None:
    notes = ["one", "two", "three", "four", "five", "six"]
    for key in notes[3:]:
        append(opened(folder), 0, key)
    packs = [folder / f"{n:012d}.pack" for n in (0, 3)]
    assert sorted(folder.glob("*.pack")) == packs
    calls = Calls()
    assert keys(opened(folder, calls)) == notes
    assert calls.count("open") == 2 + 2  # six records in packs, and two
    whole = packs[1].read_bytes()
    for bad in (whole.replace(b'"four"', b'"fuor"'), whole[:-3], b"", whole + whole):
        packs[1].write_bytes(bad)
        assert keys(opened(folder)) == notes
    packs[1].unlink()
    assert keys(opened(folder)) == notes
    assert packs[1].read_bytes() == whole


def test_a_pack_that_cannot_be_written_does_no_harm(folder: Path) -> None:
    def read_only(number: int, name: str, real: object, arguments: tuple[int, ...]) -> object:
        if name == "open" and arguments[1] & os.O_CREAT:
            raise PermissionError(13, "Permission denied")
        return real()  # type: ignore[operator]

    for pack in folder.glob("*.pack"):
        pack.unlink()
    assert keys(opened(folder, Calls(read_only))) == ["one", "two", "three"]
    assert not [path for path in folder.iterdir() if path.suffix != ".rec"]


def test_a_gap_is_refused_and_not_written_into(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("steep.storages.journal.directory._PATIENCE", 0)
    (folder / f"{2:012d}.rec").unlink()
    backend = opened(folder)
    assert keys(backend) == keys(backend) == ["one", "two", "three"]  # the pack has it too
    (folder / f"{0:012d}.pack").unlink()
    for act in (lambda: keys(opened(folder)), lambda: append(opened(folder), 0, "four")):
        with pytest.raises(StorageInternalError, match=r"0002.rec' is missing.*up to number 4"):
            act()
    assert not (folder / f"{2:012d}.rec").exists()


def test_a_damaged_record_is_refused(folder: Path) -> None:
    path = folder / f"{3:012d}.rec"
    whole = path.read_bytes()
    for damaged in (b"", whole[:-1], whole[:-9], whole.replace(b"two", b"owt")):
        path.write_bytes(damaged)
        for act in (lambda: keys(opened(folder)), lambda: append(opened(folder), 0, "four")):
            with pytest.raises(StorageInternalError, match=r"0003.rec' is damaged"):
                act()


def test_what_is_no_log_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "study.d"
    folder.mkdir()
    (folder / f"{0:012d}.rec").write_text("steep log 2\n")
    with pytest.raises(StorageInternalError, match="Install a newer steep"):
        opened(folder).studies()
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageInternalError, match=r"use FileBackend\(path\)"):
        DirectoryBackend(tmp_path / "file").create(CreateStudy("tea", [1]), Writer())


def test_a_name_that_a_client_does_not_see_yet_is_waited_for(folder: Path) -> None:
    """A client of NFS may have in its cache that the file is missing."""
    hidden = str(folder / f"{5:012d}.rec")

    def cached(number: int, name: str, real: object, arguments: object) -> object:
        if name == "exists" and arguments == (hidden,) and calls.count("listdir") < 4:
            return False
        return real()  # type: ignore[operator]

    append(opened(folder), 0, "four")
    calls = Calls(cached)
    backend = opened(folder, calls)
    assert append(backend, 0, "five") == 6
    assert keys(backend)[-2:] == ["four", "five"]


def test_a_file_system_without_hard_links_is_explained(folder: Path) -> None:
    def no_links(number: int, name: str, real: object, arguments: object) -> object:
        if name == "link":
            raise PermissionError(1, "Operation not permitted")
        return real()  # type: ignore[operator]

    with pytest.raises(StorageInternalError, match="must know hard links"):
        append(opened(folder, Calls(no_links)), 0, "four")
    assert not list(folder.glob("*.tmp"))


def test_temporary_files_of_dead_processes_are_removed(folder: Path) -> None:
    script = "from steep.storages.journal.owners import me; print(me())"
    (gone,) = finish(start(script))
    for owner in (gone, me(), "another host-1"):
        (folder / f"{owner}-1f-1.tmp").write_text("")
    append(opened(folder), 0, "four")
    assert {path.name for path in folder.glob("*.tmp")} == {
        f"{me()}-1f-1.tmp",
        "another host-1-1f-1.tmp",
    }
