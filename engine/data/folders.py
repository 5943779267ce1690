"""Where data lie on this machine."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataFolders:
    """The folder of the datasets that a person brought, None where there is none, and the folders to look for MNIST in."""

    datasets: Path | None = None
    mnist: tuple[Path, ...] = ()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "DataFolders":
        """Take the folder `data` of NN_BASICS_HOME, and the folder `mnist` of NN_BASICS_DATA."""
        home, data = environment.get("NN_BASICS_HOME"), environment.get("NN_BASICS_DATA")
        return cls(
            Path(home).expanduser() / "data" if home else None,
            (Path(data).expanduser() / "mnist",) if data else (),
        )
