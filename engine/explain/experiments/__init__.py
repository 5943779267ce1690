"""What one tries before one trains, each on a copy of the run: check-up, overfit one batch, find the rate."""

from collections.abc import Callable, Iterator, Mapping

from engine.data.folders import DataFolders
from engine.explain.experiments.check_up import check_up
from engine.explain.experiments.one_batch import overfit_one_batch
from engine.explain.experiments.outcome import Outcome
from engine.explain.experiments.rate import find_the_rate
from engine.training.configuration import Configuration
from engine.training.events import Stepped
from engine.training.training import Training

Experiment = Callable[[Configuration | Training, DataFolders | None], Iterator[Stepped | Outcome]]

EXPERIMENTS: Mapping[str, Experiment] = {
    "check-up": check_up,
    "overfit-one-batch": overfit_one_batch,
    "find-the-rate": find_the_rate,
}
"""The experiments by name. Each goes on for as long as it is asked, and its last event is what came out."""
