"""Train every task as it comes, note after how many steps and seconds it is good, and write that down.

    python -m tests.benchmarks.reach

writes `reach.json` beside this file, the table "What it reaches" in the README, and the sentences that the tasks' docstrings
quote; tests/test_reach.py compares the three. Steps are the same on every run of a machine; seconds are those of
one core, one BLAS thread, and coarse. What a person draws (paint, sketch) has no defaults worth a number.
"""

import inspect
import json
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import engine as nn
from engine.tasks import TASKS

RECORD = Path(__file__).with_suffix(".json")
README = Path(__file__).parents[2] / "README.md"
HELD = 3
"""In how many rows in a row a goal has to be met; the first of them counts."""
BEGIN, END = "<!-- python -m tests.benchmarks.reach writes this table -->", "<!-- until here -->"


@dataclass(frozen=True)
class Goal:
    """What a task's defaults, or one of its presets, should reach: this value of a column of its metrics.

    Without a value: the best that they reach in so many steps.
    """

    task: str
    words: str
    column: str
    value: float | None = None
    preset: str = ""
    steps: int = 2000

    @property
    def key(self) -> str:
        """Name the goal in the record."""
        return ": ".join(filter(None, (self.task, self.preset, "" if self.value else "best")))

    @property
    def request(self) -> dict[str, Any]:
        """Ask for the training; digits are the bundled ones, which are the same everywhere."""
        chosen = {**TASKS[self.task].defaults, **(TASKS[self.task].presets[self.preset] if self.preset else {})}
        data = {**chosen.get("data", {}), **({"source": "bundled"} if self.task in ("mnist", "autoencoder", "rows") else {})}
        return {"task": self.task, **chosen, "data": data, "steps": self.steps}

    def is_met(self, value: float) -> bool:
        """Compare: an accuracy has to be as large, a loss as small."""
        return self.value is not None and (value <= self.value if "loss" in self.column else value >= self.value)

    def reached(self, record: dict[str, Any]) -> str:
        """Say in words what was reached."""
        return self.words if self.value else f"{100 * record['value']:.0f} % of {self.words} at best"

    def after(self, record: dict[str, Any]) -> str:
        """Say in words after how many steps."""
        return f"after about {about(record['steps'])} steps" if self.value else f"in {record['steps']:,} steps"

    def sentence(self, record: dict[str, Any]) -> str:
        """Say in one sentence what the task's docstring says."""
        who = f'The preset "{self.preset}" reaches' if self.preset else "The defaults reach"
        return f"{who} {self.reached(record)} {self.after(record)}, {record['seconds']:g} s on one core."


POINTS, DIGITS, SEQUENCES = "98 % of 300 test points", "95 % of 500 test digits", "500 test sequences"
TABLE: dict[str, list[Goal]] = {
    "spiral, three arms, 300 points": [Goal("spiral", POINTS, "test_accuracy", 0.98)],
    "circles / XOR / blobs / moons, 300 points": [
        Goal(task, POINTS, "test_accuracy", 0.98) for task in ("circles", "xor", "blobs", "moons")
    ],
    "sine / cubic, 200 noisy points": [Goal(task, "a test MSE of 0.01", "test_loss", 0.01) for task in ("sine", "polynomial")],
    "step / waves, 200 noisy points": [Goal(task, "a test MSE of 0.05", "test_loss", 0.05) for task in ("step", "sines")],
    "MNIST, 8,000 bundled digits: a convolution / row by row, LSTM 64": [
        Goal(task, DIGITS, "test_accuracy", 0.95) for task in ("mnist", "rows")
    ],
    "autoencoder, 8 numbers for a digit": [Goal("autoencoder", "a binary cross-entropy of 0.17 per pixel", "test_loss", 0.17)],
    "memory, a symbol seen 40 steps ago: LSTM / GRU": [
        Goal("memory", f"100 % of {SEQUENCES}", "test_accuracy", 1, preset) for preset in ("", "GRU")
    ],
    "the same: RNN with small first weights": [
        Goal("memory", SEQUENCES, "test_accuracy", preset="RNN: it forgets", steps=1000)
    ],
    "text, next character: by heart / unseen": [
        Goal("text", "85 % of the text it reads", "accuracy", 0.85),
        Goal("text", "the unseen tenth", "test_accuracy", steps=500),
    ],
    "made-up fruit: its class / its price; made-up shapes": [
        Goal("table", "95 % of 72 test rows", "test_accuracy", 0.95),
        Goal("numbers", "a test MSE of 0.03 (97 % of the price explained)", "test_loss", 0.03),
        Goal("images", "98 % of 120 test images", "test_accuracy", 0.98),
    ],
    "copy / reverse / sort 8 of 10 tokens, one transformer block": [
        Goal("copy", "100 % of the test tokens", "test_accuracy", 1),
        Goal("reverse", "100 % of the test tokens", "test_accuracy", 1),
        Goal("sort", "99 % of the test tokens", "test_accuracy", 0.99),
    ],
    "optimizers, Rosenbrock's valley, Adam": [Goal("optimizers", "a height of 0.01", "loss", 0.01)],
}
GOALS = [goal for goals in TABLE.values() for goal in goals]


def about(steps: int) -> str:
    """Round steps as one says them: to 50, below 100 to 10."""
    unit = 50 if steps >= 100 else 10
    return f"{max(unit, unit * round(steps / unit)):,}"


def train(goal: Goal) -> dict[str, Any]:
    """Train until the goal has been met in several rows, or for all its steps where it asks for the best."""
    training = nn.Training(nn.configure(goal.request))
    best, met, start = 0.0, [], time.process_time()
    for event in training.events():
        if isinstance(event, nn.Metrics) and event.step:
            value, seconds = getattr(event, goal.column), time.process_time() - start
            best = max(best, value)
            met = [*met, noted(event.step, value, seconds)] if goal.is_met(value) else []
            if len(met) == HELD:
                return met[0]
    if goal.value is not None:
        raise SystemExit(f"{goal.key} does not reach {goal.words} in {goal.steps:,} steps")
    return noted(training.step, best, time.process_time() - start)


def noted(steps: int, value: float, seconds: float) -> dict[str, Any]:
    """Make a record: seconds rounded so that another run says the same, to one, below one to a tenth."""
    return {
        "steps": steps,
        "value": round(value, 4),
        "seconds": round(seconds) if seconds >= 1 else max(0.1, round(seconds, 1)),
    }


def table(records: dict[str, dict[str, Any]]) -> str:
    """Write the README's table."""
    lines = ["| task, with its defaults | reaches | steps, about | on one core |", "|---|---|---|---|"]
    for title, goals in TABLE.items():
        found = [records[goal.key] for goal in goals]
        reached = joined([goal.reached(record) for goal, record in zip(goals, found, strict=True)])
        steps = joined([about(r["steps"]) if goal.value else f"{r['steps']:,}" for goal, r in zip(goals, found, strict=True)])
        seconds = joined([f"{record['seconds']:g} s" for record in found])
        speeds = [TASKS[goal.task].watching_speed for goal in goals]
        watched = joined([f"{max(1, round(r['steps'] / speed))} s" for r, speed in zip(found, speeds, strict=True) if speed])
        if watched:
            seconds += f"; at the page's watching speed {watched}"
        lines.append(f"| {title} | {reached} | {steps} | {seconds} |")
    return "\n".join(lines)


def joined(words: list[str]) -> str:
    """Say alternatives, and only once how all of them end:  "3 s", "6 s" → "3 / 6 s"."""
    if len(set(words)) <= 1:
        return "".join(words[:1])
    split = [word.split(" ") for word in words]
    same = 0
    while all(len(parts) > same + 1 and parts[-1 - same] == split[0][-1 - same] for parts in split):
        same += 1
    end = split[0][len(split[0]) - same :]
    return " ".join([" / ".join(" ".join(parts[: len(parts) - same]) for parts in split), *end])


def read() -> dict[str, dict[str, Any]]:
    """Read what the last run wrote down."""
    return dict(json.loads(RECORD.read_text(encoding="utf-8")))


def quote(task: type, old: str, new: str) -> None:
    """Put another sentence in the place of one in a task's docstring, word for word, where its lines break now."""
    path = Path(inspect.getfile(task))
    text = path.read_text(encoding="utf-8")
    start = text.index(f"class {task.__name__}(")
    end = text.index('"""', text.index('"""', start) + 3)
    words = r"(\s+)".join(map(re.escape, old.split()))

    def put(found: re.Match[str]) -> str:
        return "".join(word + space for word, space in zip(new.split(), (*found.groups(), ""), strict=True))

    path.write_text(text[:start] + re.sub(words, put, text[start:end]) + text[end:], encoding="utf-8")


def main() -> None:
    before, records = read(), {}
    for goal in GOALS:
        records[goal.key] = train(goal)
        print(f"{goal.key:24}", goal.sentence(records[goal.key]), flush=True)
    for goal in GOALS:
        if goal.key in before:
            quote(TASKS[goal.task], goal.sentence(before[goal.key]), goal.sentence(records[goal.key]))
    lines = [f"  {json.dumps(key)}: {json.dumps(record)}" for key, record in records.items()]
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    written = f"{BEGIN}\n{table(records)}\n{END}"
    README.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: written, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    main()
