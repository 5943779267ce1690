"""ONNX's own node tests (onnx 1.23, 1,404 cases): the engine repeats those that it can express, and none is different.

ONNX wrote them for those who run its models: what an operator is given, and what NumPy says it must answer. Here the table
OPERATORS says which layer, loss or optimizer an operator is and how many of its cases ours repeats; OTHERS says of the other
operators why there is none. Run with the extra `parity`; .ci/run does.
"""

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

import engine as nn
from tests.onnx import layers, learning, sequences
from tests.onnx.cases import ATOL, RTOL, Case, InexpressibleError, cases
from tests.onnx.layers import Outputs, activation, along_features

OPERATORS: dict[str, tuple[Callable[[Case], Outputs], int]] = {
    "Relu": (activation(lambda case: nn.ReLU()), 1),
    "LeakyRelu": (activation(lambda case: nn.LeakyReLU(case.get("alpha", 0.01))), 3),
    "Elu": (activation(lambda case: nn.ELU(case.get("alpha", 1.0))), 3),
    "Selu": (layers.selu, 1),
    "Softplus": (activation(lambda case: nn.Softplus()), 2),
    "PRelu": (layers.prelu, 2),
    "Gelu": (activation(lambda case: nn.GELU(case.get("approximate") == "tanh")), 4),
    "Swish": (layers.swish, 1),
    "Mish": (activation(lambda case: nn.Mish()), 1),
    "HardSigmoid": (activation(lambda case: nn.HardSigmoid(case.get("alpha", 0.2), case.get("beta", 0.5))), 3),
    "HardSwish": (activation(lambda case: nn.HardSwish()), 1),
    "ThresholdedRelu": (activation(lambda case: nn.ThresholdedReLU(case.get("alpha", 1.0))), 3),
    "Softsign": (activation(lambda case: nn.Softsign()), 2),
    "Tanh": (activation(lambda case: nn.Tanh()), 2),
    "Sigmoid": (activation(lambda case: nn.Sigmoid()), 2),
    "Softmax": (along_features(nn.Softmax), 7),
    "LogSoftmax": (along_features(nn.LogSoftmax), 7),
    "Dropout": (layers.dropout, 12),
    "Gemm": (layers.gemm, 11),
    "MatMul": (layers.matmul, 7),
    "Flatten": (layers.flatten, 9),
    "Reshape": (layers.reshape, 9),
    "Squeeze": (layers.squeeze, 2),
    "Unsqueeze": (layers.unsqueeze, 7),
    "Gather": (layers.gather, 4),
    "Add": (layers.add, 2),
    "ReduceMean": (layers.reduce_mean, 8),
    "LayerNormalization": (layers.layer_norm, 19),
    "RMSNormalization": (layers.rms_norm, 19),
    "LpNormalization": (layers.length_norm, 3),
    "BatchNormalization": (layers.batch_norm, 2),
    "MeanVarianceNormalization": (layers.mean_variance_norm, 1),
    "GroupNormalization": (layers.group_norm, 2),
    "InstanceNormalization": (layers.group_norm, 2),
    "MaxPool": (layers.max_pool, 14),
    "AveragePool": (layers.average_pool, 18),
    "GlobalMaxPool": (layers.global_max_pool, 2),
    "GlobalAveragePool": (layers.global_average_pool, 2),
    "MaxUnpool": (layers.max_unpool, 2),
    "Conv": (layers.convolve, 6),
    "ConvTranspose": (layers.convolve_transposed, 10),
    "CausalConvWithState": (layers.causal_convolve, 11),
    "Upsample": (layers.enlarge, 1),
    "Resize": (layers.enlarge, 4),
    "RNN": (sequences.recur("RNN"), 6),
    "LSTM": (sequences.recur("LSTM"), 5),
    "GRU": (sequences.recur("GRU"), 3),
    "Attention": (sequences.attend, 56),
    "FlexAttention": (sequences.attend, 5),
    "SoftmaxCrossEntropyLoss": (learning.cross_entropy, 28),
    "Adagrad": (learning.optimize(learning.adagrad), 2),
    "Adam": (learning.optimize(learning.adam), 2),
    "Momentum": (learning.optimize(learning.momentum), 3),
}
"""What an operator is in our engine, and how many of its cases are repeated."""

OTHERS = {
    "a layer has one input": "Div Max Mean Min Mod Mul Pow Sub Sum SwiGLU",
    "no layer is this function of a number": """
        Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Erf Exp Floor Hardmax IsInf IsNaN Log Neg Reciprocal Round
        Shrink Sign Sin Sinh Sqrt Tan
    """,
    "no layer compares, or computes with bits": """
        And BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Equal Greater GreaterOrEqual Less LessOrEqual Not Or
        Where Xor
    """,
    "no layer sums up in this way": """
        ArgMax ArgMin CumProd CumSum Det Einsum ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMin ReduceProd
        ReduceSum ReduceSumSquare TopK
    """,
    "layers keep the order of numbers; no layer cuts, joins or scatters them": """
        CenterCropPad Col2Im Compress Concat DepthToSpace Expand GatherElements GatherND Identity Pad ReverseSequence Scatter
        ScatterElements ScatterND Slice SpaceToDepth Split TensorScatter Tile Transpose Trilu Unique
    """,
    "a layer's output is computed from numbers, not made": """
        Bernoulli Constant ConstantOfShape EyeLike NonZero OneHot Range Shape Size
    """,
    "the engine computes in float32 and float64": """
        Cast CastLike ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul QuantizeLinear
    """,
    "no layer of ours does this to an image": """
        AffineGrid DeformConv GridSample ImageDecoder LRN LpPool NonMaxSuppression RoiAlign
    """,
    "no layer of ours does this to a sequence": "LinearAttention RotaryEmbedding",
    "CrossEntropy takes logits, not logarithms, of which these sum to no probability": "NegativeLogLikelihoodLoss",
    "signals have no layers": "BlackmanWindow DFT HammingWindow HannWindow MelWeightMatrix STFT",
    "texts and trees have no layers": """
        ArrayFeatureExtractor Binarizer LabelEncoder RegexFullMatch StringConcat StringNormalizer StringSplit TfIdfVectorizer
        TreeEnsemble
    """,
    "a network is layers in a row": """
        If Loop OptionalGetElement OptionalHasElement Scan SequenceInsert SequenceMap SplitToSequence
    """,
}
"""Why the other operators are no layer of ours: the engine is for learning, not for running any model."""


def floats_only(case: Case) -> None:
    kinds = [str(a.dtype) for a in (*case.inputs, *case.outputs.values()) if a is not None]
    wanted = [str(a.dtype) for a in case.outputs.values()]
    if any("float" in kind and kind not in ("float32", "float64") for kind in kinds) or "float" not in wanted[0]:
        raise InexpressibleError("the engine computes in float32 and float64")


def difference(case: Case, ours: Outputs) -> str:
    """Say what is different, if anything."""
    for position, theirs in case.outputs.items():
        mine = ours[position]
        if mine is None or mine.dtype != theirs.dtype or mine.shape != theirs.shape:
            return f"{case.name}: {theirs.dtype} of shape {theirs.shape} is wanted"
        try:
            np.testing.assert_allclose(mine, theirs, RTOL, ATOL)
        except AssertionError as error:
            return f"{case.name}, output {position}: {error}"
    return ""


@pytest.mark.parametrize("operator", OPERATORS)
def test_operator(operator: str) -> None:
    express, count = OPERATORS[operator]
    repeated, different, reasons = [], [], Counter()
    for case in cases()[operator]:
        try:
            floats_only(case)
            reason = difference(case, express(case))
        except InexpressibleError as error:
            reasons[str(error)] += 1
        else:
            (different if reason else repeated).append(reason or case.name)
    print("ONNX", operator, f"{len(repeated)} of {len(cases()[operator])}", dict(reasons) or "")
    assert not different, "\n".join(different)
    assert len(repeated) == count, f"repeated: {repeated}; not: {dict(reasons)}"


def test_at_least_300_cases_are_repeated_and_every_operator_is_in_a_table() -> None:
    others = [name for names in OTHERS.values() for name in names.split()]
    assert set(cases()) == {*OPERATORS, *others}
    assert len(others) == len(set(others) - set(OPERATORS))
    assert sum(map(len, cases().values())) == 1404
    assert sum(count for _, count in OPERATORS.values()) >= 300
