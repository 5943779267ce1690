"""A run in plain values: for the store, for JSON, and what of it changes while it trains."""

from typing import TYPE_CHECKING, Any

from server.runs.status import Status
from server.storage.database import Record

if TYPE_CHECKING:
    from server.runs.run import Run


def record(run: "Run") -> Record:
    """Give what the store keeps."""
    return Record(
        run.id,
        run.created,
        run.configuration.as_dict(),
        run.name,
        run.note,
        run.speed,
        run.status,
        run.error,
        run.step,
        run.reached.seconds,
        run.reached.best,
        run.state.as_dict(),
        run.deleted,
    )


def describe(run: "Run") -> dict[str, Any]:
    """Give everything about the run that JSON can say."""
    return {
        **progress(run),
        "created": run.created,
        "note": run.note,
        "configuration": run.configuration.as_dict(),
        **run.state.as_dict(),
    }


def progress(run: "Run") -> dict[str, Any]:
    """Give what changes while the run trains."""
    per_epoch = run.state.steps_per_epoch
    return {
        **run.reached.describe(),
        "id": run.id,
        "name": run.name,
        "task": run.configuration.task,
        "status": run.status,
        "revision": run.revision,
        "steps": run.configuration.steps,
        "epoch": run.step / per_epoch if per_epoch else 0.0,
        "waiting": run.slots.position(run.id),
        "speed": run.speed,
        "optimizer": run.configuration.optimizer,
        "seconds": run.reached.seconds,
        "steps_per_second": run.reached.steps_per_second() if run.status is Status.RUNNING else None,
        "error": run.error or None,
    }
