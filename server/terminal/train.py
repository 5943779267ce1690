"""nn-basics train: the same engine, in the terminal."""

import argparse
import json
import os
import sys
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from engine import Configuration, ConfigurationError, Training, configure
from engine.arrays import Array
from engine.data.folders import DataFolders
from engine.hyperparameter import fields_of
from engine.optimizers import OPTIMIZERS
from engine.pictures import ExampleHistory, observe_example_history, responses_of
from engine.tasks import TASKS
from engine.training.events import Metrics
from server.storage.folders import data_folders, default_home
from server.terminal.files import add_files, data_of_files
from server.terminal.findings import Findings
from server.terminal.folders import add_folder, data_of_folder

PLAIN = ("steps", "seed", "data_seed", "batch_size", "batches_per_step", "patience", "averaging")
"""The options that are called as the field that they set."""
LOOKS = 40
"""How many times, at the most, tracked examples are looked at."""


def add_command(commands: Any) -> None:
    """Describe the command `train`."""
    train = commands.add_parser(
        "train", help="train in the terminal and write a report; the exit code is 2 where the run diverged"
    )
    add_choices(train)
    train.add_argument("--report", type=Path, help="where the report goes (default: TASK.html)")
    train.set_defaults(run=run_training)


def add_choices(train: argparse.ArgumentParser) -> None:
    """Describe what can be chosen of a training."""
    train.add_argument("task", choices=sorted(TASKS), help="what to learn")
    train.add_argument("--preset", help="part of a preset's title, as in --preset original")
    train.add_argument("--steps", type=int)
    train.add_argument("--seed", type=int)
    train.add_argument("--data-seed", type=int, metavar="SEED", help="draws other data for the same first weights")
    train.add_argument("--batch-size", type=int)
    train.add_argument("--batches-per-step", type=int, metavar="N", help="batches whose gradients are averaged for one step")
    train.add_argument("--patience", type=int, metavar="STEPS", help="end early after so many steps without a better test loss")
    train.add_argument("--averaging", type=float, metavar="D", help="test and show an average of the weights, as with 0.99")
    train.add_argument("--optimizer", choices=list(OPTIMIZERS))
    train.add_argument("--learning-rate", type=float)
    train.add_argument("--data", action="append", default=[], metavar="NAME=VALUE", help="as in --data noise=0.2")
    add_files(train)
    add_folder(train)
    train.add_argument("--network", metavar="JSON", help='as in \'[{"layer": "Dense", "units": 32}, …]\'')


def request_from(options: argparse.Namespace) -> dict[str, Any]:
    """Turn the options into a request as the API knows it."""
    task = TASKS[options.task]
    request: dict[str, Any] = {"task": options.task}
    if options.preset:
        fitting = [preset for title, preset in task.presets.items() if options.preset.lower() in title.lower()]
        if not fitting:
            titles = "; ".join(task.presets) or "none"
            raise ConfigurationError("preset", f"no preset {options.preset!r}; {options.task} has: {titles}")
        request |= fitting[0]
    for name in PLAIN:
        if getattr(options, name) is not None:
            request[name] = getattr(options, name)
    if options.optimizer:
        request["optimizer"] = {"name": options.optimizer}
    if options.learning_rate is not None:
        request["optimizer"] = {**request.get("optimizer", task.defaults["optimizer"]), "learning_rate": options.learning_rate}
    if options.network:
        try:
            request["network"] = json.loads(options.network)
        except (ValueError, RecursionError) as error:
            raise ConfigurationError("network", f"--network wants a list of layers as JSON: {error}") from error
    texts = {field.name for field in fields_of(task) if str in field.types}
    names = {field.name for field in fields_of(task) if field.holds_names}
    request["data"] = dict(request.get("data", {})) | dict(read_setting(setting, texts, names) for setting in options.data)
    return request


def checked_request(options: argparse.Namespace, folders: DataFolders) -> Configuration:
    """Make a configuration of the options. Raises ConfigurationError, which names the option that was wrong and what in it."""
    try:
        request = request_from(options)
        request["data"] = {**data_of_files(options, folders), **data_of_folder(options, folders), **request["data"]}
        return configure(request, folders)
    except ConfigurationError as error:
        field, _, place = error.field.partition(".")
        option = "learning_rate" if error.field == "optimizer.learning_rate" else field
        name = f"--{option.replace('_', '-')}"
        if option not in (*PLAIN, "learning_rate", "network") or getattr(options, option) is None or name in str(error):
            raise
        position, _, of_layer = place.partition(".")
        layer = f"layer {int(position) + 1}{', ' if of_layer else ''}{of_layer}: " if position.isdecimal() else ""
        raise ConfigurationError(error.field, f"{name}: {layer}{error}") from error


def check_target(report: Path) -> None:
    """Raise an OSError where the report could not be written, before anything is trained for it."""
    folder = report.parent
    if report.is_dir():
        raise OSError(f"--report: {report} is a folder; name a file in it, such as {report / 'report.html'}")
    if not folder.is_dir():
        raise OSError(f"--report: there is no folder {folder} for {report.name}; make it first, or choose another")
    if not os.access(report if report.exists() else folder, os.W_OK):
        raise OSError(f"--report: {report} cannot be written; choose a place where you may write")


def read_setting(setting: str, texts: Collection[str] = (), names: Collection[str] = ()) -> tuple[str, Any]:
    """Read NAME=VALUE, the value as JSON where it is JSON; one of the `texts` stays a text, for an id may be all digits, and
    of the `names` several are parted by commas.
    """
    name, equals, value = setting.partition("=")
    if not equals:
        raise ConfigurationError("data", f"--data wants NAME=VALUE, got {setting!r}")
    if name in names and not value.startswith("["):
        return name, value.split(",")
    with suppress(ValueError, RecursionError):  # what is no JSON is a text
        read = json.loads(value)
        return name, read if isinstance(read, str) or name not in texts else value
    return name, value


def run_training(options: argparse.Namespace) -> int:
    """Train, show a progress bar and a table of epochs, and write the report; the exit code is 2 where the run diverged."""
    folders, report = data_folders(default_home()), options.report or Path(f"{options.task}.html")
    configuration = checked_request(options, folders)
    check_target(report)
    training, trouble = Training(configuration, folders), ""
    if remark := getattr(training.task, "remark", ""):
        print(f"{remark}\n")
    print(training.network.summary(), end="\n\n")
    print(f"training on {len(training.task.x):,} examples, testing on {len(training.task.x_test):,}\n")
    rows: list[Metrics] = []
    follower, findings = ExampleFollower(training), Findings(training)
    start = time.perf_counter()
    try:
        for row in progress(training, findings, sys.stdout):
            rows.append(row)
            follower.look(row.step)
    except ArithmeticError as error:
        trouble = f"diverged: {error}"
        print(f"\n{trouble}", file=sys.stderr)
        for line in findings.observe(None):
            print(line)
    except KeyboardInterrupt:
        print(f"\nstopped at step {training.step}")
    print(f"\n{training.step:,} steps in {time.perf_counter() - start:.1f} s")
    if training.configuration.patience is not None and training.finished:
        print(f"the best weights, which count, are those of step {training.kept.best_step:,}")
    from server.terminal.report.document import write_report  # Plotly takes a while to load, and the dashboard does without it

    write_report(report, training, rows, findings.episodes, follower.history(), trouble)
    print(f"report: {report}")
    return 2 if trouble else 0


class ExampleFollower:
    """Follows a task's tracked examples through a run, at some of the rows of its metrics."""

    def __init__(self, training: Training) -> None:
        """Begin before the first step."""
        self.training, self.tracked = training, training.task.tracked_examples()
        self.steps: list[int] = []
        self.responses: list[Array] = []

    def look(self, step: int) -> None:
        """Measure the network on the examples, where that is due: some LOOKS times, evenly, and at the end."""
        last = self.training.configuration.steps
        if self.tracked is not None and (step == last or step * LOOKS >= len(self.steps) * last):
            self.steps.append(step)
            with np.errstate(over="ignore", invalid="ignore"), self.training.shown() as network:
                self.responses.append(responses_of(network, self.tracked))

    def history(self) -> ExampleHistory | None:
        """Put together what was seen; None where the task tracks no examples."""
        return observe_example_history(self.tracked, self.steps, self.responses) if self.tracked and self.steps else None


def progress(training: Training, findings: Findings, out: TextIO) -> Iterator[Metrics]:
    """Draw the bar, print a line of the table about twenty times, at the ends of epochs, and whatever the doctor says; hand
    the metrics on.
    """
    steps, per_epoch = training.configuration.steps, training.steps_per_epoch
    every = max(1, round(steps / per_epoch / 20)) * per_epoch
    printed, drawn = -1, 0.0
    regularized = training.regularizer is not None
    out.write(f" epoch      step      loss  test loss  accuracy  test accuracy{'   penalty' if regularized else ''}\n")
    for event in training.events():
        now, clear = time.perf_counter(), "\r\033[K" if out.isatty() else ""
        for line in findings.observe(event):
            out.write(f"{clear}{line}\n")
        if out.isatty() and now - drawn > 0.1:
            drawn, done = now, int(30 * event.step / steps)
            out.write(f"\r[{'█' * done}{'·' * (30 - done)}] {event.step:,}/{steps:,} ")
            out.flush()
        if isinstance(event, Metrics):
            yield event
            if event.step == steps or event.step // every > printed:
                printed = event.step // every
                out.write(f"{clear}{table_row(event, regularized)}\n")
                out.flush()


def table_row(row: Metrics, regularized: bool) -> str:
    """Write one row of the epoch table; the penalty where a regularizer asks one."""

    def percent(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.3f} %"

    test = "–" if row.test_loss is None else f"{row.test_loss:.4f}"
    accuracies = f"{percent(row.accuracy):>9} {percent(row.test_accuracy):>14}"
    penalty = f" {row.penalty:9.4f}" if regularized else ""
    part = f"  of {row.tested:,} test examples" if row.tested else ""
    return f"{row.epoch:6.1f} {row.step:9,} {row.loss:9.4f} {test:>10} {accuracies}{penalty}{part}"
