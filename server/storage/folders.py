"""Where this program keeps things: among the platform's user data and caches, unless the environment says otherwise."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path, user_data_path

if TYPE_CHECKING:
    from engine.data.folders import DataFolders

NAME = "nn-basics"
OLD_CACHE = "neural-network-basics"
"""The cache of version 0.3.0; a MNIST that it downloaded is still found."""


def default_home(environment: Mapping[str, str] = os.environ) -> Path:
    """Give the folder of runs and datasets: NN_BASICS_HOME, or this program's own among the user's data."""
    named = environment.get("NN_BASICS_HOME")
    return Path(named).expanduser() if named else user_data_path(NAME, appauthor=False)


def mnist_cache() -> Path:
    """Give the folder where a downloaded MNIST is kept."""
    return user_cache_path(NAME, appauthor=False) / "mnist"


def datasets_folder(home: Path) -> Path:
    """Give the folder of a home where datasets are kept."""
    return home / "data"


def data_folders(home: Path, data_dir: Path | None = None, environment: Mapping[str, str] = os.environ) -> "DataFolders":
    """Say where data lie for whoever keeps runs in this home: datasets there, MNIST in `data_dir`/mnist or else the caches.

    `data_dir` is NN_BASICS_DATA where nobody gives it.
    """
    from engine.data.folders import DataFolders  # a home is claimed before the engine is there

    named = data_dir or environment.get("NN_BASICS_DATA")
    caches = (mnist_cache(), user_cache_path(OLD_CACHE, appauthor=False, opinion=False) / "mnist")
    return DataFolders(datasets_folder(home), (Path(named).expanduser() / "mnist", *caches) if named else caches)
