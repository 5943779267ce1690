"""The statuses of a run, and their groups."""

from enum import StrEnum


class Status(StrEnum):
    """What a run does at the moment, or why it does nothing any more.

    queued → running ⇄ paused → finished | stopped | diverged | failed;  interrupted, where the server ended, is resumed like
    paused. More steps make a finished or stopped run a paused one.
    """

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"


ACTIVE = (Status.RUNNING, Status.QUEUED)
"""It trains, or will as soon as it is its turn."""
WAITING = (Status.PAUSED, Status.INTERRUPTED)
"""It trains on when somebody resumes it."""
ENDED = (Status.FINISHED, Status.STOPPED, Status.DIVERGED, Status.FAILED)
"""It trains no more."""
REOPENABLE = (Status.FINISHED, Status.STOPPED)
"""It ended, and more steps reopen it."""
