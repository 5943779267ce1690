"""What the tests of runs share: a registry that is opened again, as by the next server."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.runs.registry import Registry
from server.settings import Settings
from server.storage.home import Home


@pytest.fixture
def open_runs(tmp_path: Path) -> Iterator[Callable[[], Registry]]:
    """Open the runs of the folder, as a server that starts does; the server before it has ended."""
    opened: list[tuple[Home, Registry]] = []

    def close() -> None:
        for home, registry in opened:
            registry.close(5)
            home.release()
        opened.clear()

    def start() -> Registry:
        close()
        home = Home(tmp_path)
        opened.append((home, Registry(Settings(workers=0), home, lambda listener: listener())))
        return opened[-1][1]

    start.close = close  # type: ignore[attr-defined]
    yield start
    close()
