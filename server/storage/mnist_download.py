"""The one thing that is fetched from the internet, and only when a person asks for it: the full MNIST."""

import threading
from typing import Any

from engine.data import mnist


class MNISTDownload:
    """A download in a thread of its own, and how far it is."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state, self._done, self._error = "idle", 0, ""

    def describe(self) -> dict[str, Any]:
        """Say whether the full MNIST is here, and how far a download is."""
        available = mnist.find() is not None
        return {
            "available": available,
            "state": self._state,
            "done": self._done,
            "total": mnist.DOWNLOAD_BYTES,
            "error": self._error or None,
        }

    def start(self) -> None:
        """Begin to fetch, unless that is under way or done already."""
        with self._lock:
            if self._state == "downloading" or mnist.find():
                return
            self._state, self._done, self._error = "downloading", 0, ""
        threading.Thread(target=self._fetch, name="MNIST download", daemon=True).start()

    def _fetch(self) -> None:
        try:
            mnist.download(progress=self._progress)
            self._state = "done"
        except OSError as error:
            self._error, self._state = str(error), "failed"

    def _progress(self, done: int, total: int) -> None:
        self._done = done
