"""The workers of a Dask cluster as lanes: one for each worker, while it is there.

Dask is imported only where somebody gave the address of a cluster. What a cluster answers is unpickled here, as in all of Dask:
whoever gives its address trusts it.
"""

import logging
import platform
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Executor, wait
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import version
from logging import WARNING
from pathlib import Path
from typing import Any, TypeVar

import dask
import distributed
import numpy as np
from distributed.utils import LoopRunner

from engine.data.datasets import place
from engine.data.folders import DataFolders
from engine.data.mnist import FILES, find
from server.logs import event
from server.runs.actor import in_words
from server.runs.scheduler import Scheduler
from server.runs.workers.lanes import LOOK_EVERY, Lane, Lanes, LostError, never
from server.runs.workers.piece import Job, Piece, train_piece

CONNECT_SECONDS = 3.0
"""How long a try to reach the scheduler may take."""
CHUNK = 4 << 20
"""Bytes of a file that travel at once."""
Result = TypeVar("Result")


def versions() -> dict[str, str]:
    """Say what the bits of a training depend on, besides the processor."""
    ours = version("neural-network-basics")
    python = ".".join(map(str, sys.version_info[:2]))
    return {"Python": python, "NumPy": np.__version__, "neural-network-basics": ours, "machine": platform.machine()}


def differences(theirs: Mapping[str, str]) -> str:
    """Say in words what is another version at a worker; empty where all are the same."""
    return ", ".join(
        f"its {name} is {theirs.get(name, 'not there')} and the server's {ours}"
        for name, ours in versions().items()
        if theirs.get(name) != ours
    )


def own_folder() -> Path:
    """Give the worker's own folder for what it was sent; Dask removes it when the worker ends."""
    return Path(distributed.get_worker().local_directory) / "neural-network-basics"


def train_there(job: Job, names: list[str]) -> Piece | list[str]:
    """Train a run for a moment in a cluster's worker; or name the files that it needs and the worker has not got."""
    folder = own_folder()
    if missing := [name for name in names if not (folder / name).is_file()]:
        return missing
    if job.source is not None:
        mnist = {(folder / name).parent for name in names if name.startswith("mnist")}
        job = replace(job, source=replace(job.source, folders=DataFolders(folder / "data", tuple(mnist))))
    return train_piece(job)


def keep_file(name: str, data: bytes, begin: int, is_last: bool) -> None:
    """Keep a part of a file in the worker's own folder; with the last part it is there."""
    path = own_folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("r+b" if begin else "wb") as file:
        file.seek(begin)
        file.write(data)
    if is_last:
        unfinished.replace(path)


def files_of(job: Job) -> dict[str, Path]:
    """Find the files that a run's data are made of, each with the name that a worker keeps it under."""
    if job.source is None:
        return {}
    data, folders = job.source.configuration.data, job.source.folders
    if dataset := data.get("dataset"):
        folder = place(folders.datasets, dataset)
        if not folder.is_dir():  # the worker says in words what is not there
            return {}
        return {f"data/{dataset}/{path.name}": path for path in sorted(folder.iterdir()) if path.is_file()}
    mnist = find(folders.mnist) if data.get("source", "bundled") != "bundled" else None
    if mnist is None:
        return {}
    paths = [path for name in FILES for path in (mnist / name, mnist / f"{name}.gz") if path.is_file()]
    digest = sha256("".join(f"{path.name}{path.stat().st_size}" for path in paths).encode()).hexdigest()[:12]
    return {f"mnist-{digest}/{path.name}": path for path in paths}


class ClusterLane(Lane):
    """A worker of a cluster, in which one run at a time trains."""

    shares_disk = False

    def __init__(self, address: str, make: Callable[[], Executor]) -> None:
        super().__init__(f"worker at {address.partition('://')[2]}", make)
        self.address, self.is_gone = address, False

    def call(self, function: Callable[..., Result], *arguments: Any, is_awaited: Callable[[], bool] = never) -> Result:
        """Have the worker call a function; data that it has not got are sent to it. Raises LostError where it is gone."""
        if function is not train_piece:
            return self._call(function, *arguments, is_awaited=is_awaited)
        (job,) = arguments
        files = files_of(job)
        answer: Any = self._call(train_there, job, list(files), is_awaited=is_awaited)
        if isinstance(answer, list):
            for name in answer:
                self._send(name, files[name])
            answer = self._call(train_there, job, list(files), is_awaited=is_awaited)
        return answer  # type: ignore[no-any-return]

    def _send(self, name: str, path: Path) -> None:
        size = path.stat().st_size
        with path.open("rb") as file:
            for begin in range(0, max(1, size), CHUNK):
                self._call(keep_file, name, file.read(CHUNK), begin, begin + CHUNK >= size)

    def _call(self, function: Callable[..., Result], *arguments: Any, is_awaited: Callable[[], bool] = never) -> Result:
        try:
            future = self._submit(function, *arguments)
            while not wait([future], LOOK_EVERY).done:
                if self.is_gone:
                    future.cancel()
                    raise LostError("it left the cluster, or the cluster's scheduler went away")
                self._look(is_awaited)
            self._hear()
            return future.result()
        except LostError:
            raise
        except BaseException as error:  # a cancelled future among them: our own functions say what goes wrong in words
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                raise
            self.is_gone = True
            raise LostError(in_words(error)) from error

    def end(self, for_good: bool = False) -> None:
        """Give no more pieces to the worker; it is not ours to end."""
        self._closed = self._closed or for_good

    def give_up(self) -> None:
        """Let the run hear that its worker is gone; it counts again when it has said its versions."""
        self.is_gone = True

    @property
    def is_idle(self) -> bool:
        """Tell that it waits for no end."""
        return False


class ClusterLanes(Lanes):
    """The lanes of a cluster: they come and go with its workers, and all go with its scheduler until that is back."""

    waits_for_workers = True

    def __init__(self, address: str, scheduler: Scheduler) -> None:
        """Begin to look who is there; so many are admitted by `scheduler`, which says what the trouble is."""
        super().__init__([])
        self.address, self._scheduler = address, scheduler
        self._client: Any = None
        self._loop: Any = LoopRunner()
        """Of every client: one that does not reach its scheduler would leave its own behind, a thread and three descriptors."""
        self._refused: dict[str, str] = {}
        self._asked: dict[str, Any] = {}
        """Workers that are to say their versions, each with Dask's future."""
        self._ended = threading.Event()
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what happens is said here, in words
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})  # a checkpoint may be large
        self._watcher = threading.Thread(target=self._watch, name="watch the cluster", daemon=True)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._ended.is_set():
            trouble = self._look()
            if trouble != self.trouble:
                self.trouble = self._scheduler.trouble = trouble
                event(WARNING, "cluster", address=self.address, trouble=trouble)
            self._ended.wait(LOOK_EVERY)
        self._take_over({})
        if self._client is not None:
            with suppress(Exception):
                self._client.close(timeout=1)
        with suppress(Exception):
            self._loop.stop(timeout=1)

    def _look(self) -> str:
        """See which workers are there now, and say what the trouble is where there is any."""
        try:
            if not self._loop.is_started():
                self._loop.start()
            if self._client is None or self._client.status == "closed":
                self._client = distributed.Client(  # type: ignore[no-untyped-call]
                    self.address,
                    timeout=CONNECT_SECONDS,
                    set_as_default=False,
                    name="neural-network-basics",
                    loop=self._loop.loop,
                )
            there = self._client.scheduler_info(n_workers=-1)["workers"] if self._client.status == "running" else None
            if there is None or self._client.status != "running":
                raise OSError("the connection is lost")
        except Exception as error:
            self._take_over({})
            return f"the cluster at {self.address} is not to be reached ({in_words(error)}); its runs wait for it"
        known = {lane.address: lane for lane in self._cluster_lanes() if not lane.is_gone}
        self._refused = {address: words for address, words in self._refused.items() if address in there}
        self._asked = {address: asked for address, asked in self._asked.items() if address in there}
        for address in there:
            if address not in known and address not in self._refused and self._is_fit(address):
                known[address] = ClusterLane(address, lambda address=address: self._executor(address))  # type: ignore[misc]
        self._take_over({address: lane for address, lane in known.items() if address in there})
        if self._cluster_lanes() or self._asked:
            return ""
        return f"no worker of the cluster can train: {'; '.join(self._refused.values()) or 'there is none'}"

    def _executor(self, address: str) -> Executor:
        made: Executor = self._client.get_executor(workers=[address], allow_other_workers=False, pure=False, retries=0)
        return made

    def _is_fit(self, address: str) -> bool:
        """Tell whether a worker would give the same bits, once it has answered; one that would not is refused."""
        asked = self._asked.get(address)
        if asked is None:
            only = {"workers": [address], "allow_other_workers": False, "pure": False}
            self._asked[address] = self._client.submit(versions, **only)
            return False
        if not asked.done():
            return False
        del self._asked[address]
        try:
            words = differences(asked.result(timeout=CONNECT_SECONDS))
        except CancelledError:  # it is asked anew
            return False
        except Exception as error:
            words = f"it cannot run this package ({in_words(error)})"
        if words:
            self._refused[address] = f"worker at {address.partition('://')[2]}: {words}"
            event(WARNING, "worker refused", worker=address, why=words)
        return not words

    def _cluster_lanes(self) -> list[ClusterLane]:
        return [lane for lane in self._lanes if isinstance(lane, ClusterLane)]

    def _take_over(self, there: Mapping[str, ClusterLane]) -> None:
        """Let these be all lanes; a run whose lane is not among them hears that its worker is gone."""
        with self._lock:
            for lane in self._cluster_lanes():
                if there.get(lane.address) is not lane:
                    lane.is_gone = True
            self._keep([lane for lane in there.values() if not lane.is_gone])

    def _keep(self, lanes: list[ClusterLane]) -> None:
        """Have these lanes only, and as many runs train."""
        changed = len(lanes) != len(self._lanes)
        self._lanes = [*lanes]
        if changed:
            self._scheduler.resize(len(lanes))

    def give_back(self, lane: Lane) -> None:
        """Let another run have the lane, unless its worker is gone: nobody takes that one again."""
        with self._lock:
            lane.run = ""
            self._keep([there for there in self._cluster_lanes() if not there.is_gone])

    def close(self) -> None:
        """Leave the cluster."""
        self._ended.set()
        super().close()
        self._watcher.join(3)
