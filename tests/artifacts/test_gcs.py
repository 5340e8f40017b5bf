from __future__ import annotations

import io
import sys

import pytest
from artifacts.stores import GoogleClient, read

from steep.artifacts import GCSArtifactStore
from steep.artifacts.exceptions import ArtifactNotFound


def test_what_was_written_is_read() -> None:
    store = GCSArtifactStore("models", GoogleClient())
    store.write("tea", io.BytesIO(b"green"))
    assert read(store, "tea") == b"green"
    store.remove("tea")
    for call in (store.open_reader, store.remove):
        with pytest.raises(ArtifactNotFound, match="no artifact 'tea' in the bucket 'models'"):
            call("tea")


def test_other_errors_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    client = GoogleClient()
    store = GCSArtifactStore("models", client)

    def refuse(name: str) -> None:
        raise PermissionError(name)

    monkeypatch.setattr(client.only, "delete_blob", refuse)
    with pytest.raises(PermissionError):
        store.remove("tea")


def test_ids_are_plain_names_here_too() -> None:
    store = GCSArtifactStore("models", GoogleClient())
    for call in (store.open_reader, store.remove, lambda key: store.write(key, io.BytesIO())):
        with pytest.raises(ValueError, match="Invalid artifact_id"):
            call("../x")


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.cloud", None)
    with pytest.raises(ImportError, match=r"pip install 'steep\[gcs\]'"):
        GCSArtifactStore("models")
