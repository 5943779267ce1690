"""A neural-network engine in plain NumPy:  import engine as nn."""

from engine.data.folders import DataFolders
from engine.explain.doctor import Doctor
from engine.explain.experiments.check_up import check_up
from engine.explain.experiments.one_batch import overfit_one_batch
from engine.explain.experiments.rate import find_the_rate
from engine.explain.finding import Finding, Remedy
from engine.functions import softmax
from engine.gradient_check import check_layer, check_loss
from engine.initializers import he, he_normal, lecun, normal, orthogonal, xavier, xavier_normal, zeros
from engine.layers import (
    GELU,
    GRU,
    LSTM,
    RNN,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAveragePool2D,
    Layer,
    LayerNorm,
    LeakyReLU,
    MaxPool2D,
    MaxUnpool2D,
    MultiHeadAttention,
    PositionalEncoding,
    ReLU,
    Reshape,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
    TransformerBlock,
    UpSample2D,
)
from engine.layers.variants import (
    ELU,
    SELU,
    Bidirectional,
    Conv1D,
    DepthwiseConv2D,
    GroupedConv2D,
    GroupNorm,
    HardSigmoid,
    HardSwish,
    LogSoftmax,
    Masking,
    Mish,
    PReLU,
    RMSNorm,
    SiLU,
    Softplus,
    Softsign,
    ThresholdedReLU,
)
from engine.losses import MAE, MSE, BinaryCrossEntropy, CrossEntropy, Huber, Loss
from engine.network import Network
from engine.optimizers import SGD, AdaDelta, AdaGrad, Adam, AdamW, LazyAdam, Lion, Muon, Nadam, Optimizer, RMSProp, clip_by_norm
from engine.pictures import Picture
from engine.regularizers import L1, L2
from engine.schedules import Constant, Cosine, Exponential, OneCycle, ReduceOnPlateau, StepDecay, WarmRestarts, WarmupCosine
from engine.training.catalog import catalog
from engine.training.check import configure
from engine.training.configuration import Configuration, ConfigurationError
from engine.training.events import Metrics, Stepped
from engine.training.fit import fit
from engine.training.training import DivergedError, Training
