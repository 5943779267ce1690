"""Where runs are kept: one SQLite file, written by one thread."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, fields
from logging import ERROR
from pathlib import Path
from typing import Any

from server.logs import event
from server.messages import COLUMNS, MEASURED, Row
from server.storage.home import HomeError, full

FILE = "runs.db"
BATCH_SECONDS = 0.1
"""Rows wait so long at the most before they are written."""
RETRY_SECONDS = 1.0
"""After a failure the writer waits so long before it tries again."""
THIN_EVERY, EXACT, BUCKETS = 2000, 4000, 500
"""After so many new rows a log is thinned: the newest stay, the older ones go into so many to twice as many buckets."""

MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY, created REAL NOT NULL, configuration TEXT NOT NULL, name TEXT NOT NULL, note TEXT NOT NULL,
        speed REAL, status TEXT NOT NULL, error TEXT NOT NULL, step INTEGER NOT NULL, seconds REAL NOT NULL, best REAL,
        facts TEXT NOT NULL, deleted REAL
    ) STRICT;
    CREATE TABLE rows (
        run TEXT NOT NULL, number INTEGER NOT NULL, step INTEGER NOT NULL, loss REAL, test_loss REAL, accuracy REAL,
        test_accuracy REAL, time REAL NOT NULL, PRIMARY KEY (run, number)
    ) STRICT, WITHOUT ROWID;
""",
    "ALTER TABLE runs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE findings (
        run TEXT NOT NULL, step INTEGER NOT NULL, found TEXT NOT NULL, PRIMARY KEY (run, step)
    ) STRICT, WITHOUT ROWID;
""",
    """
    CREATE TABLE searches (
        id TEXT PRIMARY KEY, created REAL NOT NULL, plan TEXT NOT NULL, status TEXT NOT NULL, error TEXT NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE trials (
        search TEXT NOT NULL, number INTEGER NOT NULL, trial TEXT NOT NULL, PRIMARY KEY (search, number)
    ) STRICT, WITHOUT ROWID;
""",
)
"""What takes the file from each version of the schema to the next. An entry is never changed, only added."""

OF_RUNS = ("rows", "findings")
"""The tables that hold something of a run beside its record."""

METRICS = ", ".join(f'"{name}"' for name in COLUMNS)
"""The columns of `rows` besides run and number."""

LAST = (
    "SELECT id, {what} FROM (SELECT id, (SELECT max({by}) FROM {table} WHERE run = id) AS newest FROM runs WHERE id IN {marks})"
    " JOIN {table} ON run = id AND {by} = newest"
)
"""Finds the newest entry of each of some runs, by the index: however long the others are."""
ORPHANS = """
    WITH RECURSIVE known(run) AS (
        SELECT min(run) FROM {table}
        UNION ALL SELECT (SELECT min(run) FROM {table} WHERE run > known.run) FROM known WHERE known.run IS NOT NULL
    ) SELECT run FROM known WHERE run IS NOT NULL AND run NOT IN (SELECT id FROM runs)"""
"""Finds what belongs to no run, by the index: without going through all rows."""

ADD = f"REPLACE INTO rows (run, number, {METRICS}) VALUES ({', '.join('?' * (2 + len(COLUMNS)))})"
EXTREMES = " UNION ".join(
    f'SELECT number FROM (SELECT number, {which}("{name}") FROM rows WHERE run = :run AND number < :before '
    "GROUP BY number / :width)"
    for name in MEASURED
    for which in ("min", "max")
)
THIN = f"DELETE FROM rows WHERE run = :run AND number > 0 AND number < :before AND number NOT IN ({EXTREMES})"


class StorageError(Exception):
    """Something could not be put on the disk; it is tried again."""


@dataclass
class Record:
    """What is kept of a run beside its rows and checkpoints."""

    id: str
    created: float
    configuration: dict[str, Any]
    name: str = ""
    note: str = ""
    speed: float | None = None
    status: str = ""
    error: str = ""
    step: int = 0
    seconds: float = 0.0
    best: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    deleted: float | None = None
    revision: int = 0
    damage: str = ""
    """Why the record cannot be read, in words; it is listed all the same, and never written again."""


@dataclass
class SearchRecord:
    """What is kept of a search: what is wanted, how it stands, and its trials."""

    id: str
    created: float
    plan: dict[str, Any]
    status: str = ""
    error: str = ""
    revision: int = 0
    trials: list[dict[str, Any]] = field(default_factory=list)


SEARCH_FIELDS = [f.name for f in fields(SearchRecord) if f.name != "trials"]


@dataclass(frozen=True)
class Head:
    """Of a run only when it was made, how it is, and whether it is deleted."""

    id: str
    created: float
    status: str
    deleted: float | None


@dataclass(frozen=True)
class Kept:
    """What is kept of a run that rests, but its older rows and its checkpoints."""

    record: Record
    last: tuple[int, Row] | None
    """Its last row, with its number."""
    found: list[dict[str, Any]]
    """What was found at last."""


FIELDS = [f.name for f in fields(Record) if f.name != "damage"]
SAVE = f"REPLACE INTO runs ({', '.join(FIELDS)}) VALUES ({', '.join('?' * len(FIELDS))})"
IN_JSON = ("configuration", "facts")
UNWRITABLE = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    ValueError,
    TypeError,
    OverflowError,
)
"""What is raised because of the thing that is to be written; anything else is because of the disk, and is tried again."""
Write = Callable[[sqlite3.Connection], None]


class Database:
    """The runs on the disk. What it is given is written in order, by one thread; reading is possible from any."""

    def __init__(self, folder: Path) -> None:
        """Open the file, bring its schema up to date and start the writer.

        Raises HomeError where the file is from a newer version of this program, or is none of ours.
        """
        self.on_trouble: Callable[[str], None] = lambda words: None
        self._file = folder / FILE
        try:
            self._prepare()
            self._reader = sqlite3.connect(self._file, check_same_thread=False)
            self._reader.text_factory = lambda text: text.decode("utf-8", "replace")  # one bad letter, and all else is read
        except sqlite3.Error as error:
            if "full" in str(error):
                raise HomeError(full(folder)) from error
            raise HomeError(
                f"{self._file} cannot be used ({error}); move it away, or choose another folder with NN_BASICS_HOME"
            ) from error
        self._reading = threading.Lock()
        self._condition = threading.Condition()
        self._rows: list[tuple[str, int, Row]] = []
        self._urgent: list[tuple[Write, Future[None]]] = []
        self._written: dict[str, Callable[[int], None]] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    def _prepare(self) -> None:
        """Check the schema's version and migrate it forward."""
        with sqlite3.connect(self._file) as file:
            (version,) = file.execute("PRAGMA user_version").fetchone()
            if version > len(MIGRATIONS):
                raise HomeError(
                    f"{self._file} was written by a newer version of this program (schema {version}, this one "
                    f"knows {len(MIGRATIONS)}); install that version, or choose another folder with NN_BASICS_HOME"
                )
            file.execute("PRAGMA journal_mode = WAL")
            for number, migration in enumerate(MIGRATIONS[version:], start=version + 1):
                file.executescript(f"BEGIN; {migration}; PRAGMA user_version = {number}; COMMIT;")
            there = {name for _, name, *_ in file.execute("PRAGMA table_info(rows)")}
            for name in MEASURED:  # a column of the metrics that an older version did not know
                if name not in there:
                    file.execute(f'ALTER TABLE rows ADD COLUMN "{name}" REAL')
        file.close()

    def heads(self) -> list[Head]:
        """Say of all runs when they were made and how they are, oldest first."""
        return [Head(*values) for values in self._read("SELECT id, created, status, deleted FROM runs ORDER BY created")]

    def grouped(self) -> list[tuple[str, str, int]]:
        """List the runs of races and sweeps, each with the group's id and its place in it."""
        names = (f"CASE WHEN json_valid(facts) THEN json_extract(facts, '$.group.{name}') END" for name in ("id", "place"))
        found = self._read(f"SELECT id, {', '.join(names)} FROM runs WHERE deleted IS NULL")
        return [(run, group, place) for run, group, place in found if group is not None]

    def record(self, run: str) -> Record:
        """Give what is kept of one run. Raises KeyError."""
        found = self._read(f"SELECT {', '.join(FIELDS)} FROM runs WHERE id = ?", (run,))
        if not found:
            raise KeyError(run)
        return read_record(dict(zip(FIELDS, found[0], strict=True)))

    def kept(self, runs: Sequence[str]) -> list[Kept]:
        """Give what is kept of some runs, with their last rows and what was found at last."""
        marks = f"({', '.join('?' * len(runs))})"
        found = self._read(f"SELECT {', '.join(FIELDS)} FROM runs WHERE id IN {marks}", runs)
        last = self._read(LAST.format(what=f"number, {METRICS}", table="rows", by="number", marks=marks), runs)
        findings = self._read(LAST.format(what="found", table="findings", by="step", marks=marks), runs)
        rows, words = {run: (number, tuple(row)) for run, number, *row in last}, dict(findings)
        return [
            Kept(read_record(dict(zip(FIELDS, values, strict=True))), rows.get(values[0]), listed(words.get(values[0])))
            for values in found
        ]

    def rows(self, run: str, since: int, most: int) -> list[tuple[int, Row]]:
        """Give a run's rows from number `since` on, so many at the most, each with its number."""
        found = self._read(
            f"SELECT number, {METRICS} FROM rows WHERE run = ? AND number >= ? ORDER BY number LIMIT ?",
            (run, since, most),
        )
        return [(number, tuple(row)) for number, *row in found]

    def last_row(self, run: str) -> tuple[int, Row] | None:
        """Give a run's last row, with its number."""
        found = self._read("SELECT max(number) FROM rows WHERE run = ?", (run,))[0][0]
        return None if found is None else self.rows(run, found, 1)[0]

    def best(self, run: str) -> float | None:
        """Give the best accuracy of a run's rows: on all test data, or where there is none on training data."""
        best = "SELECT max(coalesce(test_accuracy, accuracy)) FROM rows WHERE run = ? AND tested IS NULL"
        found: float | None = self._read(best, (run,))[0][0]
        return found

    def _read(self, query: str, values: Iterable[Any] = ()) -> list[Any]:
        try:
            with self._reading:
                return self._reader.execute(query, tuple(values)).fetchall()
        except sqlite3.OperationalError as error:
            raise StorageError(f"the disk does not give what is kept ({error})") from error

    def listen(self, run: str, written: Callable[[int], None] | None) -> None:
        """Have `written` called with the number after a run's last row on disk, whenever rows were written; None: nobody."""
        if written is None:
            self._written.pop(run, None)
        else:
            self._written[run] = written

    def add(self, run: str, number: int, row: Row) -> None:
        """Write a row soon."""
        with self._condition:
            self._rows.append((run, number, row))
            if len(self._rows) == 1:
                self._condition.notify()

    def add_all(self, run: str, rows: Iterable[Row], first: int = 0) -> "Future[None]":
        """Write the rows that a run begins with, at once; `first` is the number of the first of them."""
        values = [(run, number, *row) for number, row in enumerate(rows, first)]
        return self._soon(lambda file: file.executemany(ADD, values))

    def cut(self, run: str, step: int) -> "Future[None]":
        """Drop a run's rows of later steps."""
        return self._soon(lambda file: file.execute("DELETE FROM rows WHERE run = ? AND step > ?", (run, step)))

    def copy(self, run: str, step: int, to: str) -> "Future[None]":
        """Give another run the rows of this one up to a step, and what was found until then."""

        def write(file: sqlite3.Connection) -> None:
            for table, names in (("rows", f"number, {METRICS}"), ("findings", "step, found")):
                file.execute(
                    f"INSERT INTO {table} (run, {names}) SELECT ?, {names} FROM {table} WHERE run = ? AND step <= ?",
                    (to, run, step),
                )

        return self._soon(write)

    def findings(self, run: str) -> list[dict[str, Any]]:
        """Give what was found of a run: after each of these steps what stood then, in order."""
        found = self._read("SELECT step, found FROM findings WHERE run = ? ORDER BY step", (run,))
        return [{"step": step, "findings": json.loads(words)} for step, words in found]

    def count_findings(self, run: str) -> tuple[int, dict[str, Any] | None]:
        """Count the entries of that log, and give the last one."""
        (number,) = self._read("SELECT count(*) FROM findings WHERE run = ?", (run,))[0]
        last = self._read("SELECT step, found FROM findings WHERE run = ? ORDER BY step DESC LIMIT 1", (run,))
        return number, {"step": last[0][0], "findings": json.loads(last[0][1])} if last else None

    def add_findings(self, run: str, step: int, found: list[dict[str, Any]]) -> "Future[None]":
        """Write down what was found after a step."""
        add = "REPLACE INTO findings (run, step, found) VALUES (?, ?, ?)"
        return self._soon(lambda file: file.execute(add, (run, step, json.dumps(found))))

    def cut_findings(self, run: str, step: int) -> "Future[None]":
        """Drop what was found after later steps."""
        return self._soon(lambda file: file.execute("DELETE FROM findings WHERE run = ? AND step > ?", (run, step)))

    def searches(self) -> list[SearchRecord]:
        """Give what is kept of all searches, oldest first, each with its trials in order."""
        found = self._read(f"SELECT {', '.join(SEARCH_FIELDS)} FROM searches ORDER BY created")
        trials = "SELECT trial FROM trials WHERE search = ? ORDER BY number"
        return [
            SearchRecord(
                **{**dict(zip(SEARCH_FIELDS, values, strict=True)), "plan": json.loads(values[2])},
                trials=[json.loads(trial) for (trial,) in self._read(trials, (values[0],))],
            )
            for values in found
        ]

    def save_search(self, record: SearchRecord) -> "Future[None]":
        """Write what is kept of a search, but for its trials, at once and durably."""
        values = [json.dumps(value) if name == "plan" else value for name, value in vars(record).items() if name != "trials"]
        marks = ", ".join("?" * len(SEARCH_FIELDS))
        add = f"REPLACE INTO searches ({', '.join(SEARCH_FIELDS)}) VALUES ({marks})"
        return self._soon(lambda file: file.execute(add, values))

    def save_trial(self, search: str, number: int, trial: dict[str, Any]) -> "Future[None]":
        """Write down how one of a search's trials is."""
        add = "REPLACE INTO trials (search, number, trial) VALUES (?, ?, ?)"
        return self._soon(lambda file: file.execute(add, (search, number, json.dumps(trial))))

    def forget_search(self, id: str) -> "Future[None]":
        """Drop everything about a search; its runs stay."""

        def write(file: sqlite3.Connection) -> None:
            file.execute("DELETE FROM trials WHERE search = ?", (id,))
            file.execute("DELETE FROM searches WHERE id = ?", (id,))

        return self._soon(write)

    def save(self, record: Record) -> "Future[None]":
        """Write what is kept of a run, at once and durably."""
        return self.save_all([record])

    def save_all(self, records: Iterable[Record]) -> "Future[None]":
        """Write several: all of them, or none."""
        values = [
            [json.dumps(value) if name in IN_JSON else value for name, value in vars(record).items() if name in FIELDS]
            for record in records
        ]
        return self._soon(lambda file: file.executemany(SAVE, values))

    def forget_orphans(self) -> "Future[None]":
        """Drop rows and findings that belong to no run."""

        def write(file: sqlite3.Connection) -> None:
            for table in OF_RUNS:
                file.execute(f"DELETE FROM {table} WHERE run IN ({ORPHANS.format(table=table)})")

        return self._soon(write)

    def forget(self, run: str) -> "Future[None]":
        """Drop everything about a run."""

        def write(file: sqlite3.Connection) -> None:
            for table in OF_RUNS:
                file.execute(f"DELETE FROM {table} WHERE run = ?", (run,))
            file.execute("DELETE FROM runs WHERE id = ?", (run,))

        self._written.pop(run, None)
        return self._soon(write)

    def close(self) -> None:
        """Write what is waiting, and end."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join()
        self._reader.close()

    def _soon(self, write: Callable[[sqlite3.Connection], object]) -> "Future[None]":
        done: Future[None] = Future()
        with self._condition:
            self._urgent.append((write, done))  # type: ignore[arg-type]
            self._condition.notify()
        return done

    def _work(self) -> None:
        """Write until closed: changes of state at once, rows together. What fails is kept and tried again."""
        file = sqlite3.connect(self._file, isolation_level=None, timeout=10)
        since_thinned: dict[str, int] = {}
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._rows or self._urgent or self._closing)
                self._condition.wait_for(lambda: self._urgent or self._closing, BATCH_SECONDS)
                rows, urgent, closing = self._rows, self._urgent, self._closing
                self._rows, self._urgent = [], []
            try:
                write(file, rows, [one for one, _ in urgent])
            except UNWRITABLE:
                self._refuse(file, rows, urgent)
                continue
            except sqlite3.Error as error:
                self._fail(file, rows, urgent, error)
                if closing:
                    break
                time.sleep(RETRY_SECONDS)
                continue
            self._tell(rows)  # first, so that who waits for a change of state finds the rows before it
            for _, done in urgent:
                if not done.done():
                    done.set_result(None)
            thin_grown(file, rows, since_thinned)
            if closing and not (self._rows or self._urgent):
                break
        file.close()

    def _fail(
        self,
        file: sqlite3.Connection,
        rows: list[tuple[str, int, Row]],
        urgent: list[tuple[Write, "Future[None]"]],
        error: sqlite3.Error,
    ) -> None:
        """Put back what could not be written, and say so."""
        if file.in_transaction:
            file.execute("ROLLBACK")
        words = f"the disk does not take it ({error})"
        with self._condition:
            self._rows[:0] = rows
            self._urgent[:0] = urgent
        for _, done in urgent:
            if not done.done():
                done.set_exception(StorageError(words))
        self.on_trouble(words)

    def _refuse(
        self, file: sqlite3.Connection, rows: list[tuple[str, int, Row]], urgent: list[tuple[Write, "Future[None]"]]
    ) -> None:
        """Put back what can be written, and refuse what never can be."""
        if file.in_transaction:
            file.execute("ROLLBACK")
        kept = [row for row in rows if refusal(file, [row], []) is None]
        left = []
        for one, done in urgent:
            error = refusal(file, [], [one])
            if error is None:
                left.append((one, done))
            elif not done.done():
                done.set_exception(StorageError(f"it cannot be kept ({error})"))
        with self._condition:
            self._rows[:0] = kept
            self._urgent[:0] = left

    def _tell(self, rows: list[tuple[str, int, Row]]) -> None:
        """Tell each log how far it is on disk."""
        for run, end in ends(rows).items():
            if listener := self._written.get(run):
                try:
                    listener(end)
                except Exception as error:  # the others want to hear of it, and more wants to be written
                    event(ERROR, "log", run=run, error=f"{type(error).__name__}: {error}")


def ends(rows: list[tuple[str, int, Row]]) -> dict[str, int]:
    """Give the number after each run's last row."""
    return {run: number + 1 for run, number, _ in rows}


def read_record(values: dict[str, Any]) -> Record:
    """Make a record of what the table holds; what cannot be read is left empty, and said."""
    damage = ""
    for name in IN_JSON:
        try:
            read = json.loads(values[name])
            if not isinstance(read, dict):
                raise ValueError("it is no JSON object")
        except (ValueError, RecursionError) as error:
            read, damage = {}, f"its {name} cannot be read: {error}"
        values[name] = read
    return Record(**values, damage=damage)


def listed(found: str | None) -> list[dict[str, Any]]:
    """Read findings; what cannot be read is none."""
    try:
        read = json.loads(found or "[]")
    except (ValueError, RecursionError):
        return []
    return read if isinstance(read, list) else []


def refusal(file: sqlite3.Connection, rows: list[tuple[str, int, Row]], urgent: list[Write]) -> Exception | None:
    """Try to write, and undo it; say what the database can never take of it, None where only the disk may be in the way."""
    try:
        file.execute("BEGIN IMMEDIATE")
        put(file, rows, urgent)
    except UNWRITABLE as error:
        return error
    except sqlite3.Error:
        return None
    finally:
        if file.in_transaction:
            file.execute("ROLLBACK")
    return None


def thin_grown(file: sqlite3.Connection, rows: list[tuple[str, int, Row]], since_thinned: dict[str, int]) -> None:
    """Thin those logs that have grown enough by now."""
    for run, _, _ in rows:
        since_thinned[run] = since_thinned.get(run, 0) + 1
    for run, end in ends(rows).items():
        if since_thinned[run] >= THIN_EVERY:
            with suppress(sqlite3.Error):  # then it is thinned after the next rows
                thin(file, run, end - EXACT)
                since_thinned[run] = 0


def write(file: sqlite3.Connection, rows: list[tuple[str, int, Row]], urgent: list[Write]) -> None:
    """Write rows and changes in one transaction; one with changes of state is durable before this returns."""
    file.execute(f"PRAGMA synchronous = {'FULL' if urgent else 'NORMAL'}")
    file.execute("BEGIN IMMEDIATE")
    put(file, rows, urgent)
    file.execute("COMMIT")


def put(file: sqlite3.Connection, rows: list[tuple[str, int, Row]], urgent: list[Write]) -> None:
    """Do the writes of one transaction."""
    file.executemany(ADD, [(run, number, *row) for run, number, row in rows])
    for one in urgent:
        one(file)


def thin(file: sqlite3.Connection, run: str, before: int) -> None:
    """Keep, of the rows with numbers below `before`, the first and the extremes of each column in each bucket.

    A bucket is a power of two of numbers wide, so that buckets of a later, coarser thinning are made of whole earlier ones:
    the extremes that are left are those of all rows that there ever were.
    """
    width = 1
    while before // width > 2 * BUCKETS:
        width *= 2
    if width > 1:
        file.execute(THIN, {"run": run, "before": before, "width": width})
