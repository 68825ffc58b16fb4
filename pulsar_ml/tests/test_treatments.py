"""Treatments: named, in order, on record."""

from dataclasses import replace

import numpy as np
import pytest

from pulsar_ml.datasets import treatments
from pulsar_ml.datasets.holdout import trainable
from pulsar_ml.datasets.treatments import parse, step, treat
from pulsar_ml.errors import BadInput
from pulsar_ml.tests import simulated


def table(candidates, labels, **observed):
    """Rows of these candidates, the oldest first; numbers name them."""
    made = simulated.table(40, pointings=False)
    rows = made.take(np.array(candidates))
    return replace(
        rows,
        labels=np.array(labels, dtype=np.int8),
        names=np.array([f"row {n}" for n in range(len(labels))]),
        observed={
            name: np.array(values, dtype=float if name != "verdict" else object)
            for name, values in observed.items()
        },
    )


def done(rows, *steps):
    """What is left, by the places of the rows."""
    treated, _ = treat(rows, [parse(text) for text in steps])
    return [int(name.removeprefix("row ")) for name in treated.names]


def test_every_step_is_recorded_with_what_went_in_and_out():
    rows = table(
        [0, 0, 1, 2], [1, 0, 1, 0], verdict=["KNOWN_PSR", "RFI", "T2_CAND", "RFI"]
    )
    treated, record = treat(rows, [*treatments.offered(), parse("weights")])
    assert treated.names.tolist() == ["row 1", "row 3"]
    assert record == [
        {
            "name": "weak",
            "options": {"keep": False},
            "rows_in": 4,
            "pulsars_in": 2,
            "rows_out": 3,
            "pulsars_out": 1,
        },
        {
            "name": "conflicts",
            "options": {"rule": "newest"},
            "rows_in": 3,
            "pulsars_in": 1,
            "rows_out": 2,
            "pulsars_out": 0,
        },
        {
            "name": "deduplicate",
            "options": {},
            "rows_in": 2,
            "pulsars_in": 0,
            "rows_out": 2,
            "pulsars_out": 0,
        },
        {
            "name": "weights",
            "options": {"rule": "none", "factor": 1.0},
            "rows_in": 2,
            "pulsars_in": 0,
            "rows_out": 2,
            "pulsars_out": 0,
        },
    ]


def test_what_is_on_record_does_the_same_again():
    rows = table([0, 0, 1], [0, 1, 1], dm=[1.0, 2.0, 3.0])
    first, record = treat(rows, [parse("conflicts"), parse("ranges:column=dm,max=2")])
    again, same = treat(rows, record)
    assert (again.names.tolist(), same) == (first.names.tolist(), record)


def test_weak_candidates_can_be_kept():
    rows = table([0, 1], [1, 1], verdict=["T2_CAND", "T1_CAND"])
    assert done(rows, "weak") == [1]
    assert done(rows, "weak:keep=yes") == [0, 1]
    assert done(table([0, 1], [1, 1]), "weak") == [0, 1]


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ("newest", [2, 4, 5, 6]),
        ("majority", [0, 1, 4, 5, 6]),
        ("pulsar", [0, 1, 3, 5, 6]),
        ("drop", [5, 6]),
    ],
)
def test_a_candidate_that_was_called_both_follows_the_rule(rule, left):
    # Twice a pulsar and then not; once a pulsar and then not; twice a pulsar.
    rows = table([0, 0, 0, 1, 1, 2, 2], [1, 1, 0, 1, 0, 1, 1])
    assert done(rows, f"conflicts:rule={rule}") == left


def test_of_each_candidate_the_first_row_stays():
    assert done(table([1, 0, 1, 0, 2], [1, 0, 1, 0, 0]), "deduplicate") == [0, 1, 4]


def test_rows_that_lack_what_was_observed_are_left_out():
    nan = float("nan")
    rows = table([0, 1, 2], [1, 0, 0], dm=[1.0, nan, 3.0], period=[1.0, 1.0, nan])
    assert done(rows, "nulls:columns=dm") == [0, 2]
    assert done(rows, "nulls:columns=dm+period") == [0]


def test_values_beyond_a_range_are_left_out_and_missing_ones_stay():
    nan = float("nan")
    rows = table([0, 1, 2, 3], [1, 0, 0, 0], dm=[1.0, 5.0, 9.0, nan])
    assert done(rows, "ranges:column=dm,min=2,max=8") == [1, 3]
    assert done(rows, "ranges:column=dm,max=5") == [0, 1, 3]


def test_clipped_candidates_stay_who_they_are():
    rows = simulated.table(40)
    middle = float(np.median(rows.features[:, 0]))
    treated, _ = treat(rows, [parse(f"ranges:column=prof_mean,max={middle},how=clip")])
    assert treated.features[:, 0].max() == middle
    assert (treated.features[:, 1:] == rows.features[:, 1:]).all()
    assert (treated.hashes == rows.hashes).all()
    assert (treated.holdout == rows.holdout).all()


def test_balanced_weights_follow_from_rows_to_learn_from_alone():
    rows = simulated.table(400)
    flipped = np.where(rows.holdout, 1 - rows.labels, rows.labels).astype(np.int8)
    poisoned = replace(rows, labels=flipped)
    (clean, _), (treated, _) = (
        treat(each, [parse("weights:rule=balanced")]) for each in (rows, poisoned)
    )
    assert (clean.weights == treated.weights).all()
    assert set(clean.weights[clean.holdout]) == {1.0}
    learned = trainable(clean)
    sums = [learned.weights[learned.labels == label].sum() for label in (0, 1)]
    assert sums == pytest.approx([len(learned) / 2] * 2)


def test_a_pulsar_can_count_more():
    treated, _ = treat(simulated.table(40), [parse("weights:rule=pulsars,factor=3")])
    learned = trainable(treated)
    assert (learned.weights == np.where(learned.labels == 1, 3, 1)).all()


def test_what_is_known_of_a_candidate_counts_for_all_its_rows():
    rows = table([0, 1, 0], [1, 0, 1])
    rows = replace(
        rows,
        pointings=np.array(["", "", "2008-11-24T06:37:34Z"]),
        names=np.array(["", "b", "J0437"]),
        holdout=np.array([False, False, True]),
        sentinel=np.array([False, False, True]),
    )
    treated, _ = treat(rows, [])
    assert treated.pointings.tolist() == ["2008-11-24T06:37:34Z", "", rows.pointings[2]]
    assert treated.names.tolist() == ["J0437", "b", "J0437"]
    # Else the copy of a row that is kept apart could be trained on.
    assert treated.holdout.tolist() == [True, False, True]
    assert treated.sentinel.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("polish", "no treatment 'polish'; there is weak, conflicts"),
        ("weak:kept=yes", "Treatment weak: There is no option 'kept'; there is keep"),
        ("weak:keep=perhaps", "keep is 'perhaps', not a flag"),
        ("conflicts:rule=loudest", "it can be newest, majority, pulsar, drop"),
        ("ranges:column=dm,min=low", "min is 'low', not a number"),
        ("ranges:column=dm,min=nan", "min is 'nan', not a number"),
        ("weak:keep", "'keep' is not KEY=VALUE"),
    ],
)
def test_a_treatment_that_cannot_be_understood_is_refused(text, message):
    with pytest.raises(BadInput, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nulls", "Treatment nulls: say which columns"),
        ("nulls:columns=width", "nothing called 'width' was observed; there is name"),
        ("ranges:column=width,min=0", "no number 'width'; there is prof_mean"),
        ("ranges:column=dm", "say min, max or both"),
        ("ranges:column=dm,min=2,max=1", "min is 2, more than max, 1"),
        ("ranges:column=dm,min=1000", "it would leave no row"),
        ("weights:rule=pulsars,factor=0", "factor is 0; it must be above 0"),
    ],
)
def test_a_treatment_that_cannot_be_done_is_refused(text, message):
    rows = table([0, 1], [1, 0], dm=[1.0, 2.0])
    with pytest.raises(BadInput, match=message):
        treat(rows, [parse(text)])


def test_weights_cannot_be_balanced_without_both_classes():
    with pytest.raises(BadInput, match="only one class"):
        treat(table([0, 1], [0, 0]), [parse("weights:rule=balanced")])


def test_every_treatment_says_what_it_does():
    told = {
        "weak": "Weak candidates (T2_CAND) are left out.",
        "conflicts:rule=drop": "Where a candidate was called both, it is left out.",
        "deduplicate": "Of each candidate the first row stays.",
        "nulls:columns=dm+period": "Rows without dm or period are left out.",
        "ranges:column=dm,min=0": "Rows whose dm is below 0 are left out.",
        "ranges:column=dm,min=0,max=9,how=clip": (
            "Where dm is below 0 or above 9, it is set to that end."
        ),
        "weights": "Every row counts the same.",
        "weights:rule=balanced": "Both classes count the same in training.",
        "weights:rule=pulsars,factor=3": (
            "A pulsar counts 3 times as much as another row."
        ),
    }
    assert {text: treatments.in_words(parse(text)) for text in told} == told
    assert {parse(text)["name"] for text in told} == set(treatments.TREATMENTS)


def test_options_of_a_form_are_read_as_those_of_a_command():
    given = {"column": "dm", "min": "0.5", "max": "", "how": "drop"}
    options = {"column": "dm", "min": 0.5, "max": None, "how": "drop"}
    assert step("ranges", given) == {"name": "ranges", "options": options}
    assert parse("ranges:column=dm,min=0.5") == step("ranges", given)
    assert step("nulls", {"columns": ["dm", "period"]}) == parse(
        "nulls:columns=dm+period"
    )
