"""How weights start: draws whose variance keeps signals from fading or exploding on their way through the layers.

fan_in and fan_out are the numbers of inputs and outputs that one weight of the layer connects.
"""

import math
from collections.abc import Callable

import numpy as np

from engine.arrays import Array, Shape

Initializer = Callable[[Shape, np.random.Generator], Array]


def fans(shape: Shape) -> tuple[int, int]:
    """Count the inputs and outputs of one unit:  (in, out) for Dense, (height, width, in, out) for filters."""
    receptive_field = math.prod(shape[:-2])
    return receptive_field * shape[-2], receptive_field * shape[-1]


def uniform(variance: float, shape: Shape, rng: np.random.Generator) -> Array:
    """Draw from U(−a, a), whose variance is a² / 3."""
    bound = math.sqrt(3 * variance)
    return rng.uniform(-bound, bound, shape)


def xavier(shape: Shape, rng: np.random.Generator) -> Array:
    """U(−a, a) with variance 2 / (fan_in + fan_out): signals keep their size forward, and gradients theirs going back.

    Forward alone it would be 1 / fan_in, back alone 1 / fan_out; this is between the two.
    Glorot & Bengio (2010), Understanding the difficulty of training deep feedforward neural networks.
    """
    return uniform(2 / sum(fans(shape)), shape, rng)


def xavier_normal(shape: Shape, rng: np.random.Generator) -> Array:
    """N(0, 2 / (fan_in + fan_out)), from Glorot & Bengio (2010)."""
    return rng.normal(0, math.sqrt(2 / sum(fans(shape))), shape)


def he(shape: Shape, rng: np.random.Generator) -> Array:
    """U(−a, a) with variance 2 / fan_in: twice the variance of lecun, since ReLU silences half of the inputs.

    He, Zhang, Ren & Sun (2015), Delving deep into rectifiers.
    """
    return uniform(2 / fans(shape)[0], shape, rng)


def he_normal(shape: Shape, rng: np.random.Generator) -> Array:
    """N(0, 2 / fan_in), from He et al. (2015)."""
    return rng.normal(0, math.sqrt(2 / fans(shape)[0]), shape)


def lecun(shape: Shape, rng: np.random.Generator) -> Array:
    """U(−a, a) with variance 1 / fan_in: an output varies as much as an input does.

    LeCun, Bottou, Orr & Müller (1998), Efficient backprop.
    """
    return uniform(1 / fans(shape)[0], shape, rng)


def orthogonal(shape: Shape, rng: np.random.Generator) -> Array:
    """A random rotation: lengths stay as they are, however often it is applied, which recurrent layers need.

    The weights are read as a matrix (all inputs, outputs); its rows or columns, whichever are fewer, are orthonormal.
    Saxe, McClelland & Ganguli (2014), Exact solutions to the nonlinear dynamics of learning in deep linear networks.
    """
    rows, columns = math.prod(shape[:-1]), shape[-1]
    Q, R = np.linalg.qr(rng.normal(size=(max(rows, columns), min(rows, columns))))
    Q *= np.sign(np.diag(R))  # without this, some rotations would come up more often
    return np.ascontiguousarray(Q if rows >= columns else Q.T).reshape(shape)


def normal(shape: Shape, rng: np.random.Generator) -> Array:
    """N(0, 0.01²), whatever the layer's size: what was usual before 2010, and still done in 2012.

    Krizhevsky, Sutskever & Hinton (2012), ImageNet classification with deep convolutional neural networks.
    """
    return rng.normal(0, 0.01, shape)


def zeros(shape: Shape, rng: np.random.Generator) -> Array:
    """All zero: every neuron of a layer then stays the same as its neighbours, so a hidden layer cannot learn.

    Rumelhart, Hinton & Williams (1986), Learning internal representations by error propagation, on this symmetry.
    """
    return np.zeros(shape)


INITIALIZERS: dict[str, Initializer] = {
    f.__name__: f for f in (xavier, xavier_normal, he, he_normal, lecun, orthogonal, normal, zeros)
}
