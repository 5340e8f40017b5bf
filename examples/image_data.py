"""Find Fashion-MNIST, wherever it is: a folder, Debian's package, the cache, or the network.

    train, valid = load_images(None)

Without a network, scikit-learn's digits stand in, and one line says so. Files are in the IDX
format of MNIST (http://yann.lecun.com/exdb/mnist): a magic number, the sizes, then the bytes;
gzipped or not.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import os
import struct
import tempfile
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # apt install dataset-fashion-mnist
URL = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
TIMEOUT = 20.0  # seconds without a byte, after which the network counts as absent

# The four files, with the MD5 of the gzipped ones as their authors publish them.
MD5 = {
    "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
}
N_CLASSES = 10


class DataError(Exception):
    """A file of the data set is missing or damaged; the message says which, and what to do."""


class Labelled(NamedTuple):
    """Images with the class of each.

    Attributes:
        images: (n, pixels) uint8, 0 is black.
        labels: (n,) uint8, classes from 0 to 9.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def load_images(
    folder: Path | None, say: Callable[[str], object] = print
) -> tuple[Labelled, Labelled]:
    """Load the images to train on and the images to validate on.

    Args:
        folder: where the four IDX files are; None looks in Debian's folder, then in the user's
            cache, then on the network.
        say: called with one line that tells which data are used.

    Raises:
        DataError: a file is missing or damaged.
    """
    if folder is None and not DEBIAN.is_dir():
        try:
            folder = download(cache_folder())
        except (OSError, http.client.HTTPException) as error:
            say(f"Fashion-MNIST cannot be downloaded ({error}): using scikit-learn's digits.")
            return load_digits()
    folder = folder or DEBIAN
    train, valid = load_folder(folder)
    say(f"Fashion-MNIST from {folder}: {len(train.images)} images to train on.")
    return train, valid


def load_folder(folder: Path) -> tuple[Labelled, Labelled]:
    """Load the four IDX files of a folder, gzipped or not."""
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: name the one with the IDX files, --data DIR.")
    train, valid = (_load_part(folder, part) for part in ("train", "t10k"))
    return train, valid


def _load_part(folder: Path, part: str) -> Labelled:
    images = read_idx(_find(folder, f"{part}-images-idx3-ubyte"), dimensions=3)
    labels = read_idx(_find(folder, f"{part}-labels-idx1-ubyte"), dimensions=1)
    if len(images) != len(labels):
        raise DataError(f"{folder}: {len(images)} {part} images, but {len(labels)} labels.")
    if labels.size == 0 or labels.max() >= N_CLASSES:
        raise DataError(f"{folder}: the {part} labels are not classes from 0 to {N_CLASSES - 1}.")
    return Labelled(images.reshape(len(images), -1), labels)


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DataError(f"{folder} has neither {name} nor {name}.gz.")


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """Read an array of bytes from an IDX file, gzipped or not.

    Args:
        path: the file.
        dimensions: how many dimensions it must have, 3 for images and 1 for labels.

    Raises:
        DataError: the file is not such an IDX file, or it is cut short.
    """
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (EOFError, OSError, zlib.error) as error:
            raise DataError(f"{path} is damaged: {error}.") from error
    start = 4 + 4 * dimensions
    if data[:4] != bytes([0, 0, 8, dimensions]) or len(data) < start:
        raise DataError(
            f"{path} is no IDX file of bytes in {dimensions} dimensions: it starts with "
            f"{data[:4].hex(' ') or 'nothing'}, not 00 00 08 {dimensions:02x}."
        )
    shape = struct.unpack(f">{dimensions}I", data[4:start])
    expected = int(np.prod(shape, dtype=object))
    if len(data) - start != expected:
        raise DataError(f"{path} has {len(data) - start} bytes of data, but declares {expected}.")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def cache_folder() -> Path:
    """Return where downloaded files are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "steep" / "fashion-mnist"


def download(folder: Path, url: str = URL) -> Path:
    """Download the files that are not yet in the folder, and return the folder.

    Raises:
        OSError: the network is absent.
        DataError: what arrived is not the file that its authors published.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, md5 in MD5.items():
        path = folder / f"{name}.gz"
        if not (path.is_file() and _md5(path.read_bytes()) == md5):
            _fetch(f"{url}{name}.gz", path, md5)
    return folder


def _fetch(url: str, path: Path, md5: str) -> None:
    with urllib.request.urlopen(url, timeout=TIMEOUT) as response:
        data = response.read()
    if _md5(data) != md5:
        raise DataError(
            f"{url} gave {len(data)} bytes with MD5 {_md5(data)}, but {md5} was published: "
            "is there a proxy between? Download the four files by hand and use --data DIR."
        )
    # Write beside the file and rename: a run that is interrupted leaves no half file behind.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def load_digits() -> tuple[Labelled, Labelled]:
    """Load the 1,797 digits of 8 x 8 pixels that ship with scikit-learn: 1,437 to train."""
    from sklearn.datasets import load_digits as load

    digits = load()
    images = (digits.data * (255 / 16)).astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    return Labelled(images[:1437], labels[:1437]), Labelled(images[1437:], labels[1437:])
