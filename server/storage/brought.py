"""Files that were brought, kept for a while as they came, so that they can be read in another way without being sent again."""

import secrets
import time
from pathlib import Path

MOST, MOST_BYTES = 4, 256 << 20
"""Files that are kept, and bytes that they may take together."""
SECONDS = 3_600
"""How long they are kept, at the most."""


class GoneFileError(LookupError):
    """A file is not here any more; whoever has it brings it again."""


class Brought:
    """The files of a folder, each under a key that only whoever brought it knows, with the id of what was read of it last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, data: bytes, id: str) -> str:
        """Keep a file of which a dataset was read, the oldest make room; give its key. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._make_room(len(data))
        key = secrets.token_hex(16)
        (self._folder / f"{key}-{id}").write_bytes(data)
        return key

    def read(self, key: str) -> bytes:
        """Give a file. Raises GoneFileError."""
        try:
            return self._place(key).read_bytes()
        except OSError:
            raise GoneFileError("the file is not here any more; bring it again") from None

    def belongs_to(self, key: str, id: str) -> None:
        """Remember that another dataset was read of a file. Raises GoneFileError."""
        place = self._place(key)
        place.rename(place.with_name(f"{key}-{id}"))

    def forget(self, id: str) -> None:
        """Delete the files of which a dataset was read."""
        for path in self._folder.glob(f"*-{id}"):
            path.unlink(missing_ok=True)

    def _place(self, key: str) -> Path:
        for path in self._folder.glob(f"{key}-*") if key.isalnum() else ():
            return path
        raise GoneFileError("the file is not here any more; bring it again")

    def _make_room(self, size: int) -> None:
        kept = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.iterdir())
        total = size + sum(one for _, one, _ in kept)
        for k, (when, one, path) in enumerate(kept):
            if len(kept) - k >= MOST or total > MOST_BYTES or time.time() - when > SECONDS:
                path.unlink(missing_ok=True)
                total -= one
