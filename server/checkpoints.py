"""The checkpoints of one run: files that are whole or not there."""

import os
import shutil
from pathlib import Path

BETWEEN = 8
"""Old checkpoints that are kept between the first and the newest."""


class Checkpoints:
    """A folder with a checkpoint for some of the run's steps: the first, the newest, and a few between, evenly."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, step: int, data: bytes) -> None:
        """Put a checkpoint on the disk, whole, or raise OSError and leave what is there as it was."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, unfinished = self.path(step), self.folder / "unfinished"
        try:
            with unfinished.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        self._sync()
        self._thin()

    def path(self, step: int) -> Path:
        """Say where the checkpoint of a step is."""
        return self.folder / f"{step:010d}.safetensors"

    def _sync(self) -> None:
        """Make the new name durable as well, where folders can be synced."""
        if os.name == "posix":
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def steps(self) -> list[int]:
        """List the steps that have a checkpoint, in order."""
        return sorted(int(path.stem) for path in self.folder.glob("*.safetensors") if path.stem.isdecimal())

    def _thin(self) -> None:
        """Of the old ones, drop that whose neighbours are closest together, until few enough are left."""
        steps = self.steps()
        while len(steps) > BETWEEN + 2:
            i = min(range(1, len(steps) - 1), key=lambda i: steps[i + 1] - steps[i - 1])
            self.path(steps.pop(i)).unlink(missing_ok=True)

    def newest(self) -> list[bytes]:
        """Give the two newest, the newest first; the second is there in case a disk has spoiled the first."""
        return [self.path(step).read_bytes() for step in reversed(self.steps()[-2:])]

    def remove(self) -> None:
        """Drop them all."""
        shutil.rmtree(self.folder, ignore_errors=True)
