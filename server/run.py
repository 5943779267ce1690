"""One run: a thread that iterates the engine's generator, and what others may ask of it.

Everything that changes a run happens in the run's own thread, between two steps: others hand in a question with `ask`
and get its answer. So no two clients can catch a run half-way, whatever they send at once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any, TypeVar

import engine as nn
from engine import Configuration, ConfigurationError, Training
from engine.events import Event
from server.bell import Bell
from server.camera import Camera
from server.progress import Progress
from server.settings import Settings
from server.slots import Slots
from server.store import MetricsLog

ENDED = ("finished", "stopped", "diverged", "failed", "interrupted")
YOUNG = 60
"""Seconds during which a run that nobody watches yet is kept."""
Answer = TypeVar("Answer")


class ConflictError(Exception):
    """The run's status does not allow what was asked."""


class Run:
    """A training in a thread of its own.

    queued → running ⇄ paused → finished | stopped | diverged | failed
    """

    def __init__(
        self, id: str, configuration: Configuration, settings: Settings, slots: Slots, log: MetricsLog,
        wake: Callable[[Callable[[], None]], None],
    ) -> None:
        self.id, self.configuration, self.log = id, configuration, log
        self.reached = Progress(log)
        self.name, self.note, self.error = "", "", ""
        self.speed: float | None = None
        self.status, self.created, self.revision = "queued", time.time(), 0
        self.bell = Bell(wake)
        self.training: Training | None = None
        self.deleted = False
        self._slots = slots
        self._has_slot = self._attention = self._over = False
        self._condition = threading.Condition(threading.RLock())
        self._questions: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self.camera = Camera(id, lambda name: self.trained().picture(name), settings)
        self._due = 0.0
        self._events: Iterator[Event] = iter(())
        self._thread = threading.Thread(target=self._work, name=f"run {id}", daemon=True)

    def begin(self, start: bool) -> None:
        """Start the thread; it trains as soon as there is a slot, or waits before its first step."""
        if not start:
            self.status = "paused"
        elif self._slots.take(self.id, self._granted):
            self._has_slot, self.status = True, "running"
        self._thread.start()

    def ask(self, question: Callable[[], Answer]) -> "Future[Answer]":
        """Have something done between two steps, in the run's own thread, and get what it returns or raises."""
        answer: Future[Answer] = Future()
        with self._condition:
            if self._over:
                reply(question, answer)
            else:
                self._questions.append((question, answer))
                self._attention = True
                self._condition.notify()
        return answer

    def pause(self) -> None:
        """Wait between two steps, and let another run train meanwhile."""
        self._allow("pause", "running", "queued")
        self._release()
        self._change("paused")

    def resume(self) -> None:
        """Train on, as soon as there is a slot."""
        self._allow("resume", "paused")
        if self._slots.take(self.id, self._granted):
            self._has_slot = True
            self._change("running")
        else:
            self._change("queued")

    def advance_once(self) -> None:
        """Do exactly one step, and stay paused."""
        self._allow("step", "paused")
        self._advance()
        self.bell.ring()

    def stop(self) -> None:
        """End the training for good; what was learned stays."""
        self._allow("stop", "queued", "running", "paused")
        self._change("stopped")

    def tune(self, changes: dict[str, Any]) -> None:
        """Change what may change while a run trains: optimizer fields, speed, name, note. All of it, or nothing."""
        training = self.trained()
        optimizer = changes.get("optimizer", {})
        named = {"name": type(training.optimizer).__name__, **self.configuration.optimizer, **optimizer}
        if named["name"] != self.configuration.optimizer["name"]:
            raise ConfigurationError("optimizer.name", "another optimizer needs a new run")
        nn.configure({**self.configuration.as_dict(), "optimizer": named})
        if optimizer and self.status in ENDED:
            raise ConflictError(f"the run is {self.status}: its optimizer does nothing any more")
        for name, value in optimizer.items():
            if name != "name":
                setattr(training, name, value) if name == "learning_rate" else setattr(training.optimizer, name, value)
        self.configuration.optimizer = named
        self.speed = changes.get("speed", self.speed)
        self.name, self.note = changes.get("name", self.name), changes.get("note", self.note)
        self._due = 0.0
        self.revision += 1
        self.bell.ring()

    def watch(self, names: set[str]) -> None:
        """Say which pictures anybody looks at now."""
        def change() -> None:
            order = list(self.trained().probes)
            known = [name for name in names if name.partition("/")[0] in order]
            self.camera.watch(sorted(known, key=lambda name: (order.index(name.partition("/")[0]), name)))
            if self._over:
                self._look_around()
        self.ask(change)

    def answer(self, x: Any) -> dict[str, Any]:
        """Say what the network gives for these inputs now."""
        return {name: values.tolist() for name, values in self.trained().answer(x).items()}

    def trained(self) -> Training:
        """Give the training; ConflictError where there is none yet, or never will be."""
        if self.training is None:
            raise ConflictError(f"the run has no network: {self.error or 'it is still being made'}")
        return self.training

    def abandon(self) -> None:
        """End the thread, because the run is deleted or the server stops."""
        def end() -> None:
            self.deleted = True
            if self.status not in ENDED:
                self._change("stopped")
            self.bell.ring()
        self.ask(end)

    def join(self, seconds: float) -> None:
        """Wait for the thread's end."""
        self._thread.join(seconds)

    def describe(self) -> dict[str, Any]:
        """Give everything about the run that JSON can say."""
        training = self.training
        plans = training.network.plans if training else []
        return {
            **self.progress(), "created": self.created, "note": self.note, "configuration": self.configuration.as_dict(),
            "steps_per_epoch": training.steps_per_epoch if training else None,
            "input_shape": list(training.network.input_shape) if training else None,
            "layers": [{"name": type(p.layer).__name__, "output_shape": list(p.output_shape), "parameters": p.parameters}
                       for p in plans],
            "parameters": sum(p.parameters for p in plans),
            "examples": [len(training.task.x), len(training.task.x_test)] if training else None,
        }

    @property
    def is_young(self) -> bool:
        """Tell whether the page that made the run may still be on its way to watch it."""
        return time.time() - self.created < YOUNG

    @property
    def size(self) -> int:
        """Estimate the bytes that the run's data and parameters hold."""
        if self.training is None:
            return 0
        return int(self.training.task.x.nbytes + self.training.task.x_test.nbytes + 4 * self.training.network.theta.nbytes)

    @property
    def step(self) -> int:
        """Count the steps done."""
        return self.reached.step

    def progress(self) -> dict[str, Any]:
        """Give what changes while the run trains."""
        training = self.training
        return {
            **self.reached.describe(), "id": self.id, "name": self.name, "task": self.configuration.task, "status": self.status,
            "revision": self.revision, "steps": self.configuration.steps,
            "epoch": self.step / training.steps_per_epoch if training else 0.0,
            "waiting": self._slots.position(self.id), "speed": self.speed, "optimizer": self.configuration.optimizer,
            "steps_per_second": self.reached.steps_per_second() if self.status == "running" else None,
            "error": self.error or None,
        }

    def _work(self) -> None:
        try:
            self.training = Training(self.configuration)
            self._events = self.training.events()
            self._take(next(self._events))
            while self.status not in ENDED:
                if self._attention:
                    self._reply_to_all()
                if self.status == "running":
                    self._advance()
                    self._keep_pace()
                elif self.status not in ENDED:
                    self._look_around()
                    with self._condition:
                        self._condition.wait_for(lambda: self._attention)
        except Exception as error:
            self._fail(error)
        finally:
            self._leave()

    def _advance(self) -> None:
        """Do one step, keep its row, and look at the network where it is time to."""
        before = time.perf_counter()
        try:
            event = next(self._events)
        except nn.DivergedError as error:
            self.error = str(error)
            self._change("diverged")
            return
        now = time.perf_counter()
        self.reached.seconds += now - before
        self._take(event)
        if self.step >= self.configuration.steps:
            self._change("finished")
        elif self.status == "running" and self.camera.due(now):
            self.camera.once(now, self.step)
            self.bell.ring()

    def _take(self, event: Event) -> None:
        if self.reached.take(event):
            self.bell.ring_for_a_row()

    def _keep_pace(self) -> None:
        """Wait until the next step is due, where a speed was chosen; questions interrupt the waiting."""
        if not self.speed:
            return
        now = time.perf_counter()
        self._due = max(self._due, now - 0.1) + 1 / self.speed
        with self._condition:
            if self._due > now and not self._attention:
                self._condition.wait(self._due - now)

    def _look_around(self) -> None:
        self.camera.all(self.step)
        self.bell.ring()

    def _reply_to_all(self) -> None:
        with self._condition:
            questions, self._attention = list(self._questions), False
            self._questions.clear()
        for question, answer in questions:
            reply(question, answer)

    def _fail(self, error: Exception) -> None:
        self.error = f"{type(error).__name__}: {error}"
        self._change("failed")

    def _leave(self) -> None:
        """Show the last pictures and answer the last questions; from now on `ask` answers by itself."""
        self._release()
        with self._condition:
            if self.training:
                try:
                    self._look_around()
                except Exception as error:
                    self._fail(error)
            self._over = True
            self._reply_to_all()
        self.bell.ring()

    def _granted(self) -> None:
        """Take the slot that came free, unless nobody wants it any more."""
        def take() -> None:
            if self.status == "queued":
                self._has_slot = True
                self._change("running")
            else:
                self._slots.give_back()
        self.ask(take)

    def _release(self) -> None:
        if self._has_slot:
            self._has_slot = False
            self._slots.give_back()
        else:
            self._slots.leave(self.id)

    def _change(self, status: str) -> None:
        self.status = status
        self.revision += 1
        self.camera.hurry()
        self._due = 0.0
        self.reached.forget_speed()
        self.bell.ring()

    def _allow(self, what: str, *statuses: str) -> None:
        if self.status not in statuses:
            raise ConflictError(f"cannot {what} a run that is {self.status}; it must be {' or '.join(statuses)}")


def reply(question: Callable[[], Answer], answer: "Future[Answer]") -> None:
    """Answer a question, with what it raises where it raises."""
    try:
        answer.set_result(question())
    except Exception as error:
        answer.set_exception(error)
