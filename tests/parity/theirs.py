"""Every layer once more, in PyTorch: a function of our layer (for its hyperparameters), x and the same parameters."""

import math
from collections.abc import Callable

import torch
from torch.func import functional_call
from torch.nn import functional

import engine as nn

ALMOST_ZERO = -math.inf
P = dict[str, torch.Tensor]


def images(x: torch.Tensor) -> torch.Tensor:
    return x.permute(0, 3, 1, 2)


def back(y: torch.Tensor) -> torch.Tensor:
    return y.permute(0, 2, 3, 1)


def convolve(layer: nn.Conv2D | nn.DepthwiseConv2D, x: torch.Tensor, p: P, groups: int = 1) -> torch.Tensor:
    rows, columns = layer.windows(tuple(x.shape[1:]))
    x = functional.pad(images(x), (columns.before, columns.after, rows.before, rows.after))
    stride, dilation = (rows.stride, columns.stride), (rows.dilation, columns.dilation)
    W = p["W"] if p["W"].ndim == 4 else p["W"][:, :, None]  # (height, width, channels of a group, filters)
    return back(functional.conv2d(x, W.permute(3, 2, 0, 1), p["b"], stride, 0, dilation, groups))


def convolve_steps(layer: nn.Conv1D, x: torch.Tensor, p: P) -> torch.Tensor:
    _, steps = layer.windows(tuple(x.shape[1:]))
    x, W = functional.pad(x.movedim(2, 1), (steps.before, steps.after)), p["W"][0].permute(2, 1, 0)
    return functional.conv1d(x, W, p["b"], layer.stride, 0, layer.dilation).movedim(1, 2)


def pool(layer: nn.MaxPool2D, x: torch.Tensor, p: dict[str, torch.Tensor]) -> torch.Tensor:
    rows, columns = layer.windows(tuple(x.shape[1:]))
    x = functional.pad(images(x), (columns.before, columns.after, rows.before, rows.after), value=ALMOST_ZERO)
    return back(functional.max_pool2d(x, (rows.size, columns.size), (rows.stride, columns.stride)))


def average(layer: nn.AveragePool2D, x: torch.Tensor, p: P) -> torch.Tensor:
    rows, columns = layer.windows(tuple(x.shape[1:]))
    room = (columns.before, columns.after, rows.before, rows.after)
    size, stride = (rows.size, columns.size), (rows.stride, columns.stride)
    total = functional.avg_pool2d(functional.pad(images(x), room), size, stride)
    return back(total / functional.avg_pool2d(functional.pad(torch.ones_like(images(x)), room), size, stride))


def unpool(layer: nn.MaxUnpool2D, x: torch.Tensor, p: P) -> torch.Tensor:
    image = images(torch.tensor(layer.pool.image))
    _, indices = functional.max_pool2d(image, layer.pool.pool_size, return_indices=True)
    return back(functional.max_unpool2d(images(x), indices, layer.pool.pool_size, output_size=image.shape))


def transpose_convolve(layer: nn.Conv2DTranspose, x: torch.Tensor, p: P) -> torch.Tensor:
    rows, columns = layer.windows(tuple(x.shape[1:]))
    y = functional.conv_transpose2d(images(x), p["W"].permute(2, 3, 0, 1), None, (rows.stride, columns.stride))
    y = functional.pad(y, (0, max(0, columns.length), 0, max(0, rows.length)))
    return back(y)[:, rows.inside, columns.inside] + p["b"]


def batch_norm(layer: nn.BatchNorm, x: torch.Tensor, p: P) -> torch.Tensor:
    rows = x.reshape(-1, x.shape[-1])
    return functional.batch_norm(rows, None, None, p["gamma"], p["beta"], training=True, eps=layer.epsilon).reshape(x.shape)


def recur(kind: type[torch.nn.RNNBase], layer: nn.layers.Recurrent, x: torch.Tensor, p: P) -> torch.Tensor:
    module = kind(x.shape[2], layer.units, batch_first=True).to(x.dtype)
    second = p.get("d", torch.zeros_like(p["b"]))
    theirs = {"weight_ih_l0": p["W"].T, "weight_hh_l0": p["U"].T, "bias_ih_l0": p["b"], "bias_hh_l0": second}
    y, _ = functional_call(module, theirs, (x,))
    return y if layer.return_sequences else y[:, -1]


def place(layer: nn.PositionalEncoding, x: torch.Tensor, p: P) -> torch.Tensor:
    if layer.learned:
        return x + p["P"][: x.shape[1]]
    steps, width = x.shape[1:]
    angle = [[t / 10_000 ** (2 * (i // 2) / width) for i in range(width)] for t in range(steps)]
    P = [[math.cos(a) if i % 2 else math.sin(a) for i, a in enumerate(row)] for row in angle]
    return x + torch.tensor(P, dtype=x.dtype)


def attention_parameters(p: P, prefix: str = "") -> P:
    return {
        f"{prefix}in_proj_weight": torch.cat([p["Wq"].T, p["Wk"].T, p["Wv"].T]),
        f"{prefix}in_proj_bias": torch.cat([p["bq"], p["bk"], p["bv"]]),
        f"{prefix}out_proj.weight": p["Wo"].T,
        f"{prefix}out_proj.bias": p["bo"],
    }


def future(x: torch.Tensor, causal: bool) -> torch.Tensor | None:
    return torch.triu(torch.ones(x.shape[1], x.shape[1], dtype=torch.bool), diagonal=1) if causal else None


def attend(layer: nn.MultiHeadAttention, x: torch.Tensor, p: P) -> torch.Tensor:
    module = torch.nn.MultiheadAttention(x.shape[2], layer.heads, batch_first=True).to(x.dtype)
    mask = {"attn_mask": future(x, layer.causal), "need_weights": False}
    return functional_call(module, attention_parameters(p), (x, x, x), mask)[0]


def transform(layer: nn.TransformerBlock, x: torch.Tensor, p: P) -> torch.Tensor:
    """PyTorch's own encoder layer, with the norm first."""
    width = x.shape[2]
    module = torch.nn.TransformerEncoderLayer(
        width,
        layer.heads,
        layer.expansion * width,
        0.0,
        lambda a: functional.gelu(a, approximate="tanh"),
        batch_first=True,
        norm_first=True,
    ).to(x.dtype)
    inner = {name.removeprefix("0.1."): value for name, value in p.items() if name.startswith("0.1.")}
    theirs = {
        "norm1.weight": p["0.0.gamma"],
        "norm1.bias": p["0.0.beta"],
        "norm2.weight": p["1.0.gamma"],
        "norm2.bias": p["1.0.beta"],
        "linear1.weight": p["1.1.W"].T,
        "linear1.bias": p["1.1.b"],
        "linear2.weight": p["1.3.W"].T,
        "linear2.bias": p["1.3.b"],
        **attention_parameters(inner, "self_attn."),
    }
    return functional_call(module, theirs, (x,), {"src_mask": future(x, layer.causal)})


def recur_both_ways(layer: nn.Bidirectional, x: torch.Tensor, p: P) -> torch.Tensor:
    module = getattr(torch.nn, layer.cell)(x.shape[2], layer.units, batch_first=True, bidirectional=True).to(x.dtype)
    theirs = {}
    for i, end in enumerate(("_l0", "_l0_reverse")):
        W, U, b = (p[f"{i}.{name}"] for name in "WUb")
        second = p.get(f"{i}.d", torch.zeros_like(b))
        theirs |= {f"weight_ih{end}": W.T, f"weight_hh{end}": U.T, f"bias_ih{end}": b, f"bias_hh{end}": second}
    y, last = functional_call(module, theirs, (x,))
    forth, back = y.chunk(2, -1) if layer.return_sequences else (last[0] if layer.cell == "LSTM" else last)
    return torch.cat([forth, back], -1) if layer.merge == "concatenate" else forth + back


THEIRS: dict[str, Callable[..., torch.Tensor]] = {
    "Dense": lambda layer, x, p: x @ p["W"] + p["b"],
    "Conv2D": convolve,
    "MaxPool2D": pool,
    "Flatten": lambda layer, x, p: x.flatten(1),
    "Reshape": lambda layer, x, p: x.reshape(len(x), *layer.shape),
    "ReLU": lambda layer, x, p: functional.relu(x),
    "LeakyReLU": lambda layer, x, p: functional.leaky_relu(x, layer.slope),
    "Tanh": lambda layer, x, p: torch.tanh(x),
    "Sigmoid": lambda layer, x, p: torch.sigmoid(x),
    "GELU": lambda layer, x, p: functional.gelu(x, approximate="tanh" if layer.approximate else "none"),
    "Softmax": lambda layer, x, p: torch.softmax(x, -1),
    "AveragePool2D": average,
    "GlobalAveragePool2D": lambda layer, x, p: functional.adaptive_avg_pool2d(images(x), 1).flatten(1),
    "MaxUnpool2D": unpool,
    "UpSample2D": lambda layer, x, p: back(functional.interpolate(images(x), scale_factor=layer.size, mode="nearest")),
    "Conv2DTranspose": transpose_convolve,
    "Dropout": lambda layer, x, p: x * torch.tensor(layer.mask),
    "BatchNorm": batch_norm,
    "LayerNorm": lambda layer, x, p: functional.layer_norm(x, x.shape[-1:], p["gamma"], p["beta"], layer.epsilon),
    "RNN": lambda layer, x, p: recur(torch.nn.RNN, layer, x, p),
    "LSTM": lambda layer, x, p: recur(torch.nn.LSTM, layer, x, p),
    "GRU": lambda layer, x, p: recur(torch.nn.GRU, layer, x, p),
    "Embedding": lambda layer, x, p: functional.embedding(x.long(), p["W"]),
    "PositionalEncoding": place,
    "MultiHeadAttention": attend,
    "TransformerBlock": transform,
    "Residual": lambda layer, x, p: x + in_a_row(layer.inside, x, p),
    "ELU": lambda layer, x, p: functional.elu(x, layer.alpha),
    "SELU": lambda layer, x, p: functional.selu(x),
    "SiLU": lambda layer, x, p: functional.silu(x),
    "Softplus": lambda layer, x, p: functional.softplus(x),
    "PReLU": lambda layer, x, p: functional.prelu(x.movedim(-1, 1), p["a"]).movedim(1, -1),
    "Mish": lambda layer, x, p: functional.mish(x),
    "Softsign": lambda layer, x, p: functional.softsign(x),
    "HardSigmoid": lambda layer, x, p: functional.hardtanh(layer.alpha * x + layer.beta, 0, 1),
    "HardSwish": lambda layer, x, p: functional.hardswish(x),
    "ThresholdedReLU": lambda layer, x, p: functional.threshold(x, layer.threshold, 0),
    "LogSoftmax": lambda layer, x, p: functional.log_softmax(x, -1),
    "RMSNorm": lambda layer, x, p: functional.rms_norm(x, x.shape[-1:], p["gamma"], layer.epsilon),
    "GroupedConv2D": lambda layer, x, p: convolve(layer, x, p, layer.groups),
    "DepthwiseConv2D": lambda layer, x, p: convolve(layer, x, p, x.shape[-1]),
    "Conv1D": convolve_steps,
    "Masking": lambda layer, x, p: x,
    "Bidirectional": recur_both_ways,
    "GroupNorm": lambda layer, x, p: functional.group_norm(
        x.movedim(-1, 1), layer.groups, p["gamma"], p["beta"], layer.epsilon
    ).movedim(1, -1),
}


def in_a_row(layers: list[nn.Layer], x: torch.Tensor, p: P) -> torch.Tensor:
    for i, layer in enumerate(layers):
        own = {name.removeprefix(f"{i}."): value for name, value in p.items() if name.startswith(f"{i}.")}
        x = THEIRS[type(layer).__name__](layer, x, own)
    return x
