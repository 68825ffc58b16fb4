"""What a model is right about, from a few rows that chance has picked."""

import numpy as np
import pytest

from pulsar_ml.evaluation import audit
from pulsar_ml.evaluation.audit import audited, chances, lots, needed, strata


def test_strata_meet_at_the_threshold():
    scores = np.array([0.0, 0.024, 0.025, 0.149, 0.15, 0.49, 0.5, 0.74, 0.75, 1.0])
    assert strata(scores, 0.5).tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_as_many_are_drawn_as_were_asked_for_and_more_where_it_is_unsure():
    scores = np.repeat([0.001, 0.05, 0.3, 0.6, 0.9], [8000, 500, 500, 500, 500])
    of_stratum = strata(scores, 0.5)
    chance = chances(of_stratum, scores, share=0.02)
    rows = np.bincount(of_stratum)
    assert (chance * rows).sum() == pytest.approx(0.02 * 10_000)
    # A fifth of half the sample for each, however small.
    assert (chance * rows >= 0.02 * 10_000 / 10).all()
    assert chance[3] > chance[4] > chance[0]


def test_nobody_is_drawn_twice_nor_where_there_is_nobody():
    scores = np.array([0.9, 0.95])
    chance = chances(strata(scores, 0.5), scores, share=1.0)
    assert chance.tolist() == [0, 0, 0, 0, 1]
    assert chances(np.array([], int), np.array([]), 0.5).tolist() == [0] * 5


def test_scores_without_a_doubt_are_looked_at_all_the_same():
    scores = np.zeros(1000)
    assert chances(strata(scores, 0.5), scores, 0.1)[0] == pytest.approx(0.1)


def test_a_lot_is_always_the_same_and_none_is_likelier_than_another():
    names = [f"7-{row}" for row in range(1, 4001)]
    drawn = lots(names)
    assert drawn.tolist() == lots(names).tolist()
    assert lots(["7-1"])[0] == drawn[0]
    counts, _ = np.histogram(drawn, bins=10, range=(0, 1))
    assert (abs(counts - 400) < 80).all()


def of(rows, judged, pulsars, **kwargs):
    """From counts by stratum, drawn with the same chance in each."""
    rows, judged = np.array(rows), np.array(judged)
    of_stratum = np.repeat(np.arange(5), judged)
    said = [np.arange(n) < k for n, k in zip(judged, pulsars, strict=True)]
    chance = (judged / np.maximum(rows, 1))[of_stratum]
    labels = np.concatenate(said).astype(int)
    return audited(rows, of_stratum, labels, chance, **kwargs)


def test_what_was_looked_at_whole_is_known():
    found = of([50, 0, 0, 0, 50], [50, 0, 0, 0, 50], [5, 0, 0, 0, 45])
    assert found.n == 100
    assert found.hit_rate == (0.9, 0.9, 0.9)
    assert found.precision == (0.9, 0.9, 0.9)
    assert found.recall == (0.9, 0.9, 0.9)


def test_each_row_stands_for_those_of_its_stratum():
    found = of([9000, 0, 0, 0, 1000], [90, 0, 0, 0, 100], [1, 0, 0, 0, 90])
    hits, missed = 900, 100
    assert found.hit_rate.value == pytest.approx(1 - (100 + missed) / 10_000)
    assert found.precision.value == pytest.approx(0.9)
    assert found.recall.value == pytest.approx(hits / (hits + missed))
    for estimate in found[1:]:
        assert 0 <= estimate.low < estimate.value < estimate.high <= 1


def test_rows_of_unequal_chance_count_unequally():
    rows = np.array([2000, 0, 0, 0, 100])
    of_stratum = np.repeat([0, 4], [40, 10])
    labels = np.r_[np.ones(20), np.zeros(20), np.ones(10)].astype(int)
    # The twenty pulsars were drawn three times as readily as those who were none.
    chance = np.r_[np.full(20, 0.03), np.full(20, 0.01), np.full(10, 0.1)]
    found = audited(rows, of_stratum, labels, chance)
    share = (20 / 0.03) / (20 / 0.03 + 20 / 0.01)
    assert found.hit_rate.value == pytest.approx((2000 * (1 - share) + 100) / 2100)


@pytest.mark.parametrize(
    ("rows", "judged"),
    [
        ([1000, 0, 0, 0, 1000], [10, 0, 0, 0, 19]),
        ([1000, 0, 0, 0, 1000], [98, 0, 0, 0, 2]),
    ],
)
def test_too_few_say_nothing(rows, judged):
    pulsars = [0, 0, 0, 0, 1]
    assert of(rows, judged, pulsars) is None
    assert of(rows, [n + 1 for n in judged[:1]] + judged[1:4] + [19 + 1], pulsars)


def test_of_a_small_stratum_nobody_need_be_seen_but_of_one_above_the_threshold():
    # Of 10,000 rows a hundred are called pulsars: the precision is of these alone.
    assert needed(np.array([9500, 300, 100, 60, 40])).tolist() == [3, 3, 0, 3, 3]
    # All, where there are fewer; none of one in a hundred of those called pulsars.
    assert needed(np.array([2, 0, 0, 2, 1])).tolist() == [2, 0, 0, 2, 1]
    assert needed(np.array([0, 0, 0, 990, 10])).tolist() == [0, 0, 0, 3, 0]


def test_rare_pulsars_of_which_none_was_seen_make_no_figures():
    rows = [9500, 300, 100, 60, 40]
    assert of(rows, [20, 7, 3, 2, 0], [0, 0, 0, 1, 0]) is None
    found = of(rows, [20, 7, 3, 3, 3], [0, 0, 0, 3, 3])
    assert found.precision.value == 1
    assert found.precision.low < 0.9


def test_a_stratum_of_which_nobody_saw_a_row_is_half_pulsars():
    found = of([5000, 0, 40, 0, 1000], [40, 0, 0, 0, 40], [0, 0, 0, 0, 40])
    assert found.hit_rate.value == pytest.approx((6040 - 20) / 6040)
    assert found.precision.value == 1
    assert found.recall.value == pytest.approx(1000 / 1020)


def test_without_a_pulsar_the_recall_is_unknown_and_the_others_are_told():
    found = of([1000, 0, 0, 0, 1000], [50, 0, 0, 0, 50], [0] * 5)
    assert found.recall is None
    assert (found.hit_rate.value, found.precision.value) == (0.5, 0)


def test_who_calls_nothing_a_pulsar_is_wrong_about_none():
    found = of([1000, 0, 0, 0, 0], [100, 0, 0, 0, 0], [5, 0, 0, 0, 0])
    assert found.precision == (1, 1, 1)
    assert found.recall == (0, 0, 0)


def test_the_same_rows_give_the_same_interval():
    rows, judged, pulsars = [9000, 0, 0, 0, 1000], [90, 0, 0, 0, 100], [1, 0, 0, 0, 90]
    assert of(rows, judged, pulsars) == of(rows, judged, pulsars)


@pytest.mark.slow
def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """By 1,000 months in three worlds: benchmarks/audit_months.py."""
    rng = np.random.default_rng(5)
    held = []
    for _ in range(150):
        labels = rng.random(20_000) < 0.09
        evidence = 3.5 * (rng.normal(0, 1, 20_000) + np.where(labels, 3.5, 0))
        scores = 1 / (1 + np.exp(-(evidence - 3.5**2 / 2 - 2.3)))
        of_stratum = strata(scores, 0.5)
        chance = chances(of_stratum, scores, 0.01)[of_stratum]
        seen = rng.random(20_000) < chance
        rows = np.bincount(of_stratum, minlength=audit.N_STRATA)
        found = audited(rows, of_stratum[seen], labels[seen].astype(int), chance[seen])
        truth = ((scores >= 0.5) == labels).mean()
        held.append(found.hit_rate.low <= truth <= found.hit_rate.high)
    assert 0.9 < np.mean(held) < 0.995
