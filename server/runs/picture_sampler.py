"""What a run shows: the pictures that somebody watches, within bounds of time and number."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging import ERROR

from engine.pictures import Picture
from server.logs import event
from server.messages import picture_frame
from server.runs.actor import in_words
from server.settings import Settings

OPENING_STEPS = 100
"""The first steps, of which whoever watches misses none as long as he draws them in time."""
EARLY = 0.5
"""Of the time from one picture to the next: so much before it is due it is made, where another one is."""
TOGETHER = 2
"""Pictures of one step at the most, as many as a page may leave unanswered: it draws them in one frame."""


@dataclass(frozen=True)
class Frame:
    """A packed picture, no bytes where the network has nothing to show there; ids grow."""

    id: int
    step: int
    data: bytes


class PictureSampler:
    """Makes the watched pictures of one run; of each only the latest is kept.

    Looking takes at most `picture_share` of the run's time and happens at most `pictures_per_second` times a second. A picture
    that costs more is made less often, by the root of its cost: so those on screen are least behind, all together. Two that are
    due are made at the same step, the main one among them, and with one that is due another that will be soon, which is due the
    time after as if it had waited: a frame of the page costs it more than what is drawn anew in it.

        rᵢ = share / (√cᵢ Σⱼ √cⱼ),  which has  Σᵢ rᵢ cᵢ = share  and the least  Σᵢ 1 / rᵢ     rᵢ a second, cᵢ seconds each
    """

    def __init__(self, run: str, look: Callable[[str], Picture | None], settings: Settings) -> None:
        self.frames: dict[str, Frame] = {}
        self._run, self._look, self._settings = run, look, settings
        self._watched: list[str] = []
        self._started: dict[str, float] = {}
        self._costs: dict[str, float] = {}
        self._next = 0.0
        self._made = 0
        self._troubles: dict[str, str] = {}
        self._patience, self._drawn = settings.opening_seconds, 0

    @property
    def trouble(self) -> str:
        """Say which picture cannot be made now, and why; empty where all can."""
        return next(iter(self._troubles.values()), "")

    def watch(self, names: list[str]) -> None:
        """Say which pictures anybody looks at now; new ones are made first, but within the same bounds."""
        self._watched = list(names)
        self.frames = {name: frame for name, frame in self.frames.items() if name in names}
        self._troubles = {name: words for name, words in self._troubles.items() if name in names}

    def hurry(self) -> None:
        """Let the next picture be made at once."""
        self._next = 0.0

    @property
    def watched(self) -> list[str]:
        """List the pictures that anybody looks at now."""
        return list(self._watched)

    @property
    def made(self) -> int:
        """Count the pictures that were made, which is the id of the newest."""
        return self._made

    def lend(self, watched: list[str], made: int) -> None:
        """Make pictures for another sampler, where the run trains: these, with ids that go on from its own."""
        self._made = made
        if watched != self._watched:
            self.watch(watched)

    def take(self, frames: Mapping[str, Frame], made: int, troubles: Mapping[str, str]) -> None:
        """Take over the pictures that were made where the run trains."""
        self._made = max(made, self._made)
        self.frames = {name: frame for name, frame in {**self.frames, **frames}.items() if name in self._watched}
        self._troubles = {name: words for name, words in troubles.items() if name in self._watched}

    @property
    def troubles(self) -> dict[str, str]:
        """Say of each picture that cannot be made now why."""
        return dict(self._troubles)

    def forget(self) -> None:
        """Let every picture be made anew, because the network changed without a step."""
        self.frames = {}

    def is_opening(self, step: int) -> bool:
        """Tell whether training lets a page draw this step before it goes on: one of the first, while it has time."""
        return step < OPENING_STEPS and self._patience > 0 and bool(self._watched)

    def open(self, step: int, wait: Callable[[Callable[[], bool], float], None]) -> None:
        """Make the main picture of one of the first steps, at the very first all of them, and `wait` until a page has drawn it.

        All of that takes no longer than `opening_seconds`, over all the steps.
        """
        began = time.perf_counter()
        self._bring(self._watched[:1] if step else self._watched, step)
        wait(self.is_drawn, self._patience - (time.perf_counter() - began))
        self._patience -= time.perf_counter() - began

    def is_drawn(self) -> bool:
        """Tell whether a page has drawn the newest picture that there is."""
        return self._drawn >= max((frame.id for frame in self.frames.values() if frame.data), default=0)

    def hear_drawn(self, id: int) -> None:
        """Hear that a page has drawn a picture."""
        self._drawn = max(self._drawn, min(id, self._made))

    def due(self, now: float) -> bool:
        """Tell whether it is time for a picture."""
        return now >= self.due_at

    @property
    def due_at(self) -> float:
        """Say when it is time for a picture; never where nobody looks."""
        return self._next if self._watched else math.inf

    def once(self, now: float, step: int) -> None:
        """Make the pictures that are due: the main one and those that are most overdue. Put off the next by what they cost."""
        line = sorted(self._watched, key=lambda name: (self._due(name), self.frames[name].id if name in self.frames else 0))
        due = [name for name in line if self._due(name) <= now] or line[:1]
        soon = [name for name in line if name not in due and self._due(name) - now <= EARLY * self._interval(name)]
        together = [*sorted(due, key=lambda name: name != self._watched[0]), *soon][:TOGETHER]
        began = now
        for name in together:
            kind, when = kind_of(name), max(now, self._due(name)) if name in soon else now
            self._make(name, step)
            ended = time.perf_counter()
            self._started[kind], self._costs[kind], began = when, ended - began, ended
        next_frame = now + len(together) / self._settings.pictures_per_second
        self._next = max(next_frame, min(map(self._due, self._watched)))

    def _due(self, name: str) -> float:
        """Say when a picture is to be made again; one that was never made is due at once."""
        kind = kind_of(name)
        return self._started[kind] + self._interval(name) if kind in self._costs else 0.0

    def _interval(self, name: str) -> float:
        """Say how many seconds after a picture the next one is due."""
        together = sum(math.sqrt(self._costs.get(kind_of(other), 0.0)) for other in self._watched)
        return math.sqrt(self._costs.get(kind_of(name), 0.0)) * together / self._settings.picture_share

    def all(self, step: int) -> None:
        """Make every watched picture that is not of this step yet."""
        self._bring(self._watched, step)

    def _bring(self, names: list[str], step: int) -> None:
        """Make those pictures that are not of this step yet."""
        for name in names:
            if name not in self.frames or self.frames[name].step != step:
                self._make(name, step)

    def _make(self, name: str, step: int) -> None:
        """Make a picture; where that goes wrong the training does not suffer for it, and the trouble says so."""
        try:
            picture = self._look(name)
            packed = b"" if picture is None else picture_frame(picture, self._run, self._made + 1)
        except Exception as error:
            words = f"the picture “{name}” cannot be drawn: {in_words(error)}"
            if self._troubles.get(name) != words:
                event(ERROR, "picture", run=self._run, step=step, error=words)
            self._troubles[name] = words
            self.frames.pop(name, None)
            return
        self._troubles.pop(name, None)
        before = self.frames.get(name)
        if before and not before.data and not packed:  # still nothing: that was said
            self.frames[name] = Frame(before.id, step, packed)
        else:
            self._made += 1
            self.frames[name] = Frame(self._made, step, packed)


def kind_of(name: str) -> str:
    """Give a picture's name without the example: whoever leafs through examples gets no more pictures than others."""
    return name.partition("/")[0]
