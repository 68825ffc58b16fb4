"""/dispatch/<slug>/slots/: the strip, and each slot with its evidence and runs."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Preference
from dispatch.models import Slot
from dispatch.tests.expected import begun, planned, utc
from dispatch.views.slots import PAGE_SLOTS

pytestmark = pytest.mark.django_db

URL = "/dispatch/nightly/slots/"


@pytest.fixture
def rita(client, person):
    user = person("researcher", "rita")
    client.force_login(user)
    return user


def listed(response) -> list[str]:
    assert response.status_code == 200
    return [f"{line.slot.at:%d %H:%M}" for line in response.context["page"].lines]


def text(response) -> str:
    """What the page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_stranger_logs_in_first_and_there_is_no_page_of_what_is_not_there(
    client, person
):
    planned(timezone.now(), live=None)
    assert client.get(URL).status_code == 302
    client.force_login(person("researcher"))
    assert client.get(URL).status_code == 404


def test_a_slot_shows_its_outcome_in_sign_and_word_its_evidence_and_its_runs(
    client, rita
):
    at = utc("2026-03-01 02:00")
    schedule = planned(at)
    run = begun(schedule, at, open=None, state="success")
    slot = Slot.objects.create(
        schedule=schedule, at=at, outcome="late", evidence="Started <late>.", run=run
    )
    refused = begun(schedule, at, open=None, state="skipped", slot=slot)
    response = client.get(URL)
    assert listed(response) == ["01 02:00"]
    page = response.content.decode()
    assert f'<a href="/dispatch/runs/{run.pk}/">{run.pk}</a> success' in page
    assert f'<a href="/dispatch/runs/{refused.pk}/">{refused.pk}</a> skipped' in page
    row = f"2026-03-01 02:00 ◷ late Started &lt;late&gt;. {run.pk} success"
    assert row in text(response)
    assert "style=" not in page


def test_what_is_empty_says_so(client, rita):
    planned(timezone.now())
    assert "No slot has come yet." in text(client.get(URL))
    assert "No slot fits." in text(client.get(URL, {"outcome": "missed"}))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"outcome": "missed"}, ["02 00:30", "01 22:30"]),
        ({"day": "2026-03-02"}, ["02 00:30", "01 23:30"]),
        ({"day": "2026-03-02", "outcome": "ran"}, ["01 23:30"]),
        ({"since": "2026-03-01T23:00:00Z"}, ["02 00:30", "01 23:30"]),
        ({"until": "2026-03-01T23:30:00Z"}, ["01 22:30"]),
        ({"before": "2026-03-01T23:30:00Z"}, ["01 22:30"]),
        # A day that was chosen counts more than the hour that was looked at before.
        ({"day": "2026-03-01", "since": "2026-03-02T00:00:00Z"}, ["01 22:30"]),
    ],
)
def test_slots_are_filtered_by_outcome_and_by_days_of_the_viewer(
    client, rita, query, expected
):
    Preference.objects.update_or_create(user=rita, defaults={"zone": "Europe/Berlin"})
    schedule = planned(utc("2026-03-01 00:00"))
    for at, outcome in (
        ("2026-03-01 22:30", "missed"),
        ("2026-03-01 23:30", "ran"),
        ("2026-03-02 00:30", "missed"),
    ):
        Slot.objects.create(schedule=schedule, at=utc(at), outcome=outcome)
    assert listed(client.get(URL, query)) == expected


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"outcome": "gone"}, 422),
        ({"day": "yesterday"}, 422),
        ({"day": "9999-12-31"}, 422),
        ({"day": "0001-01-01"}, 422),
        ({"since": "now"}, 404),
        ({"since": "2026-03-01T00:00:00"}, 404),
        ({"until": "9999-12-31T23:59:59Z"}, 404),
        ({"before": "0001-01-01T00:00:00+14:00"}, 404),
        ({"before": "2026-13-01T00:00:00Z"}, 404),
    ],
)
def test_what_cannot_be_meant_is_refused(client, rita, query, status):
    planned(timezone.now())
    assert client.get(URL, query).status_code == status


def test_paging_by_key_shows_each_slot_once(client, rita):
    schedule = planned(utc("2026-03-01 00:00"))
    first = utc("2026-03-01 00:00")
    Slot.objects.bulk_create(
        Slot(schedule=schedule, at=first + timedelta(minutes=n))
        for n in range(PAGE_SLOTS * 2 + 1)
    )
    query, pages = {}, []
    while True:
        response = client.get(URL, query)
        pages.append(listed(response))
        if not response.context["page"].older:
            break
        query = {"before": response.context["page"].older}
    assert [len(page) for page in pages] == [PAGE_SLOTS, PAGE_SLOTS, 1]
    assert len({at for page in pages for at in page}) == PAGE_SLOTS * 2 + 1


def test_a_cell_of_the_strip_leads_to_the_slots_of_its_hour(client, rita):
    schedule = planned(timezone.now())
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for minute in (0, 5):
        at = hour - timedelta(hours=1) + timedelta(minutes=minute)
        Slot.objects.create(schedule=schedule, at=at, outcome="missed")
    Slot.objects.create(schedule=schedule, at=hour - timedelta(hours=2), outcome="ran")
    page = client.get(URL).content.decode()
    (cell,) = re.findall(r'<a class="slot-missed" href="([^"]+)"', page)
    assert "2 missed</span>" in page
    assert len(listed(client.get(cell.replace("&amp;", "&")))) == 2
