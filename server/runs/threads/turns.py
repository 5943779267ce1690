"""Which of the runs that train in threads do a step at this moment."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean
from weakref import WeakKeyDictionary

from server.runs.actor import Actor

SLICE = 0.005
"""Seconds of a turn; a step that takes longer is done to its end."""
TRIAL, LONGEST_TRIAL, FEW = 0.02, 1.0, 3
"""Seconds in which runs show how long their steps take, or longer until each has done a few, but not much longer."""
FIRST, FIRST_KEPT, LONGER, LONGEST_KEPT = 0.25, 1.0, 4.0, 10.0
"""Seconds until what is best is tried, and until that is tried anew: at first, so many times longer each time, and at most."""
GAIN = 1.2
"""So many times as fast as in turns must several at once be, that they go on like that: the event loop waits longer then."""
CLEAR = 1.25
"""So many times more or less than that tells it after one step of each."""
ALIKE = 4.0
"""Runs whose steps take no more than so many times longer than each other's are soon through with a step of each."""
PATIENCE = 1.0
"""Seconds after which a run does its step though it is not its turn, because another one's step takes so long."""
RECENT = 20
"""Steps that count most in a mean."""


@dataclass
class Cost:
    """What a step costs when no other run trains: the mean of its seconds.

    The first one, which finds no memory and nothing in the caches, takes up to twice as long, and counts only until the next.
    """

    steps: int = 0
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Take in one more."""
        self.steps += 1
        self.seconds += (seconds - self.seconds) / min(max(1, self.steps - 1), RECENT)


@dataclass(eq=False)
class Share:
    """One run among those that train."""

    costs: dict[bool, Cost] = field(default_factory=lambda: {False: Cost(), True: Cost()})
    """Of plain steps, and of those that are measured."""
    began: float = 0.0
    """When its turn began."""
    steps: int = 0
    plain: int = 0
    spent: float = 0.0
    worth: float = 0.0
    """What it did in this period, and how much of that unmeasured; in how many seconds, and in how many without others."""
    was_asked: bool = False
    """Whether a question took it out of the line."""

    @property
    def cost(self) -> float:
        """Give the seconds of a step: of a plain one, as soon as there was one."""
        return next((self.costs[kind].seconds for kind in (False, True) if self.costs[kind].steps), 0.0)

    @property
    def is_known(self) -> bool:
        """Tell whether its costs are known."""
        return any(cost.steps for cost in self.costs.values())


class Turns:
    """Runs in threads take turns of some milliseconds, unless several at once are faster; which they are is measured.

    NumPy lets go of the interpreter in each call that is not tiny, and must wait for it when it comes back: two runs with small
    networks hand it to and fro at every call, and take up to twice as long together as one after the other. So one has its turn
    at a time (round robin). Large products need no interpreter; with those there is a turn for each core.

        speed-up = k · mean over runs of  Σ cost / Σ seconds     of its steps while k have their turn; cost: while one has it

    A period with one turn tells the costs, a short one with more of them the speed-up; what is better is kept for a while, each
    time longer, and then tried anew. A trial of unlike runs begins after some steps without a measured loss, as nearly all are:
    the first ones are measured, and short steps that hinder one with all test examples make it long. A run that rests (for a
    page, its chosen speed, a question) has no turn.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter, cores: int = os.cpu_count() or 2) -> None:
        self._clock, self._cores, self._lock = clock, cores, threading.Lock()
        self._is_needed = has_gil()
        self._line: deque[Actor] = deque()
        self._owners: set[Actor] = set()
        self.places = 1
        """How many have their turn at once."""
        self._training: dict[Actor, Share] = {}
        self._shares: WeakKeyDictionary[Actor, Share] = WeakKeyDictionary()
        self._ends, self._kept, self._is_trial, self._settling = 0.0, FIRST_KEPT, False, 0.0
        self._unsettled: set[Actor] = set()
        """Whose last step among others may not have ended yet; and above how long one turn is kept once all have."""

    def take(self, run: Actor) -> float:
        """Return when the run may do a step, or somebody asks it something, and say until when it may do more."""
        now = self._clock()
        if not self._is_needed:
            return now + SLICE
        share = self._training.get(run) or self._join(run, now)
        if self._settling or now >= self._ends:
            self._judge(run, now)
        if len(self._training) == 1:
            return now + SLICE
        if run not in self._owners or now - share.began >= SLICE:
            self._wait(run, share, now)
        return share.began + SLICE

    def count(self, run: Actor, seconds: float, is_measured: bool) -> None:
        """Hear how long a step took, and whether it was one whose loss is measured, which takes longer."""
        share = self._training.get(run)
        if share is None or self._unsettled:
            return
        cost = share.costs[is_measured]
        if self.places == 1 or len(self._training) == 1:
            cost.add(seconds)
            share.steps, share.plain = share.steps + 1, share.plain + (not is_measured)
        elif cost.steps:
            share.spent, share.worth, share.steps = share.spent + seconds, share.worth + cost.seconds, share.steps + 1

    def rest(self, run: Actor) -> None:
        """Let others have the turn, where it is this run's."""
        if run in self._owners:
            with self._lock:
                self._give(run)

    def leave(self, run: Actor) -> None:
        """Hear that a run does no steps for now."""
        with self._lock:
            self._give(run)
            self._training.pop(run, None)
            self._unsettled.discard(run)

    def _join(self, run: Actor, now: float) -> Share:
        """Count a run among those that train; where it is a new one, what is best for all is tried anew soon."""
        with self._lock:
            share = self._training[run] = self._shares.setdefault(run, Share())
            if not share.is_known and not self._settling:
                self._kept = FIRST_KEPT
                self._begin(self.places, FIRST, now)
            return share

    def _wait(self, run: Actor, share: Share, now: float) -> None:
        """Wait for the next turn, behind all others; whom a question took out of the line comes first."""
        with self._lock:
            if share.was_asked:
                self._line.appendleft(run)
            else:
                self._line.append(run)
            self._give(run, now)
        run.wait_until(lambda: run in self._owners, PATIENCE)
        with self._lock:
            share.was_asked = run in self._line
            if share.was_asked:
                self._line.remove(run)

    def _give(self, run: Actor | None = None, now: float | None = None) -> None:
        """Take the turn from a run that has it, and give what is free to the first in line."""
        self._owners.discard(run)
        while self._line and len(self._owners) < self.places:
            first = self._line.popleft()
            self._owners.add(first)
            self._training[first].began = self._clock() if now is None else now
            first.nudge()

    def _judge(self, run: Actor, now: float) -> None:
        """End a period where it is time to, and begin the one that is due after what it told."""
        with self._lock:
            self._unsettled.discard(run)
            if now < self._ends and not (self._settling and not self._unsettled):
                return
            shares, most = list(self._training.values()), min(self._cores, len(self._training))
            late, fewest = now - self._ends > LONGEST_TRIAL, min(share.steps for share in shares)
            if self._settling:
                self._begin(1, self._settling, now)
            elif most == 1:
                self._begin(1, FIRST, now)
            elif self.places == 1:
                alike = fewest >= FEW and max(share.cost for share in shares) < ALIKE * min(share.cost for share in shares)
                if late or alike or min(share.plain for share in shares) >= FEW:
                    self._begin(most, TRIAL, now, is_trial=True)
            elif not self._is_trial:
                self._settle(TRIAL, run, now)
            elif late or fewest:
                speedup = most * fmean(share.worth / share.spent if share.spent else 0.0 for share in shares)
                if not late and fewest < FEW and GAIN / CLEAR < speedup < GAIN * CLEAR:
                    return
                if speedup > GAIN:
                    self._begin(most, self._kept, now)
                else:
                    self._settle(self._kept, run, now)
                self._kept = min(LONGER * self._kept, LONGEST_KEPT)

    def _settle(self, seconds: float, run: Actor, now: float) -> None:
        """Have one turn at a time again, for so long from when all have ended the step that they are at."""
        self._begin(1, LONGEST_TRIAL, now)
        self._unsettled, self._settling = {*self._training} - {run}, seconds

    def _begin(self, places: int, seconds: float, now: float, is_trial: bool = False) -> None:
        """Begin a period in which so many have their turn at once."""
        self.places, self._is_trial, self._ends, self._settling = places, is_trial, now + seconds, 0.0
        for share in self._training.values():
            share.steps, share.plain, share.spent, share.worth = 0, 0, 0.0, 0.0
        self._unsettled.clear()
        if len(self._owners) > places:
            self._owners.clear()
        self._give(now=now)


def has_gil() -> bool:
    """Tell whether threads share one interpreter, as everywhere but in a free-threaded Python."""
    return bool(getattr(sys, "_is_gil_enabled", lambda: True)())
