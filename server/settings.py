"""The server's limits, each with a default; NN_BASICS_MAX_POINTS=100 in the environment changes `max_points`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Settings:
    """What the server allows."""

    host: str = "127.0.0.1"
    port: int = 8000
    token: str = ""
    """Asked of every request where the server listens to more than this machine."""
    view_token: str = ""
    """Lets a visitor watch and change nothing."""
    tls: bool = False
    """Whether pages come over https."""

    max_training: int = os.cpu_count() or 2
    """Runs that train at once; more of them wait."""
    max_waiting: int = 200
    """Runs that wait for their turn."""
    max_sweep: int = 64
    """Runs of one sweep."""
    max_runs: int = 1_000
    """Runs that are kept; those that were never touched make room for new ones, the others only a person deletes."""
    max_awake: int = 32
    """Runs that hold their network in memory though nobody watches them; the others rest on the disk."""
    max_kept: int = 1 << 30
    """Bytes of data and parameters that runs may hold in memory though nobody watches them."""
    max_history: int = 4 << 30
    """Bytes that the histories of all runs may take together; beyond that the oldest are thinned to a few snapshots."""
    undo_seconds: float = 30.0
    """How long a deleted run can be brought back."""
    max_pages: int = 200
    """Pages that watch at once."""
    arrivals_per_second: float = 10.0
    """Pages that begin to watch in a second, once six seconds' worth came at once; more are served in their turn."""

    max_parameters: int = 5_000_000
    max_memory: int = 1 << 30
    """Bytes that one step of a run may need, as estimated from the shapes."""
    max_points: int = 5_000
    max_steps: int = 10_000_000
    max_inputs: int = 1_000
    """Examples of one call of predict."""
    max_body: int = 4 << 20
    """Bytes of a request."""
    max_upload: int = 64 << 20
    """Bytes of a file with weights, a table or images."""
    max_datasets: int = 100
    """Tables and sets of images that are kept."""
    max_message: int = 64 << 10
    """Bytes of a page's message on the websocket."""

    picture_share: float = 0.2
    """The share of a run's time that looking may take."""
    pictures_per_second: float = 25.0
    """Pictures that a run makes in a second, of all kinds together."""
    unanswered_pictures: int = 2
    """Pictures that a page may leave unanswered before it gets the next."""
    send_seconds: float = 20.0
    """How long a page may take to accept a message before it is dropped."""


FORMER = {"NN_BASICS_MAX_HISTORY": "NN_BASICS_MAX_FILMS"}
"""Names of variables that were called differently once; the old name is heard too."""


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the limits that the environment changes; a ValueError names a variable that holds no number."""
    changed: dict[str, int | float] = {}
    for field in fields(Settings):
        name = f"NN_BASICS_{field.name.upper()}"
        name = name if name in environment else FORMER.get(name, name)
        if name in environment and isinstance(field.default, (int, float)) and field.name not in ("port", "tls"):
            try:
                changed[field.name] = type(field.default)(environment[name])
            except ValueError:
                raise ValueError(f"{name} must be a number, got {environment[name]!r}") from None
    return replace(Settings(), **changed)  # type: ignore[arg-type]
