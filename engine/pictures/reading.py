"""Reading a text that grows: what a network says comes next, after the last T characters of each row."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Array
from engine.layers import Embedding, Layer, PositionalEncoding, Recurrent
from engine.layers.recurrent import State
from engine.network import Network


class Windows:
    """Reads the last `steps` characters of each row anew, whenever the text has grown; at most `count` times."""

    def __init__(self, network: Network, steps: int, count: int) -> None:
        self.network, self.steps, self.count = network, steps, count

    def read(self, text: Array) -> Array:
        """Give the scores (N, characters) of what follows a text (N, …), which only grows."""
        y: Array = self.network.forward(text[:, -self.steps :])[:, -1]
        return y


class OpenWindows(Windows):
    """Reads a character once, for all windows that it is in, side by side, each from its own state.

    At every place a window opens with the state 0, as if it were read by itself; `steps` places later it is full. So one
    more character is one step of the recurrent layers for many rows, in the place of `steps` of them.
    """

    def __init__(self, network: Network, steps: int, count: int) -> None:
        super().__init__(network, steps, count)
        layers = network.layers
        places = [place for place, layer in enumerate(layers) if isinstance(layer, Recurrent)]
        first, end = places[0], places[-1] + 1
        self.before, self.reading, self.after = layers[:first], layers[first:end], layers[end:]
        self.states: dict[Layer, State] = {}
        self.open, self.place = 0, 0

    def read(self, text: Array) -> Array:
        rows = len(text)
        for character in text.T[self.place :]:
            self.place += 1
            y = through(self.before, character[:, None])
            opens, full = self.place <= self.count, self.place >= self.steps
            self.open += opens
            y = np.tile(y, (self.open, 1, 1))  # the oldest window first, each of all rows
            for layer in self.reading:
                if isinstance(layer, Recurrent):
                    state = self.states.get(layer) or tuple(np.empty((0, layer.units), y.dtype) for _ in layer.carried)
                    if opens:
                        state = tuple(np.concatenate([one, np.zeros_like(one, shape=(rows, layer.units))]) for one in state)
                    y = layer.silence(layer.forward(y, initial_state=state))
                    self.states[layer] = tuple(one[rows * full :] for one in layer.final_state)
                else:
                    y = through([layer], y)
            self.open -= full
        return through(self.after, y[:rows])[:, -1]


def through(layers: Sequence[Layer], y: Array) -> Array:
    """Let layers compute one after the other."""
    for layer in layers:
        y = layer.silence(layer.forward(y))
    return y


def windows(network: Network, steps: int, count: int) -> Windows:
    """Choose how `count` windows are read: side by side, where the network reads place by place, wherever a place is."""
    alone = all(
        isinstance(layer, Embedding | Recurrent) or (layer.alone and not isinstance(layer, PositionalEncoding))
        for layer in network.layers
    )
    recurrent = any(isinstance(layer, Recurrent) for layer in network.layers)
    return (OpenWindows if alone and recurrent else Windows)(network.twin(), steps, count)
