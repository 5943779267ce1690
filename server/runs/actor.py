"""Something that does one thing at a time, in a thread of its own."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Actor:
    """Others hand in questions and get answers; the thread is there only while there is something to do.

    A subclass says whether it is `busy` without being asked, and takes its `turn` after each round of questions.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._working = self._attention = False
        self._condition = threading.Condition()
        self._questions: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._thread = threading.Thread()

    def busy(self) -> bool:
        """Tell whether there is work though nobody asks."""
        raise NotImplementedError

    def turn(self) -> None:
        """Do the next small piece of work, or what is to be done after questions."""
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

    def join(self, seconds: float) -> None:
        """Wait for the thread's end."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def wait(self, seconds: float) -> None:
        """Let time pass in the actor's thread, until somebody asks."""
        with self._condition:
            if not self._attention:
                self._condition.wait(seconds)

    def _work(self) -> None:
        while self._has_work():
            if self._attention:
                self._reply_to_all()
            self.turn()

    def _has_work(self) -> bool:
        with self._condition:
            self._working = self._attention or self.busy()
            return self._working

    def _reply_to_all(self) -> None:
        with self._condition:
            questions, self._attention = list(self._questions), False
            self._questions.clear()
        for question, answer in questions:
            try:
                answer.set_result(question())
            except Exception as error:
                answer.set_exception(error)
