from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import image_data
from image_data import DataError, download, load_folder, load_images, read_idx


def idx(array: np.ndarray) -> bytes:
    """Return an array of bytes in the IDX format."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(np.uint8).tobytes()


IMAGES = np.arange(3 * 4 * 2).reshape(3, 4, 2)
LABELS = np.array([9, 0, 4])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for part in ("train", "t10k"):
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(IMAGES))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(LABELS)))
    return tmp_path


def test_plain_and_gzipped_files_are_read(folder: Path) -> None:
    train, valid = load_folder(folder)
    np.testing.assert_array_equal(train.images, IMAGES.reshape(3, 8))
    np.testing.assert_array_equal(valid.labels, LABELS)
    assert train.images.dtype == train.labels.dtype == np.uint8


def test_one_line_says_which_data_are_used(folder: Path) -> None:
    said: list[str] = []
    load_images(folder, said.append)
    assert said == [f"Fashion-MNIST from {folder}: 3 images to train on."]


def test_a_missing_folder_is_named_and_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere is no folder: .*--data DIR"):
        load_images(tmp_path / "nowhere")


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "t10k-images-idx3-ubyte").unlink()
    with pytest.raises(DataError, match="neither t10k-images-idx3-ubyte nor"):
        load_folder(folder)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "starts with nothing"),
        (b"<html>404</html>", "starts with 3c 68 74 6d, not 00 00 08 03"),
        (idx(LABELS), "starts with 00 00 08 01, not 00 00 08 03"),
        (idx(IMAGES)[:10], "no IDX file"),
        (idx(IMAGES)[:-1], "has 23 bytes of data, but declares 24"),
        (idx(IMAGES) + b"\0", "has 25 bytes of data, but declares 24"),
        (bytes([0, 0, 8, 3]) + b"\xff" * 12, f"but declares {(2**32 - 1) ** 3}"),
        (gzip.compress(idx(IMAGES), mtime=0)[:-9], "damaged: Compressed file ended"),
        (gzip.compress(idx(IMAGES), mtime=0)[:-8] + b"12345678", "damaged: CRC check failed"),
        (b"\x1f\x8b\x00", "damaged"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message) as error:
        read_idx(path, dimensions=3)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([1, 2], "3 train images, but 2 labels"),
        ([1, 2, 10], "labels are not classes from 0 to 9"),
    ],
)
def test_labels_that_do_not_fit_the_images_are_refused(
    folder: Path, labels: list[int], message: str
) -> None:
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(idx(np.array(labels)))
    with pytest.raises(DataError, match=message):
        load_folder(folder)


class Server(http.server.SimpleHTTPRequestHandler):
    """Serve a folder, and keep the paths that were asked for."""

    asked: list[str]

    def __init__(self, *args: object, asked: list[str], **kwargs: object) -> None:
        self.asked = asked
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """Serve the four files on this machine, their hashes being those expected."""
    site = tmp_path / "site"
    site.mkdir()
    hashes = {}
    for name in image_data.MD5:
        data = gzip.compress(idx(IMAGES if "images" in name else LABELS))
        (site / f"{name}.gz").write_bytes(data)
        hashes[name] = hashlib.md5(data, usedforsecurity=False).hexdigest()
    monkeypatch.setattr(image_data, "MD5", hashes)
    asked: list[str] = []
    handler = functools.partial(Server, directory=str(site), asked=asked)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", asked
        server.shutdown()
        thread.join()


def test_files_are_downloaded_once(tmp_path: Path, served: tuple[str, list[str]]) -> None:
    url, asked = served
    cache = tmp_path / "deep" / "cache"
    assert download(cache, url) == cache
    assert download(cache, url) == cache
    assert len(asked) == 4
    np.testing.assert_array_equal(load_folder(cache)[0].labels, LABELS)


def test_a_damaged_file_in_the_cache_is_downloaded_again(
    tmp_path: Path, served: tuple[str, list[str]]
) -> None:
    url, asked = served
    download(tmp_path / "cache", url)
    (tmp_path / "cache" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"half")
    download(tmp_path / "cache", url)
    assert asked[4:] == ["/t10k-labels-idx1-ubyte.gz"]
    load_folder(tmp_path / "cache")


def test_other_bytes_than_published_are_refused_and_not_kept(
    tmp_path: Path, served: tuple[str, list[str]]
) -> None:
    (tmp_path / "site" / "train-images-idx3-ubyte.gz").write_bytes(b"a page of a proxy")
    with pytest.raises(DataError, match="gave 17 bytes with MD5 .* was published"):
        download(tmp_path / "cache", served[0])
    assert list((tmp_path / "cache").iterdir()) == []


def no_network(*_: object) -> Path:
    raise OSError("Network is unreachable")


def test_without_a_network_one_line_says_that_digits_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_data, "DEBIAN", tmp_path / "not installed")
    monkeypatch.setattr(image_data, "download", no_network)
    said: list[str] = []
    train, valid = load_images(None, said.append)
    (line,) = said
    assert line.startswith("Fashion-MNIST cannot be downloaded (Network is unreachable)")
    assert line.endswith("using scikit-learn's digits.")
    assert train.images.shape == (1437, 64)
    assert valid.images.shape == (360, 64)
    assert train.images.max() == 255
    assert set(valid.labels) == set(range(10))


def test_the_files_of_debian_are_preferred_to_the_network(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_data, "DEBIAN", folder)
    monkeypatch.setattr(image_data, "download", no_network)
    assert len(load_images(None, lambda _: None)[0].images) == 3


def test_the_cache_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/somewhere")
    assert image_data.cache_folder() == Path("/var/somewhere/steep/fashion-mnist")
