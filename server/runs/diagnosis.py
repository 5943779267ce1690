"""What the doctor finds of one run, now and after each step at which it changed. Looking never ends a training."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from logging import ERROR
from traceback import format_exception
from typing import Any

import engine as nn
from engine import Training
from engine.training.causes import ORDER
from engine.training.events import Event, Metrics
from server.logs import event as log
from server.messages import finite
from server.runs.actor import in_words
from server.storage.database import Database, StorageError

KNOWN_ROWS = 25
"""So many rows a doctor needs to know a run again that was put away: until then, what was found before still stands."""
CLOSEST, SPARSE = 10, 10
"""Where only numbers change, an entry of the log is so many steps, and this part of all steps, after the one before."""
MOST_ENTRIES = 400
"""With so many entries, others are as far apart as those too: a log never grows without bound."""

Found = dict[str, Any]
"""A finding, as JSON has it."""


@dataclass(frozen=True)
class Findings:
    """What was found after a step, most causal first. It is replaced as a whole, for others read it in other threads."""

    step: int = 0
    found: list[Found] = field(default_factory=list)


class Diagnosis:
    """Lets the doctor observe one run, says what he found, and writes down when it changed."""

    def __init__(self, store: Database, run: str, news: Callable[[], None]) -> None:
        self.now, self.trouble = Findings(), ""
        self.saved: Future[None] | None = None
        self._store, self._run, self._news = store, run, news
        self._doctor: nn.Doctor | None = None
        self._seen: tuple[nn.Finding, ...] | None = None
        self._heard: tuple[nn.Finding, ...] | None = None
        """What a doctor elsewhere says, who is with the training in its worker; None where there is none."""
        self._known: list[Found] = []
        self._rows_since = 0
        self._entries, self._written = 0, Findings(-1)
        self._raised: set[type[Exception]] = set()
        try:
            self._read()
            self.now = Findings(max(0, self._written.step), self._written.found)
            self._known = self.now.found
        except (ValueError, StorageError) as error:
            self._note(error)

    def observe(self, training: Training, event: Event) -> None:
        """Let the doctor see what happened. Where that goes wrong training does not suffer for it, and `trouble` says so."""
        try:
            doctor = self._doctor or self._called_to(training, event.step)
            doctor.observe(event)
            self._rows_since += isinstance(event, Metrics)
            if (seen := doctor.findings) is not self._seen or self._known:
                self._take(seen, training.step)
            self.trouble = ""
        except Exception as error:
            self._note(error)

    def look(self, step: int) -> None:
        """Take what the doctor says at the end of a training, which may have ended because of it."""
        try:
            if self._doctor is not None:
                self._take(self._doctor.findings, step)
        except Exception as error:
            self._note(error)

    def hear(self, findings: tuple[nn.Finding, ...] | None, step: int, measured: bool, again: bool = False) -> None:
        """Hear what a doctor elsewhere says after a step, None where it is what he said before; `measured` where it has a row,
        `again` where the step was done before.
        """
        try:
            self._heard = findings if findings is not None else self._heard or ()
            self._rows_since += measured
            if not again:
                self._take(self._heard, step)
            self.trouble = ""
        except Exception as error:
            self._note(error)

    def hear_called(self, step: int) -> None:
        """Hear that a doctor elsewhere was called to a training that was made there just now."""
        if self._doctor is not None:
            self.put_away()
        self._heard, self._seen, self._rows_since = (), None, 0
        if not step:
            self._known = []

    def _called_to(self, training: Training, step: int) -> nn.Doctor:
        """Call a doctor to a training that was made just now; what was found before it was put away still stands."""
        self.put_away()
        self._doctor, self._seen, self._rows_since = nn.Doctor(training), None, 0
        if not step:
            self._known = []
        return self._doctor

    def _take(self, seen: tuple[nn.Finding, ...], step: int) -> None:
        """Take over what the doctor says where it is something else, and write it down where that is due."""
        if self._known and self._rows_since >= KNOWN_ROWS:
            self.forget_known()
        if seen == self._seen:
            return
        found = self._with_known([plain(finding.as_dict()) for finding in seen])
        self._seen = seen
        if found == self.now.found:
            return
        changed = names(found) != names(self.now.found)
        self.now = Findings(step, found)
        if changed or self._is_due(step):
            self._write(changed)
        self._news()

    def _with_known(self, found: list[Found]) -> list[Found]:
        """Add what was known before and was not seen again yet; what stood before began when it began."""
        began = {name_of(one): one["since"] for one in self.now.found}
        again = [{**one, "since": min(one["since"], began.get(name_of(one), one["since"]))} for one in found]
        missing = [one for one in self._known if name_of(one) not in names(found)]
        return sorted([*again, *missing], key=lambda one: ORDER.get(one["cause"], len(ORDER)))

    def _read(self) -> None:
        """See how far what is written goes."""
        self._entries, last = self._store.count_findings(self._run)
        self._written = Findings(last["step"], last["findings"]) if last else Findings(-1)

    def _is_due(self, step: int) -> bool:
        return step - self._written.step >= max(CLOSEST, self._written.step // SPARSE)

    def _write(self, changed: bool = True) -> None:
        """Write down what is found now; what was written of a later step stays, where a run repeats its last steps."""
        now, last = self.now, self._written
        if now.step < last.step or (changed and self._entries > MOST_ENTRIES and not self._is_due(now.step)):
            return
        self._entries += now.step > last.step
        self._written = now
        self.saved = self._store.add_findings(self._run, now.step, now.found)

    def settle(self, step: int) -> None:
        """Write down what is found where the run trains no more for now, with its newest numbers."""
        if self.now.found != self._written.found:
            self.now = Findings(step, self.now.found)
            self._write()

    def forget_known(self) -> None:
        """Let only count what the doctor sees by himself from now on, for the run goes on with other choices."""
        self._known, self._seen = [], None

    def cut(self, step: int) -> None:
        """Drop what was found after later steps, because the run goes on differently from here."""
        if self._written.step > step:
            self._store.cut_findings(self._run, step).result()
            self._read()

    def begin_anew(self) -> None:
        """Forget all of it: the network is another one, and untouched."""
        self.put_away()
        self.cut(-1)
        self.now = Findings()
        self._news()

    def put_away(self) -> None:
        """Send the doctor away, who holds the training; what he found stays, until another has seen enough."""
        if self._doctor is not None or self._heard is not None:
            self._doctor, self._heard, self._known = None, None, self.now.found

    def log(self) -> list[dict[str, Any]]:
        """Give step and findings of every entry, in order. Raises ValueError, StorageError."""
        return self._store.findings(self._run)

    def _note(self, error: Exception) -> None:
        """Say that the doctor cannot look, and why; each kind of trouble is told once with all that led to it."""
        self.trouble = f"the doctor cannot look at this run: {in_words(error)}"
        if type(error) not in self._raised:
            self._raised.add(type(error))
            log(ERROR, "doctor", run=self._run, error="".join(format_exception(error)))


def plain(found: Found) -> Found:
    """Turn what a finding says into what JSON can say. Raises TypeError, ValueError where it cannot."""
    said: Found = json.loads(json.dumps(finite(found), default=float, allow_nan=False))
    return said


def name_of(found: Found) -> tuple[str, int | None]:
    """Give what makes a finding another one: its cause and its layer, not its numbers."""
    return found["cause"], found["layer"]


def names(found: list[Found]) -> list[tuple[str, int | None]]:
    """Give the names of several, in their order."""
    return [name_of(one) for one in found]
