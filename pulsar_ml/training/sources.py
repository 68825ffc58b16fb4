"""Which code makes versions, and with which libraries."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_LIBRARIES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "scipy", "skl2onnx")
# What has a say in an artefact; the rest of the package reads, plots and serves.
_SOURCES = (
    "density.py",
    "evaluator.py",
    "explain.py",
    "export.py",
    "features.py",
    "landscape.py",
    "metrics.py",
    "model.py",
    "reference.py",
    "splits.py",
    "stretch.py",
    "thresholds.py",
    "datasets/holdout.py",
    "datasets/labelled.py",
    "datasets/store.py",
    "evaluation/*.py",
    "training/*.py",
)


def code_version() -> str:
    """Tell the code by its own digest: there need be no git where it runs.

    Returns
    -------
    str
        Such as ``sources 0123456789ab``.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    return f"sources {digest.hexdigest()[:12]}"


@cache
def libraries() -> dict[str, str]:
    """Tell the libraries that have a say in a score.

    Returns
    -------
    dict of str to str
        Version by name.
    """
    return {name: version(name) for name in _LIBRARIES}
