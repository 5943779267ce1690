"""A network of ours as a PyTorch module, as one would write it there: eager, float32, the fused optimizer."""

import os
from collections.abc import Callable

import numpy as np
import torch
from torch import nn as theirs
from torch.nn import functional

import engine as nn
from engine.losses import IGNORE

ORDER = torch.channels_last if os.environ.get("CHANNELS_LAST") else torch.contiguous_format
"""How images lie in memory; CHANNELS_LAST=1 in the environment chooses what PyTorch can be told to do, too."""


class Last(theirs.Module):
    """A recurrent layer that gives its states, or the last one."""

    def __init__(self, kind: type[theirs.RNNBase], inputs: int, layer: nn.layers.Recurrent) -> None:
        super().__init__()
        self.inner, self.all = kind(inputs, layer.units, batch_first=True), layer.return_sequences

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y, _ = self.inner(x)
        return y if self.all else y[:, -1]


class Places(theirs.Module):
    """The positional encoding, a constant."""

    def __init__(self, code: np.ndarray) -> None:
        super().__init__()
        self.register_buffer("code", torch.tensor(code))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.code


def transformer(layer: nn.TransformerBlock, width: int) -> theirs.Module:
    def gelu(x: torch.Tensor) -> torch.Tensor:
        return functional.gelu(x, approximate="tanh")

    return theirs.TransformerEncoderLayer(
        width, layer.heads, layer.expansion * width, 0.0, gelu, batch_first=True, norm_first=True
    )


def encoding(shape: tuple[int, ...]) -> np.ndarray:
    layer = nn.PositionalEncoding()
    layer.build(shape, np.random.default_rng(0), np.float32)
    return layer.forward(np.zeros((1, *shape), np.float32))


def pool(layer: nn.MaxPool2D, shape: tuple[int, ...]) -> theirs.Module:
    rows, columns = layer.windows(shape)
    room = (columns.before, columns.after, rows.before, rows.after)
    inner = theirs.MaxPool2d((rows.size, columns.size), (rows.stride, columns.stride))
    return theirs.Sequential(theirs.ConstantPad2d(room, -torch.inf), inner) if any(room) else inner


MODULES: dict[str, Callable[..., theirs.Module]] = {
    "Dense": lambda layer, shape: theirs.Linear(shape[-1], layer.units),
    "Conv2D": lambda layer, shape: theirs.Conv2d(shape[2], layer.filters, layer.kernel_size, layer.stride, layer.padding),
    "MaxPool2D": pool,
    "UpSample2D": lambda layer, shape: theirs.Upsample(scale_factor=layer.size, mode="nearest"),
    "BatchNorm": lambda layer, shape: theirs.BatchNorm2d(shape[-1]) if len(shape) == 3 else theirs.BatchNorm1d(shape[-1]),
    "Flatten": lambda layer, shape: theirs.Flatten(),
    "Reshape": lambda layer, shape: theirs.Unflatten(1, (layer.shape[2], *layer.shape[:2])),
    "ReLU": lambda layer, shape: theirs.ReLU(),
    "Tanh": lambda layer, shape: theirs.Tanh(),
    "LSTM": lambda layer, shape: Last(theirs.LSTM, shape[1], layer),
    "GRU": lambda layer, shape: Last(theirs.GRU, shape[1], layer),
    "Embedding": lambda layer, shape: theirs.Embedding(layer.vocabulary, layer.width),
    "PositionalEncoding": lambda layer, shape: Places(encoding(shape)),
    "TransformerBlock": lambda layer, shape: transformer(layer, shape[-1]),
}


def cross_entropy(y: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return functional.cross_entropy(y.flatten(0, -2), target.flatten(), ignore_index=IGNORE)


def in_their_order(x: np.ndarray) -> torch.Tensor:
    """Give images channels first, in memory too, as PyTorch's own loaders do.

    It has to be asked for: strides that fit both orders, as those of one channel do, make PyTorch take "channels last".
    """
    if x.ndim != 4:
        return torch.tensor(x)
    images = torch.empty(x.transpose(0, 3, 1, 2).shape).contiguous(memory_format=ORDER)
    return images.copy_(torch.tensor(x).permute(0, 3, 1, 2))


def stepper(training: nn.Training, x: np.ndarray, target: np.ndarray) -> Callable[[], None]:
    """Give a function that does one step of training on this batch."""
    network, loss, optimizer, regularizer = training.network, training.loss, training.optimizer, training.regularizer
    shapes = [network.input_shape, *(plan.output_shape for plan in network.plans)]
    layers = zip(network.layers, shapes, strict=False)
    module = theirs.Sequential(*(MODULES[type(layer).__name__](layer, shape) for layer, shape in layers))
    rate = optimizer.learning_rate
    adam = isinstance(optimizer, nn.Adam)
    decay = regularizer.strength if isinstance(regularizer, nn.L2) else 0.0  # as they have it: of biases, too
    rule = (torch.optim.Adam if adam else torch.optim.SGD)(module.parameters(), rate, weight_decay=decay, fused=True)
    measure = {"CrossEntropy": cross_entropy, "BinaryCrossEntropy": functional.binary_cross_entropy_with_logits}.get(
        type(loss).__name__, functional.mse_loss
    )
    inputs, wanted = in_their_order(x), in_their_order(target)

    def step() -> None:
        rule.zero_grad()
        measure(module(inputs), wanted).backward()
        rule.step()

    return step
