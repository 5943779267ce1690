"""The rows of one run: the newest at hand, all of them on the disk."""

from collections import deque
from collections.abc import Callable, Iterator

from server.messages import Row
from server.storage.database import Database

AT_HAND = 2000


class MetricsLog:
    """Rows are numbered as they come. They can be read as soon as they are on the disk, so what was shown is kept.

    A long log is thinned on the disk (server/storage/database.py); then numbers are missing among the old ones.
    """

    def __init__(self, store: Database, run: str, news: Callable[[], None]) -> None:
        self._store, self._run, self._news = store, run, news
        self._newest: deque[tuple[int, Row]] = deque(maxlen=AT_HAND)
        found = store.last_row(run)
        self.next = found[0] + 1 if found else 0
        self.last: Row | None = found[1] if found else None
        self.stored = self.next

    def append(self, row: Row) -> None:
        """Add a row, and want to hear when it is written: a run that is only looked at hears nothing."""
        self._store.listen(self._run, self._written)
        self._newest.append((self.next, row))
        self._store.add(self._run, self.next, row)
        self.next += 1
        self.last = row

    def rest(self) -> None:
        """Hear no more of what is written, until there is a new row: the store would keep the log, and its run, in memory."""
        self._store.listen(self._run, None)

    def _written(self, number: int) -> None:
        """Hear from the store's thread how far the log is on the disk."""
        self.stored = number
        self._news()

    def is_at_hand(self, since: int) -> bool:
        """Tell whether the rows from this number on can be had without the disk."""
        newest = self._newest
        return since >= self.stored or bool(newest and since >= newest[0][0])

    def rows(self, since: int, most: int) -> tuple[list[Row], int]:
        """Give at most so many rows from number `since` on, and the number to go on with."""
        stored = self.stored
        if since >= stored:
            return [], since
        found = (
            [pair for pair in tuple(self._newest) if since <= pair[0] < stored][:most]
            if self.is_at_hand(since)
            else [pair for pair in self._store.rows(self._run, since, most) if pair[0] < stored]
        )
        return [row for _, row in found], found[-1][0] + 1 if found else stored

    def __iter__(self) -> Iterator[Row]:
        """Go through all rows that are on the disk."""
        since = 0
        while since < self.stored:
            rows, since = self.rows(since, AT_HAND)
            yield from rows

    def cut_after(self, step: int) -> None:
        """Drop the rows of later steps, because the run goes on differently from here."""
        if self.last is None or self.last[0] <= step:
            return
        self._store.cut(self._run, step).result()
        self._newest = deque(maxlen=AT_HAND)  # another one, for whoever reads the old one in another thread
        found = self._store.last_row(self._run)
        self.next, self.last = (found[0] + 1, found[1]) if found else (0, None)
        self.stored = self.next
