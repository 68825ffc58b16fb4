"""Which operators a model from elsewhere may use: what is needed, and bounded.

Nothing that repeats (`Loop`, `Scan`), calls (functions), reads, draws at random, or
makes a tensor as large as a number in a row says. Nor sequences, maps and strings.
"""

from collections.abc import Mapping

ONNX, ML = "", "ai.onnx.ml"
_ONNX = (
    "Abs Add And ArgMax ArgMin BatchNormalization Cast Ceil Celu Clip Concat Constant"
    " Div Elu Equal Erf Exp Flatten Floor Gather Gelu Gemm Greater GreaterOrEqual"
    " HardSigmoid HardSwish Identity IsInf IsNaN LayerNormalization LeakyRelu Less"
    " LessOrEqual Log LogSoftmax MatMul Max Mean Min Mish Mul Neg Not Or PRelu Pow"
    " Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean"
    " ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round Selu Sigmoid"
    " Sign Slice Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Tanh TopK"
    " Transpose Unsqueeze Where Xor"
)
_ML = (
    "ArrayFeatureExtractor Binarizer FeatureVectorizer Imputer LinearClassifier"
    " LinearRegressor Normalizer Scaler TreeEnsembleClassifier TreeEnsembleRegressor"
)
ALLOWED: Mapping[str, frozenset[str]] = {
    ONNX: frozenset(_ONNX.split()),
    ML: frozenset(_ML.split()),
}
TREES = frozenset({"TreeEnsembleClassifier", "TreeEnsembleRegressor"})
# Which of their inputs say how large the output is: these must stand in the file.
FIXED: Mapping[str, tuple[int, ...]] = {
    "Reshape": (1,),
    "Slice": (1, 2, 3, 4),
    "Split": (1,),
    "Squeeze": (1,),
    "Unsqueeze": (1,),
    "TopK": (1,),
}
# Versions that the site's onnxruntime has run for years.
IR_VERSIONS = range(4, 12)
OPSETS: Mapping[str, range] = {ONNX: range(9, 23), ML: range(1, 5)}


def domain(name: str) -> str:
    """Give the one name of a domain.

    Parameters
    ----------
    name : str
        As a model has it; ``ai.onnx`` is the same as none.

    Returns
    -------
    str
        As `ALLOWED` and `OPSETS` have it.
    """
    return "" if name == "ai.onnx" else name
