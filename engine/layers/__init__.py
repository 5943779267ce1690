"""The layers, a file per family."""

from engine.layers.activations import Activation, LeakyReLU, ReLU, Sigmoid, Tanh
from engine.layers.convolution import Conv2D
from engine.layers.dense import Dense
from engine.layers.layer import Layer
from engine.layers.pooling import MaxPool2D
from engine.layers.reshape import Flatten, Reshape

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (Dense, Conv2D, MaxPool2D, Flatten, Reshape, ReLU, LeakyReLU, Tanh, Sigmoid)
}

__all__ = [
    "LAYERS", "Activation", "Conv2D", "Dense", "Flatten", "Layer", "LeakyReLU", "MaxPool2D", "ReLU", "Reshape",
    "Sigmoid", "Tanh",
]
