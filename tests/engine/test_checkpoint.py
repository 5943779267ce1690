"""A training that goes on from a checkpoint is, bit for bit, the one that was never interrupted."""

import dataclasses
import json
from itertools import islice
from typing import Any

import numpy as np
import pytest

import engine as nn
from engine.optimizers import OPTIMIZERS
from engine.tasks import TASKS
from engine.training import checkpoint
from engine.training.weights import from_npz, from_safetensors, load_arrays, named_arrays, to_npz, to_safetensors

VARIANTS: list[dict[str, Any]] = [
    *({"name": name} for name in OPTIMIZERS),
    {"name": "SGD", "momentum": 0.9},
    {"name": "SGD", "momentum": 0.9, "nesterov": True},
    {"name": "RMSProp", "centered": True},
    {"name": "Adam", "amsgrad": True},
    {"name": "LazyAdam", "amsgrad": True},
]
WITH_ITS_OWN_MEMORY = [
    {"layer": "Dense", "units": 8},
    {"layer": "BatchNorm"},
    {"layer": "ReLU"},
    {"layer": "Dropout", "rate": 0.3},
    {"layer": "Residual", "layers": [{"layer": "Dense", "units": 8}, {"layer": "Dropout", "rate": 0.2}]},
    {"layer": "Dense"},
]


def bits(training: nn.Training) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in named_arrays(training.network).items()}


def rows(events: Any) -> list[nn.Metrics]:
    return [event for event in events if isinstance(event, nn.Metrics)]


@pytest.mark.parametrize("optimizer", VARIANTS, ids=lambda o: "-".join(map(str, o.values())))
@pytest.mark.parametrize("at", [0, 1, 7, 10, 27])  # 10 steps are an epoch
def test_it_goes_on_bit_for_bit(optimizer: dict[str, Any], at: int) -> None:
    configuration = nn.configure(
        {
            "task": "spiral",
            "network": WITH_ITS_OWN_MEMORY,
            "optimizer": optimizer,
            "schedule": {"name": "Cosine"},
            "data": {"points": 100, "test_share": 0.2},
            "batch_size": 10,
            "steps": 50,
            "evaluate_every": 4,
            "clip_norm": 1.0,
            "regularizer": {"name": "L2", "strength": 1e-3},
        }
    )
    whole = nn.Training(configuration)
    events = whole.events()
    before = rows(islice(events, at + 1))
    packed = checkpoint.pack(whole)
    after = rows(events)
    again = checkpoint.unpack(packed)
    assert again.step == at
    events = again.events()
    if at == 0:
        assert rows([next(events)]) == before
    assert rows(events) == after
    assert bits(again) == bits(whole)
    assert again.rng.bit_generator.state == whole.rng.bit_generator.state


def test_a_copy_is_packed_later_as_the_training_was_then() -> None:
    training = nn.Training(
        nn.configure(
            {
                "task": "spiral",
                "network": WITH_ITS_OWN_MEMORY,
                "optimizer": {"name": "Adam", "amsgrad": True},
                "schedule": {"name": "ReduceOnPlateau", "patience": 3},
                "data": {"points": 100},
                "batch_size": 10,
                "averaging": 0.9,
                "patience": 30,
                "steps": 40,
                "evaluate_every": 3,
            }
        )
    )
    packed, copies = [], []
    for event in training.events():
        if event.step % 7 == 1:
            packed.append(checkpoint.pack(training))
            copies.append(checkpoint.copied(training))
            assert copies[-1].nbytes < len(packed[-1]) < copies[-1].nbytes + 8000
    assert [copy.pack() for copy in copies] == packed


@pytest.mark.parametrize("at", [0, 5, 40, 77])
def test_a_schedule_that_watches_the_loss_goes_on(at: int) -> None:
    schedule = {"name": "ReduceOnPlateau", "decay": 0.5, "patience": 6}
    optimizer = {"name": "SGD", "learning_rate": 3.0}
    request = {"task": "spiral", "optimizer": optimizer, "schedule": schedule, "steps": 120, "evaluate_every": 5}
    whole = nn.Training(nn.configure(request))
    events = whole.events()
    rows(islice(events, at + 1))
    packed = checkpoint.pack(whole)
    again, forked = checkpoint.unpack(packed), checkpoint.fork(packed, {})
    after = rows(events)
    assert whole.schedule.factor(120, 120) < 0.2
    for training in (again, forked):
        assert rows(training.events())[-len(after) :] == after
        assert bits(training) == bits(whole)
    other = checkpoint.fork(packed, {"schedule": {"name": "Constant"}})
    assert other.schedule.state_dict() == {}


@pytest.mark.parametrize("task", TASKS)
def test_every_task_goes_on_with_the_same_pictures(task: str) -> None:
    request: dict[str, Any] = {"task": task, "steps": 20, "evaluate_every": 3}
    if task in ("mnist", "autoencoder", "rows"):
        request |= {"data": {"source": "bundled"}, "batch_size": 16}
    whole = nn.Training(nn.configure(request))
    events = whole.events()
    rows(islice(events, 9))
    again = checkpoint.unpack(checkpoint.pack(whole))
    for name in whole.task.pictures:
        assert same(whole.picture(name), again.picture(name)), name
    assert rows(again.events()) == rows(events)
    assert bits(again) == bits(whole)
    for name in whole.task.pictures:
        assert same(whole.picture(name), again.picture(name)), name


def same(a: Any, b: Any) -> bool:
    if dataclasses.is_dataclass(a):
        return all(same(getattr(a, f.name), getattr(b, f.name)) for f in dataclasses.fields(a))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a.tobytes() == b.tobytes() and a.shape == b.shape if isinstance(a, np.ndarray) else bool(a == b)


def test_more_steps_after_the_last_go_on_as_if_they_had_been_wanted_at_once() -> None:
    request = {"task": "spiral", "data": {"points": 100}, "batch_size": 16, "evaluate_every": 10}
    long = nn.Training(nn.configure({**request, "steps": 60}))
    short = nn.Training(nn.configure({**request, "steps": 33}))
    list(long.events())
    list(short.events())
    short.configuration.steps = 60
    list(short.events())
    assert bits(short) == bits(long)


@pytest.fixture
def training() -> nn.Training:
    return nn.Training(
        nn.configure(
            {"task": "spiral", "network": [{"layer": "Dense", "units": 3}, {"layer": "BatchNorm"}, {"layer": "Dense"}]}
        )
    )


def test_a_tuned_learning_rate_is_kept(training: nn.Training) -> None:
    training.learning_rate = 0.123456789
    assert checkpoint.unpack(checkpoint.pack(training)).learning_rate == 0.123456789


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d[:-1],
        lambda d: d[:50],
        lambda d: b"",
        lambda d: b"\xff" * 100,
        lambda d: d.replace(b"checkpoint 1", b"checkpoint 9"),
    ],
)
def test_what_is_no_checkpoint_is_refused(training: nn.Training, spoil: Any) -> None:
    with pytest.raises(ValueError, match="file|lie"):
        checkpoint.unpack(spoil(checkpoint.pack(training)))


def test_weights_go_from_one_network_into_another_of_the_same_shape(training: nn.Training) -> None:
    arrays = named_arrays(training.network)
    shapes = {name: array.shape for name, array in arrays.items()}
    other = nn.Training(nn.configure({**training.configuration.as_dict(), "seed": 99})).network
    for read in (from_npz(to_npz(arrays), shapes), from_safetensors(to_safetensors(arrays, {}))[0]):
        load_arrays(other, read)
        assert {n: a.tobytes() for n, a in named_arrays(other).items()} == {n: a.tobytes() for n, a in arrays.items()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda a: a.pop("0.W"), "lack 0.W"),
        (lambda a: a.update({"9.W": a["0.W"]}), "has no 9.W"),
        (lambda a: a.update({"0.W": a["0.W"].T.copy()}), "shape"),
        (lambda a: a.update({"0.b": a["0.b"] * np.nan}), "finite"),
    ],
)
def test_weights_of_another_network_are_refused_and_nothing_changes(training: nn.Training, change: Any, words: str) -> None:
    before = training.network.theta.copy()
    arrays = named_arrays(training.network)
    shapes = {name: array.shape for name, array in arrays.items()}
    change(arrays)
    with pytest.raises(ValueError, match=words):
        load_arrays(training.network, arrays)
    if words != "finite":
        with pytest.raises(ValueError, match=words):
            from_npz(to_npz(arrays), shapes)
    assert np.array_equal(training.network.theta, before)


def test_a_header_that_lies_about_its_arrays_is_refused() -> None:
    good = to_safetensors({"a": np.ones((2, 3), np.float32)}, {})
    size = int.from_bytes(good[:8], "little")
    for lie in (
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": [10**12, 10**12], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [-2, -3], "data_offsets": [0, 24]},
        {"dtype": "F32", "shape": [2, 3], "data_offsets": [8, 32]},
        {"dtype": "O", "shape": [2, 3], "data_offsets": [0, 24]},
        {"shape": [2, 3]},
        [],
    ):
        header = json.dumps({"a": lie}).encode()
        with pytest.raises(ValueError, match="lie|type|understood"):
            from_safetensors(len(header).to_bytes(8, "little") + header + good[8 + size :])


def test_pickles_and_bombs_in_npz_are_refused() -> None:
    import io

    file = io.BytesIO()
    np.savez(file, a=np.array([{"an": "object"}], dtype=object))
    with pytest.raises(ValueError, match="floating-point"):
        from_npz(file.getvalue(), {"a": (1,)})
    bomb = io.BytesIO()
    np.savez_compressed(bomb, a=np.zeros(30_000_000, np.float32))
    assert len(bomb.getvalue()) < 200_000
    with pytest.raises(ValueError, match="shape"):
        from_npz(bomb.getvalue(), {"a": (2,)})


def trained(steps: int, **changes: Any) -> nn.Training:
    request = {
        "task": "spiral",
        "network": WITH_ITS_OWN_MEMORY,
        "data": {"points": 100, "test_share": 0.2},
        "batch_size": 10,
        "steps": 60,
        "evaluate_every": 4,
    }
    training = nn.Training(nn.configure(request | changes))
    list(islice(training.events(), steps + 1))
    return training


@pytest.mark.parametrize("at", [0, 7, 30])
def test_a_fork_without_changes_follows_its_parent_bit_for_bit(at: int) -> None:
    parent = trained(at)
    forked = checkpoint.fork(checkpoint.pack(parent), {})
    for training in (parent, forked):
        list(training.events())
    assert forked.step == 60
    assert bits(forked) == bits(parent)


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": {"learning_rate": 0.5}},
        {"optimizer": {"name": "SGD", "learning_rate": 0.1}},
        {"batch_size": 7},
        {"seed": 8},
        {"data": {"noise": 0.4}},
        {"regularizer": {"name": "L2", "strength": 0.1}},
        {"steps": 90},
    ],
    ids=str,
)
def test_a_fork_begins_with_the_weights_of_its_snapshot_and_goes_its_own_way(changes: dict[str, Any]) -> None:
    parent = trained(20)
    forked = checkpoint.fork(checkpoint.pack(parent), changes)
    assert bits(forked) == bits(parent)
    for training in (parent, forked):
        list(training.events())
    assert bits(forked) != bits(parent)
    assert forked.step == changes.get("steps", 60)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"task": "circles"}, "task"),
        ({"steps": 10}, "steps"),
        ({"network": [{"layer": "Dense"}]}, "network"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_what_a_fork_cannot_change_is_refused_by_name(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(nn.ConfigurationError) as refused:
        checkpoint.fork(checkpoint.pack(trained(20)), changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"network": [{"layer": "Dense", "units": 4096}, {"layer": "Dense", "units": 4096}, {"layer": "Dense"}]}, "network"),
        ({"steps": 19}, "steps"),
        ({"task": "circles"}, "task"),
    ],
)
def test_a_fork_that_is_refused_makes_no_network(changes: dict[str, Any], field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """0.3 kB with a larger network took 54 s and 4,002 MB before they were refused."""
    data = checkpoint.pack(trained(20))
    made = []
    monkeypatch.setattr(nn.Network, "__init__", lambda *args, **named: made.append(args))
    for refuse in (checkpoint.fork, checkpoint.plan_fork):
        with pytest.raises(nn.ConfigurationError) as refused:
            refuse(data, changes)
        assert refused.value.field == field
    assert made == []


def test_what_a_fork_will_train_is_planned_without_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    data, changes = checkpoint.pack(trained(20)), {"steps": 90, "data": {"points": 200}, "optimizer": {"learning_rate": 0.5}}
    configuration = checkpoint.fork(data, changes).configuration
    monkeypatch.setattr(nn.Network, "__init__", None)
    assert checkpoint.plan_fork(data, changes) == configuration


@pytest.mark.parametrize("task", ["spiral", "memory", "copy", "optimizers"])
def test_a_snapshot_shown_in_another_training_has_the_same_pictures(task: str) -> None:
    training = nn.Training(nn.configure({"task": task, "steps": 30}))
    events, snapshots = training.events(), []
    for _ in range(4):
        list(islice(events, 5))
        snapshots.append((checkpoint.pack(training), {name: training.picture(name) for name in training.task.pictures}))
    viewer = checkpoint.unpack(snapshots[-1][0])
    for packed, pictures in [*reversed(snapshots), *snapshots]:
        checkpoint.show(viewer, packed)
        for name, picture in pictures.items():
            seen = viewer.picture(name)
            assert (seen is None) == (picture is None)
            if picture is not None:
                np.testing.assert_equal(dataclasses.asdict(seen), dataclasses.asdict(picture))


def test_any_changed_byte_of_a_checkpoint_is_noticed(training: nn.Training) -> None:
    data = checkpoint.pack(training)
    rng, header = np.random.default_rng(1), int.from_bytes(data[:8], "little") + 8
    for at in [*rng.integers(0, len(data), 60), *rng.integers(0, header, 200), *range(8, 240)]:
        spoiled = bytearray(data)
        spoiled[at] ^= int(rng.integers(1, 256))
        with pytest.raises(checkpoint.DamagedError):
            checkpoint.unpack(bytes(spoiled))


def test_a_checkpoint_without_a_checksum_still_opens(training: nn.Training) -> None:
    data = checkpoint.pack(training)
    at = data.index(b'"checksum"')
    size = int.from_bytes(data[:8], "little")
    cut = data[8:at] + data[at + 78 : 8 + size]
    cut += b" " * (-len(cut) % 8)
    old = len(cut).to_bytes(8, "little") + cut + data[8 + size :]
    assert b"checksum" not in old
    assert np.array_equal(checkpoint.unpack(old).network.theta, training.network.theta)
    with pytest.raises(checkpoint.DamagedError):
        checkpoint.unpack(old.replace(b'"streams"', b'"strxams"'))


def test_a_configuration_of_another_version_says_what_is_not_understood(training: nn.Training) -> None:
    stored = training.configuration.as_dict()
    assert nn.Configuration.from_dict(stored) == training.configuration
    with pytest.raises(ValueError, match="knows no 'momentum_style'"):
        nn.Configuration.from_dict({**stored, "momentum_style": 1})
    with pytest.raises(ValueError, match="lacks 'loss'"):
        nn.Configuration.from_dict({name: value for name, value in stored.items() if name != "loss"})
    with pytest.raises(ValueError, match="'optimizer' of the configuration"):
        nn.Configuration.from_dict({**stored, "optimizer": [1]})
