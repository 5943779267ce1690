"""A neural-network engine in plain NumPy:  import engine as nn."""

from engine.catalog import catalog
from engine.configuration import Configuration, ConfigurationError, configure
from engine.events import Metrics, Picture, Stepped
from engine.gradient_check import check_layer, check_loss
from engine.initializers import he, he_normal, normal, xavier, xavier_normal, zeros
from engine.layers import (
    Conv2D,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Reshape,
    Sigmoid,
    Tanh,
)
from engine.losses import MSE, CrossEntropy, Loss, softmax
from engine.network import Network
from engine.optimizers import SGD, Adam, Optimizer
from engine.regularizers import L1, L2
from engine.schedules import Constant, Cosine, Exponential
from engine.training import DivergedError, Training

__all__ = [
    "L1",
    "L2",
    "MSE",
    "SGD",
    "Adam",
    "Configuration",
    "ConfigurationError",
    "Constant",
    "Conv2D",
    "Cosine",
    "CrossEntropy",
    "Dense",
    "DivergedError",
    "Exponential",
    "Flatten",
    "Layer",
    "LeakyReLU",
    "Loss",
    "MaxPool2D",
    "Metrics",
    "Network",
    "Optimizer",
    "Picture",
    "ReLU",
    "Reshape",
    "Sigmoid",
    "Stepped",
    "Tanh",
    "Training",
    "catalog",
    "check_layer",
    "check_loss",
    "configure",
    "he",
    "he_normal",
    "normal",
    "softmax",
    "xavier",
    "xavier_normal",
    "zeros",
]
