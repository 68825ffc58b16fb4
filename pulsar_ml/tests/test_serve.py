"""Scores, warnings and refusals of a stored model."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx  # noqa: TID253
import pandas as pd  # noqa: TID253
import pytest
from onnx import TensorProto, helper  # noqa: TID253

from pulsar_ml import artefact
from pulsar_ml.errors import BadArtefact
from pulsar_ml.features import FEATURES
from pulsar_ml.serving import Scorer, shipped

ROOT = Path(__file__).parents[2]
CHAMPION = shipped()[-1]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(CHAMPION)


@pytest.fixture
def usual(scorer) -> np.ndarray:
    """The middle of the box: one row nothing is to be said about."""
    return np.array([[sum(scorer.reference["box"][name]) / 2 for name in FEATURES]])


@pytest.fixture
def files() -> dict[str, bytes]:
    return artefact.read(CHAMPION)[0]


def test_serving_needs_neither_scikit_learn_nor_pandas_nor_a_runtime_to_be_imported():
    heavy = {"sklearn", "pandas", "scipy", "onnx", "skl2onnx", "onnxruntime"}
    code = f"import sys, pulsar_ml.serving; print({heavy!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_nobody_is_told_of_a_model_that_is_loaded(tmp_path):
    """What is to be reported waits in the home of the user."""
    code = "from pulsar_ml.serving import Scorer, shipped; Scorer(shipped()[-1])"
    home = tmp_path / "home"
    home.mkdir()
    bare = {"PATH": os.defpath, "HOME": str(home)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT, env=bare)
    assert list(home.rglob("*")) == []


def test_a_row_has_the_same_score_alone_in_a_crowd_and_in_any_precision(scorer, usual):
    rng = np.random.default_rng(0)
    crowd = usual * rng.uniform(0.5, 1.5, (70_000, 8))
    scores = scorer.score(crowd)
    assert (scores.shape, scores.dtype) == ((70_000,), np.float32)
    assert ((scores >= 0) & (scores <= 1)).all()
    alone = [scorer.score(crowd[[row]])[0] for row in (0, 65_535, 65_536, 69_999)]
    np.testing.assert_allclose(alone, scores[[0, 65_535, 65_536, 69_999]], atol=1e-7)
    assert (scorer.score(crowd.astype(np.float32)) == scores).all()
    assert scorer.score(crowd[:0]).shape == (0,)


def test_values_far_from_everything_still_give_a_probability(scorer, usual):
    far = np.concatenate([usual * factor for factor in (1e30, -1e30, 0)])
    scores = scorer.score(far)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_two_threads_score_as_one(scorer, usual):
    crowd = usual * np.random.default_rng(0).uniform(0.5, 1.5, (5_000, 8))
    two = Scorer(CHAMPION, threads=2).score(crowd)
    np.testing.assert_allclose(two, scorer.score(crowd), atol=1e-7)


@pytest.mark.parametrize("feature", range(8))
def test_warnings_say_what_lies_outside_the_box_and_outside_the_range(
    scorer, usual, feature
):
    least, greatest = scorer.reference["ranges"][FEATURES[feature]]
    low, high = scorer.reference["box"][FEATURES[feature]]
    slack = 0.05 * (greatest - least)
    cases = {
        low: "",
        high: "",
        np.nextafter(high, np.inf): "unusual",
        greatest + 0.99 * slack: "unusual",
        least - 0.99 * slack: "unusual",
        greatest + 1.01 * slack: "extrapolation;unusual",
        least - 1.01 * slack: "extrapolation;unusual",
    }
    rows = np.repeat(usual, len(cases), axis=0)
    rows[:, feature] = list(cases)
    assert scorer.warnings(rows) == list(cases.values())


def test_classify_adds_three_columns_after_the_features(scorer, usual):
    rows = np.concatenate([usual, usual * 3])
    frame = pd.DataFrame({"row": [1, 2], "name": ["a", "b"]})
    frame[list(FEATURES)] = rows
    frame["beam"] = ["1", None]
    before = frame.copy()
    scored = scorer.classify(frame)
    pd.testing.assert_frame_equal(frame, before)
    added = ["probability", "predicted", "warnings"]
    assert list(scored) == ["row", "name", *FEATURES, *added, "beam"]
    assert scored["probability"].tolist() == scorer.score(rows).tolist()
    assert scored["predicted"].tolist() == [
        int(score >= scorer.threshold) for score in scorer.score(rows)
    ]
    assert scored["warnings"].tolist() == scorer.warnings(rows)
    assert [str(scored[name].dtype) for name in added[:2]] == ["float32", "int8"]


def test_features_of_another_kind_of_file_are_extrapolation(scorer, usual):
    frame = pd.DataFrame(np.repeat(usual, 4, axis=0), columns=list(FEATURES))
    frame["prof_mean"] *= [1, 1, 1, 3]
    # None is what a table's rows have beside those of raw candidates.
    frame["other_kind"] = pd.Series([True, False, None, True], dtype=object)
    scored = scorer.classify(frame)

    assert "other_kind" not in scored
    alone = scorer.classify(frame.drop(columns="other_kind"))["warnings"].tolist()
    assert scored["warnings"].tolist() == [
        "extrapolation",
        "",
        "",
        "extrapolation;unusual",
    ]
    assert alone[:3] == ["", "", ""]


def test_a_score_at_the_threshold_is_called_in_any_precision(scorer):
    assert float(np.float32(scorer.threshold)) == scorer.threshold
    assert scorer.threshold == pytest.approx(scorer.card["threshold"], abs=1e-7)


@pytest.mark.parametrize("name", [*artefact.FILES, artefact.SUMS])
def test_one_changed_byte_in_any_file_is_refused(tmp_path, files, name):
    folder = tmp_path / "version"
    sha256 = artefact.write(folder, files)
    assert Scorer(folder, sha256=sha256).sha256 == sha256
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(BadArtefact, match="is not the"):
        Scorer(folder, sha256=sha256)


@pytest.mark.parametrize("name", [*artefact.FILES, artefact.SUMS])
def test_a_missing_file_is_refused(tmp_path, files, name):
    folder = tmp_path / "version"
    artefact.write(folder, files)
    (folder / name).unlink()
    with pytest.raises(BadArtefact, match="no whole artefact"):
        Scorer(folder)


def test_another_whole_artefact_than_the_registered_is_refused(tmp_path, files):
    other = {**files, artefact.CARD: files[artefact.CARD] + b"\n"}
    artefact.write(tmp_path / "version", other)
    with pytest.raises(BadArtefact, match="not the artefact that was registered"):
        Scorer(tmp_path / "version", sha256=Scorer(CHAMPION).sha256)


@pytest.mark.parametrize("card", [b"{}", b"[]", b"no JSON", b'{"threshold": "high"}'])
def test_a_card_without_what_is_needed_is_refused(tmp_path, files, card):
    artefact.write(tmp_path / "version", {**files, artefact.CARD: card})
    with pytest.raises(BadArtefact, match="incomplete card"):
        Scorer(tmp_path / "version")


@pytest.mark.parametrize("change", [{"features": FEATURES[::-1]}, {"model": None}])
def test_a_model_on_other_features_is_refused(tmp_path, files, change):
    card = {**json.loads(files[artefact.CARD]), **change}
    card = {name: value for name, value in card.items() if value is not None}
    artefact.write(
        tmp_path / "version", {**files, artefact.CARD: artefact.to_json(card)}
    )
    with pytest.raises(BadArtefact, match="no model on the eight features"):
        Scorer(tmp_path / "version")


def _other_model() -> bytes:
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 8])
        for name in ("x", "y")
    ]
    node = helper.make_node("Identity", ["x"], ["y"])
    graph = helper.make_graph([node], "other", ends[:1], ends[1:])
    made = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    )
    onnx.checker.check_model(made)
    return made.SerializeToString()


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (b"", "no model that can be loaded"),
        (b"no protobuf", "no model that can be loaded"),
        (_other_model(), "other inputs and outputs"),
    ],
)
def test_a_model_that_is_none_of_ours_is_refused(tmp_path, files, model, reason):
    artefact.write(tmp_path / "version", {**files, artefact.MODEL: model})
    with pytest.raises(BadArtefact, match=reason):
        Scorer(tmp_path / "version")
