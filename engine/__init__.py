"""A neural-network engine in plain NumPy:  import engine as nn."""

from engine.catalog import catalog
from engine.configuration import Configuration, ConfigurationError, configure
from engine.events import Metrics, Picture, Stepped
from engine.gradient_check import check_layer, check_loss
from engine.initializers import he, he_normal, lecun, normal, orthogonal, xavier, xavier_normal, zeros
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
from engine.losses import MSE, BinaryCrossEntropy, CrossEntropy, Huber, Loss, softmax
from engine.network import Network
from engine.optimizers import SGD, AdaGrad, Adam, AdamW, LazyAdam, Optimizer, RMSProp, clip_by_norm
from engine.regularizers import L1, L2
from engine.schedules import Constant, Cosine, Exponential, OneCycle, StepDecay, WarmupCosine
from engine.training import DivergedError, Training

__all__ = [
    "L1",
    "L2",
    "MSE",
    "SGD",
    "AdaGrad",
    "Adam",
    "AdamW",
    "BinaryCrossEntropy",
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
    "Huber",
    "Layer",
    "LazyAdam",
    "LeakyReLU",
    "Loss",
    "MaxPool2D",
    "Metrics",
    "Network",
    "OneCycle",
    "Optimizer",
    "Picture",
    "RMSProp",
    "ReLU",
    "Reshape",
    "Sigmoid",
    "StepDecay",
    "Stepped",
    "Tanh",
    "Training",
    "WarmupCosine",
    "catalog",
    "check_layer",
    "check_loss",
    "clip_by_norm",
    "configure",
    "he",
    "he_normal",
    "lecun",
    "normal",
    "orthogonal",
    "softmax",
    "xavier",
    "xavier_normal",
    "zeros",
]
