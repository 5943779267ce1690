"""A search in the terminal: runs train in processes to the rung that they are on their way to, and wait as a checkpoint."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import Configuration, ConfigurationError, DivergedError, Training, configure
from engine.data.folders import DataFolders
from engine.search.search import Trial
from engine.training import checkpoint
from engine.training.events import Metrics
from server.runs.workers.lanes import LostError, on_this_machine
from server.search.plan import Plan, row_of_rung

ATTEMPTS = 3
"""How often a run is tried from its last checkpoint where its worker is lost."""
SAY_EVERY = 0.2
"""Seconds between two words of a run on how far it is."""


@dataclass(frozen=True)
class Leg:
    """How far one run is to train, and where its checkpoint lies, which is written there again."""

    configuration: Configuration
    folders: DataFolders
    file: Path
    until: int


@dataclass(frozen=True)
class Came:
    """What came of it: its rows since the checkpoint before, its step, and in words why it trains no further."""

    rows: list[Metrics]
    step: int
    trouble: str = ""


def train_leg(leg: Leg) -> Came:
    """Train a run on, from its checkpoint where it has one, and leave a checkpoint. This is what a worker does."""
    known = leg.file.exists()
    training = checkpoint.unpack(leg.file.read_bytes(), leg.folders) if known else Training(leg.configuration, leg.folders)
    rows: list[Metrics] = []
    due = time.monotonic() + SAY_EVERY
    try:
        for event in training.events():
            if isinstance(event, Metrics):
                rows.append(event)
            if time.monotonic() >= due:
                leg.file.with_suffix(".step").write_text(str(event.step))
                due = time.monotonic() + SAY_EVERY
            if event.step >= leg.until:
                break
    except DivergedError as error:
        return Came(rows, training.step, f"diverged: {error}")
    whole = leg.file.with_suffix(".new")
    whole.write_bytes(checkpoint.pack(training))
    whole.replace(leg.file)
    return Came(rows, training.step)


class Searching:
    """Asks a search what trains next, has so many workers train it, and tells it what came out."""

    def __init__(self, plan: Plan, folders: DataFolders, workers: int) -> None:
        self.plan, self.search = plan, plan.search()
        self.rows: dict[int, list[list[Metrics]]] = {}
        """The rows of each trial, for each of its repeats."""
        self.steps = 0
        self.troubles: dict[int, str] = {}
        """Why a trial can train no further, in words."""
        self._folders, self._workers = folders, workers
        self._reached: dict[tuple[int, int], int] = {}
        self._lost: set[tuple[int, int]] = set()
        self._lanes = on_this_machine(workers)
        self._threads = ThreadPoolExecutor(workers)
        self._room = TemporaryDirectory(prefix="nn-basics-", ignore_cleanup_errors=True)
        self._training: dict[Future[Came], tuple[Trial, int]] = {}
        self.hear: Callable[[], None] = lambda: None
        """Called now and then while runs train."""

    @property
    def told(self) -> list[Trial]:
        """Give the trials that have a score."""
        return [trial for trial in self.search.trials if trial.reached is not None]

    @property
    def underway(self) -> int:
        """Count the steps that runs have done, as far as they have said, beyond those that count in `steps`."""
        runs = [(trial.number, repeat) for trial, repeat in self._training.values()]
        return sum(max(0, self._said(*run) - self._reached.get(run, 0)) for run in runs)

    def _said(self, number: int, repeat: int) -> int:
        try:
            return int(self._file(number, repeat).with_suffix(".step").read_text())
        except (OSError, ValueError):  # it has said nothing yet, or does so at this moment
            return 0

    def _file(self, number: int, repeat: int) -> Path:
        return Path(self._room.name) / f"{number}-{repeat}"

    @property
    def wanted(self) -> int:
        """Count the steps that are to be done in all."""
        total = 0
        for bracket in self.search.brackets:
            steps = [0, *(rung.steps for rung in bracket.rungs)]
            trials = [min(rung.trials, bracket.planned) for rung in bracket.rungs]
            total += sum(n * (after - before) for n, before, after in zip(trials, steps, steps[1:], strict=False))
        return total * self.plan.repeats

    def ended(self) -> Iterator[Trial]:
        """Train until all is done; give each trial that has come to a rung, with the others as they are then."""
        going: dict[int, int] = {}
        while True:
            while len(self._training) < self._workers and (trial := self.search.ask()):
                going[trial.number] = self.plan.repeats
                self._begin(trial)
            if not self._training:
                return
            while not (done := wait(self._training, SAY_EVERY, FIRST_COMPLETED).done):
                self.hear()
            for future in done:
                trial, repeat = self._training.pop(future)
                self._take(trial, repeat, future)
                going[trial.number] -= 1
                if not going[trial.number]:
                    self._tell(trial)
                    yield trial

    def _begin(self, trial: Trial) -> None:
        """Let all repeats of a trial train to its rung."""
        self.rows.setdefault(trial.number, [[] for _ in range(self.plan.repeats)])
        rungs = self.search.brackets[trial.bracket].rungs
        for repeat in range(self.plan.repeats):

            def train(repeat: int = repeat) -> Came:
                configuration = configure(self.plan.request(trial.values, repeat), self._folders)
                is_last = trial.rung == len(rungs) - 1
                until = configuration.steps if is_last else row_of_rung(configuration, rungs[trial.rung].steps)
                file = self._file(trial.number, repeat)
                return self._train(file.name, Leg(configuration, self._folders, file, until))

            self._training[self._threads.submit(train)] = trial, repeat

    def _train(self, name: str, leg: Leg) -> Came:
        """Have a worker train; where it is lost, another goes on from the last checkpoint."""
        lane = self._lanes.take(name)
        if lane is None:
            raise LostError("no worker is free")
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return lane.call(train_leg, leg)
                except LostError:
                    if attempt == ATTEMPTS:
                        raise
            raise AssertionError("the last attempt returns or raises")
        finally:
            self._lanes.give_back(lane)

    def _take(self, trial: Trial, repeat: int, future: "Future[Came]") -> None:
        """Hear what came of one run."""
        run = trial.number, repeat
        try:
            came = future.result()
        except (ConfigurationError, LostError, OSError, ValueError, MemoryError) as error:  # it is the worst there is
            came = Came([], self._reached.get(run, 0), f"{type(error).__name__}: {error}")
        self.rows[trial.number][repeat] += came.rows
        self.steps += came.step - self._reached.get(run, 0)
        self._reached[run] = came.step
        if came.trouble:
            self._lost.add(run)
            self.troubles.setdefault(trial.number, came.trouble)

    def _tell(self, trial: Trial) -> None:
        """Tell the search the scores of a trial's repeats at its rung."""
        repeats = enumerate(self.rows[trial.number])
        scores = [math.inf if (trial.number, repeat) in self._lost else self.score(rows) for repeat, rows in repeats]
        self.search.tell(trial, scores, over=trial.number in self.troubles)

    def score(self, rows: list[Metrics]) -> float:
        """Give the score of a run by its rows: that of the last, or where it had patience of the best weights."""
        if not rows:
            return math.inf
        if self.plan.base["patience"] is not None:
            best = min(rows, key=lambda row: row.loss if row.test_loss is None else row.test_loss)
            return self.plan.score(vars(best))
        return self.plan.score(vars(rows[-1]))

    def step(self, trial: Trial) -> int:
        """Count the steps that a trial's runs have done, each."""
        return max((self._reached.get((trial.number, repeat), 0) for repeat in range(self.plan.repeats)), default=0)

    def in_order(self) -> list[Trial]:
        """Give the trials that have a score, the best first: those that trained the longest, by their score."""
        search = self.search
        return sorted(self.told, key=lambda t: (not math.isfinite(t.score), -search.scored_at(t), t.score))

    def close(self) -> None:
        """End the workers, whatever they do, and remove the checkpoints."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._lanes.close()
        self._room.cleanup()
