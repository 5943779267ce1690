"""Where runs are kept. For now in memory; whatever takes over keeps this interface."""

from typing import Protocol

from server.messages import Row


class MetricsLog(Protocol):
    """The rows of one run: they are only ever added to."""

    def append(self, row: Row) -> None:
        """Add a row."""

    def rows(self, since: int, most: int) -> list[Row]:
        """Give at most so many rows from number `since` on."""

    def __len__(self) -> int: ...


class MemoryLog:
    """Rows in a list. One thread appends while others read."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def append(self, row: Row) -> None:
        """Add a row."""
        self._rows.append(row)

    def rows(self, since: int, most: int) -> list[Row]:
        """Give at most so many rows from number `since` on."""
        return self._rows[since : since + most]

    def __len__(self) -> int:
        return len(self._rows)


class Store(Protocol):
    """Keeps what must not be lost of a run."""

    def open_log(self, run: str) -> MetricsLog:
        """Begin the metrics log of a new run."""

    def forget(self, run: str) -> None:
        """Drop everything about a run."""


class MemoryStore:
    """Keeps the logs as long as the server lives."""

    def __init__(self) -> None:
        self._logs: dict[str, MemoryLog] = {}

    def open_log(self, run: str) -> MetricsLog:
        """Begin the metrics log of a new run."""
        return self._logs.setdefault(run, MemoryLog())

    def forget(self, run: str) -> None:
        """Drop everything about a run."""
        self._logs.pop(run, None)
