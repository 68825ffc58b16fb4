"""What the gate says of made-up versions on made-up rows, all to be counted by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml.datasets.labelled import labelled
from pulsar_ml.evaluation.contenders import Contender, Known, Margins
from pulsar_ml.evaluation.gate import NO_ROWS, gate, outcome
from pulsar_ml.evaluation.paired import Pair, at_most, drawn_differences
from pulsar_ml.evaluation.reasons import NAMED

PULSARS, OTHERS = 150, 850
N = PULSARS + OTHERS


class Made:
    """A version that reads a candidate's score from one of its features."""

    tells_its_rows = True

    def __init__(self, column, threshold=0.5, seen=()):
        self.column, self.threshold, self.seen = column, threshold, set(seen)

    def trained_on(self):
        return self.seen

    def score(self, features):
        return features[:, self.column].astype(np.float32)


def table(champion, candidate, pulsars=PULSARS, **observed):
    """Pulsars first; the versions' scores are the features 0 and 1."""
    n = len(champion)
    features = np.zeros((n, 8))
    # In the third the rows differ, and so do their hashes.
    features[:, 0], features[:, 1], features[:, 2] = champion, candidate, np.arange(n)
    labels = (np.arange(n) < pulsars).astype(np.int8)
    return labelled(features, labels, name="made up", observed=observed)


def scores(found, called, pulsars=PULSARS, others=OTHERS):
    """So many pulsars and others score 0.9, the rest 0.1."""
    parts = (found, pulsars - found, called, others - called)
    return np.repeat([0.9, 0.1, 0.9, 0.1], parts)


def held(rows, sentinels=(), margins=None, **sides):
    """What the gate finds of the candidate pulsar/3 and the champion pulsar/2."""
    sides = {"champion": Made(0), "candidate": Made(1), **sides}
    found = gate(
        Contender("pulsar/3", sides["candidate"]),
        Contender("pulsar/2", sides["champion"]),
        rows,
        sentinels,
        margins=margins or Margins(resamples=200),
    )
    assert json.loads(json.dumps(found)) == found
    return found


def known(name, champion, candidate, n):
    return Known(name, f"{n:064x}", [champion, candidate, n, 0, 0, 0, 0, 0])


def test_three_pulsars_of_150_are_more_than_a_hundredth():
    rows = table(scores(140, 17), scores(137, 17))
    found = held(rows)

    assert outcome(found) == "refused"
    recall = found.pop("recall")
    low, high = recall.pop("low"), recall.pop("high")
    assert -0.05 < low < -0.02 < high <= 0
    assert recall == {
        "champion": 0.9333,
        "candidate": 0.9133,
        "difference": -0.02,
        "margin": 0.01,
        "lost": True,
    }
    assert found == {
        "rows": 1000,
        "pulsars": 150,
        "fpr": 0.02,
        # Both score 0.9 and 0.1 only.
        "thresholds": {"candidate": 0.9, "champion": 0.5},
        "slices": [],
        "sentinels": {
            "found_by_both": 0,
            "found_by_neither": 0,
            "won": [],
            "lost": [],
            "not_comparable": [],
            "thresholds": {"candidate": 0.5, "champion": 0.5},
        },
        "disagree": {
            "unseen": True,
            "rows": 1000,
            "count": 3,
            "pulsars": 3,
            "listed": [
                {
                    "row": row + 1,
                    "name": "",
                    "hash": rows.hashes[row],
                    "label": 1,
                    "candidate": 0.1,
                    "champion": 0.9,
                }
                for row in (137, 138, 139)
            ],
        },
        "reasons": [
            (
                "Recall at the champion's false-positive rate of 2 % falls from 0.933"
                f" to 0.913 (-0.020, 95 % from {low:+.3f} to {high:+.3f}); 0.010 may be"
                " lost."
            )
        ],
        "why": "",
    }


@pytest.mark.parametrize(("margin", "said"), [(0.03, "passed"), (0.02, "passed")])
def test_what_is_within_the_margin_or_is_the_margin_passes(margin, said):
    rows = table(scores(140, 17), scores(137, 17))
    found = held(rows, margins=Margins(recall=margin, resamples=100))

    assert (outcome(found), found["reasons"]) == (said, [])
    assert (found["recall"]["lost"], found["recall"]["margin"]) == (False, margin)


def test_a_candidate_that_calls_more_others_is_judged_where_it_calls_as_few():
    # It finds all pulsars, but only 100 of them above the 18th of its false ones.
    ours = np.concatenate(
        [
            np.repeat([0.9, 0.6], [100, 50]),
            np.repeat([0.8, 0.7, 0.1], [17, 100, OTHERS - 117]),
        ]
    )
    found = held(table(scores(140, 17), ours))

    assert found["thresholds"]["candidate"] == 0.8
    assert found["recall"]["candidate"] == round(100 / 150, 4)
    assert outcome(found) == "refused"


def test_rows_of_one_score_are_called_together_or_not_at_all():
    labels = np.array([1, 1, 1, 0, 0, 0, 0], dtype=np.int8)
    ours = np.array([0.9, 0.7, 0.3, 0.7, 0.7, 0.2, 0.1], dtype=np.float32)

    # A second row at 0.7 would be one too many.
    assert at_most(1, labels, ours) == np.float32(0.9)
    assert at_most(2, labels, ours) == np.float32(0.3)
    assert at_most(4, labels, ours) == 0
    nothing = at_most(1, labels, np.full(7, 0.7, dtype=np.float32))
    assert nothing == np.nextafter(np.float32(0.7), np.float32(1))


def test_each_draw_is_what_counting_its_rows_gives():
    rng = np.random.default_rng(5)
    labels = (rng.random(120) < 0.3).astype(np.int8)
    # Two digits, so that many have the same score.
    ours, theirs = (rng.random((2, 120)) * 0.5 + labels * 0.3).round(2)
    groups = (rng.integers(40, size=120)).astype(str)
    pair = Pair(labels, groups, ours, theirs, 0.45)
    drawn = drawn_differences(pair, 50, seed=3)

    again = np.random.default_rng(3)
    names = np.unique(groups)
    for difference in drawn:
        chosen = again.integers(len(names), size=len(names))
        rows = np.concatenate([np.flatnonzero(groups == names[n]) for n in chosen])
        those = Pair(labels[rows], groups[rows], ours[rows], theirs[rows], 0.45)
        at = at_most(those.allowed, those.labels, those.candidate)
        pulsar = those.labels == 1
        finds = (those.candidate >= at, those.champion >= 0.45)
        expected = np.mean(finds[0][pulsar]) - np.mean(finds[1][pulsar])
        assert difference == pytest.approx(expected, abs=1e-12)
    assert len(set(drawn)) > 20


def test_a_draw_without_pulsars_tells_nothing():
    labels = np.array([1, 0], dtype=np.int8)
    pair = Pair(labels, np.array(["a", "b"]), labels * 0.9, labels * 0.9, 0.5)
    drawn = drawn_differences(pair, 100)
    assert {0.0} == {each for each in drawn if not np.isnan(each)}
    assert 10 < np.isnan(drawn).sum() < 90


def test_a_slice_that_loses_too_much_refuses_and_one_with_few_pulsars_does_not():
    # The candidate loses 6 of 60 in beam 1, 5 of 10 in beam 2, and wins 11 in beam 3.
    beam = np.concatenate([np.repeat([1.0, 2.0, 3.0], [60, 10, 80]), np.ones(OTHERS)])
    theirs = np.repeat([0.9, 0.1], [N - OTHERS - 11, OTHERS + 11])
    ours = np.full(N, 0.1)
    ours[:PULSARS] = 0.9
    ours[[*range(6), *range(60, 65)]] = 0.1
    found = held(table(theirs, ours, beam=beam))

    assert found["recall"]["difference"] == 0
    assert found["slices"] == [
        {
            "column": "beam",
            "label": "1",
            "pulsars": 60,
            "champion": 1.0,
            "candidate": 0.9,
            "difference": -0.1,
            "margin": 0.05,
            "counts": True,
            "lost": True,
        },
        {
            "column": "beam",
            "label": "3",
            "pulsars": 80,
            "champion": 0.8625,
            "candidate": 1.0,
            "difference": 0.1375,
            "margin": 0.05,
            "counts": True,
            "lost": False,
        },
        {
            "column": "beam",
            "label": "2",
            "pulsars": 10,
            "champion": 1.0,
            "candidate": 0.5,
            "difference": -0.5,
            "margin": 0.05,
            "counts": False,
            "lost": False,
        },
    ]
    assert found["reasons"] == [
        (
            "In the slice beam 1 (60 pulsars) recall falls from 1.000 to 0.900"
            " (-0.100); 0.050 may be lost."
        )
    ]
    wide = Margins(in_slice=0.1, resamples=100)
    assert outcome(held(table(theirs, ours, beam=beam), margins=wide)) == "passed"
    few = Margins(slice_pulsars=61, resamples=100)
    assert outcome(held(table(theirs, ours, beam=beam), margins=few)) == "passed"


def test_a_sentinel_counts_only_between_versions_that_were_not_trained_on_it():
    set_of = [
        known("J0437-4715", 0.98, 0.03, 1),
        known("J0534+2200", 0.7, 0.6, 2),
        known("J0835-4510", 0.1, 0.9, 3),
        known("J1939+2134", 0.1, 0.1, 4),
        known("J0002+6216", 0.9, 0.1, 5),
        known("J0007+7303", 0.9, 0.1, 6),
        known("J0024-7204", 0.9, 0.1, 7),
    ]
    found = held(
        table(scores(140, 17), scores(140, 17)),
        set_of,
        candidate=Made(1, 0.21, seen=[f"{5:064x}", f"{6:064x}"]),
        champion=Made(0, 0.5, seen=[f"{6:064x}", f"{7:064x}"]),
    )

    assert found["sentinels"] == {
        "found_by_both": 1,
        "found_by_neither": 1,
        "won": ["J0835-4510"],
        "lost": [
            {
                "name": "J0437-4715",
                "hash": f"{1:064x}",
                "champion": 0.98,
                "candidate": 0.03,
            }
        ],
        "not_comparable": [
            {"name": "J0002+6216", "trained_on_by": "pulsar/3"},
            {"name": "J0007+7303", "trained_on_by": "pulsar/3 and pulsar/2"},
            {"name": "J0024-7204", "trained_on_by": "pulsar/2"},
        ],
        "thresholds": {"candidate": 0.21, "champion": 0.5},
    }
    assert outcome(found) == "refused"
    assert found["reasons"] == [
        (
            "J0437-4715, a sentinel that pulsar/2 finds (0.98), would be lost (0.03,"
            " threshold 0.21)."
        )
    ]


def test_a_score_just_below_the_threshold_is_told_apart_from_it():
    rows = table(scores(140, 17), scores(140, 17))
    found = held(rows, [known("J1", 0.9, 0.20996, 1)], candidate=Made(1, 0.21))
    assert found["reasons"][0].endswith("would be lost (0.20996, threshold 0.21000).")


def test_of_many_lost_sentinels_some_are_named_and_the_others_counted():
    rows = table(scores(140, 17), scores(140, 17))
    many = [known(f"J{n}", 0.9, 0.1, n) for n in range(NAMED + 3)]
    found = held(rows, many)
    assert len(found["sentinels"]["lost"]) == NAMED + 3
    assert len(found["reasons"]) == NAMED + 1
    assert found["reasons"][-1] == "pulsar/3 would lose 3 more sentinels."


def test_rows_that_either_was_trained_on_do_not_count():
    rows = table(scores(140, 17), scores(137, 17))
    # The three that the candidate loses were trained on by the champion.
    found = held(
        rows,
        champion=Made(0, seen=rows.hashes[137:140]),
        candidate=Made(1, seen=rows.hashes[:10]),
    )
    assert (found["rows"], found["pulsars"]) == (N - 13, PULSARS - 13)
    assert (outcome(found), found["recall"]["difference"]) == ("passed", 0)
    assert found["disagree"]["count"] == 0


def test_with_too_few_pulsars_it_says_how_many_and_shows_where_they_disagree():
    rows = table(scores(140, 17), scores(137, 20))
    found = held(rows, champion=Made(0, seen=rows.hashes[:51]))

    assert outcome(found) == "not_comparable"
    assert found["why"] == (
        "Neither was trained on 99 of the pulsars; 100 are needed to compare two"
        " versions."
    )
    assert (found["rows"], found["pulsars"]) == (N - 51, 99)
    assert (found["fpr"], found["thresholds"], found["recall"]) == (None, None, None)
    assert (found["slices"], found["reasons"]) == ([], [])
    apart = found["disagree"]
    assert (apart["unseen"], apart["rows"], apart["count"]) == (False, N, 6)
    assert [each["row"] for each in apart["listed"]] == [138, 139, 140, 168, 169, 170]


def test_a_lost_sentinel_refuses_also_where_there_are_no_rows():
    found = held(None, [known("J0437-4715", 0.98, 0.03, 1)])
    assert (outcome(found), found["why"], len(found["reasons"])) == (
        "refused",
        NO_ROWS,
        1,
    )
    assert outcome(held(None)) == "not_comparable"
    assert held(None)["disagree"] is None


def test_the_rows_that_differ_most_come_first_and_not_all_are_listed():
    ours = scores(140, 17)
    ours[-300:] = np.linspace(0.5, 0.99, 300)
    found = held(table(scores(140, 17), ours))["disagree"]
    assert (found["count"], found["pulsars"], len(found["listed"])) == (300, 0, 200)
    assert [each["row"] for each in found["listed"][:3]] == [N, N - 1, N - 2]


def test_the_same_inputs_give_the_same_findings():
    rows = table(scores(140, 17), scores(137, 17))
    assert held(rows) == held(rows)
    # Rows of one pointing are drawn together: the interval is wider then.
    together = replace(rows, pointings=(np.arange(N) // 10).astype(str))
    width = [
        h["high"] - h["low"] for h in (held(r)["recall"] for r in (rows, together))
    ]
    assert width[1] > width[0]


def test_progress_is_told_up_to_the_end():
    told = []
    gate(
        Contender("pulsar/3", Made(1)),
        Contender("pulsar/2", Made(0)),
        table(scores(140, 17), scores(137, 17)),
        margins=Margins(resamples=300),
        tell=lambda done, of: told.append(done / of),
    )
    assert told == sorted(told)
    assert told[0] == 0.25
    assert 0.5 in told
    assert max(told) > 0.8
