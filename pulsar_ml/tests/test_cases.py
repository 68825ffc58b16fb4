"""The ready cases: made the same each time, and they show what they say."""

import numpy as np
import pytest

from pulsar_ml.cases import CASES

pytestmark = pytest.mark.slow


def test_there_are_six_cases_of_each_kind():
    assert [(case.slug, case.kind) for case in CASES] == [
        ("bright-pulsar", "pulsar"),
        ("weak-pulsar", "pulsar"),
        ("millisecond-pulsar", "pulsar"),
        ("binary-pulsar", "pulsar"),
        ("interference", "interference"),
        ("noise", "noise"),
    ]
    assert all(case.title and case.sentence.endswith(".") for case in CASES)


def test_each_case_has_features_and_says_that_it_is_simulated():
    for case in CASES:
        candidate = case.candidate()
        assert np.isfinite(candidate.features()).all()
        assert candidate.kind == "phcx"
        assert candidate.header.telescope == "Parkes (simulated)"
        assert not candidate.other_kind
        assert len(case.phcx()) < 40_000


def test_the_cases_differ_as_their_sentences_say():
    headers = {case.slug: case.candidate().header for case in CASES}
    assert headers["bright-pulsar"].snr > 4 * headers["weak-pulsar"].snr
    assert headers["interference"].dm < 2
    assert headers["noise"].snr < 6
    drifts = {}
    for case in CASES[2:4]:
        subints = case.candidate().panels().subints.values.astype(float)
        middle = subints[12:20].mean(axis=0)
        edges = subints[[0, 1, 2, -1, -2, -3]].mean(axis=0)
        drifts[case.slug] = abs(middle.argmax() - edges.argmax())
    assert drifts["binary-pulsar"] > 8 > drifts["millisecond-pulsar"]
