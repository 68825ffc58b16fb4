"""chart(): how long the last starts took, and the page of the job that draws it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitor.starts.chart import chart
from monitor.tests.machine import ran
from monitor.tests.pages import job, text

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=3)


def starts(*durations: float, **values: object) -> None:
    for n, took in enumerate(durations):
        ran("nightly", LONG_AGO + timedelta(hours=n), took, **values)


def test_each_that_ended_has_its_bar_from_the_oldest_to_the_newest():
    starts(5, 0, 20)
    starts(10, outcome="failed", exit=1)
    ran("nightly", LONG_AGO - timedelta(hours=1), 1, outcome="refused")
    ran("other", LONG_AGO, 90)
    drawn = chart("nightly")
    bars = [(bar.x, bar.y, bar.height) for bar in drawn.bars]
    # One that took no time is still to be seen.
    assert bars == [(0, 75, 25), (41.7, 50, 50), (83.3, 98, 2), (125, 0, 100)]
    assert {bar.width for bar in drawn.bars} == {33.3}
    assert (drawn.longest, drawn.some_failed) == (20, True)


def test_of_many_the_newest_are_drawn():
    starts(100, *[1] * 50)
    drawn = chart("nightly")
    assert (len(drawn.bars), drawn.longest, drawn.some_failed) == (50, 1, False)
    assert drawn.bars[-1].x + drawn.bars[-1].width == 996


def test_one_alone_is_no_drawing():
    starts(3)
    assert chart("nightly") is None


def test_the_page_of_a_job_draws_them(client, person, storage):
    client.force_login(person("operator"))
    job("nightly")
    assert "How long it took" not in text(client.get("/monitor/jobs/nightly/"))
    starts(60, 120)
    page = text(client.get("/monitor/jobs/nightly/"))
    assert page.count('<rect class="run-success"') == 2
    assert "Up to 2 min 00 s" in page
