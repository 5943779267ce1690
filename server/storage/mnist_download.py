"""The one thing that is fetched from the internet, and only when a person asks for it: the full MNIST."""

import gzip
import hashlib
import os
import threading
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from engine.data import mnist
from server.storage.folders import mnist_cache

SHA256 = dict(
    zip(
        mnist.FILES,
        (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
        strict=True,
    )
)
"""Of the decompressed bytes of each file."""

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
DOWNLOAD_BYTES = 11_594_722
LARGEST_FILE = 47_040_016


class DownloadError(OSError):
    """The full MNIST could not be fetched; the message says why, and what to do."""


class MNISTDownload:
    """A download in a thread of its own, and how far it is."""

    def __init__(self, folders: Sequence[Path]) -> None:
        """Say where to look for it; it is kept in the cache."""
        self._folders = folders
        self._lock = threading.Lock()
        self._state, self._done, self._error = "idle", 0, ""

    def describe(self) -> dict[str, Any]:
        """Say whether the full MNIST is here, and how far a download is."""
        available = mnist.find(self._folders) is not None
        return {
            "available": available,
            "state": self._state,
            "done": self._done,
            "total": DOWNLOAD_BYTES,
            "error": self._error or None,
        }

    def start(self) -> None:
        """Begin to fetch, unless that is under way or done already."""
        with self._lock:
            if self._state == "downloading" or mnist.find(self._folders):
                return
            self._state, self._done, self._error = "downloading", 0, ""
        threading.Thread(target=self._fetch, name="MNIST download", daemon=True).start()

    def _fetch(self) -> None:
        try:
            download(mnist_cache(), self._progress)
            self._state = "done"
        except OSError as error:
            self._error, self._state = str(error), "failed"

    def _progress(self, done: int, total: int) -> None:
        self._done = done


def download(
    folder: Path,
    progress: Callable[[int, int], None] = lambda done, total: None,
    mirrors: tuple[str, ...] = MIRRORS,
) -> Path:
    """Fetch the four files from the first mirror that gives them whole, and keep them in the folder; give the folder.

    `progress(bytes done, bytes in all)` is called as they arrive. Each file is written beside its place, checked
    against its SHA-256, and only then moved there, so that a broken download leaves nothing half done, and the next
    try fetches only what is missing.  Raises DownloadError, saying what to do.
    """
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for name, sha256 in SHA256.items():
        target = folder / f"{name}.gz"
        if not target.exists():
            _fetch(name, sha256, target, mirrors, partial(_report, progress, done))
        done += target.stat().st_size
        progress(min(done, DOWNLOAD_BYTES), DOWNLOAD_BYTES)
    return folder


def _report(progress: Callable[[int, int], None], before: int, arrived: int) -> None:
    progress(min(before + arrived, DOWNLOAD_BYTES), DOWNLOAD_BYTES)


def _fetch(name: str, sha256: str, target: Path, mirrors: tuple[str, ...], progress: Callable[[int], None]) -> None:
    reasons = []
    part = target.with_suffix(f".{os.getpid()}.part")
    for mirror in mirrors:
        try:
            with urlopen(f"{mirror}{name}.gz", timeout=20) as reply, part.open("wb") as file:
                while block := reply.read(1 << 16):
                    file.write(block)
                    progress(file.tell())
                    if file.tell() > LARGEST_FILE:
                        raise DownloadError("the file is far too long")
            if _sha256(part) != sha256:
                raise DownloadError("what came is not the file that was asked for")
            part.replace(target)
            return
        except (OSError, EOFError, zlib.error, HTTPException) as error:
            reasons.append(f"{mirror.split('/')[2]}: {_reason(error)}")
        finally:
            part.unlink(missing_ok=True)
    raise DownloadError(
        f"could not get {name} ({'; '.join(reasons)}). Is this machine connected to the internet? "
        "What had already arrived is kept; try again, or go on with the bundled digits."
    )


def _sha256(path: Path) -> str:
    """Hash the decompressed bytes, a block at a time, and no more of them than the largest file has."""
    digest, size = hashlib.sha256(), 0
    with gzip.open(path) as file:
        while (block := file.read(1 << 20)) and size <= LARGEST_FILE:
            digest.update(block)
            size += len(block)
    return digest.hexdigest()


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"answered {error.code}"
    if isinstance(error, URLError):
        return f"no connection ({error.reason})"
    return str(error) or type(error).__name__
