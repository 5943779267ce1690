"""The way back from small images to large ones, without anything to learn."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from engine.arrays import Array, Shape, in_words
from engine.expression import Formulas, Quantities, total
from engine.hyperparameter import choice
from engine.layers.layer import Layer
from engine.layers.pooling import MaxPool2D, added
from engine.layers.windows import Pair, batch_first, batch_last, pair


@dataclass(eq=False)
class MaxUnpool2D(Layer):
    """Puts each value back where its MaxPool2D took it from, and 0 everywhere else.

    x has the shape of the pool's output, y that of its input.  ∂L/∂x is ∂L/∂y at the places that were largest.
    Where windows overlap and several took the same pixel, their values add up (PyTorch keeps one of them), so that this is
    exactly the pool's own way back.   A network gives a MaxUnpool2D without a pool the nearest MaxPool2D before it that no
    other has undone, as brackets pair.
    Zeiler & Fergus (2014), Visualizing and understanding convolutional networks.
    """

    pool: MaxPool2D | None = None

    def output_shape(self, input_shape: Shape) -> Shape:
        if self.pool is None or not self.pool.input_shape:
            raise self.refuse("a MaxPool2D before it whose places it can use (one each)", input_shape)
        wanted = self.pool.output_shape(self.pool.input_shape)
        if input_shape != wanted:
            raise self.refuse(f"what its MaxPool2D gives, {in_words(wanted)}", input_shape)
        return self.pool.input_shape

    def memory(self, input_shape: Shape) -> int:
        if self.pool is None:
            raise RuntimeError("MaxUnpool2D needs its pool")
        return super().memory(input_shape) + self.pool.between(self.pool.input_shape)

    def twin(self, twins: dict[Layer, Layer]) -> Self:
        twin = super().twin(twins)
        pool = twins.get(self.pool) if self.pool else None
        twin.pool = pool if isinstance(pool, MaxPool2D) else self.pool
        return twin

    def forward(self, x: Array, training: bool = False) -> Array:
        if self.pool is None:
            raise RuntimeError("MaxUnpool2D needs its pool")
        return self.pool.put_back(self.numbers(x))

    def backward(self, dy: Array) -> Array:
        if self.pool is None:
            raise RuntimeError("MaxUnpool2D needs its pool")
        return self.pool.pick(dy)

    def on_the_way(self, q: Quantities) -> dict[str, Array]:
        return {} if self.pool is None else {"winner": self.pool.winners()}

    def formulas(self, q: Quantities) -> Formulas:
        winner, width = q["winner"], q["y"].shape[2]

        def put_here(n: int, p: int, r: int, c: int) -> Array:
            return np.argwhere(winner[n, :, :, c] == p * width + r)

        return {
            "y": lambda n, p, r, c: total(q("x", n, int(i), int(j), c) for i, j in put_here(n, p, r, c)),
            "dx": lambda n, i, j, c: q("dy", n, *map(int, divmod(winner[n, i, j, c], width)), c),
        }


@dataclass(eq=False)
class UpSample2D(Layer):
    """Every pixel becomes a block of equal ones:  y[n, i, j, c] = x[n, ⌊i / size⌋, ⌊j / size⌋, c].

    ∂L/∂x is the sum of ∂L/∂y over the block.   Nearest-neighbour interpolation, as in Odena, Dumoulin & Olah (2016),
    Deconvolution and checkerboard artifacts.
    """

    size: Pair = choice("height and width of a block", default=2, minimum=1, maximum=16, unit="pixels")

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 3:
            raise self.refuse("an image of height × width × channels", input_shape)
        height, width = pair(self.size)
        return height * input_shape[0], width * input_shape[1], input_shape[2]

    def forward(self, x: Array, training: bool = False) -> Array:
        n, rows, columns, channels = self.x_shape = x.shape
        x, (height, width) = batch_last(self.numbers(x)), pair(self.size)
        y = np.empty((channels, rows, height, columns, width, n), x.dtype)
        y[...] = x[:, :, None, :, None]
        return batch_first(y.reshape(channels, rows * height, columns * width, n))

    def backward(self, dy: Array) -> Array:
        n, rows, columns, channels = self.x_shape
        height, width = pair(self.size)
        blocks = batch_last(dy).reshape(channels, rows, height, columns, width, n)
        across = added([blocks[:, :, :, :, v] for v in range(width)])
        return batch_first(added([across[:, :, u] for u in range(height)]))

    def formulas(self, q: Quantities) -> Formulas:
        height, width = pair(self.size)
        return {
            "y": lambda n, p, r, c: q("x", n, p // height, r // width, c),
            "dx": lambda n, i, j, c: total(q("dy", n, i * height + u, j * width + v, c) for u, v in np.ndindex(height, width)),
        }
