"""nn-basics sweep: try many combinations of hyperparameters, in processes, and write a report."""

import argparse
import json
import re
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from engine import ConfigurationError, configure
from engine.data.folders import DataFolders
from server.runs.groups import with_values
from server.search.choices import OWNERS
from server.search.plan import GOALS, Plan, new_plan
from server.search.samplers import WAYS
from server.search.telling import in_words
from server.settings import Settings
from server.storage.folders import data_folders, default_home
from server.terminal.searching import Searching
from server.terminal.train import add_choices, check_target, checked_request

RANGE = re.compile(r"(?P<low>[^:]+?)\.\.(?P<high>[^:]+)(?::(?P<how>.*))?")
"""A range as it is written: LOW..HIGH, and behind a colon log or linear, and how many values a grid has of it."""
FORMS = "PATH=A,B,C or PATH=LOW..HIGH[:log|:linear][:COUNT], as in optimizer.learning_rate=1e-4..1e-1:log"
SAID = {"runs": "runs", "repeats": "repeats", "goal": "goal", "keep": "keep", "how": "search"}
"""The options behind what a plan refuses."""


def add_command(commands: Any) -> None:
    """Describe the command `sweep`."""
    sweep = commands.add_parser(
        "sweep", help="try many combinations of hyperparameters and write a report; Ctrl-C ends it with what is there"
    )
    add_choices(sweep)
    sweep.add_argument("--over", action="append", required=True, metavar="PATH=VALUES", help=FORMS)
    sweep.add_argument("--search", choices=list(WAYS), default="grid", help="how combinations are chosen (default: grid)")
    sweep.add_argument(
        "--runs", type=int, metavar="N", help="combinations (default: the whole grid for grid and halving, else 20)"
    )
    sweep.add_argument("--repeats", type=int, default=1, metavar="N", help="seeds of each combination")
    sweep.add_argument("--goal", choices=GOALS, default=GOALS[0], help=f"what counts (default: {GOALS[0]})")
    sweep.add_argument("--keep", type=int, default=3, metavar="N", help="of halving: each rung is N times as long (default: 3)")
    sweep.add_argument("--workers", type=int, metavar="N", help="processes that train (default: one for each core)")
    sweep.add_argument("--report", type=Path, help="where the report goes (default: TASK-sweep.html)")
    sweep.set_defaults(run=run_sweep)


def run_sweep(options: argparse.Namespace) -> int:
    """Search, show a progress bar with the best so far, and write the report; the exit code is 2 where every run diverged."""
    folders, report = data_folders(default_home()), options.report or Path(f"{options.task}-sweep.html")
    workers = max(1, Settings().workers) if options.workers is None else at_least("workers", options.workers, 1, 1_000)
    plan = planned(options, folders, workers)
    check_target(report)
    searching = Searching(plan, folders, workers)
    bar, start, ended_early = Bar(searching, sys.stdout), time.perf_counter(), False
    searching.hear = bar.draw
    print(f"{searching.search.planned:,} combinations of {', '.join(plan.paths)}, {workers} at once")
    try:
        for _ in searching.ended():
            bar.draw()
    except KeyboardInterrupt:
        ended_early = True
    finally:
        searching.close()
    bar.end()
    if ended_early:
        print(f"stopped after {len(searching.told)} of {searching.search.planned:,} combinations; what is there counts")
    share = searching.steps / max(1, searching.search.planned * plan.repeats * plan.steps)
    print(f"{searching.steps:,} steps ({100 * share:.0f} % of the whole grid's) in {time.perf_counter() - start:.1f} s\n")
    for trial in searching.in_order()[:5]:
        print(f"  {in_words(plan, trial)}")
    if not searching.told:
        print("nothing came out yet: no report is written")
        return 0
    from server.terminal.report.search import write_search  # Plotly takes a while to load

    write_search(report, searching, ended_early)
    print(f"\nreport: {report}")
    return 0 if searching.search.best else 2


def planned(options: argparse.Namespace, folders: DataFolders, workers: int) -> Plan:
    """Plan the search of the options. Raises ConfigurationError, which names the option, what came and what is allowed."""
    base = checked_request(options, folders)
    for name, most in (("repeats", 20), ("keep", 10)):
        at_least(name, getattr(options, name), 1 if name == "repeats" else 2, most)
    if options.runs is not None:
        at_least("runs", options.runs, 2)
    axes = [read_axis(text) for text in options.over]
    if twice := {axis["path"] for axis in axes if sum(axis["path"] == other["path"] for other in axes) > 1}:
        raise ConfigurationError("over", f"--over: {sorted(twice)[0]} stands twice; give all its values in one")
    said = {"how": options.search, "runs": options.runs, "repeats": options.repeats, "goal": options.goal, "keep": options.keep}
    try:
        plan = new_plan(base, axes, {**said, "seed": base.seed}, workers)
        check_values(plan, axes, options.over, folders)
    except ConfigurationError as error:
        part, _, rest = error.field.partition(".")
        if part == "axes" and rest[:1].isdecimal():
            raise ConfigurationError(error.field, f"--over {options.over[int(rest.partition('.')[0])]}: {error}") from error
        if part == "search":
            raise ConfigurationError(error.field, f"--{SAID.get(rest, rest)}: {error}") from error
        raise
    return plan


def check_values(plan: Plan, axes: Sequence[dict[str, Any]], texts: Sequence[str], folders: DataFolders) -> None:
    """Refuse values that no run can have, one axis after the other, before anything is trained."""
    first = [axis.grid()[0] for axis in plan.axes]
    for k, axis in enumerate(plan.axes):
        for value in axis.grid():
            try:
                configure(with_values(plan.base, plan.paths, [*first[:k], value, *first[k + 1 :]]), folders)
            except ConfigurationError as error:
                raise ConfigurationError("over", f"--over {texts[k]}: {error}") from error


def at_least(name: str, value: int, least: int, most: int = 1_000_000) -> int:
    """Give a number of an option, or raise a ConfigurationError that says what it may be."""
    if not least <= value <= most:
        raise ConfigurationError(name, f"--{name} must be a whole number from {least} to {most:,}, got {value}")
    return value


def read_axis(text: str) -> dict[str, Any]:
    """Read what stands behind --over. Raises ConfigurationError."""
    path, equals, words = text.partition("=")
    if not (equals and path and words):
        raise ConfigurationError("over", f"--over wants {FORMS}; got {text!r}")
    if found := RANGE.fullmatch(words):
        axis: dict[str, Any] = {"path": path}
        for side in ("low", "high"):
            try:
                axis[side] = float(found[side])
            except ValueError as error:
                raise ConfigurationError(
                    "over", f"--over {text}: {found[side]!r} is no number; a range is LOW..HIGH"
                ) from error
        for part in filter(None, (found["how"] or "").split(":")):
            if part in ("log", "linear"):
                axis["scale"] = part
            elif part.isdecimal() and 2 <= int(part) <= 64:
                axis["count"] = int(part)
            else:
                words = f"behind the range stands log, linear, or how many values (2 to 64); got {part!r}"
                raise ConfigurationError("over", f"--over {text}: {words}")
        return axis
    values = [read_value(path, word) for word in words.split(",")]
    return {"path": path, "values": values}


def read_value(path: str, word: str) -> Any:
    """Read one value, JSON where it is JSON, else a text; an optimizer or a schedule by its name has its defaults."""
    value: Any = word
    with suppress(ValueError, RecursionError):
        value = json.loads(word)
    return {"name": value} if path in OWNERS and isinstance(value, str) else value


class Bar:
    """One line: how many combinations are through, how many steps, and the best so far."""

    def __init__(self, searching: Searching, out: TextIO) -> None:
        self._searching, self._out, self._said = searching, out, ""

    def draw(self) -> None:
        """Draw it anew on a terminal; elsewhere write a line when there is a new best."""
        searching = self._searching
        best = searching.search.best
        words = f" · best: {in_words(searching.plan, best)}" if best else ""
        steps, wanted = searching.steps + searching.underway, searching.wanted
        share = min(1.0, steps / max(1, wanted))
        done = f"{len(searching.told):,}/{searching.search.planned:,}"
        if self._out.isatty():
            filled = int(24 * share)
            said = words or f" · {steps:,} of {wanted:,} steps"
            self._out.write(f"\r\033[K[{'█' * filled}{'·' * (24 - filled)}] {done}{said}")
            self._out.flush()
        elif words != self._said:
            self._out.write(f"{done}{words}\n")
            self._said = words

    def end(self) -> None:
        """Leave the line."""
        if self._out.isatty():
            self._out.write("\n")
