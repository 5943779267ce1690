"""A layer's parameters as tables: every number stands in one, at its own place, with the gate or the head that it makes."""

import numpy as np
import pytest

import engine as nn
from engine.layers import LSTM
from engine.layers.recurrent import blocks
from engine.pictures.parameters import drawn_parts, observe_parameters, parts_of


def network() -> nn.Network:
    block = nn.Residual([nn.Dense(8), nn.MultiHeadAttention(4), nn.GRU(8, return_sequences=True)])
    layers = [
        nn.Conv2D(3, (3, 9)),
        nn.DepthwiseConv2D(3),
        nn.BatchNorm(),
        nn.Reshape((12, 33)),
        nn.Dense(8),
        block,
        nn.Bidirectional(5, "LSTM"),
        nn.Dense(2),
    ]
    return nn.Network(layers, (12, 11, 2), seed=4)


@pytest.mark.parametrize("position", [0, 1, 2, 4, 5, 6, 7])
def test_every_number_stands_in_a_table_at_its_own_place(position: int) -> None:
    layer = network().layers[position]
    met = {name: np.zeros(value.shape, int) for name, value in layer.parameters.items()}
    for part in parts_of(layer):
        for table in part.tables():
            rows, columns = table.places.shape
            for row in range(rows):
                for column in range(columns):
                    index = table.index(row, column)
                    if index is not None:
                        met[table.parameter][tuple(index)] += 1
    for name, times in met.items():
        assert set(times.ravel()) == ({4} if name.endswith("bo") else {1}), name


def test_a_window_shows_numbers_gradients_and_places_of_a_filter_a_gate_and_a_head() -> None:
    net = network()
    net.gradient = np.arange(len(net.theta))
    conv = observe_parameters(net, 0, 2, 1, (0, 5), 8, with_gradient=True)
    assert (conv["tables"], conv["parts"][2]) == (["W, channel 1", "W, channel 2", "b"], "filter 3")
    assert (conv["rows"], conv["columns"], conv["row"], conv["column"]) == (3, 9, 0, 1)
    assert len(conv["cells"]) == 3 * 8
    for cell in conv["cells"]:
        at = (cell["row"], cell["column"], 1, 2)
        assert cell["index"] == list(at)
        assert (cell["value"], cell["gradient"]) == (net.layers[0].W[at], net.layers[0].dW[at])

    [lstm, _] = net.layers[6].inside
    assert isinstance(lstm, LSTM)
    forget = observe_parameters(net, 6, 1, 1, (0, 0), 8, with_gradient=False)
    assert (forget["parts"][1], forget["parameter"]) == ("forget gate (0)", "0.U")
    got = np.array([cell["value"] for cell in forget["cells"]]).reshape(5, 5)
    np.testing.assert_array_equal(got, blocks(lstm.U, 4)[1])
    assert {cell["gradient"] for cell in forget["cells"]} == {None}

    attention = net.layers[5].inside[1]
    names = observe_parameters(net, 5, 1, 0, (0, 0), 8, with_gradient=False)["tables"]
    assert drawn_parts(net, nn.MultiHeadAttention) == [(5, k) for k in range(4)]
    assert drawn_parts(net, nn.GRU) == [(5, k) for k in range(4, 7)]
    rows = observe_parameters(net, 5, 1, names.index("Wo"), (0, 0), 8, with_gradient=False)
    values = np.array([cell["value"] for cell in rows["cells"]]).reshape(2, 8)
    np.testing.assert_array_equal(values, attention.Wo[2:4])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((8, 0, 0), "layer must be a position in the network, 0 to 7, got 8"),
        ((3, 0, 0), "Reshape, layer 4, has no parameters"),
        ((0, 3, 0), "Conv2D, layer 1, has 3 parts; part must be 0 to 2, got 3"),
        ((0, 1, 3), "filter 2 has 3 tables; table must be 0 to 2, got 3"),
    ],
)
def test_what_is_not_there_is_said(asked: tuple[int, int, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        observe_parameters(network(), *asked, (0, 0), 8, with_gradient=False)
