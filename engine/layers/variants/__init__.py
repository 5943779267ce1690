"""What stands behind the basics: further layers, a file per family. None of the basics needs them."""

from engine.layers.layer import Layer
from engine.layers.variants.activations import (
    ELU,
    SELU,
    HardSigmoid,
    HardSwish,
    LogSoftmax,
    Mish,
    PReLU,
    SiLU,
    Softplus,
    Softsign,
    ThresholdedReLU,
)
from engine.layers.variants.convolution import Conv1D, DepthwiseConv2D, GroupedConv2D
from engine.layers.variants.normalization import GroupNorm, RMSNorm
from engine.layers.variants.padding import Masking
from engine.layers.variants.recurrent import Bidirectional

VARIANTS: tuple[type[Layer], ...] = (
    ELU,
    SELU,
    SiLU,
    Softplus,
    PReLU,
    Mish,
    Softsign,
    HardSigmoid,
    HardSwish,
    ThresholdedReLU,
    LogSoftmax,
    DepthwiseConv2D,
    GroupedConv2D,
    Conv1D,
    RMSNorm,
    GroupNorm,
    Bidirectional,
    Masking,
)
