"""The layers, a file per family."""

from engine.layers.activations import GELU, Activation, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from engine.layers.attention import MultiHeadAttention
from engine.layers.composition import Composite, Residual, TransformerBlock
from engine.layers.convolution import Conv2D, Conv2DTranspose
from engine.layers.dense import Dense
from engine.layers.dropout import Dropout
from engine.layers.embedding import Embedding, PositionalEncoding
from engine.layers.layer import Layer
from engine.layers.normalization import BatchNorm, LayerNorm
from engine.layers.pooling import AveragePool2D, GlobalAveragePool2D, MaxPool2D
from engine.layers.recurrent import GRU, LSTM, RNN, Recurrent
from engine.layers.reshape import Flatten, Reshape
from engine.layers.unpooling import MaxUnpool2D, UpSample2D
from engine.layers.variants import VARIANTS, Conv1D, DepthwiseConv2D, Masking

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer
    for layer in (
        Dense,
        ReLU,
        LeakyReLU,
        Tanh,
        Sigmoid,
        GELU,
        Softmax,
        Conv2D,
        MaxPool2D,
        AveragePool2D,
        GlobalAveragePool2D,
        Conv2DTranspose,
        MaxUnpool2D,
        UpSample2D,
        Flatten,
        Reshape,
        Dropout,
        BatchNorm,
        LayerNorm,
        RNN,
        LSTM,
        GRU,
        Embedding,
        PositionalEncoding,
        MultiHeadAttention,
        TransformerBlock,
        Residual,
        *VARIANTS,
    )
}
