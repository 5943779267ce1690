"""Ten small networks, trained 200 steps in both from the same weights and batches: the losses agree to 1e-3."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

import engine as nn
from tests.parity.theirs import in_a_row

STEPS, BATCH = 200, 16
Data = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def numbers(shape: tuple[int, ...], outputs: int) -> Data:
    return lambda rng: (rng.normal(size=(BATCH, *shape)), rng.random((BATCH, outputs)))


def classes(shape: tuple[int, ...], outputs: int) -> Data:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        x = rng.normal(size=(BATCH, *shape))
        return x, (np.abs(x).reshape(BATCH, -1).sum(axis=1) * 3).astype(int) % outputs

    return draw


def tokens(steps: int, vocabulary: int) -> Data:
    def draw(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        x = rng.integers(0, vocabulary, (BATCH, steps))
        return x, np.where(rng.random(x.shape) < 0.2, -1, np.sort(x, axis=1))

    return draw


def memory(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(BATCH, 8, 3))
    return x, x[:, 0].argmax(axis=1)


optim = torch.optim
NETWORKS: dict[str, tuple[list[nn.Layer], tuple[int, ...], Data, nn.Loss, nn.Optimizer, Callable[..., Any]]] = {
    "dense": (
        [nn.Dense(16), nn.Tanh(), nn.Dense(3)],
        (4,),
        classes((4,), 3),
        nn.CrossEntropy(),
        nn.SGD(0.1, momentum=0.9),
        lambda p: optim.SGD(p, 0.1, momentum=0.9),
    ),
    "regression": (
        [nn.Dense(16, "lecun"), nn.GELU(), nn.LayerNorm(), nn.Dense(2)],
        (4,),
        numbers((4,), 2),
        nn.Huber(),
        nn.AdaGrad(0.05),
        lambda p: optim.Adagrad(p, 0.05),
    ),
    "batch norm": (
        [nn.Dense(12), nn.BatchNorm(), nn.LeakyReLU(), nn.Dense(3)],
        (4,),
        classes((4,), 3),
        nn.CrossEntropy(),
        nn.SGD(0.05),
        lambda p: optim.SGD(p, 0.05),
    ),
    "convolution": (
        [
            nn.Conv2D(4, 3),
            nn.ReLU(),
            nn.MaxPool2D(2),
            nn.Conv2D(4, 3, stride=2),
            nn.Sigmoid(),
            nn.GlobalAveragePool2D(),
            nn.Dense(3),
        ],
        (8, 8, 1),
        classes((8, 8, 1), 3),
        nn.CrossEntropy(),
        nn.Adam(1e-3),
        lambda p: optim.Adam(p, 1e-3),
    ),
    "autoencoder": (
        [nn.Conv2D(3, 3), nn.Tanh(), nn.AveragePool2D(2), nn.UpSample2D(), nn.Conv2DTranspose(2, 3), nn.Flatten(), nn.Dense(5)],
        (6, 6, 1),
        numbers((6, 6, 1), 5),
        nn.BinaryCrossEntropy(),
        nn.RMSProp(1e-3),
        lambda p: optim.RMSprop(p, 1e-3, alpha=0.9),
    ),
    "RNN": (
        [nn.RNN(12), nn.Dense(3)],
        (8, 3),
        memory,
        nn.CrossEntropy(),
        nn.SGD(0.01, momentum=0.9, nesterov=True),
        lambda p: optim.SGD(p, 0.01, momentum=0.9, nesterov=True),
    ),
    "LSTM": ([nn.LSTM(12), nn.Dense(3)], (8, 3), memory, nn.CrossEntropy(), nn.Adam(3e-3), lambda p: optim.Adam(p, 3e-3)),
    "two GRUs": (
        [nn.GRU(8, return_sequences=True), nn.Dropout(0.2), nn.GRU(8), nn.Dense(3)],
        (8, 3),
        memory,
        nn.CrossEntropy(),
        nn.AdamW(3e-3, weight_decay=0.1),
        lambda p: optim.AdamW(p, 3e-3, weight_decay=0.1),
    ),
    "transformer": (
        [nn.Embedding(7, 8), nn.PositionalEncoding(learned=True, longest=6), nn.TransformerBlock(2), nn.Dense(7)],
        (6,),
        tokens(6, 7),
        nn.CrossEntropy(),
        nn.Adam(1e-3, amsgrad=True),
        lambda p: optim.Adam(p, 1e-3, amsgrad=True),
    ),
    "residual": (
        [nn.Dense(8), nn.Residual([nn.LayerNorm(), nn.Dense(8), nn.ReLU(), nn.Dense(8)]), nn.Dense(2)],
        (4,),
        numbers((4,), 2),
        nn.MSE(),
        nn.SGD(0.05),
        lambda p: optim.SGD(p, 0.05),
    ),
}


def their_loss(loss: nn.Loss, prediction: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    match loss:
        case nn.CrossEntropy():
            return functional.cross_entropy(prediction.flatten(0, -2), target.flatten(), ignore_index=-1)
        case nn.BinaryCrossEntropy():
            return functional.binary_cross_entropy_with_logits(prediction, target)
        case nn.Huber():
            return functional.huber_loss(prediction, target)
        case _:
            return functional.mse_loss(prediction, target)


def test_there_are_ten() -> None:
    assert len(NETWORKS) == 10


@pytest.mark.parametrize("name", NETWORKS)
def test_network(name: str) -> None:
    layers, shape, draw, loss, ours, make = NETWORKS[name]
    network = nn.Network(layers, shape, seed=5)
    p = {
        f"{i}.{key}": torch.tensor(value.copy(), requires_grad=True)
        for i, layer in enumerate(layers)
        for key, value in layer.parameters.items()
    }
    theirs = make(list(p.values()))
    ours.start(network.theta)
    rng, batches = np.random.default_rng(6), []
    batches = [draw(rng) for _ in range(4)]
    apart = 0.0
    for step in range(STEPS):
        x, target = batches[step % 4]
        x, target = (a.astype(np.float32) if a.dtype.kind == "f" else a for a in (x, target))
        value = loss.forward(network.forward(x, training=True), target)
        network.backward(loss.backward())
        theirs.zero_grad()
        their_value = their_loss(loss, in_a_row(layers, torch.tensor(x), p), torch.tensor(target))
        their_value.backward()
        ours.step(network.theta, network.gradient)
        theirs.step()
        apart = max(apart, abs(value - their_value.item()))
    print("NETWORK", name, f"loss {value:.4f}, apart {apart:.1e}")
    assert apart < 1e-3
