from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest
from artifacts.stores import names_in, read

from steep.artifacts import FileSystemArtifactStore
from steep.artifacts.exceptions import ArtifactNotFound

OUTSIDE = [
    "../x",
    "..",
    ".",
    "",
    "a/b",
    "a/../../b",
    "/etc/passwd",
    "a\\b",
    "C:evil",
    ".hidden",
    "a\n",
    "a\0",
    "ä",
    "x" * 256,
    None,
    b"x",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "store"
    made.mkdir()
    return made


@pytest.fixture
def store(folder: Path) -> FileSystemArtifactStore:
    return FileSystemArtifactStore(str(folder))


def test_what_was_written_is_read(store: FileSystemArtifactStore, folder: Path) -> None:
    store.write("tea", io.BytesIO(b"green"))
    store.write("tea", io.BytesIO(b"black"))
    assert read(store, "tea") == b"black"
    assert names_in(folder) == ["tea"]


def test_what_was_removed_is_gone(store: FileSystemArtifactStore) -> None:
    store.write("tea", io.BytesIO(b"green"))
    store.remove("tea")
    with pytest.raises(ArtifactNotFound, match="no artifact 'tea' in"):
        store.open_reader("tea")
    with pytest.raises(ArtifactNotFound, match="no artifact 'tea' in"):
        store.remove("tea")


@pytest.mark.parametrize("artifact_id", OUTSIDE)
def test_an_id_is_one_plain_name(
    store: FileSystemArtifactStore, tmp_path: Path, artifact_id: str
) -> None:
    (tmp_path / "x").write_text("a secret")
    with pytest.raises(ValueError, match="Invalid artifact_id"):
        store.open_reader(artifact_id)
    with pytest.raises(ValueError, match="Invalid artifact_id"):
        store.write(artifact_id, io.BytesIO(b"evil"))
    with pytest.raises(ValueError, match="Invalid artifact_id"):
        store.remove(artifact_id)
    assert (tmp_path / "x").read_text() == "a secret"
    assert names_in(tmp_path) == ["store", "x"]


@pytest.mark.parametrize("target", ["../secret", "inside", "../missing"])
def test_links_are_not_followed(
    store: FileSystemArtifactStore, folder: Path, tmp_path: Path, target: str
) -> None:
    (tmp_path / "secret").write_text("a secret")
    (folder / "inside").write_text("fine")
    (folder / "link").symlink_to(target)
    with pytest.raises(ValueError, match="Invalid artifact_id: 'link' is a link"):
        store.open_reader("link")
    with pytest.raises(ValueError, match="Invalid artifact_id: 'link' is a link"):
        store.write("link", io.BytesIO(b"evil"))
    assert (tmp_path / "secret").read_text() == "a secret"
    assert not (tmp_path / "missing").exists()


def test_a_link_that_appears_after_the_look_is_not_followed(
    store: FileSystemArtifactStore,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "secret").write_text("a secret")
    (folder / "link").symlink_to("../secret")
    monkeypatch.setattr(Path, "is_symlink", lambda self: False)
    with pytest.raises(OSError, match="symbolic link"):
        store.open_reader("link")
    store.write("link", io.BytesIO(b"new"))  # the link itself gives way
    assert (tmp_path / "secret").read_text() == "a secret"
    assert read(store, "link") == b"new"


class Broken(io.BytesIO):
    """A file that breaks off."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise OSError("the disk is gone")


def test_a_write_that_fails_leaves_what_was_there(
    store: FileSystemArtifactStore, folder: Path
) -> None:
    store.write("tea", io.BytesIO(b"green"))
    with pytest.raises(OSError, match="the disk is gone"):
        store.write("tea", Broken())
    assert read(store, "tea") == b"green"
    assert names_in(folder) == ["tea"]


def test_an_artifact_is_on_the_disk_before_it_has_its_name(
    store: FileSystemArtifactStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    fsync = os.fsync

    def noting(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        seen.append(("folder" if is_folder else "file", (folder / "tea").exists()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    store.write("tea", io.BytesIO(b"green"))
    assert seen == [("file", False), ("folder", True)]


def test_others_may_read_as_the_umask_says(store: FileSystemArtifactStore, folder: Path) -> None:
    before = os.umask(0o027)
    try:
        store.write("tea", io.BytesIO(b"green"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "tea").stat().st_mode) == 0o640


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    store = FileSystemArtifactStore(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        store.write("tea", io.BytesIO(b"green"))
