"""Score candidates with a stored model: onnxruntime and numpy, nothing else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pulsar_ml import artefact
from pulsar_ml.errors import BadArtefact
from pulsar_ml.features import FEATURES

if TYPE_CHECKING:
    import pandas as pd

# A value beyond the training range by more than this share of it is extrapolation.
WIDENED = 0.05
# Column of a frame: whether a row's features are of another kind of file.
OTHER_KIND = "other_kind"
# A million rows at once would take the memory of a million rows in every node.
_BLOCK = 65_536
_FATAL = 4
_SHIPPED = Path(__file__).parent / "shipped" / "pulsar"
_Features = NDArray[np.floating[Any]]


def shipped() -> list[Path]:
    """List the artefacts that come with the package.

    Returns
    -------
    list of Path
        Their folders, in order of version number.
    """
    return sorted(_SHIPPED.glob("[0-9]*"), key=lambda folder: int(folder.name))


class Graph:
    """The ONNX of a model.

    Parameters
    ----------
    model : bytes
        Content of the file.
    threads : int
        For one call of `score`.

    Raises
    ------
    BadArtefact
        If it cannot be loaded or is no model of ours.
    """

    def __init__(self, model: bytes, *, threads: int = 1) -> None:
        # It reports to its makers, even what another program of this user left to be
        # reported, from the moment it is imported; its own function is too late.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        # 0.1 s, and neither `manage.py check` nor the minute's tick scores anything.
        import onnxruntime  # noqa: PLC0415
        from onnxruntime.capi import (  # noqa: PLC0415
            onnxruntime_pybind11_state as failures,
        )

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Threads that spin while they wait made a busy machine twice as slow.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = _FATAL
        try:
            self._session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except (
            failures.Fail,
            failures.InvalidArgument,
            failures.InvalidGraph,
            failures.InvalidProtobuf,
            failures.NotImplemented,
            failures.RuntimeException,
        ) as error:
            raise BadArtefact("This is no model that can be loaded.") from error
        ends = (*self._session.get_inputs(), *self._session.get_outputs())
        names = [end.name for end in ends]
        if names != ["features", "probability"]:
            raise BadArtefact(f"This model has other inputs and outputs: {names}.")

    def score(self, features: _Features) -> NDArray[np.float32]:
        """Give each row its probability.

        Parameters
        ----------
        features : ndarray of shape (n_rows, 8)
            In the order of `pulsar_ml.features.FEATURES`, finite.

        Returns
        -------
        ndarray of float32, shape (n_rows,)
            The probability that the row is a pulsar.
        """
        scores = np.empty(len(features), dtype=np.float32)
        for first in range(0, len(features), _BLOCK):
            rows = slice(first, first + _BLOCK)
            block = np.ascontiguousarray(features[rows], dtype=np.float32)
            scores[rows] = self._session.run(None, {"features": block})[0][:, 0]
        return scores


class Scorer:
    """A model version, loaded and checked.

    Parameters
    ----------
    folder : Path
        Of the artefact.
    sha256 : str, optional
        What was registered; empty to take the folder as it is.
    threads : int
        For one call of `score`.

    Attributes
    ----------
    card : dict
        What card.json says.
    threshold : float
        A row whose probability reaches it is called a pulsar.
    sha256 : str
        Of the artefact.
    reference : dict
        What reference.json says of the training rows.

    Raises
    ------
    BadArtefact
        If a file is missing, is not what it was, or is no model of ours.
    """

    def __init__(self, folder: Path, *, sha256: str = "", threads: int = 1) -> None:
        files, self.sha256 = artefact.read(folder, sha256=sha256)
        try:
            self.card: dict[str, Any] = json.loads(files[artefact.CARD])
            self.reference: dict[str, Any] = json.loads(files[artefact.REFERENCE])
            # Scores are float32: a threshold between two of them would be met by a
            # score in one comparison and missed by it in another.
            self.threshold = float(np.float32(self.card["threshold"]))
            features = self.card["features"]
            least, greatest = _columns(self.reference["ranges"])
            self._box = _columns(self.reference["box"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadArtefact(f"{folder} has an incomplete card: {error!r}.") from error
        if features != list(FEATURES) or "model" not in self.card:
            raise BadArtefact(f"{folder} is no model on the eight features.")
        widening = WIDENED * (greatest - least)
        self._limits = least - widening, greatest + widening
        self._training = files[artefact.TRAINING]
        try:
            self._graph = Graph(files[artefact.MODEL], threads=threads)
        except BadArtefact as error:
            raise BadArtefact(f"{folder}: {error}") from error

    @property
    def tells_its_rows(self) -> bool:
        """Whether it is known which candidates the model has seen.

        Returns
        -------
        bool
            False for one from elsewhere that came without a list.
        """
        return bool(self.card.get(artefact.TRAINED_ON) != artefact.UNKNOWN)

    def trained_on(self) -> set[str]:
        """Tell which candidates the model has seen.

        Returns
        -------
        set of str
            Candidate hashes of the training rows.
        """
        return artefact.hashes(self._training)

    def score(self, features: _Features) -> NDArray[np.float32]:
        """Give each row its probability.

        Parameters
        ----------
        features : ndarray of shape (n_rows, 8)
            In the order of `pulsar_ml.features.FEATURES`, finite.

        Returns
        -------
        ndarray of float32, shape (n_rows,)
            The probability that the row is a pulsar.
        """
        return self._graph.score(features)

    def warnings(
        self, features: _Features, other_kind: NDArray[np.bool_] | None = None
    ) -> list[str]:
        """Say which rows are unlike those that the model was trained on.

        Parameters
        ----------
        features : ndarray of shape (n_rows, 8)
            In the order of `pulsar_ml.features.FEATURES`.
        other_kind : ndarray of bool, shape (n_rows,), optional
            Whose features are of another kind of file than the training rows.

        Returns
        -------
        list of str
            By row, codes joined by ``;``: ``extrapolation`` where a feature lies
            outside the training range widened by 5 % of it, or the kind is another;
            ``unusual`` where one lies outside the 1-99 % box; empty where neither.
        """
        codes = ["", "unusual", "extrapolation", "extrapolation;unusual"]
        far = _any_outside(features, self._limits)
        if other_kind is not None:
            far |= other_kind
        which = 2 * far + _any_outside(features, self._box)
        found: list[str] = np.array(codes, dtype=object)[which].tolist()
        return found

    def classify(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add scores to a table.

        Parameters
        ----------
        frame : DataFrame
            With the eight features among its columns. Where it has a column
            ``other_kind`` and that is true, the features are of another kind of file
            than the training rows.

        Returns
        -------
        DataFrame
            A copy without ``other_kind``; after the last feature stand
            ``probability`` (float32), ``predicted`` (int8, 1 from the threshold on) and
            ``warnings`` (text; a row of another kind is an ``extrapolation``).
        """
        features = frame[list(FEATURES)].to_numpy(dtype=np.float64)
        probability = self.score(features)
        scored = frame.drop(columns=OTHER_KIND, errors="ignore")
        other = np.zeros(len(frame), dtype=bool)
        if OTHER_KIND in frame:
            other = frame[OTHER_KIND].eq(other=True).to_numpy(dtype=bool)
        after = max(map(list(scored.columns).index, FEATURES)) + 1
        scored.insert(after, "probability", probability)
        predicted = (probability >= self.threshold).astype(np.int8)
        scored.insert(after + 1, "predicted", predicted)
        scored.insert(after + 2, "warnings", self.warnings(features, other))
        return scored


def _columns(
    pairs: dict[str, list[float]],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    low, high = np.array([pairs[name] for name in FEATURES], dtype=np.float64).T
    return low, high


def _any_outside(
    features: _Features, limits: tuple[NDArray[np.float64], NDArray[np.float64]]
) -> NDArray[np.bool_]:
    low, high = limits
    return np.asarray(((features < low) | (features > high)).any(axis=1))
