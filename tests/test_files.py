"""Files that are replaced as a whole."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from steep.files import replacing


def test_a_file_appears_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["notes"]  # noqa: PTH208


def test_after_an_error_all_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["notes"]  # noqa: PTH208


def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "notes", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o600)
    link.symlink_to(path)
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_that_is_not_followed_gives_way_itself(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "folder").mkdir()
    path, link = tmp_path / "outside" / "secret", tmp_path / "folder" / "link"
    path.write_bytes(b"old")
    path.chmod(0o600)
    link.symlink_to(path)
    with replacing(link, follow_link=False) as file:
        file.write(b"new")
        assert os.listdir(tmp_path / "outside") == ["secret"]  # noqa: PTH208
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"
    assert path.read_bytes() == b"old"
    assert stat.S_IMODE(link.stat().st_mode) != 0o600


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    with replacing(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_a_folder_that_cannot_be_synced_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = os.fsync

    def refuse_folders(fd: int) -> None:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise OSError(errno.EINVAL, "no")
        sync(fd)

    monkeypatch.setattr(os, "fsync", refuse_folders)
    with replacing(tmp_path / "notes") as file:
        file.write(b"new")
    assert (tmp_path / "notes").read_bytes() == b"new"


def test_contents_reach_the_disk_before_the_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, replace = os.fsync, Path.replace

    def note_sync(fd: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(fd).st_mode) else "file")
        sync(fd)

    def note_replace(draft: Path, target: Path) -> Path:
        done.append("name")
        return replace(draft, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    with replacing(tmp_path / "notes") as file:
        file.write(b"new")
    assert done == ["file", "name", "folder"]
