"""The doctor: looks at a run while it trains, and says what goes wrong."""

import numpy as np

from engine.explain.finding import Finding
from engine.explain.rules import RULES
from engine.explain.rules.rule import Rule
from engine.explain.vitals import MOST_LOOKS, Record, Vitals, constant_loss
from engine.pictures.layers import norm
from engine.training.causes import CAUSES
from engine.training.events import Event, Metrics
from engine.training.training import Training

EVERY = 20
"""Steps from one look to the next, to begin with."""
ORDER = {cause: place for place, cause in enumerate(CAUSES)}


class Doctor:
    """Looks at a training between its steps, changes nothing, and says what goes wrong.

    `doctor = nn.Doctor(training)`, then `doctor.observe(event)` after each event of `training.events()`, or after some of
    them. What a training was ended by it sees by itself.
    """

    def __init__(self, training: Training) -> None:
        """Look at the set-up: what can be known before the first step is found at once."""
        self.training = training
        self.record = Record(training, constant_loss(training))
        self.rules: list[Rule] = [rule() for rule in RULES]
        self.held: dict[str, tuple[int, Finding | None]] = {}
        """By cause: in how many looks in a row it was found (or, where it is said, missed), and what is said."""
        self.found: tuple[Finding, ...] = ()
        self.every, self.next_look = EVERY, training.step + EVERY
        self.losses: list[float] = []
        self.examine()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give what is wrong now, most causal first; nothing where all is well."""
        if self.training.diverged and not any(finding.cause == "not finite" for finding in self.found):
            self.examine()
        return self.found

    def observe(self, event: Event) -> None:
        """Be told that a step is done; now and then it looks at the network."""
        if event.step and self.training.last_loss is not None:
            self.losses.append(self.training.last_loss)
        elif isinstance(event, Metrics):
            self.record.first = event.loss
            self.examine()
        if event.step >= self.next_look:
            self.look()

    def look(self) -> None:
        """Look at the network, and examine what was seen."""
        record, training = self.record, self.training
        theta, gradient = training.network.theta, training.network.gradient
        measured = []
        for part in training.network.parts():
            size, moved = norm(training.theta_before[part]), norm(theta[part] - training.theta_before[part])
            measured.append((moved / size if size else 0.0, norm(gradient[part]), size))
        ratio, length, size_of = np.array(measured).T
        losses = np.array(self.losses or [np.nan])
        self.losses = []
        seen = Vitals(training.step, float(losses.mean()), float(losses.min()), ratio, length, size_of, training.row)
        record.looks.append(seen)
        if len(record.looks) > MOST_LOOKS:
            record.looks = record.looks[1::2]
            self.every *= 2
        self.next_look = training.step + self.every
        self.examine()

    def examine(self) -> None:
        """Ask all rules, and keep what lasts."""
        for rule in self.rules:
            finding = rule.examine(self.record)
            count, said = self.held.get(rule.cause, (0, None))
            if (finding is None) == (said is None):
                count = 0
            else:
                count += 1
            if count >= rule.lasts or rule.cause == "not finite":
                said, count = finding, 0
            elif finding is not None and said is not None:
                said = finding
            self.held[rule.cause] = count, said
        self.found = tuple(sorted((said for _, said in self.held.values() if said), key=lambda one: ORDER[one.cause]))
