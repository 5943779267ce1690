"""All kept runs as a table of columns: filtered, sorted and handed out a page at a time, without asking any run twice."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from engine import ConfigurationError
from server.runs.groups import Member
from server.runs.listing.columns import (
    BLANK,
    BY_NAME,
    FIRST,
    FOUND,
    GROUP,
    MEMBER,
    Column,
    column_of,
    fields_by_path,
    readable,
    row_of,
)
from server.runs.listing.filter import nearest, parse
from server.runs.listing.resting import Seen
from server.runs.status import ACTIVE
from server.storage.database import StorageError

PER_PAGE, MOST = 1_000, 10_000
"""Rows of one answer where nobody says how many, and at the most."""
TOGETHER = 200
"""Runs that are looked at together."""
MOST_VALUES = 50
"""Values of a column that are offered to choose from."""
SHORT = {"tag": "tags", "finding": FOUND, "findings": FOUND}
"""What a filter means by these names: of several words any, of a finding its title or its cause."""


@dataclass(frozen=True)
class Wanted:
    """Which rows of the table are wanted, in which order, how many from where on, and which columns of them."""

    filter: str = ""
    order: str = ""
    offset: int = 0
    limit: int = PER_PAGE
    columns: tuple[str, ...] = ("id",)
    blank: bool = False
    """Whether runs are wanted too with which nobody has done anything."""
    zone: str = ""
    """The time zone that the filter's days are of; this machine's where none is said."""


class Table:
    """The kept runs as columns. A run that has news is marked, and looked at when somebody asks for the table."""

    def __init__(self, find: Callable[[Sequence[str]], Mapping[str, Seen]]) -> None:
        """Begin without rows; `find` gives runs by their ids, and leaves out those that are deleted."""
        self._find = find
        self._lock = threading.Lock()
        self._columns: dict[str, list[Any]] = {"id": []}
        self._places: dict[str, int] = {}
        self._active: set[str] = set()
        self._marked: set[str] = set()
        self._changed: Counter[str] = Counter()
        """How often each column has changed."""
        self._described: dict[str, tuple[int, dict[str, Any]]] = {}
        """What is said of each column, and how often it had changed then: of 10,000 runs most columns rest while some train."""
        self.listeners: list[Callable[[str], None]] = []
        """Who else hears, in any thread, which run has news."""
        self.revision = int(1000 * time.time())
        """Grows with every change of any run, over restarts of the server too."""

    def mark(self, id: str) -> None:
        """Hear, in any thread, that a run has news, is new or is gone."""
        self._marked.add(id)
        for listener in self.listeners:
            listener(id)

    def refresh(self) -> None:
        """Look at the runs that have news, and at those that train."""
        for id in self._active:
            self._marked.add(id)
        while self._take_in():
            continue

    def fill(self) -> bool:
        """Look at a few of the runs that have news, so that it is done when somebody asks; False where none are left."""
        with self._lock, suppress(StorageError):  # whoever asks then hears of it
            return self._take_in()
        return False

    def _take_in(self) -> bool:
        some: list[str] = []
        while self._marked and len(some) < TOGETHER:
            some.append(self._marked.pop())  # whoever marks it from now on is heard the next time
        try:
            found = self._find(some) if some else {}
        except StorageError:
            self._marked.update(some)
            raise
        for id in some:
            run = found.get(id)
            if run is None:
                self._drop(id)
            else:
                self._put(id, row_of(run))
                (self._active.add if run.status in ACTIVE else self._active.discard)(id)
        return bool(self._marked)

    def members(self) -> list[Member]:
        """Say of all runs, oldest first, to which groups they belong."""
        with self._lock:
            self.refresh()
            members, created = self.values(MEMBER), self.values("created")
            return [members[place] for place in sorted(self._places.values(), key=lambda place: created[place])]

    def cells(self, ids: Iterable[str], columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """Give some columns of some runs, by id; those that are gone are left out."""
        with self._lock:
            self.refresh()
            values = [self.values(column) for column in columns]
            places = ((id, self._places.get(id)) for id in ids)
            return {id: tuple(column[place] for column in values) for id, place in places if place is not None}

    def blank(self) -> list[str]:
        """List the runs with which nobody has done anything, oldest first."""
        with self._lock:
            self.refresh()
            ids, blank = self.values("id"), self.values(BLANK)
            return [ids[place] for place in self._sorted([k for k in self._places.values() if blank[k]], "")]

    def counted(self, column: str) -> Counter[Any]:
        """Count the values of a column over all runs."""
        with self._lock:
            self.refresh()
            return Counter(self.values(column))

    def _put(self, id: str, row: dict[str, Any]) -> None:
        place, size = self._places.get(id), len(self._places)
        if place is None:
            place = self._places[id] = size
            for values in self._columns.values():
                values.append(None)
            size += 1
        is_other = False
        for name in row:
            if name not in self._columns:
                self._columns[name] = [None] * size
        for name, values in self._columns.items():
            value = row.get(name)
            if values[place] != value or type(values[place]) is not type(value):
                values[place], is_other = value, True
                self._changed[name] += 1
        self.revision += is_other

    def _drop(self, id: str) -> None:
        """Take a row out; the last one takes its place."""
        self._active.discard(id)
        place = self._places.pop(id, None)
        if place is None:
            return
        last = self._columns["id"][-1]
        for name, values in self._columns.items():
            self._changed[name] += values[place] is not None
            value = values.pop()
            if last != id:
                values[place] = value
        if last != id:
            self._places[last] = place
        self.revision += 1

    def page(self, wanted: Wanted) -> dict[str, Any]:
        """Give a page of the table: how many rows there are in all, and the wanted columns. Raises ConfigurationError."""
        with self._lock:
            self.refresh()
            names = {name: self._column("columns", name) for name in dict.fromkeys(("id", *wanted.columns))}
            places, total = self._places_of(wanted)
            columns = {name: [self.values(column)[place] for place in places] for name, column in names.items()}
            return {"total": total, "offset": wanted.offset, "revision": self.revision, "columns": columns}

    def is_known(self, revision: int) -> bool:
        """Tell whether nothing has changed since the table was at this revision."""
        with self._lock:
            self.refresh()
            return self.revision == revision

    def _places_of(self, wanted: Wanted) -> tuple[list[int], int]:
        """Find the rows that are wanted, in order; say too how many there would be without an end."""
        places = self._fitting(wanted.filter, wanted.zone, wanted.blank)
        return self._sorted(places, wanted.order)[wanted.offset : wanted.offset + wanted.limit], len(places)

    def _fitting(self, filter: str, zone: str, blank: bool) -> list[int]:
        """Find the rows that a filter wants; with `blank` those too with which nobody has done anything."""
        test, untouched = parse(filter, self, zone), self.values(BLANK)
        return [place for place in range(len(self._places)) if (blank or not untouched[place]) and test(place)]

    def _sorted(self, places: list[int], order: str) -> list[int]:
        """Sort rows: those without a value last either way, and what is alike the newest first."""
        created = self._columns.get("created", [])
        by = [name.strip() for name in order.split(",")] if order.strip() else []
        places = sorted(places, key=lambda place: created[place], reverse=bool(by))
        for name in reversed(by):
            is_down = name.startswith("-")
            values = self.values(self._column("order", name.removeprefix("-").strip()))
            having = [place for place in places if values[place] is not None]
            having.sort(key=lambda place: rank(values[place]), reverse=is_down)
            places = having + [place for place in places if values[place] is None]
        return places

    def about(self, column: str) -> Column:
        """Describe a column; one that only runs of another version have is a text."""
        if column == FOUND:
            return Column(FOUND, "findings", "findings", "words")
        try:
            return column_of(column)
        except KeyError:
            return Column(column, readable(column), "settings", "text")

    def _column(self, field: str, name: str) -> str:
        try:
            return self.find_column(name)
        except KeyError as error:
            raise ConfigurationError(field, f"{field}: {error.args[0]}") from None

    def resolve(self, name: str) -> str:
        """Find the column that a filter means. Raises KeyError with a sentence on what there is."""
        return SHORT.get(name.lower()) or self.find_column(name)

    def find_column(self, name: str) -> str:
        """Find the column that a person means: by its name, its last part where only one ends so, or its title.

        Raises KeyError with a sentence on what there is.
        """
        name = name[:100].lstrip("_")
        if name in self._columns or name in BY_NAME:
            return name
        plain = name.strip().lower().replace(" ", "_")
        possible = dict.fromkeys([*BY_NAME, *(known for known in self._columns if not known.startswith("_"))])
        rest = [column for column in fields_by_path() if not column.startswith("network.")]
        for known in (possible, [*rest, *(f"{part}.name" for part in ("optimizer", "schedule", "loss", "regularizer"))]):
            for fits in (
                [one for one in known if one.lower() == plain or one.lower() == f"{plain}.name"],
                [one for one in known if one.lower().endswith(f".{plain}")],
                [one for one in known if self.about(one).title.replace(" ", "_") == plain],
            ):
                if len(fits) == 1:
                    return fits[0]
                if fits:
                    some = ", ".join(fits[:4]) + (" …" if len(fits) > 4 else "")
                    raise KeyError(f"{name!r} may be {some}: write one of them")
        try:
            return column_of(name).name
        except KeyError:
            raise KeyError(f"there is no column {name!r}; {nearest(plain, [*possible, *rest])}") from None

    def values(self, column: str) -> Sequence[Any]:
        """Give the values of a column by the rows' places."""
        return self._columns.get(column) or [None] * len(self._places)

    def kind(self, column: str) -> str:
        """Say what a column holds; a setting that can be a number or more is what the kept runs have."""
        kind = self.about(column).kind
        if kind != "text" or column in BY_NAME:
            return kind
        found = set(map(type, self.values(column))) - {type(None)}
        return "number" if found and found <= {int, float} else kind

    def describe(self) -> list[dict[str, Any]]:
        """Say of every column that any run has what it is, what it holds, and whether the runs differ in it."""
        with self._lock:
            self.refresh()
            shown = self._fitting("", "", blank=False)
            here = {
                name: self._description(name)
                for name, values in self._columns.items()
                if not name.startswith("_") and any(values[place] is not None for place in shown)
            }
            settings = [said for name, said in here.items() if name not in BY_NAME]
            settings.sort(key=lambda said: (not said["differs"], said["name"].startswith("network.")))
            return [here[column.name] for column in FIRST if column.name in here] + settings

    def _description(self, name: str) -> dict[str, Any]:
        """Say what a column is and holds, as it was said before where nothing in it has changed since."""
        changed = self._changed[name]
        known = self._described.get(name)
        if known is None or known[0] != changed:
            known = self._described[name] = changed, self._describe(self.about(name))
        return known[1]

    def groups(self, by: str, filter: str, zone: str = "") -> list[dict[str, Any]]:
        """Count the wanted runs by what a column says of them, the newest first, each group with its best result.

        Raises ConfigurationError.
        """
        with self._lock:
            self.refresh()
            column, found = self._column("by", by), dict[Any, list[int]]()
            values = self.values(column)
            for place in self._sorted(self._fitting(filter, zone, blank=False), "-created"):
                cell = values[place]
                for value in cell if isinstance(cell, tuple) else (cell,):
                    found.setdefault(value, []).append(place)
            return [self._group(column, value, places) for value, places in found.items()]

    def _group(self, column: str, value: Any, places: list[int]) -> dict[str, Any]:
        goal = self.values("goal")[places[0]]
        results = [self.values("result")[place] for place in places if self.values("goal")[place] == goal]
        known = [result for result in results if result is not None]
        titles = {"sweep": GROUP, "race": GROUP, "task": "title"}
        title = self.values(titles[column])[places[0]] if column in titles and value is not None else value
        return {
            "value": value,
            "title": "" if title is None else str(title),
            "count": len(places),
            "best": (max if goal == "up" else min)(known) if known else None,
            "goal": goal,
        }

    def _describe(self, column: Column) -> dict[str, Any]:
        kind, values = self.kind(column.name), self.values(column.name)
        counted = Counter[Any]() if kind in ("number", "time") or column.name == "id" else Counter(values)
        counted.pop(None, None)
        differs = len(counted or set(values) - {None}) > 1
        if kind == "words":
            counted = Counter(word for cell in values for word in cell or ())
        offered = kind != "text" or len(counted) <= MOST_VALUES
        most = [value for value, _ in counted.most_common(MOST_VALUES)] if offered else []
        return {**vars(column), "kind": kind, "values": most, "differs": differs}


def rank(value: Any) -> tuple[int, Any]:
    """Say where a value stands in an order: numbers by size, then words without regard to case."""
    if isinstance(value, (int, float)):
        return 0, value
    return 1, " ".join(value).casefold() if isinstance(value, tuple) else str(value).casefold()
