"""S3, with boto3 itself before a server that moto plays."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from artifacts.stores import read

import steep
from steep.artifacts import Backoff, Boto3ArtifactStore
from steep.artifacts.exceptions import ArtifactNotFound

pytest.importorskip("boto3")
moto = pytest.importorskip("moto")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    import boto3

    with moto.mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        made = boto3.client("s3")
        made.create_bucket(Bucket="models")
        yield made


def test_what_was_written_is_read(client: Any) -> None:
    store = Boto3ArtifactStore("models")  # makes its own client
    store.write("tea", io.BytesIO(b"green"))
    store.write("tea", io.BytesIO(b"black"))
    assert read(Boto3ArtifactStore("models", client), "tea") == b"black"
    store.remove("tea")
    store.remove("tea")
    with pytest.raises(ArtifactNotFound, match="no artifact 'tea' in the bucket 'models'"):
        store.open_reader("tea")


def test_a_large_file_goes_in_parts(client: Any) -> None:
    content = bytes(range(256)) * 40_000  # above the 8 MB from which boto3 takes parts
    store = Boto3ArtifactStore("models", client)
    store.write("large", io.BytesIO(content))
    assert read(store, "large") == content


@pytest.mark.parametrize("avoid_buf_copy", [False, True])
def test_an_artifact_begins_where_its_file_stands(client: Any, avoid_buf_copy: bool) -> None:
    store = Boto3ArtifactStore("models", client, avoid_buf_copy=avoid_buf_copy)
    body = io.BytesIO(b"skipped green")
    body.seek(8)
    store.write("tea", body)
    assert read(store, "tea") == b"green"
    assert body.closed is avoid_buf_copy  # what boto3 gets it closes


def test_a_bucket_that_is_missing_is_told(client: Any) -> None:
    with pytest.raises(ArtifactNotFound, match="'nowhere'.*bucket does not exist"):
        Boto3ArtifactStore("nowhere", client).open_reader("tea")
    with pytest.raises(Exception, match="NoSuchBucket"):
        Boto3ArtifactStore("nowhere", client).write("tea", io.BytesIO(b"green"))


def test_ids_are_plain_names_here_too(client: Any) -> None:
    store = Boto3ArtifactStore("models", client)
    for call in (store.open_reader, store.remove, lambda key: store.write(key, io.BytesIO())):
        with pytest.raises(ValueError, match="Invalid artifact_id"):
            call("../x")


def test_trials_upload_through_backoff(client: Any, tmp_path: Any) -> None:
    store = Backoff(Boto3ArtifactStore("models", client))
    study, path = steep.create_study(), tmp_path / "model.bin"
    path.write_bytes(b"weights")
    artifact_id = steep.artifacts.upload_artifact(
        artifact_store=store, file_path=path, study_or_trial=study.ask()
    )
    assert read(store, artifact_id) == b"weights"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ImportError, match=r"pip install 'steep\[s3\]'"):
        Boto3ArtifactStore("models")
