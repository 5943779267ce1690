"""Where runs train away from the server: the one file that knows which executor that is.

A lane trains one run at a time. Each has an executor with a single worker, so that a worker that dies takes only its own
run's piece with it.
"""

import gc
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Container, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext
from typing import Any, TypeVar

IDLE_SECONDS = 60.0
"""A worker that had nothing to do so long is ended; the next run starts another."""
SILENT_SECONDS = 10.0
"""A worker that keeps a deleted run waiting so long hangs, and is ended."""
HANGS, SLOWER = 2.0, 4.0
"""Seconds after which a worker that somebody waits for hangs, or so many times longer than any answer took: it is given up.

Before its first answer it makes the training, and has SILENT_SECONDS.
"""
LOOK_EVERY = 0.25
"""Seconds between two looks whether somebody waits."""
Result = TypeVar("Result")


class LostError(Exception):
    """A worker is gone, and the piece that it had."""


class HungError(LostError):
    """A worker did not answer while somebody waited for it, and was given up."""


class ClosedError(LostError):
    """The server ends: no worker takes a piece any more."""


def never() -> bool:
    """Tell that nobody waits."""
    return False


class Lane:
    """A place where one run at a time trains away; its worker starts when it is needed, and again after it died."""

    shares_disk = True
    """Whether a file that its worker writes is there for the server."""

    def __init__(self, name: str, make: Callable[[], Executor]) -> None:
        self.name, self.run = name, ""
        """What it is called, and the run that has it; empty where it is free."""
        self._make = make
        self._executor: Executor | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._used = self._asked = time.monotonic()
        self._first: Future[Any] | None = None
        """The worker's first answer, where somebody wanted to know whether it has started."""
        self.slowest = 0.0
        """The most seconds that the worker took for the run that has it."""

    def call(self, function: Callable[..., Result], *arguments: Any, is_awaited: Callable[[], bool] = never) -> Result:
        """Have the worker call a function, and give what it returns or raises. Raises LostError where the worker is gone.

        Raises HungError where it has not answered for long and the call `is_awaited`, ClosedError where the server ends.
        """
        try:
            future = self._submit(function, *arguments)
            while not wait([future], LOOK_EVERY).done:
                self._look(is_awaited)
            self._hear()
            return future.result()
        except (BrokenExecutor, CancelledError) as error:
            self.end()
            if self._closed:
                raise ClosedError from error
            raise LostError("it was ended from outside, or the memory was too small") from error
        except OSError as error:
            self.end()
            raise LostError(f"it does not start ({error})") from error
        finally:
            self._used = time.monotonic()

    def _submit(self, function: Callable[..., Result], *arguments: Any) -> "Future[Result]":
        with self._lock:
            if self._closed:
                raise ClosedError
            self._asked = time.monotonic()
            if self._executor is None:
                self._executor = self._make()
            try:
                with deaf_to_ctrl_c():
                    return self._executor.submit(function, *arguments)
            except BrokenExecutor:  # its worker died while it had nothing to do
                self._executor = self._make()
                with deaf_to_ctrl_c():
                    return self._executor.submit(function, *arguments)
            except RuntimeError as error:  # Python ends, and starts nothing any more
                raise ClosedError from error

    def _hear(self) -> None:
        """Remember how long an answer took."""
        self.slowest = max(self.slowest, time.monotonic() - self._asked)

    def _look(self, is_awaited: Callable[[], bool]) -> None:
        """Give the worker up where somebody has waited for it too long. Raises HungError."""
        silent = time.monotonic() - self._asked
        patience = max(HANGS, SLOWER * self.slowest) if self.slowest else SILENT_SECONDS
        if silent > patience and is_awaited():
            self.give_up()
            raise HungError(f"it did not answer for {silent:.0f} s, and was given up")

    @property
    def is_started(self) -> bool:
        """Tell whether there is a worker."""
        return self._executor is not None

    def is_warm(self) -> bool:
        """Start the worker where that was not done yet, and tell whether it has: until then who asks need not wait for it."""
        if self._first is None:
            try:
                self._first = self._submit(os.getpid)
            except ClosedError:
                return False
            except (BrokenExecutor, OSError):  # it does not start, and the run trains where it is
                self.end()
                return False
        return self._first.done()

    @property
    def is_idle(self) -> bool:
        """Tell whether it has had nothing to do for a while."""
        return not self.run and self.is_started and time.monotonic() - self._used > IDLE_SECONDS

    @property
    def is_silent(self) -> bool:
        """Tell whether a run has it that has heard nothing of it for a while."""
        return bool(self.run) and time.monotonic() - self._asked > SILENT_SECONDS

    def give_up(self) -> None:
        """Let nobody wait for the worker's answer any more."""
        self.end()

    def end(self, for_good: bool = False) -> None:
        """End the worker, whatever it does; the next piece starts another, unless this is `for_good`."""
        with self._lock:
            self._closed = self._closed or for_good
            executor, self._executor, self._first, self.slowest = self._executor, None, None, 0.0
        if executor is not None:
            workers = list((getattr(executor, "_processes", None) or {}).values())  # none where it is no pool of processes
            executor.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                with suppress(OSError, ValueError):
                    worker.kill()


class Lanes:
    """All lanes of a server."""

    waits_for_workers = False
    """Whether runs wait in line where there is no lane; else they train here."""
    trouble = ""
    """Why nobody can train in them now, in words."""

    def __init__(self, lanes: list[Lane]) -> None:
        self._lanes = lanes
        self._lock = threading.Lock()

    def take(self, run: str) -> Lane | None:
        """Give a run a lane that is free, one whose worker has started where there is one; None where all are taken."""
        with self._lock:
            free = sorted((lane for lane in self._lanes if not lane.run), key=lambda lane: not lane.is_started)
            if not free:
                return None
            free[0].run, free[0].slowest = run, 0.0
            return free[0]

    def give_back(self, lane: Lane) -> None:
        """Let another run have the lane."""
        with self._lock:
            lane.run = ""

    def describe(self) -> list[dict[str, Any]]:
        """Say of each lane what it is called, which run it trains, and whether its worker has started."""
        return [{"name": lane.name, "run": lane.run or None, "started": lane.is_started} for lane in self._lanes]

    def tidy(self, runs: Container[str]) -> None:
        """End workers that had nothing to do for a while, and those that hang with a run that is not among these any more."""
        with self._lock:
            for lane in self._lanes:
                if lane.is_idle:
                    lane.end()
                elif lane.is_silent and lane.run not in runs:
                    lane.give_up()

    def close(self) -> None:
        """End all workers."""
        for lane in self._lanes:
            lane.end(for_good=True)


def on_this_machine(number: int, name: str = "worker") -> Lanes:
    """Make lanes of so many processes on this machine."""
    return Lanes([Lane(f"{name} {i}", new_process) for i in range(1, number + 1)])


def new_process() -> Executor:
    """Make an executor of one process, which is no copy of this one: a server with threads is not to be forked."""
    return ProcessPoolExecutor(1, context(), begin)


def context() -> BaseContext:
    """Say how processes are started: forked off a small one that has the engine already, or anew where there is none."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["server.runs.workers.piece"])
    resource_tracker.ensure_running()  # which lets Ctrl-C through again where it begins
    return found


@contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Let a process that is started meanwhile hear nothing of Ctrl-C: until it ignores it, it would end with a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin() -> None:
    """Begin in a new process: leave Ctrl-C to the server, and end when it ends, however that is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.enable()  # which the command line's module disables while it is imported, as it is here too
    threading.Thread(target=end_with_parent, name="end with the server", daemon=True).start()


def end_with_parent() -> None:
    """Wait for the end of the process that started this one, and end at once."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
