"""What the doctor finds while a run trains in the terminal: when it begins, when it is over, and what to try."""

from collections.abc import Iterator
from dataclasses import dataclass
from logging import ERROR
from traceback import format_exception

import engine as nn
from engine.training.causes import CAUSES
from engine.training.events import Event
from server.logs import event as log


@dataclass
class Episode:
    """Something that was found: from which step, until which (None: to the end), and as it was said last."""

    begin: int
    end: int | None
    finding: nn.Finding

    @property
    def title(self) -> str:
        """Name it."""
        return CAUSES[self.finding.cause].title

    @property
    def remedies(self) -> list[str]:
        """Say what to try."""
        return [remedy.title for remedy in self.finding.remedies]


class Findings:
    """Lets the doctor observe a training; where that goes wrong, training does not suffer for it."""

    def __init__(self, training: nn.Training) -> None:
        self.training = training
        self.episodes: list[Episode] = []
        self._going_on: dict[tuple[str, int | None], Episode] = {}
        self._doctor: nn.Doctor | None = None
        self._said = ""

    def observe(self, event: Event | None) -> Iterator[str]:
        """Let the doctor see what happened, None where training ended, and give a line for all that begins or is over."""
        try:
            doctor = self._doctor = self._doctor or nn.Doctor(self.training)
            if event:
                doctor.observe(event)
            found = doctor.findings
        except Exception as error:
            words = f"the doctor cannot look at this run: {type(error).__name__}: {error}"
            if words != self._said:
                self._said = words
                log(ERROR, "doctor", error="".join(format_exception(error)))
                yield words
            return
        yield from self._told(found, self.training.step)

    def _told(self, found: tuple[nn.Finding, ...], step: int) -> Iterator[str]:
        now = {(finding.cause, finding.layer): finding for finding in found}
        for name in [name for name in self._going_on if name not in now]:
            episode = self._going_on.pop(name)
            episode.end = step
            yield f"step {step:,}: over, since step {episode.begin:,}: {episode.title}"
        for name, finding in now.items():
            if name in self._going_on:
                self._going_on[name].finding = finding
                continue
            episode = self._going_on[name] = Episode(step, None, finding)
            self.episodes.append(episode)
            tries = f" Try: {', or '.join(episode.remedies)}." if finding.remedies else ""
            yield f"step {step:,}: {finding.sentence}{tries}"
