"""The folder that a version is."""

import json
import shutil
import subprocess

import pytest

from pulsar_ml import artefact
from pulsar_ml.errors import BadArtefact

FILES = {name: name.encode() for name in artefact.FILES}


def test_an_artefact_is_checked_by_sha256sum_too(tmp_path):
    sha256 = artefact.write(tmp_path / "1", FILES)
    assert artefact.read(tmp_path / "1") == (FILES, sha256)
    assert shutil.which("sha256sum")
    checked = ["sha256sum", "--check", "--strict", artefact.SUMS]
    done = subprocess.run(checked, cwd=tmp_path / "1", capture_output=True, text=True)
    assert done.stdout.count(": OK\n") == len(FILES) == 5


def test_a_version_made_before_there_were_evaluations_is_read(tmp_path):
    with_it = {**FILES, artefact.EVALUATION: b"{}"}
    one = artefact.write(tmp_path / "1", with_it)
    two = artefact.write(tmp_path / "2", FILES)
    assert artefact.read(tmp_path / "1", sha256=one) == (with_it, one)
    assert artefact.read(tmp_path / "2", sha256=two) == (FILES, two)
    # What nobody vouched for is not read.
    (tmp_path / "2" / artefact.EVALUATION).write_bytes(b"{}")
    assert artefact.read(tmp_path / "2", sha256=two) == (FILES, two)


def test_an_evaluation_is_believed_no_more_than_the_other_files(tmp_path):
    with_it = {**FILES, artefact.EVALUATION: b"{}"}
    artefact.write(tmp_path / "1", with_it)
    evaluation = tmp_path / "1" / artefact.EVALUATION
    evaluation.write_bytes(b"{ }")
    with pytest.raises(BadArtefact, match=r"evaluation\.json is not the file that was"):
        artefact.read(tmp_path / "1")
    evaluation.unlink()
    with pytest.raises(BadArtefact, match=r"no whole artefact: .*evaluation\.json"):
        artefact.read(tmp_path / "1")


def test_a_version_is_never_overwritten(tmp_path):
    artefact.write(tmp_path / "1", FILES)
    with pytest.raises(BadArtefact, match="never overwritten"):
        artefact.write(tmp_path / "1", FILES)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        artefact.write(tmp_path / "model" / "1", FILES)
    assert list((tmp_path / "model").iterdir()) == []


def test_hash_lists_are_sorted_and_the_same_every_time():
    packed = artefact.hash_list(["b", "a"])
    assert packed == artefact.hash_list(["a", "b"])
    assert artefact.hashes(packed) == {"a", "b"}


def test_json_is_readable_and_whole():
    content = {
        "a": {"b": [1.5, 2]},
        "rows": [[1, 2], [3, 4]],
        "parts": [{"rows": 1, "why": {}}, {"rows": 2, "why": {"c": [3]}}],
        "none": {},
        "w": "×",
    }
    text = artefact.to_json(content).decode()
    assert json.loads(text) == content
    assert text == (
        '{\n  "a": {\n    "b": [1.5, 2]\n  },\n  "rows": [\n    [1, 2],\n    [3, 4]\n'
        '  ],\n  "parts": [\n    {"rows": 1, "why": {}},\n'
        '    {"rows": 2, "why": {"c": [3]}}\n  ],\n  "none": {},\n  "w": "×"\n}\n'
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        artefact.to_json({"a": float("nan")})
