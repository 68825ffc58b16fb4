"""Would another engine score faster than onnxruntime? Both shipped models by each.

    python -m pip install --no-deps --target /tmp/engines \
        openvino openvino-telemetry treelite tl2cgen
    PYTHONPATH=/tmp/engines PULSARSITE_DATA=... python benchmarks/engines.py

prints the table of docs/adr/0011. The project needs none of these three, and an engine
that is not there, or cannot take a model, is listed with the reason. scikit-learn's
models are fitted here, on the rows and with the parameters of the card. Times are the
best of some: other programs only ever add. Sizes are what an engine adds to numpy.
"""

# an engine may be missing
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import onnx  # noqa: TID253  # a benchmark may take its time

sys.path.insert(0, str(Path(__file__).parents[1]))

from pulsar_ml import artefact
from pulsar_ml.datasets import files, holdout
from pulsar_ml.model import Model
from pulsar_ml.serving import Graph, shipped

MILLION = 1_000_000
Score = Callable[[np.ndarray], np.ndarray]


class Unfit(Exception):
    """An engine cannot take this model; the message says why."""


def main() -> None:
    """Measure and print the table."""
    table = files.load(*files.find(None, None))
    rows = holdout.trainable(table)
    every = table.features.astype(np.float32)
    row("model", "engine", "MB", "one row ms", "1 M rows s", "of CPUs", "difference")
    row(*["---"] * 7)
    for folder in shipped():
        raw = (folder / artefact.MODEL).read_bytes()
        card = json.loads((folder / artefact.CARD).read_bytes())
        model = Model(card["algorithm"], card["parameters"], jobs=2)
        model.fit(rows)
        expected = Graph(raw).score(every)
        for name, (needed, make) in ENGINES.items():
            try:
                score = make(raw, model)
            except (ImportError, Unfit) as error:
                row(model.algorithm, name, "", "", "", "", f"none: {error}")
                continue
            row(model.algorithm, name, size(needed), *figures(score, every, expected))


def figures(score: Score, every: np.ndarray, expected: np.ndarray) -> tuple[str, ...]:
    """Time of one row and of a million, and how far the scores are from ours."""
    many = np.resize(every, (MILLION, every.shape[1]))
    single = best(lambda: [score(every[:1]) for _ in range(20)], 50, time.perf_counter)
    return (
        f"{1e3 * single / 20:.3f}",
        f"{best(lambda: blocks(score, many), 2, time.perf_counter):.2f}",
        f"{best(lambda: blocks(score, many), 1, time.process_time):.2f}",
        f"{np.abs(score(every) - expected).max():.0e}",
    )


def blocks(score: Score, many: np.ndarray) -> None:
    """As the site does: a part's rows at a time."""
    for first in range(0, len(many), 65_536):
        score(many[first : first + 65_536])


def best(work: Callable[[], object], times: int, clock: Callable[[], float]) -> float:
    taken = []
    for _ in range(times):
        start = clock()
        work()
        taken.append(clock() - start)
    return min(taken)


def size(distributions: tuple[str, ...]) -> str:
    """Megabytes of all files of some installed packages."""
    files = [file for name in distributions for file in metadata.files(name) or ()]
    paths = [Path(str(file.locate())) for file in files]
    return f"{sum(p.stat().st_size for p in paths if p.is_file()) / 1e6:.0f}"


def scikit_learn(_: bytes, model: Model) -> Score:
    return model.probability


def one_thread(raw: bytes, _: Model) -> Score:
    return Graph(raw).score


def two_threads(raw: bytes, _: Model) -> Score:
    return Graph(raw, threads=2).score


def numpy_alone(raw: bytes, model: Model) -> Score:
    """The quadratic form of our own, by hand."""
    if model.algorithm != "logistic_regression":
        raise Unfit("numpy has no trees")
    values = onnx.load_from_string(raw).graph.initializer
    c = {value.name: onnx.numpy_helper.to_array(value) for value in values}

    def branch(x: np.ndarray, power: np.ndarray) -> np.ndarray:
        return np.expm1(np.log1p(np.maximum(x, 0)) * power) / power

    def score(features: np.ndarray) -> np.ndarray:
        x = features.astype(np.float64)
        normal = branch(x, c["power_right"]) - branch(-x, c["power_left"])
        z = (normal - c["mean"]) / c["scale"]
        logit = ((z @ c["square"] + c["linear"]) * z).sum(axis=1) + c["intercept"]
        return 1 / (1 + np.exp(-logit))

    return score


def openvino(raw: bytes, _: Model) -> Score:
    import openvino as ov

    core = ov.Core()
    # It computes in lower precision where it may, unless it is told not to.
    exactly = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    try:
        compiled = core.compile_model(core.read_model(raw), "CPU", exactly)
    except RuntimeError as error:
        raise Unfit("it has no operator for trees") from error
    return lambda features: compiled(features)[0][:, 0]


def treelite(_: bytes, model: Model) -> Score:
    """The general interpreter of tree models, GTIL."""
    forest = trees(model)
    from treelite import gtil

    return calibrated(
        model, lambda x: gtil.predict(forest, x, nthread=1).reshape(len(x), -1)[:, -1]
    )


def tl2cgen(_: bytes, model: Model) -> Score:
    """The trees as C, compiled for this machine; gcc must be there."""
    forest = trees(model)
    import tl2cgen as compiler

    path = Path(tempfile.mkdtemp(prefix="trees-"), "trees.so")
    started = time.perf_counter()
    compiler.export_lib(forest, "gcc", path, params={"parallel_comp": 32})
    print(f"compiled in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    library = compiler.Predictor(path, nthread=1)
    return calibrated(
        model,
        lambda x: library.predict(compiler.DMatrix(x)).reshape(len(x), -1)[:, -1],
    )


def trees(model: Model) -> object:
    if model.algorithm == "logistic_regression":
        raise Unfit("it takes trees only")
    import treelite

    return treelite.sklearn.import_model(model.base_)


def calibrated(model: Model, votes: Score) -> Score:
    def score(features: np.ndarray) -> np.ndarray:
        raw = votes(features.astype(np.float64))
        return 1 / (1 + np.exp(-(model.slope_ * raw + model.intercept_)))

    return score


# What each is made of besides numpy, and how it gets the model.
_ONNXRUNTIME = ("onnxruntime", "protobuf", "flatbuffers", "packaging")
ENGINES: dict[str, tuple[tuple[str, ...], Callable[[bytes, Model], Score]]] = {
    "scikit-learn": (
        ("scikit-learn", "scipy", "joblib", "threadpoolctl"),
        scikit_learn,
    ),
    "onnxruntime": (_ONNXRUNTIME, one_thread),
    "onnxruntime, 2 threads": (_ONNXRUNTIME, two_threads),
    "numpy alone": ((), numpy_alone),
    "OpenVINO": (("openvino", "openvino-telemetry", "packaging"), openvino),
    "treelite": (("treelite", "scipy", "packaging"), treelite),
    "tl2cgen and gcc": (("tl2cgen", "treelite", "scipy", "packaging"), tl2cgen),
}


def row(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
