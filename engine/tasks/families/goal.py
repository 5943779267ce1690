"""When a task counts as learned, and what is said then."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """What a task calls solved:  a column of its metrics has come to `reached`, and has not fallen back to `lost` since.

    A share of right answers has to be as large, a loss as small. Where a run has no test data, the column of the training
    data counts in its place. `learned` is the sentence that says so, filled with what is true: {value} is the measured one,
    {unseen} "it never saw" (or "it trained on", without test data), and the others are fields of the task's data.
    """

    column: str
    reached: float
    learned: str

    @property
    def is_share(self) -> bool:
        """Tell whether more is better, because right answers are counted."""
        return self.column.endswith("accuracy")

    @property
    def lost(self) -> float:
        """Give the value from which on it does not count as learned any more: clearly worse, so that noise does not flicker."""
        return 0.95 * self.reached if self.is_share else 1.5 * self.reached


def points_right(what: str, reached: float = 0.98) -> Goal:
    """Make the goal of points in classes: what the boundary has done, and how many points lie on its right side."""
    return Goal("test_accuracy", reached, what + ": {value} of points {unseen} are right.")


def curve_met(what: str, reached: float) -> Goal:
    """Make the goal of a curve: what the line has done, and how far it still is from the points."""
    return Goal("test_loss", reached, what + ": its squared error on points {unseen} is {value}.")


def answers_right(what: str, reached: float) -> Goal:
    """Make the goal of examples with one right answer each."""
    return Goal("test_accuracy", reached, what)
