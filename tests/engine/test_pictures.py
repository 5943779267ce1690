"""What can be seen of a task follows from its decorated methods, and the page has a view for every kind of picture."""

import re
from pathlib import Path

import numpy as np
import pytest

import engine as nn
from engine.network import Network
from engine.pictures import Confusion, ExampleHistory, LayerStatistics, Picture
from engine.pictures.layers import MOST_UNITS, stages
from engine.pictures.picture import signed_bytes
from engine.tasks import TASKS, Task
from engine.tasks.points import Spiral
from engine.tasks.task import STATISTICS_EXAMPLES
from engine.tasks.task_picture import picture

PAGE = Path(__file__).parents[2] / "frontend" / "pictures"


def kinds(parent: type[Picture] = Picture) -> set[type[Picture]]:
    inside = {kind for kind in parent.__subclasses__() if kind.__module__.startswith("engine.")}
    return inside.union(*(kinds(kind) for kind in inside))


def views_of_the_page() -> dict[str, str]:
    """The names of the views in index.js, and the files of their classes."""
    text = (PAGE / "index.js").read_text(encoding="utf-8")
    names = re.findall(r'^  "?([\w-]+)"?: \{', text, re.M)
    files = re.findall(r'await import\("(\./.+?)"\)', text)
    return dict(zip(names, files, strict=True))


def test_every_kind_of_picture_has_a_view_on_the_page() -> None:
    views = views_of_the_page()
    assert {kind.view for kind in kinds() - {ExampleHistory}} == set(views)  # the history of examples is a panel of its own
    assert all((PAGE / file).exists() for file in views.values())


def test_no_two_kinds_of_picture_have_the_same_view() -> None:
    assert len({kind.view for kind in kinds()}) == len(kinds())


@pytest.mark.parametrize("name", TASKS)
def test_a_task_shows_what_it_declares(name: str) -> None:
    training = nn.Training(nn.configure({"task": name, "steps": 1}))
    [*_] = training.events()
    described = next(task for task in nn.catalog()["tasks"] if task["name"] == name)
    assert described["pictures"] == {name: one.view for name, one in training.task.pictures.items()}
    assert list(described["pictures"])[-1] == "layer statistics"
    for name, one in training.task.pictures.items():
        for number in (0, 5):
            seen = training.picture(f"{name}/{number}")
            assert seen is None or (type(seen), seen.name, seen.step) == (one.kind, f"{name}/{number}", 1)
        assert described["takes"].get(name) == one.takes


def test_a_picture_has_its_number_and_its_older_name() -> None:
    training = nn.Training(nn.configure({"task": "autoencoder", "data": {"source": "bundled"}}))
    one, other, again = (
        training.picture(name).images for name in ("reconstructions/1", "reconstructions/4", "reconstructions/x")
    )
    np.testing.assert_array_equal(one[3:], other[:-3])
    np.testing.assert_array_equal(again[1:], one[:-1])
    np.testing.assert_array_equal(training.picture("code").points, training.picture("latent space").points)
    assert training.task.known(["filters", "code", "unheard", "reconstructions/3"]) == ["reconstructions/3", "code", "filters"]


@pytest.mark.parametrize("name", ["", "unheard", "unheard/3", "Decision boundary"])
def test_a_picture_that_is_not_there_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        nn.Training(nn.configure({"task": "spiral"})).picture(name)


def test_an_overriding_method_takes_the_place_of_the_picture() -> None:
    class Shown(Spiral):
        @picture("mine")
        def boundary(self, network: Network) -> Confusion:
            raise NotImplementedError

        @picture("another")
        def another(self, network: Network, axes: int) -> Confusion | None:
            return None

    assert list(Shown.pictures) == ["mine", "another", "network", "layer statistics"]
    assert Shown.pictures["another"].takes == "axes"


def test_a_picture_of_the_family_can_stay_the_main_one() -> None:
    class Shown(Spiral):
        boundary = Spiral.boundary

        @picture("another")
        def another(self, network: Network) -> Confusion | None:
            return None

    assert list(Shown.pictures) == ["decision boundary", "another", "network", "layer statistics"]


def test_a_picture_that_is_declared_wrongly_is_refused() -> None:
    with pytest.raises(TypeError, match="takes the network, and one of example, axes"):

        @picture("wrong")
        def number(self: Task, network: Network, number: int) -> Confusion: ...

    with pytest.raises(TypeError, match="which kind of picture"):

        @picture("wrong")
        def kind(self: Task, network: Network) -> int: ...

    with pytest.raises(TypeError, match="which kind of picture"):

        @picture("wrong")
        def no_view(self: Task, network: Network) -> Picture: ...

    with pytest.raises(TypeError, match="two pictures of one name"):

        class Twice(Spiral):
            @picture("network")
            def again(self, network: Network) -> Confusion: ...


def hostile(kind: str, n: int) -> np.ndarray:
    signs = np.where(np.arange(n) % 2, 1.0, -1.0)
    values = {
        "huge": 2e38 * signs,
        "equal": np.full(n, 0.1),
        "nearly equal": 1e8 + 8 * signs,
        "zero": np.zeros(n),
        "infinite": np.inf * signs,
        "none": np.full(n, np.nan),
        "mixed": np.where(np.arange(n) % 3 == 0, np.nan, np.where(np.arange(n) % 3 == 1, np.inf, signs)),
    }
    return values[kind].astype(np.float32)


@pytest.mark.parametrize("name", TASKS)
def test_pictures_of_hostile_weights_are_drawn(name: str) -> None:
    training = nn.Training(nn.configure({"task": name, "steps": 1}))
    for kind in ("huge", "equal", "nearly equal", "zero", "infinite", "none", "mixed"):
        for vector in (training.network.theta, training.network.gradient):
            vector[:] = hostile(kind, len(vector))
        for wanted in training.task.pictures:
            seen = training.picture(wanted)
            assert seen is None or isinstance(seen, Picture), (kind, wanted)


def test_statistics_of_huge_equal_and_infinite_weights_say_what_they_can() -> None:
    training = nn.Training(nn.configure({"task": "blobs"}))
    theta = training.network.theta

    def looked() -> LayerStatistics:
        seen = training.picture("layer statistics")
        assert isinstance(seen, LayerStatistics)
        return seen

    theta[:] = hostile("huge", len(theta))
    assert (looked().low[0], looked().high[0]) == (np.float32(-2e38), np.float32(2e38))
    assert looked().weights[0][[0, -1]].tolist() == [255, 255]
    assert not looked().weights[0][1:-1].any()
    theta[:] = 0.25
    assert looked().weights[0].nonzero()[0].tolist() == [12]
    theta[0], theta[1] = np.inf, np.nan
    assert (looked().low[0], looked().high[0]) == (0.25, 0.25)
    theta[:] = np.nan
    assert np.isnan(looked().low[0])
    assert not looked().weights[0].any()


def test_what_is_infinite_does_not_stretch_the_scale() -> None:
    drawn, scale = signed_bytes(np.array([[1.0, -2.0, np.inf, -np.inf, np.nan]], np.float32))
    assert drawn.tolist() == [[192, 1, 255, 1, 128]]
    assert scale == [np.float32(2)]


@pytest.mark.parametrize("task", ["mnist", "text"])
def test_statistics_are_those_of_the_plain_formulas_however_the_outputs_lie_in_memory(task: str) -> None:
    training = nn.Training(nn.configure({"task": task}))
    seen = training.picture("layer statistics")
    assert isinstance(seen, LayerStatistics)
    examples = training.task.to_input(training.task.x_test[:STATISTICS_EXAMPLES])
    outputs = [training.network.activations(examples)[last].astype(np.float64) for _, last in stages(training.network)]
    np.testing.assert_allclose(seen.mean, [y.mean() for y in outputs], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(seen.std, [y.std() for y in outputs], rtol=5e-4)  # squares are added in float32
    shares = np.array([(y <= 0).reshape(-1, y.shape[-1]).all(axis=0).mean() for y in outputs])
    relus = [isinstance(training.network.layers[last], nn.ReLU) for _, last in stages(training.network)]
    np.testing.assert_allclose(seen.dead, np.where(relus, shares, np.nan), rtol=1e-5)


def test_activations_end_where_they_are_asked_to() -> None:
    training = nn.Training(nn.configure({"task": "autoencoder"}))
    x = training.task.to_input(training.task.x_test[:5])
    whole, part = training.network.activations(x), training.network.activations(x, 7)
    assert len(whole) == len(training.network.layers)
    assert len(part) == 8
    for y, same in zip(part, whole, strict=False):
        np.testing.assert_array_equal(y, same)


@pytest.mark.parametrize("task", ["circles", "sine", "table"])
def test_one_neuron_is_seen_finely_and_says_what_the_network_computes(task: str) -> None:
    training = nn.Training(nn.configure({"task": task, "steps": 2}))
    [*_] = training.events()
    assert "neuron" not in training.task.pictures, "no card: it is for who asks"
    diagram = training.picture("network")
    column = diagram.columns[1]
    assert (column.layer, column.last) == (0, 1)
    fine = training.picture(f"neuron/{MOST_UNITS * column.last + 3}").columns[0]
    assert fine.maps.size > column.maps[3].size
    dense, x = training.network.layers[0], np.zeros((1, *training.task.input_shape), np.float32)
    seen = np.tanh(training.task.x @ dense.W + dense.b)[:, 3]
    assert fine.low[0] <= seen.min() + 0.1 and fine.high[0] >= seen.max() - 0.1
    assert np.abs(fine.low - column.low[3]) < 0.1
    assert np.array_equal(column.biases, dense.b) and np.array_equal(column.gradients, dense.dW)
    assert np.array_equal(column.bias_gradients, dense.db) and dense.db.any()
    assert training.picture(f"neuron/{MOST_UNITS * 99}") is None
    assert training.picture(f"neuron/{MOST_UNITS * column.last + 12 * 12}") is None
    assert training.network.predict(x).shape[0] == 1


def test_a_fine_map_is_the_neurons_own_answer_at_every_place() -> None:
    training = nn.Training(nn.configure({"task": "xor"}))
    left, right, bottom, top = training.task.extent
    [fine] = training.picture(f"neuron/{MOST_UNITS * 3 + 5}").columns
    row, column = 17, 80
    place = [[left + (right - left) * (column + 0.5) / 100, bottom + (top - bottom) * (row + 0.5) / 100]]
    answer = training.network.activations(np.array(place, np.float32), 3)[-1][0, 5]
    assert (float(fine.maps[0, row, column]) - 128) / 127 * fine.scale[0] == pytest.approx(
        answer, abs=float(fine.scale[0]) / 127
    )


def test_a_place_has_the_first_of_the_likeliest_classes_and_no_confidence_where_there_is_no_number() -> None:
    network = nn.Network([nn.Dense(3, initializer="zeros")], input_shape=(2,), seed=0)
    points, labels, is_test = np.zeros((1, 2)), np.zeros(1, int), np.zeros(1, bool)
    field = nn.pictures.observe_field(network, (-1, 1, -1, 1), points, labels, is_test)
    assert not field.winner.any(), "all three are as likely"
    assert (field.confidence == 85).all()
    network.theta = np.full_like(network.theta, np.nan)
    with np.errstate(invalid="ignore"):
        field = nn.pictures.observe_field(network, (-1, 1, -1, 1), points, labels, is_test)
    assert not field.winner.any()
    assert not field.confidence.any()
