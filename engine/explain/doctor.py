"""The doctor: looks at a run while it trains, and says what goes wrong."""

from dataclasses import replace

import numpy as np

from engine.explain.chance import constant_losses
from engine.explain.finding import Finding
from engine.explain.rules import RULES
from engine.explain.rules.by_hand import by_hand
from engine.explain.rules.rule import Rule
from engine.explain.rules.steps import StepTooSmall
from engine.explain.vitals import MOST_LOOKS, Record, Stethoscope, fan_gains, usual_sizes
from engine.tasks import Task
from engine.training.causes import ORDER
from engine.training.events import Event, Metrics
from engine.training.training import Training

EVERY, FEEL = 100, 20
"""Steps from one look to the next, and from one measure of a step's length to the next."""
SELDOM, LIGHT = 320, 200_000
"""How rare looks become where a step moves fewer numbers than this, and a look takes longer than a step."""
FIRST = 10
"""The step of the first look; the next come after twice as many, until it is one every EVERY steps."""
BY_EXCLUSION = ("nothing to learn", "cannot fit")
"""What is said only where nothing more causal is found."""
MOST_GRADIENTS = 1000
"""Of how many steps the length of the gradient is kept."""


class Doctor:
    """Looks at a training between its steps, changes nothing, and says what goes wrong.

    `doctor = nn.Doctor(training)`, then `doctor.observe(event)` after each event of `training.events()`, or after some of
    them. What a training was ended by it sees by itself.
    """

    def __init__(self, training: Training) -> None:
        """Look at the set-up: what can be known before the first step is found at once."""
        self.training = training
        self.record = Record(training, *constant_losses(training), usual_sizes(training.network))
        self.stethoscope = Stethoscope(training)
        self.rules: list[Rule] = [rule() for rule in RULES]
        self.streaks: dict[str, tuple[int, int]] = {}
        """By cause: in how many looks in a row it was found (or, where it is said, missed), and the first step of them."""
        work = sum(plan.memory for plan in training.network.plans) * training.configuration.examples_per_step
        self.seldom = SELDOM if work < LIGHT else EVERY
        self.said: dict[str, Finding] = {}
        self.task: Task | None = None
        self.found: tuple[Finding, ...] = ()
        self.every, self.next_look, self.next_feel = EVERY, training.step + FIRST, training.step + 1
        self.each_gradient = self.stethoscope.recurrent is not None and training.configuration.clip_norm is None
        if training.step == 0:
            self.record.start = self.stethoscope.look(False)
            self.record.gain = max(fan_gains(training.network), key=lambda one: one[1], default=(0, 0.0))
        if training.row is not None:
            self.record.take(training.row)
        self.examine()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Give what is wrong now, most causal first; nothing where all is well."""
        if self.training.diverged and "not finite" not in self.said:
            self.examine()
        return self.found

    def observe(self, event: Event) -> None:
        """Be told that a step is done; now and then it looks at the network."""
        step = event.step
        if step:
            self.stethoscope.losses.append(self.training.last_loss or 0.0)
            if self.each_gradient or step >= self.next_feel:
                self.feel(step)
        if isinstance(event, Metrics):
            self.record.take(event)
            if not step:
                self.examine()
        if step >= self.next_look:
            self.look()

    def feel(self, step: int) -> None:
        """Measure the length of the gradient and, now and then, of the step."""
        gradient = self.training.network.gradient
        lengths = self.record.gradients
        lengths.append(float(np.sqrt(np.dot(gradient, gradient))))
        if len(self.record.early) < FIRST:
            self.record.early.append(lengths[-1])
        if len(lengths) > MOST_GRADIENTS:
            del lengths[: MOST_GRADIENTS // 2]
        if step >= self.next_feel:
            self.stethoscope.feel()
            self.next_feel = step + (2 if step <= FIRST else FEEL if step < 10 * FEEL else 2 * FEEL)

    def look(self) -> None:
        """Look at the network, and examine what was seen."""
        record, past = self.record, self.record.now
        if self.each_gradient and past is not None:
            record.heard(self.training.step - past.step)
        record.looks.append(self.stethoscope.look(len(record.looks) % 2 == 1, record.level >= StepTooSmall.UNLEARNED))
        if len(record.looks) > MOST_LOOKS:
            record.looks = record.looks[1::2]
            self.every *= 2
        step = self.training.step
        self.next_look = step + min(max(self.every, min(step // 4, self.seldom)), max(FIRST, step))
        self.examine()

    def examine(self) -> None:
        """Ask all rules, and keep what lasts."""
        step, at_start = self.training.step, self.training.step == 0 or self.training.task is not self.task
        if self.training.task is not self.task and self.task is not None:
            self.record.baseline, self.record.test_baseline = constant_losses(self.training)
        self.task = self.training.task
        for rule in self.rules:
            if rule.at_start and not at_start and rule.cause not in self.said:
                continue
            finding, said = rule.examine(self.record), self.said.get(rule.cause)
            finding = finding and by_hand(finding, self.record)
            if finding is None and said is None:
                self.streaks.pop(rule.cause, None)
                continue
            count, since = self.streaks.get(rule.cause, (0, step))
            if (finding is None) == (said is None):
                count, since = 0, step
            if finding is not None and said is not None:  # still so: with the newest numbers
                self.said[rule.cause] = replace(finding, since=min(finding.since, said.since))
            else:
                count += 1
                if count >= rule.lasts:
                    if finding is None:
                        del self.said[rule.cause]
                    else:
                        self.said[rule.cause] = replace(finding, since=min(finding.since, since))
                    count = 0
            self.streaks[rule.cause] = count, since
        found = sorted(self.said.values(), key=lambda one: ORDER[one.cause])
        ill = [finding for finding in found if finding.kind != "good"]
        ill = [finding for i, finding in enumerate(ill) if not (i and finding.cause in BY_EXCLUSION)]
        self.found = tuple(ill or found)  # who praises does not blame
