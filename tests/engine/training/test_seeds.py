"""Two seeds: one of the first weights and the order, one of the data; where only one is said, it is both, as it always was."""

from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.tasks import TASKS
from engine.training import checkpoint
from engine.training.configuration import Configuration

FROM_MNIST = ("mnist", "autoencoder", "rows")


def made(**said: Any) -> nn.Training:
    return nn.Training(nn.configure({"task": "moons", "steps": 60, "batch_size": 32, **said}))


def trained(training: nn.Training) -> nn.Training:
    list(training.events())
    return training


def data_of(training: nn.Training) -> bytes:
    task = training.task
    return b"".join(np.ascontiguousarray(array).tobytes() for array in (task.x, task.target, task.x_test, task.target_test))


def test_each_seed_changes_its_own_part_and_nothing_else() -> None:
    plain, weights, data = made(seed=3), made(seed=4, data_seed=3), made(seed=3, data_seed=4)
    assert data_of(weights) == data_of(plain) != data_of(data)
    assert data.network.theta.tobytes() == plain.network.theta.tobytes() != weights.network.theta.tobytes()
    # the order of the examples belongs to the run's own seed
    assert data.rng.bit_generator.state == plain.rng.bit_generator.state != weights.rng.bit_generator.state


def test_one_seed_is_both_as_in_a_home_or_an_address_from_before() -> None:
    alone, said, both = made(seed=3), made(seed=3, data_seed=None), made(seed=3, data_seed=3)
    theta = trained(alone).network.theta.tobytes()
    assert trained(said).network.theta.tobytes() == trained(both).network.theta.tobytes() == theta
    before = {name: value for name, value in alone.configuration.as_dict().items() if name != "data_seed"}
    again = nn.Training(Configuration.from_dict(before))
    assert trained(again).network.theta.tobytes() == theta
    # drawn by hand as it always was: the data from the stream (seed, 1,000,000), layer k from (seed, k)
    by_hand = type(alone.task)()
    by_hand.load(np.random.default_rng((3, 1_000_000)))
    assert by_hand.x.tobytes() == alone.task.x.tobytes()
    first = alone.configuration.network[0]
    dense = nn.Dense(first["units"])
    dense.build((2,), np.random.default_rng((3, 0)), np.float32)
    assert made(seed=3).network.layers[0].parameters["W"].tobytes() == dense.parameters["W"].tobytes()


def test_a_checkpoint_and_a_fork_go_on_with_both_seeds() -> None:
    whole, half = made(seed=3, data_seed=9), made(seed=3, data_seed=9)
    for event in half.events():
        if event.step == 30:
            break
    packed = checkpoint.pack(half)
    again, fork = checkpoint.unpack(packed), checkpoint.fork(packed, {"data_seed": 10})
    assert data_of(again) == data_of(half) != data_of(fork)
    assert fork.network.theta.tobytes() == half.network.theta.tobytes()
    assert trained(again).network.theta.tobytes() == trained(whole).network.theta.tobytes()


def test_data_that_change_while_it_trains_stay_those_of_their_seed() -> None:
    training = made(seed=3, data_seed=9)
    training.change_data({"noise": 0.2})
    assert data_of(training) == data_of(made(seed=3, data_seed=9, data={"noise": 0.2}))


@pytest.mark.parametrize("task", TASKS)
def test_a_task_says_whether_a_seed_decides_its_examples(task: str) -> None:
    said = {"task": task, "data": {"source": "bundled"}} if task in FROM_MNIST else {"task": task}
    first, other = (nn.Training(nn.configure({**said, "data_seed": seed})) for seed in (1, 2))
    assert (data_of(first) != data_of(other)) == TASKS[task].seeded


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7", 2**31])
def test_a_seed_that_is_none_is_refused_by_name(seed: Any) -> None:
    with pytest.raises(nn.ConfigurationError, match=r"data_seed must be .* from 0 to 2\.14748e\+09, got") as refused:
        nn.configure({"task": "moons", "data_seed": seed})
    assert refused.value.field == "data_seed"
