"""The server's limits, each with a default; NN_BASICS_MAX_POINTS=100 in the environment changes `max_points`.

Whoever hands out the page reads them before the engine is there, so nothing of the engine is used here.
"""

import dataclasses
import math
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

RACERS = 4
"""Runs of a race at the most; they train all at once."""


@dataclass(frozen=True)
class Limit:
    """What the environment may change, in which unit, and from where to where."""

    help: str
    unit: str
    minimum: float
    maximum: float | None

    def allowed(self) -> str:
        """Say in words which values may be chosen."""
        if self.maximum is None:
            return f"a number of at least {self.minimum:g}"
        return f"a number from {self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True)
class Setting:
    """A setting that the environment may change: its name, its default, a whole number or not, and its limit."""

    name: str
    default: float
    limit: Limit

    @property
    def variable(self) -> str:
        """Name the variable that changes it."""
        return f"NN_BASICS_{self.name.upper()}"


def limit(help: str, default: float, unit: str, minimum: float = 1, maximum: float | None = None) -> Any:
    """Make a setting that the environment may change:  max_runs: int = limit("Runs that are kept.", 1_000, "runs")."""
    return dataclasses.field(default=default, metadata={"limit": Limit(help, unit, minimum, maximum)})


def default_workers() -> int:
    """Give a process for each core; none where Python has no global lock, for threads are enough there."""
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    return (os.cpu_count() or 2) if has_lock else 0


@dataclass(frozen=True)
class Settings:
    """What the server allows. The first six are for the command line to say, all others for the environment."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    """Asked of every request where the server listens to more than this machine."""
    view_token: str = ""
    """Lets a visitor watch and change nothing."""
    tls: bool = False
    """Whether pages come over https."""
    cluster: str = ""
    """The address of a Dask cluster's scheduler, whose workers train the runs of sweeps; no page or call can give it."""

    max_training: int = limit("Runs that train at once in threads; more of them wait.", os.cpu_count() or 2, "runs")
    workers: int = limit(
        "Processes in which the runs of sweeps train, 0: in threads; from 2 on a longer race has one for each of its runs.",
        default_workers(),
        "processes",
        minimum=0,
        maximum=256,
    )
    max_waiting: int = limit("Runs that wait for their turn.", 200, "runs", minimum=0)
    max_sweep: int = limit("Runs of one sweep.", 64, "runs", minimum=2)
    max_search: int = limit("Runs of one search, which makes a few at a time.", 10_000, "runs", minimum=2)
    max_runs: int = limit(
        "Runs that are kept; those that were never touched make room for new ones, the others only a person deletes.",
        10_000,
        "runs",
    )
    max_awake: int = limit(
        "Runs that hold their network in memory though nobody watches them; the others rest on the disk.", 32, "runs", minimum=0
    )
    max_kept: int = limit(
        "Data and parameters that runs may hold in memory though nobody watches them.", 1 << 30, "bytes", minimum=0
    )
    max_history: int = limit(
        "What the histories of all runs may take together; beyond that the oldest are thinned to a few snapshots.",
        4 << 30,
        "bytes",
        minimum=0,
    )
    undo_seconds: float = limit("How long a deleted run can be brought back.", 300.0, "seconds", minimum=0)
    max_pages: int = limit("Pages that watch at once.", 200, "pages")
    arrivals_per_second: float = limit(
        "Pages that begin to watch in a second, once six seconds' worth came at once; more are served in their turn.",
        10.0,
        "pages",
        minimum=0.1,
    )

    max_parameters: int = limit("Parameters of one network.", 5_000_000, "parameters")
    max_memory: int = limit("Memory that one step of a run may need, as estimated from the shapes.", 1 << 30, "bytes")
    max_points: int = limit("Points of a task's data.", 5_000, "points")
    max_steps: int = limit("Steps of one run.", 10_000_000, "steps")
    max_inputs: int = limit("Examples of one call of predict.", 1_000, "examples")
    max_body: int = limit("Length of a request.", 4 << 20, "bytes")
    max_upload: int = limit("Length of a file with weights, a table or images.", 64 << 20, "bytes")
    max_uploads: int = limit("Files that are taken in and read at once; more of them wait.", 2, "files")
    upload_seconds: float = limit(
        "How long a file may take to arrive, and how long reading it may take.", 60.0, "seconds", minimum=0.1
    )
    max_datasets: int = limit("Tables and sets of images that are kept.", 100, "datasets")
    max_message: int = limit("Length of a page's message on the websocket.", 64 << 10, "bytes")
    messages_per_second: float = limit(
        "Messages of a page that are read in a second; who goes on sending more is dropped.", 60.0, "messages", minimum=1
    )
    header_seconds: float = limit(
        "How long a connection may take to say what it wants: the TLS handshake, and the headers of each request.",
        10.0,
        "seconds",
        minimum=0.1,
    )
    body_rate: float = limit(
        "How fast a request's body has to arrive, after a time as long as the headers may take.",
        8_000.0,
        "bytes a second",
        minimum=1,
    )

    picture_share: float = limit("The share of a run's time that looking may take.", 0.08, "of 1", minimum=0.001, maximum=1)
    pictures_per_second: float = limit(
        "Pictures that a run makes in a second, of all kinds together.", 25.0, "pictures", minimum=0.1
    )
    opening_seconds: float = limit(
        "How long a run waits during its first steps, all in all, for a page that draws each of them; 0 for never.",
        1.0,
        "seconds",
        minimum=0,
        maximum=60,
    )
    unanswered_pictures: int = limit("Pictures that a page may leave unanswered before it gets the next.", 2, "pictures")
    send_seconds: float = limit(
        "How long a page may take to accept a message, and anybody to accept anything of an answer, before it is dropped.",
        20.0,
        "seconds",
        minimum=0.1,
    )


FORMER = {"NN_BASICS_MAX_HISTORY": "NN_BASICS_MAX_FILMS"}
"""Names of variables that were called differently once; the old name is heard too."""


def all_settings() -> list[Setting]:
    """List what the environment may change."""
    fields = dataclasses.fields(Settings)
    return [Setting(f.name, getattr(Settings, f.name), f.metadata["limit"]) for f in fields if "limit" in f.metadata]


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the limits that the environment changes; a ValueError names a variable, what it holds and what it may hold."""
    changed: dict[str, Any] = {}
    for setting in all_settings():
        name = setting.variable if setting.variable in environment else FORMER.get(setting.variable, setting.variable)
        if name in environment:
            changed[setting.name] = value_of(setting, name, environment[name])
    return replace(Settings(), **changed)


def value_of(setting: Setting, name: str, text: str) -> float:
    """Read what a variable says. Raises ValueError."""
    number, limit = type(setting.default), setting.limit
    try:
        value = number(text)
    except ValueError:
        value = math.nan
    if not limit.minimum <= value <= (sys.float_info.max if limit.maximum is None else limit.maximum):
        whole = "a whole number: " if number is int else ""
        raise ValueError(f"{name} must be {whole}{limit.allowed()}, got {text[:60]!r}")
    return value


def checked(option: str, name: str, value: float) -> float:
    """Give what an option of the command line says for a setting. Raises ValueError where that may not be."""
    setting = next(setting for setting in all_settings() if setting.name == name)
    return value_of(setting, option, str(value))


def explained() -> str:
    """Say of every setting which variable changes it, its default, its unit and what it is."""
    parts = []
    for setting in all_settings():
        limit = setting.limit
        parts.append(f"{setting.variable}={setting.default:.15g}  ({limit.unit}; {limit.allowed()})")
        parts.append(f"    {limit.help}")
    return "\n".join(parts)
