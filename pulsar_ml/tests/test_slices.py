"""Parts of the rows, and what a version misses in them."""

from dataclasses import replace

import numpy as np

from pulsar_ml.datasets.labelled import labelled
from pulsar_ml.evaluation.groups import groups
from pulsar_ml.evaluation.intervals import rounded, wilson
from pulsar_ml.evaluation.missed import missed
from pulsar_ml.evaluation.slices import slices

N = 200


def table(**observed):
    """Every second row a pulsar."""
    features = np.arange(N * 8, dtype=np.float64).reshape(N, 8)
    labels = (np.arange(N) % 2 == 0).astype(np.int8)
    return labelled(features, labels, name="made up", observed=observed)


def cut(rows):
    """Column, label and number of rows of each group."""
    return [
        (found.column, found.label, int(found.rows.sum())) for found in groups(rows)
    ]


def test_few_whole_numbers_are_categories():
    beam = np.array([13.0, 2.0, 2.0, 13.0] * 50)
    beam[0] = np.nan
    assert cut(table(beam=beam)) == [
        ("beam", "2", 100),
        ("beam", "13", 99),
        ("beam", "not known", 1),
    ]


def test_numbers_are_cut_into_fifths_of_the_pulsars():
    # The pulsars are 0, 2, ... 198, and the others a thousand times as far.
    dm = np.arange(N) * np.where(np.arange(N) % 2 == 0, 1.0, 1000.0)
    assert cut(table(dm=dm)) == [
        ("dm", "below 39.6", 20),
        ("dm", "39.6 to 79.2", 20),
        ("dm", "79.2 to 119", 20),
        ("dm", "119 to 158", 19),
        ("dm", "158 and above", 121),
    ]


def test_numbers_that_differ_late_are_cut_in_as_many_digits_as_it_takes():
    mjd = 55000.5 + np.arange(N) / 10
    assert [label for _, label, _ in cut(table(mjd=mjd))] == [
        "below 55004",
        "55004 to 55008",
        "55008 to 55012",
        "55012 to 55016",
        "55016 and above",
    ]


def test_a_part_is_what_its_label_says():
    dm = np.random.default_rng(0).lognormal(4, 1, N)
    for part in groups(table(dm=dm)):
        words = part.label.split()
        if words[0] == "below":
            expected = dm < float(words[1])
        elif words[1] == "and":
            expected = dm >= float(words[0])
        else:
            expected = (dm >= float(words[0])) & (dm < float(words[2]))
        assert (part.rows == expected).all()


def test_a_value_on_an_edge_belongs_to_the_part_above_it():
    snr = np.repeat([0.5, 1.5, 2.5], [20, 120, 60])
    assert cut(table(snr=snr)) == [
        ("snr", "below 1.5", 20),
        ("snr", "1.5 to 2.5", 120),
        ("snr", "2.5 and above", 60),
    ]


def test_frequent_texts_stand_alone_and_the_others_together():
    survey = np.array(["HTRU", "LOTAAS"] * 80 + [f"test {n}" for n in range(39)] + [""])
    assert cut(table(survey=survey.astype(object))) == [
        ("survey", "HTRU", 80),
        ("survey", "LOTAAS", 80),
        ("survey", "others", 39),
        ("survey", "not known", 1),
    ]


def test_years_come_from_the_pointings():
    made = table()
    pointings = np.array(["2008-11-24T06:37:34Z", "2010-01-02T00:00:00Z"] * 100)
    assert cut(replace(made, pointings=pointings)) == [
        ("year", "2008", 100),
        ("year", "2010", 100),
    ]


def test_a_column_that_tells_nothing_is_left_out():
    names = np.array([f"candidate {n}" for n in range(N)], dtype=object)
    same, unknown = np.full(N, 7.5), np.full(N, np.nan)
    nothing = np.full(N, "", dtype=object)
    assert cut(table(same=same, unknown=unknown, nothing=nothing, file=names)) == []


def test_the_worst_part_stands_first_and_too_few_rows_last():
    beam = np.repeat([1.0, 2.0, 3.0, 4.0], [60, 60, 60, 20])
    scores = np.full(N, 0.1)
    pulsar = np.arange(N) % 2 == 0
    scores[pulsar] = 0.9
    scores[60:90:2] = 0.2  # 15 of the 30 pulsars of beam 2
    scores[1:19:2] = 0.5  # 9 of the 30 others of beam 1, at the threshold
    made = slices(table(beam=beam), scores, 0.5)

    def part(label, rows, found, calls):
        figures = {"recall": wilson(found, rows // 2), "fpr": wilson(calls, rows // 2)}
        return {
            "column": "beam",
            "label": label,
            "rows": rows,
            "pulsars": rows // 2,
            **rounded(figures),
            "enough": True,
            "why": "",
        }

    assert made == [
        part("2", 60, 15, 0),
        part("1", 60, 30, 9),
        part("3", 60, 30, 0),
        {
            "column": "beam",
            "label": "4",
            "rows": 20,
            "pulsars": 10,
            "recall": None,
            "fpr": None,
            "enough": False,
            "why": "10 pulsars and 10 others; 20 of each are needed",
        },
    ]
    assert made[0]["recall"] == {"value": 0.5, "low": 0.3315, "high": 0.6685}


def test_twenty_of_each_are_enough():
    beam = np.repeat([1.0, 2.0, 3.0], [40, 38, 122])
    found = slices(table(beam=beam), np.full(N, 0.9), 0.5)
    assert [(part["pulsars"], part["enough"]) for part in found] == [
        (20, True),
        (61, True),
        (19, False),
    ]


def test_what_can_be_told_of_a_part_is_told():
    side = np.where(np.arange(N) % 2 == 0, 1.0, 2.0)
    side[0] = 2.0
    two, one = slices(table(side=side), np.full(N, 0.9), 0.5)
    assert (one["label"], one["fpr"], one["enough"], one["why"]) == (
        "1",
        None,
        False,
        "0 others; 20 are needed",
    )
    assert one["recall"] == {"value": 1.0, "low": 0.9626, "high": 1.0}
    assert (two["recall"], two["why"]) == (None, "1 pulsar; 20 are needed")


def test_every_missed_pulsar_is_listed_by_name_the_lowest_score_first():
    made = table(
        beam=np.arange(N) % 13.0,
        period=np.where(np.arange(N) == 4, np.nan, 0.71452),
        survey=np.array(["HTRU"] * N, dtype=object),
    )
    pointings = np.where(np.arange(N) == 4, "2008-11-24T06:37:34Z", "")
    names = np.array([f"J{n}" for n in range(N)])
    made = replace(made, names=names, pointings=pointings)
    scores = np.full(N, 0.5, dtype=np.float32)
    scores[[2, 3, 4]] = 0.4, 0.0, 0.1234567  # row 3 is no pulsar
    assert missed(made, scores, 0.5) == [
        {
            "name": "J4",
            "hash": made.hashes[4],
            "score": 0.123457,
            "observed": {
                "pointing": "2008-11-24T06:37:34Z",
                "beam": 4,
                "survey": "HTRU",
            },
        },
        {
            "name": "J2",
            "hash": made.hashes[2],
            "score": 0.4,
            "observed": {"beam": 2, "period": 0.71452, "survey": "HTRU"},
        },
    ]
