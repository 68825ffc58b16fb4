"""/monitor/report/: a night on one page."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import Preference
from monitor.tests.test_report_sections import (  # noqa: F401  # a fixture too
    alert_row,
    by_utc,
    check_row,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("by_utc")]

URL = "/monitor/report/"
NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def olga(client, person):
    """An operator, logged in."""
    user = person("operator", "olga")
    client.force_login(user)
    return user


def test_only_who_may_see_the_monitor_sees_it(client, person):
    assert client.get(URL).status_code == 302
    client.force_login(person("researcher"))
    assert client.get(URL).status_code == 403
    client.force_login(person("admin"))
    assert client.get(URL).status_code == 200
    assert client.post(URL).status_code == 405


def test_an_empty_night_is_quiet_and_says_so_in_each_section(client, olga):
    page = client.get(URL, {"date": "2026-11-20"})
    report = page.context["report"]
    assert [section.title for section in report.sections] == [
        "Runs",
        "New candidates",
        "Rejects",
        "Alerts",
        "What was down",
        "Jobs",
        "Champion",
    ]
    shown = page.content.decode()
    for section in report.sections[:-1]:
        assert section.empty in shown
    assert [need.said for need in report.needs] == ["There is no champion"]


def test_without_a_date_it_is_about_the_last_24_hours(client, olga):
    report = client.get(URL).context["report"]
    assert report.night == (NOW - timedelta(days=1), NOW, None, True)


def test_a_date_is_the_night_that_ended_on_it_with_links_to_its_neighbours(
    client, olga
):
    page = client.get(URL, {"date": "2026-11-21"})
    shown = " ".join(page.content.decode().split())
    assert "Night to Saturday 2026-11-21: 2026-11-20 08:00 to 2026-11-21 08:00" in shown
    assert '<a rel="prev" href="?date=2026-11-20">' in shown
    assert '<a rel="next" href="?date=2026-11-22">' in shown
    assert "it is not over yet" not in shown
    last = " ".join(client.get(URL, {"date": "2026-11-22"}).content.decode().split())
    assert "it is not over yet" in last
    assert 'rel="next"' not in last


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("2026-11-23", "This night has not begun."),
        ("1999-01-01", "There was no site before the year 2000."),
        ("yesterday", "Enter a valid date."),
    ],
)
def test_a_night_that_cannot_be_is_told_at_the_field(client, olga, date, told):
    page = client.get(URL, {"date": date})
    assert page.status_code == 422
    assert page.context["form"].errors == {"date": [told]}
    assert told in page.content.decode()


def test_what_needs_somebody_comes_first_and_times_are_the_viewers(client, olga):
    Preference.objects.create(user=olga, zone="Asia/Tokyo")
    alert = alert_row("<b>host</b>", 2)
    check_row("archive", (2, "down"), now="down")
    shown = client.get(URL, {"date": "2026-11-21"}).content.decode()
    assert (
        f'<a href="{alert.get_absolute_url()}">&lt;b&gt;host&lt;/b&gt; is down</a>'
        in shown
    )
    assert shown.index("is down</a></li>") < shown.index('aria-label="Alerts"')
    assert ">2026-11-20 19:00</time>" in shown
    assert "Times below are in Asia/Tokyo." in shown
