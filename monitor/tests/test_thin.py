"""thin: samples become means of ten minutes, an hour, six hours, and go."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitor.figures import declared, samples
from monitor.figures import thin as thinning
from monitor.figures.thin import HOUR, SIX_HOURS, TEN_MINUTES, thin
from monitor.models import Mean, Sample

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def put(values: dict[float, float], name: str = "load", **labels: str) -> None:
    """Samples by the minutes after noon."""
    for minutes, value in values.items():
        samples.put(name, value, at=NOON + minutes * MINUTE, **labels)


def means(span: int) -> list[tuple]:
    found = Mean.objects.filter(span=span).order_by("at", "name", "labels")
    columns = ("name", "labels", "at", "n", "value", "least", "most", "last")
    return [
        (name, labels, (at - NOON) / MINUTE, *numbers)
        for name, labels, at, *numbers in found.values_list(*columns)
    ]


def test_ten_minutes_become_one_mean_for_each_line():
    put({0: 4, 5: 1, 9.9: 7, 10: 100})
    put({3: 8}, host="b", family="ipv4")
    thin(NOON + 12 * MINUTE)
    assert means(TEN_MINUTES) == [
        ("load", '{"family": "ipv4", "host": "b"}', 0, 1, 8, 8, 8, 8),
        ("load", "{}", 0, 3, 4, 1, 7, 7),
    ]
    assert Sample.objects.count() == 5


def test_ten_minutes_that_are_not_over_wait_and_so_does_the_minute_after():
    put({0: 4, 5: 1})
    thin(NOON + 10.5 * MINUTE)
    assert means(TEN_MINUTES) == []
    thin(NOON + 11 * MINUTE)
    assert means(TEN_MINUTES) == [("load", "{}", 0, 2, 2.5, 1, 4, 1)]


def test_a_mean_of_means_counts_each_sample_once():
    put({0: 10, 1: 10, 2: 10, 30: 2, 59: 2, 60: 0, 320: 5})
    thin(NOON + 360 * MINUTE)
    assert (len(means(HOUR)), means(SIX_HOURS)) == (2, [])
    thin(NOON + 361 * MINUTE)
    assert means(HOUR) == [
        ("load", "{}", 0, 5, 6.8, 2, 10, 2),
        ("load", "{}", 60, 1, 0, 0, 0, 0),
        ("load", "{}", 300, 1, 5, 5, 5, 5),
    ]
    assert means(SIX_HOURS) == [("load", "{}", 0, 7, pytest.approx(39 / 7), 0, 10, 5)]


def test_done_again_it_changes_nothing_and_costs_a_few_questions():
    put({minute: minute for minute in range(0, 90, 3)})
    at = NOON + 95 * MINUTE
    thin(at)
    before = list(Mean.objects.order_by("pk").values())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        thin(at)
    assert list(Mean.objects.order_by("pk").values()) == before
    assert len(asked) < 15


def test_what_was_cut_short_is_taken_up_again():
    put({1: 3}, name="a")
    put({1: 5}, name="b")
    put({11: 7}, name="a")
    thin(NOON + 30 * MINUTE)
    # As if the process had died between two transactions of the last stretch.
    Mean.objects.filter(span=TEN_MINUTES, at=NOON + 10 * MINUTE).delete()
    Mean.objects.filter(span=TEN_MINUTES, name="b").delete()
    thin(NOON + 30 * MINUTE)
    assert means(TEN_MINUTES) == [
        ("a", "{}", 0, 1, 3, 3, 3, 3),
        ("b", "{}", 0, 1, 5, 5, 5, 5),
        ("a", "{}", 10, 1, 7, 7, 7, 7),
    ]


def test_samples_go_after_two_days_and_means_by_their_own_age():
    put({0: 1})
    put({24 * 60: 2})
    thin(NOON + timedelta(days=2, minutes=5))
    assert [sample.value for sample in Sample.objects.all()] == [2]
    put({20 * 24 * 60: 3})
    thin(NOON + timedelta(days=20, minutes=15))
    assert [row[4] for row in means(TEN_MINUTES)] == [3]
    # The last hour is not over yet.
    assert [row[4] for row in means(HOUR)] == [1, 2]
    put({500 * 24 * 60: 4})
    thin(NOON + timedelta(days=500, minutes=361))
    assert [row[4] for row in means(SIX_HOURS)] == [4]


def test_nothing_goes_of_which_there_is_no_mean_yet(monkeypatch):
    monkeypatch.setattr(thinning, "_PIECES", 2)
    put({0: 1, 10: 2, 20: 3, 30: 4})
    late = NOON + timedelta(days=5)
    thin(late)
    assert [sample.value for sample in Sample.objects.order_by("at")] == [3, 4]
    assert [row[4] for row in means(TEN_MINUTES)] == [1, 2]
    thin(late)
    thin(late)
    assert not Sample.objects.exists()
    assert [row[4] for row in means(TEN_MINUTES)] == [1, 2, 3, 4]


def test_much_that_is_old_goes_in_pieces(monkeypatch):
    monkeypatch.setattr(thinning, "_AT_ONCE", 2)
    put(dict.fromkeys(range(7), 1))
    late = NOON + timedelta(days=3)
    with CaptureQueriesContext(connection) as asked:
        thin(late)
    gone = [q["sql"] for q in asked if q["sql"].startswith("DELETE")]
    assert len([sql for sql in gone if "monitor_sample" in sql]) == 4
    assert not Sample.objects.exists()


def test_a_figure_may_keep_its_single_samples_longer(monkeypatch):
    monkeypatch.setattr(declared, "declared", {})
    declared.declare("load", "Load", single=timedelta(days=9))
    put({0: 1})
    put({0: 2}, name="other")
    thin(NOON + timedelta(days=8))
    assert [sample.name for sample in Sample.objects.all()] == ["load"]
    put({10 * 24 * 60: 3}, name="new")
    thin(NOON + timedelta(days=10, minutes=11))
    assert [sample.name for sample in Sample.objects.all()] == ["new"]


def test_a_clock_that_was_put_back_does_not_stop_it():
    put({10 * 24 * 60: 9})
    thin(NOON + timedelta(days=10, minutes=15))
    put({1: 2})
    thin(NOON + 15 * MINUTE)
    assert means(TEN_MINUTES)[0] == ("load", "{}", 0, 1, 2, 2, 2, 2)


def test_labels_that_nothing_could_hold_are_refused():
    with pytest.raises(ValueError, match="labels of load are longer than 250"):
        samples.put("load", 1, at=NOON, host="x" * 300)
