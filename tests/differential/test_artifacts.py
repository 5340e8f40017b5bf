"""Artifacts: stores, uploads and downloads as in Optuna."""

from __future__ import annotations

import io
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from artifacts.stores import Flaky, GoogleClient

from .harness import attempt, attempt_each, differential


def store_in(lib: Any, folder: Path) -> Any:
    """Return a store in a new folder, one for each library."""
    made = folder / f"{lib.__name__}-store"
    made.mkdir(exist_ok=True)
    return lib.artifacts.FileSystemArtifactStore(made)


def content(store: Any, artifact_id: str) -> bytes:
    """Return the bytes of an artifact."""
    with store.open_reader(artifact_id) as reader:
        found: bytes = reader.read()
    return found


def described(metas: list[Any]) -> list[Any]:
    """Return what describes artifacts, without the part of the id that is random."""
    return [
        (re.sub(r"[0-9a-f]", "h", m.artifact_id), m.filename, m.mimetype, m.encoding) for m in metas
    ]


@differential
def test_stores_keep_replace_and_remove(lib: Any, tmp_path: Path) -> Any:
    store = store_in(lib, tmp_path)
    body = io.BytesIO(b"skipped green")
    body.seek(8)
    store.write("tea", body)
    first = content(store, "tea")
    store.write("tea", io.BytesIO(b""))
    again = content(store, "tea")
    store.remove("tea")
    return first, again, attempt_each(store.open_reader, ["tea"]), attempt(store.remove, "tea")


@differential
@pytest.mark.parametrize("artifact_id", ["../x", "/x", "a/../../x", "x/../.."])
def test_ids_that_lead_out_are_refused(lib: Any, tmp_path: Path, artifact_id: str) -> Any:
    store = store_in(lib, tmp_path)
    return (
        attempt(store.open_reader, artifact_id),
        attempt(store.remove, artifact_id),
        attempt(store.write, artifact_id, io.BytesIO(b"evil")),
    )


@differential
@pytest.mark.parametrize(
    "name", ["a.png", "a.tar.gz", "model", "t.csv", "archive.json.bz2", "ü b.txt"]
)
@pytest.mark.parametrize("given", [{}, {"mimetype": "a/b"}, {"encoding": "br"}])
def test_uploads_are_described(lib: Any, tmp_path: Path, name: str, given: Any) -> Any:
    path = tmp_path / name
    path.write_bytes(b"weights")
    store, study = store_in(lib, tmp_path), lib.create_study()
    trial = study.ask()
    ids = [
        lib.artifacts.upload_artifact(
            artifact_store=store, file_path=str(path), study_or_trial=owner, **given
        )
        for owner in (trial, study, trial)
    ]
    metas = [lib.artifacts.get_all_artifact_meta(owner) for owner in (trial, study)]
    frozen = study.trials[0]
    metas.append(lib.artifacts.get_all_artifact_meta(frozen, storage=study._storage))
    attrs = [
        re.sub(r"[0-9a-f]{8}[-0-9a-f]{28}", "id", f"{k}={v}")
        for k, v in frozen.system_attrs.items()
    ]
    same = [[m.artifact_id for m in group] for group in metas] == [
        [ids[0], ids[2]],
        [ids[1]],
        [ids[0], ids[2]],
    ]
    return [described(group) for group in metas], attrs, same, content(store, ids[0])


@differential
def test_what_an_upload_refuses(lib: Any, tmp_path: Path) -> Any:
    path = tmp_path / "a.txt"
    path.write_bytes(b"weights")
    store, study = store_in(lib, tmp_path), lib.create_study()
    study.optimize(lambda trial: 1.0, n_trials=1)
    frozen, upload = study.trials[0], lib.artifacts.upload_artifact
    known = {"artifact_store": store, "file_path": str(path)}
    missing = {**known, "file_path": str(path) + "?"}
    return (
        attempt(upload, study_or_trial=frozen, **known),
        attempt(upload, study_or_trial=frozen, storage=study._storage, **known),
        attempt(upload, study_or_trial=study, **missing),
        attempt(lib.artifacts.get_all_artifact_meta, frozen),
        sorted(p.name for p in (tmp_path / f"{lib.__name__}-store").iterdir()),
    )


@differential
def test_positions_of_the_past_are_taken_with_a_warning(lib: Any, tmp_path: Path) -> Any:
    path = tmp_path / "a.txt"
    path.write_bytes(b"weights")
    store, study = store_in(lib, tmp_path), lib.create_study()
    lib.artifacts.upload_artifact(study, str(path), store)
    return described(lib.artifacts.get_all_artifact_meta(study))


@differential
def test_downloads(lib: Any, tmp_path: Path) -> Any:
    store, download = store_in(lib, tmp_path), lib.artifacts.download_artifact
    store.write("tea", io.BytesIO(b"green"))
    target = tmp_path / f"{lib.__name__}.txt"
    call = {"artifact_store": store, "file_path": str(target)}
    return (
        attempt(download, artifact_id="none", **call),
        target.exists(),
        attempt(download, artifact_id="../tea", **call),
        attempt(download, artifact_id="tea", **call),
        target.read_bytes(),
        attempt(download, artifact_id="tea", **call),
    )


@differential
def test_copies_of_studies_keep_artifacts(lib: Any, tmp_path: Path) -> Any:
    path = tmp_path / "a.txt"
    path.write_bytes(b"weights")
    store, study = store_in(lib, tmp_path), lib.create_study(study_name="tea")
    trial = study.ask()
    for owner in (study, trial):
        lib.artifacts.upload_artifact(
            artifact_store=store, file_path=str(path), study_or_trial=owner
        )
    study.tell(trial, 1.0)
    target = lib.storages.InMemoryStorage()
    lib.copy_study(from_study_name="tea", from_storage=study._storage, to_storage=target)
    copied = lib.load_study(study_name="tea", storage=target)
    metas = lib.artifacts.get_all_artifact_meta
    return described(metas(copied) + metas(copied.trials[0], storage=target))


@pytest.mark.skipif(find_spec("google") is None, reason="Optuna asks for it, client or not")
@differential
def test_a_bucket_of_google(lib: Any) -> Any:
    client = GoogleClient()
    store = lib.artifacts.GCSArtifactStore("models", client)
    store.write("tea", io.BytesIO(b"green"))
    found = content(store, "tea")
    store.remove("tea")
    return found, client.only.kept, attempt(store.open_reader, "tea")


@differential
def test_backoff_tries_again(lib: Any) -> Any:
    flaky = Flaky(failures=2)
    store = lib.artifacts.Backoff(flaky, min_delay=1e-4, max_delay=2e-4)
    store.write("tea", io.BytesIO(b"green"))
    calls, flaky.calls = flaky.calls, 0
    read = content(store, "tea")
    lost = Flaky(99)
    few = lib.artifacts.Backoff(lost, max_retries=3, min_delay=1e-4, max_delay=2e-4)
    none = Flaky(99, lib.artifacts.exceptions.ArtifactNotFound("none"))
    return (
        calls,
        flaky.calls,
        read,
        attempt(few.open_reader, "tea"),
        lost.calls,
        attempt(lib.artifacts.Backoff(none).open_reader, "tea"),
        none.calls,
    )
