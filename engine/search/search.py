"""A search as a dialogue: ask which combination trains next and how far, tell what came out."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean, pstdev

from engine.search.halving import Rung, promoted
from engine.search.space import Values


@dataclass
class Trial:
    """One combination: how far it has come, and its score at each rung that it reached (∞: it diverged)."""

    number: int
    bracket: int
    values: Values
    rung: int = 0
    """The rung that it is on its way to, or stands at."""
    scores: dict[int, list[float]] = field(default_factory=dict)
    """By rung, one for each repeat, smaller being better."""
    over: bool = False
    """Whether it can train no further: it diverged, or somebody ended it."""

    @property
    def reached(self) -> int | None:
        """Give the last rung that has a score."""
        return max(self.scores, default=None)

    @property
    def score(self) -> float:
        """Give the mean over repeats of the last rung's scores: ∞ where one diverged, NaN where there are none."""
        return mean(self.scores[self.reached]) if self.reached is not None else math.nan

    @property
    def spread(self) -> float | None:
        """Give the standard deviation over repeats; None where there are not several, or one diverged."""
        scores = self.scores.get(-1 if self.reached is None else self.reached, [])
        return pstdev(scores) if len(scores) > 1 and all(map(math.isfinite, scores)) else None


def mean(scores: Sequence[float]) -> float:
    """Average scores; one that is no finite number makes it ∞, the worst there is."""
    if len(scores) == 1:  # as mostly
        return scores[0] if math.isfinite(scores[0]) else math.inf
    return fmean(scores) if scores and all(map(math.isfinite, scores)) else math.inf


Proposal = Callable[[int, Sequence[Trial]], Values | None]
"""Gives the k-th combination of a bracket by all trials so far; None where it wants to see more of them first.

Raises StopIteration where there are no more.
"""


class Listing:
    """Proposes what an iterator gives, whatever comes out."""

    def __init__(self, points: Iterable[Values]) -> None:
        self._points: Iterator[Values] = iter(points)
        self._known: list[Values] = []

    def __call__(self, k: int, trials: Sequence[Trial]) -> Values | None:
        """Give the k-th."""
        while len(self._known) <= k:
            self._known.append(next(self._points))
        return self._known[k]


class Bracket:
    """Trials that are compared with each other, rung by rung: all begin on the first, at each the best go on.

    Without halving there is one rung, the whole run.
    """

    def __init__(self, number: int, propose: Proposal, rungs: Sequence[Rung]) -> None:
        self.number, self.rungs = number, list(rungs)
        self.trials: list[Trial] = []
        self.planned = self.rungs[0].trials
        self._propose = propose
        self._rung, self._ended = 0, False
        self._going_up: dict[int, Trial] = {}
        self._training: set[int] = set()

    def ask(self, all_trials: list[Trial]) -> Trial | None:
        """Give the trial that trains next, to its rung's steps; None where others must come out first, or nothing is left."""
        if len(self.trials) < self.planned:
            try:
                values = self._propose(len(self.trials), all_trials)
            except StopIteration:
                self.planned = len(self.trials)
                self._climb()
                return self.ask(all_trials) if self._going_up else None
            if values is None:
                return None
            trial = Trial(len(all_trials), self.number, values)
            self.trials.append(trial)
            all_trials.append(trial)
            self._training.add(trial.number)
            return trial
        if not self._going_up:
            return None
        trial = self._going_up.pop(next(iter(self._going_up)))
        trial.rung = self._rung
        self._training.add(trial.number)
        return trial

    def tell(self, trial: Trial, scores: Sequence[float], over: bool = False) -> None:
        """Hear a trial's scores at its rung; `over` where it can train no further."""
        trial.scores[trial.rung], trial.over = list(scores), over
        self._training.discard(trial.number)
        self._climb()

    def _climb(self) -> None:
        """Let the best go on as soon as all of a rung have come out."""
        begun = len(self.trials) >= self.planned
        while begun and not self._training and not self._going_up and self._rung < len(self.rungs) - 1:
            here = [t for t in self.trials if self._rung in t.scores and not t.over]
            self._rung += 1
            best = promoted([mean(t.scores[self._rung - 1]) for t in here], self.rungs[self._rung].trials)
            self._going_up |= {here[i].number: here[i] for i in best}

    def restore(self, trials: Sequence[Trial]) -> list[Trial]:
        """Take over trials that were there before; give those that were on their way, which are still to be told."""
        self.trials = list(trials)
        going = [trial for trial in trials if trial.rung not in trial.scores and not trial.over]
        if len(self.trials) < self.planned:
            self._training = {trial.number for trial in going}
            return going
        self._rung = max((trial.rung for trial in trials), default=0)
        if self._rung and not self._ended:  # of those that were chosen for this rung some may not have been begun
            here = [t for t in self.trials if self._rung - 1 in t.scores and (t.rung >= self._rung or not t.over)]
            best = promoted([mean(t.scores[self._rung - 1]) for t in here], self.rungs[self._rung].trials)
            self._going_up = {here[i].number: here[i] for i in best if here[i].rung < self._rung}
        self._training = {trial.number for trial in going}
        self._climb()
        return going

    @property
    def begun(self) -> tuple[int, int]:
        """Count the trials that were begun, and the rungs."""
        return len(self.trials), self._rung + 1

    def end(self, trials: int, rungs: int) -> None:
        """Plan no more than so many trials and rungs: those that were begun."""
        self.planned, self.rungs, self._ended = trials, self.rungs[:rungs], True
        self._going_up.clear()

    @property
    def is_done(self) -> bool:
        """Tell whether nothing more is to come of it."""
        begun = len(self.trials) >= self.planned
        return begun and not self._training and not self._going_up and self._rung == len(self.rungs) - 1

    def has_let_go(self, trial: Trial) -> bool:
        """Tell whether a trial stands at a rung from which it did not go on."""
        waits = trial.number in self._going_up
        return trial.rung in trial.scores and trial.rung < self._rung and not trial.over and not waits


class Search:
    """Brackets one after the other; the same answers in the same order give the same questions."""

    def __init__(self) -> None:
        self.trials: list[Trial] = []
        self.brackets: list[Bracket] = []
        self.told = 0
        """How often it was told something."""
        self._best: tuple[int, Trial | None] = (0, None)

    def add(self, propose: Proposal, rungs: Sequence[Rung]) -> Bracket:
        """Plan more trials, after those that are planned."""
        self.brackets.append(Bracket(len(self.brackets), propose, rungs))
        return self.brackets[-1]

    def ask(self) -> Trial | None:
        """Give the trial that trains next; None where others must come out first, or all is done."""
        for bracket in self.brackets:
            if not bracket.is_done:
                trial = bracket.ask(self.trials)
                if trial or not bracket.is_done:
                    return trial
        return None

    def steps(self, trial: Trial) -> int:
        """Say how many steps a trial shall have done at the rung that it is on its way to."""
        return self.brackets[trial.bracket].rungs[trial.rung].steps

    def tell(self, trial: Trial, scores: Sequence[float], over: bool = False) -> None:
        """Hear what came out of a trial at its rung, one score for each repeat."""
        is_known, best = self._best[0] == self.told, self._best[1]
        self.brackets[trial.bracket].tell(trial, scores, over)
        self.told += 1
        if is_known and trial is not best:  # which may have got worse
            self._best = self.told, self._better(best, trial)

    def restore(self, trials: Sequence[Trial]) -> list[Trial]:
        """Take over the trials that were there before; give those that were on their way."""
        self.trials, self._best = sorted(trials, key=lambda trial: trial.number), (-1, None)
        return [
            trial
            for bracket in self.brackets
            for trial in bracket.restore([t for t in self.trials if t.bracket == bracket.number])
        ]

    @property
    def planned(self) -> int:
        """Count the trials that are to be."""
        return sum(bracket.planned for bracket in self.brackets)

    @property
    def is_done(self) -> bool:
        """Tell whether nothing more is to come."""
        return all(bracket.is_done for bracket in self.brackets)

    @property
    def best(self) -> Trial | None:
        """Give the trial with the best score among those that trained the longest; None where none has one."""
        if self._best[0] != self.told:
            best: Trial | None = None
            for trial in self.trials:
                best = self._better(best, trial)
            self._best = self.told, best
        return self._best[1]

    def _better(self, best: Trial | None, other: Trial) -> Trial | None:
        """Give the better one of two, the earlier one where they are alike; one without a score is none."""
        if other.reached is None or not math.isfinite(other.score):
            return best
        if best is None:
            return other
        here, there = ((-self.scored_at(one), one.score, one.number) for one in (best, other))
        return other if there < here else best

    def scored_at(self, trial: Trial) -> int:
        """Give the steps after which a trial's score was taken; 0 where it has none."""
        return 0 if trial.reached is None else self.brackets[trial.bracket].rungs[trial.reached].steps

    def comparable(self) -> tuple[list[Trial], list[float]]:
        """Give the trials that were measured after the same number of steps, as many as there are, with their scores then."""
        by_steps: dict[int, list[tuple[Trial, float]]] = {}
        for trial in self.trials:
            for rung, scores in trial.scores.items():
                by_steps.setdefault(self.brackets[trial.bracket].rungs[rung].steps, []).append((trial, mean(scores)))
        most = max(by_steps.items(), key=lambda item: (len(item[1]), item[0]), default=(0, []))[1]
        return [trial for trial, _ in most], [score for _, score in most]
