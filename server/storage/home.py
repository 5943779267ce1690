"""The folder where runs are kept, and the lock that keeps a second server out of it."""

import errno
import hashlib
import os
import sqlite3
import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from server.storage.folders import NAME, data_folders

if TYPE_CHECKING:
    from engine.data.folders import DataFolders

CLAIM, ADDRESS = "server.lock", "address"


def full(folder: Path) -> str:
    """Say that there is no room in a folder, and what to do."""
    return f"the disk with {folder} is full; make room and start again, what is kept there is as it was"


class HomeError(OSError):
    """The folder cannot be used; the message says why, and what to do."""


class Home:
    """The folder, claimed for this server until `release`, or until the process ends, however it ends."""

    def __init__(self, folder: Path, data_dir: Path | None = None) -> None:
        """Make the folder where there is none, and claim it. `data_dir` is another folder, whose mnist/ holds the full MNIST.

        Raises HomeError where it cannot be written to, or where another server has it; the message gives its address.
        """
        self.folder, self._data_dir = folder, data_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # a transaction that never ends: the lock is the operating system's, on every platform, and dies with us
            self._claim = sqlite3.connect(folder / CLAIM, timeout=0, isolation_level=None, check_same_thread=False)
            self._claim.execute("BEGIN EXCLUSIVE")
            (folder / ADDRESS).write_text("")
            self._mark = (folder / CLAIM).stat()
        except sqlite3.OperationalError as error:
            raise HomeError(self._why(error)) from error
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise HomeError(full(folder)) from error
            raise HomeError(f"{folder} cannot be used ({error.strerror}); choose another folder with NN_BASICS_HOME") from error

        self._name_claim = self._claim_name()

    @cached_property
    def data(self) -> "DataFolders":
        """Say where data lie for the runs of this home."""
        return data_folders(self.folder, self._data_dir)

    def _claim_name(self) -> sqlite3.Connection | None:
        """Claim the folder's name too: where the folder vanishes under a server, no second one takes its place.

        Where this cannot be done, the claim in the folder must do.
        """
        name = hashlib.sha256(str(self.folder.resolve()).encode()).hexdigest()[:16]
        try:
            place = Path(tempfile.gettempdir()) / f"{NAME}-{os.getuid() if hasattr(os, 'getuid') else 'locks'}"
            place.mkdir(mode=0o700, exist_ok=True)
            claim = sqlite3.connect(place / f"{name}.lock", timeout=0, isolation_level=None, check_same_thread=False)
            claim.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                return None
            self._claim.close()
            raise HomeError(
                f"another server had {self.folder}, which was taken away while it ran; end that server first, "
                "or choose another folder with NN_BASICS_HOME"
            ) from error
        except OSError:
            return None
        return claim

    def is_here(self) -> bool:
        """Tell whether the folder is still the one that was claimed."""
        try:
            return os.path.samestat(self._mark, (self.folder / CLAIM).stat())
        except OSError:
            return False

    def _why(self, error: sqlite3.OperationalError) -> str:
        if "full" in str(error):
            return full(self.folder)
        if "locked" not in str(error):
            return f"{self.folder} cannot be written to ({error}); choose another folder with NN_BASICS_HOME"
        address = self.folder / ADDRESS
        where = address.read_text().strip() if address.exists() else ""
        return (
            f"another server has {self.folder}: {'open ' + where if where else 'it is just starting'}, "
            "or choose another folder with NN_BASICS_HOME"
        )

    def say(self, address: str) -> None:
        """Write down where this server is, for a second one that comes to this folder. Raises HomeError on a full disk."""
        try:
            (self.folder / ADDRESS).write_text(address)
        except OSError as error:
            raise HomeError(full(self.folder) if error.errno == errno.ENOSPC else str(error)) from error

    def release(self) -> None:
        """Let another server have the folder."""
        self._claim.close()
        if self._name_claim is not None:
            self._name_claim.close()
