"""A class that works through a lesson: who has reached which goal. Names are what students type, kept in memory only."""

import secrets
import time
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from engine import ConfigurationError
from server.lessons.lesson_file import Lesson, read_lesson

MOST_STUDENTS, LONGEST_NAME = 120, 40


@dataclass
class Student:
    """A student who is there: the number in the teacher's table, and for each goal the step of the run that reached it."""

    number: int
    name: str
    reached: dict[int, int] = field(default_factory=dict)
    seen: float = field(default_factory=time.monotonic)


class Classroom:
    """The class of this server; there is one at a time."""

    def __init__(self) -> None:
        self.text = ""
        self.lesson: Lesson | None = None
        self.key = ""
        self._students: dict[str, Student] = {}
        self._numbers = 0

    def open(self, text: str) -> None:
        """Begin with a lesson, and nobody there. Raises LessonError."""
        self.lesson, self.text, self.key = read_lesson(text), text, secrets.token_hex(4)
        self._students.clear()
        self._numbers = 0

    def close(self) -> None:
        """End it: names and goals are forgotten."""
        self.lesson, self.text, self.key = None, "", ""
        self._students.clear()

    @property
    def full(self) -> bool:
        """Tell whether nobody fits in any more."""
        return len(self._students) >= MOST_STUDENTS

    def join(self, name: str) -> tuple[str, Student]:
        """Take a student in; give the secret that comes with each report. Raises ConfigurationError."""
        written = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in name)
        shown = " ".join(written.split())
        if not shown or len(shown) > LONGEST_NAME:
            raise ConfigurationError("name", f"a name has 1 to {LONGEST_NAME} characters; this one has {len(shown)}")
        self._numbers += 1
        secret, student = secrets.token_hex(16), Student(self._numbers, shown)
        self._students[secret] = student
        return secret, student

    def student(self, secret: str) -> Student:
        """Find a student who reports. Raises KeyError."""
        student = self._students[secret]
        student.seen = time.monotonic()
        return student

    def remove(self, number: int) -> None:
        """Take a student out. Raises KeyError."""
        secret = next((secret for secret, one in self._students.items() if one.number == number), None)
        if secret is None:
            raise KeyError(number)
        del self._students[secret]

    def table(self) -> list[dict[str, Any]]:
        """Give who has reached what, those who came first before the others."""
        now = time.monotonic()
        return [
            {
                "number": one.number,
                "name": one.name,
                "reached": [{"step": step, "at": at} for step, at in sorted(one.reached.items())],
                "seconds": round(now - one.seen, 1),
            }
            for one in self._students.values()
        ]
