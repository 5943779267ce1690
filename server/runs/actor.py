"""Something that does one thing at a time, in a thread of its own."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from logging import ERROR
from typing import Any, TypeVar

from server.logs import event

Answer = TypeVar("Answer")


class Actor:
    """Others hand in questions and get answers; the thread is there only while there is something to do.

    A subclass says whether it is `busy` without being asked, and takes its `turn` after each round of questions. Whatever is
    raised in a turn, the thread lives: the subclass hears of it in `broken`, and must not be busy any more after that.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._working = self._attention = False
        self._condition = threading.Condition()
        self._questions: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._thread: threading.Thread | None = None

    def busy(self) -> bool:
        """Tell whether there is work though nobody asks."""
        raise NotImplementedError

    def turn(self) -> None:
        """Do the next piece of work until somebody asks, or what is to be done after questions."""
        raise NotImplementedError

    def broken(self, error: Exception) -> None:
        """Hear that a turn raised something that nobody expected."""
        raise NotImplementedError

    def ask(self, question: Callable[[], Answer]) -> "Future[Answer]":
        """Have something done between two turns, in the actor's own thread, and get what it returns or raises."""
        answer: Future[Answer] = Future()
        with self._condition:
            self._questions.append((question, answer))
            self._attention = True
            self._condition.notify()
            if not self._working:
                self._working = True
                self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
        return answer

    @property
    def is_asked(self) -> bool:
        """Tell whether somebody waits for an answer, which a long turn must not hold up."""
        return self._attention

    @property
    def is_working(self) -> bool:
        """Tell whether its thread is there, and does something."""
        return self._working

    def join(self, seconds: float) -> None:
        """Wait for the thread's end."""
        if self._thread is not None:
            self._thread.join(seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass in the actor's thread, until somebody asks."""
        with self._condition:
            if not self._attention:
                self._condition.wait(seconds)

    def wait_until(self, happened: Callable[[], bool], seconds: float) -> None:
        """Let time pass until this has happened, which `nudge` lets the actor look at, or somebody asks."""
        with self._condition:
            self._condition.wait_for(lambda: self._attention or happened(), max(0.0, seconds))

    def nudge(self) -> None:
        """Let the actor see, from any thread, whether what it waits for has happened."""
        with self._condition:
            self._condition.notify()

    def _work(self) -> None:
        while self._has_work():
            if self._attention:
                self._reply_to_all()
            try:
                self.turn()
            except Exception as error:
                self._mend(error)

    def _mend(self, error: Exception) -> None:
        try:
            self.broken(error)
        except Exception as another:  # questions are answered all the same
            event(ERROR, "actor broken", name=self._name, error=in_words(another))

    def _has_work(self) -> bool:
        with self._condition:
            self._working = self._attention or self.busy()
            return self._working

    def _reply_to_all(self) -> None:
        with self._condition:
            questions, self._attention = list(self._questions), False
            self._questions.clear()
        for question, answer in questions:
            is_awaited = answer.set_running_or_notify_cancel()  # else who asked has gone, and it is done all the same
            try:
                found = question()
            except StopIteration as error:  # which no event loop can hand on
                self._refuse(answer, is_awaited, RuntimeError(in_words(error)))
            except Exception as error:
                self._refuse(answer, is_awaited, error)
            else:
                if is_awaited:
                    answer.set_result(found)

    def _refuse(self, answer: "Future[Any]", is_awaited: bool, error: Exception) -> None:
        if is_awaited:
            answer.set_exception(error)


def in_words(error: BaseException) -> str:
    """Say what was raised; some exceptions have no words of their own."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
