"""/dispatch/runs/: what every schedule did."""

from datetime import timedelta

import pytest

from accounts.models import Preference
from dispatch.models import Run, Slot
from dispatch.tests.rows import NOON, run_row, schedule_row
from dispatch.views.runs import PAGE_RUNS
from monitor.work import State

pytestmark = pytest.mark.django_db

URL = "/dispatch/runs/"


@pytest.fixture
def ana(client, person):
    """A researcher, logged in: everybody with a role may look."""
    user = person("researcher", "ana")
    client.force_login(user)
    return user


def listed(response) -> list[int]:
    assert response.status_code == 200
    return [run.pk for run in response.context["runs"]]


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_stranger_logs_in_first_and_who_has_no_role_may_not(
    client, django_user_model
):
    assert client.get(URL).status_code == 302
    client.force_login(django_user_model.objects.create_user("newt"))
    assert client.get(URL).status_code == 403
    assert client.post(URL).status_code == 405


@pytest.mark.parametrize("role", ["researcher", "operator", "admin"])
def test_every_role_sees_the_runs(client, person, role):
    run = run_row(schedule_row())
    client.force_login(person(role))

    assert listed(client.get(URL)) == [run.pk]


def test_without_any_run_the_page_says_what_will_be_here(client, ana):
    assert "Nothing has run yet." in text(client.get(URL))


def test_where_no_run_fits_the_page_says_so(client, ana):
    run_row(schedule_row())

    shown = text(client.get(URL, {"state": "failed"}))

    assert "No run fits." in shown
    assert "Nothing has run yet." not in shown


def test_a_run_is_told_with_its_slot_and_its_counts(client, ana):
    schedule = schedule_row()
    slot = Slot.objects.create(schedule=schedule, at=NOON)
    begun = NOON + timedelta(seconds=3)
    run_row(
        schedule,
        slot=slot,
        started_at=begun,
        finished_at=begun + timedelta(seconds=75),
        n_files=7,
        n_rows=12345,
        n_pulsars=67,
        n_rejected=8,
    )
    shown = text(client.get(URL))

    assert '<span class="badge success">Success</span>' in shown
    assert '<a href="/dispatch/nightly/">Nightly</a>' in shown
    assert "2026-06-01 12:00" in shown
    for figure in ("1 min 15 s", "7", "12 345", "67", "8"):
        assert f'<td class="number">{figure}</td>' in shown


@pytest.mark.parametrize("state", State)
def test_each_state_has_its_word(client, ana, state):
    run_row(schedule_row(), state)

    word = state.label[0].upper() + state.label[1:]
    assert f'<span class="badge {state}">{word}</span>' in text(client.get(URL))


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        ("hand", "by ana"),
        ("clock", "by the clock"),
        ("catch-up", "later, for a slot that was missed"),
        ("waited", "for a slot that waited"),
    ],
)
def test_a_run_without_slot_says_who_asked_for_it(client, ana, trigger, told):
    run_row(schedule_row(), trigger=trigger, by=ana if trigger == "hand" else None)

    assert f"<small>{told} </small>" in text(client.get(URL))


def test_a_run_of_somebody_who_left_and_of_a_schedule_removed_stays(client, ana):
    schedule = schedule_row(live=None)
    run_row(schedule, trigger="hand")

    shown = text(client.get(URL))

    assert "by hand" in shown
    assert "/dispatch/nightly/" not in shown
    assert f'<option value="{schedule.pk}">Nightly (removed)</option>' in shown


def test_the_filter_leaves_what_fits(client, ana):
    one, other = schedule_row("one"), schedule_row("other")
    first = run_row(one, "failed", n_files=2)
    second = run_row(one, "success", 1, n_files=0)
    third = run_row(other, "failed", 2, n_files=0)

    def found(**query) -> list[int]:
        return listed(client.get(URL, query))

    assert found(schedule=one.pk) == [second.pk, first.pk]
    assert found(state="failed") == [third.pk, first.pk]
    assert found(reading="on") == [first.pk]
    assert found(schedule=other.pk, state="success") == []


def test_days_are_those_of_the_viewer(client, ana):
    Preference.objects.create(user=ana, zone="Asia/Tokyo")
    schedule = schedule_row()
    # In Tokyo 14:59:59 is the last second of the day, nine hours ahead of UTC.
    late = run_row(schedule, minute=179.9)
    run_row(schedule, minute=180)

    day = {"since": "2026-06-01", "until": "2026-06-01"}
    assert listed(client.get(URL, day)) == [late.pk]
    assert len(listed(client.get(URL, {"since": "2026-06-01"}))) == 2
    assert listed(client.get(URL, {"until": "2026-05-31"})) == []
    for end in ({"until": "9999-12-31"}, {"since": "0001-01-01"}):
        assert len(listed(client.get(URL, end))) == 2


@pytest.mark.parametrize(
    ("query", "field", "told"),
    [
        ({"since": "soon"}, "since", "Enter a valid date."),
        (
            {"since": "2026-06-02", "until": "2026-06-01"},
            "until",
            "This is before the first day.",
        ),
        (
            {"state": "x"},
            "state",
            "Select a valid choice. x is not one of the available choices.",
        ),
        (
            {"schedule": "9" * 30},
            "schedule",
            "Select a valid choice. That choice is not one of the available choices.",
        ),
    ],
)
def test_a_filter_that_cannot_be_is_told_at_its_field(client, ana, query, field, told):
    response = client.get(URL, query)

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [told]}
    assert told in text(response)


HOSTILE = ["%00", "%ED%A0%80", "9" * 5000, "-1", "NaN", "%27", "2026-02-30"]


@pytest.mark.parametrize("name", ["schedule", "state", "since", "until", "before"])
def test_whatever_an_address_holds_the_page_answers_in_words(client, ana, name):
    run_row(schedule_row())

    answers = {client.get(f"{URL}?{name}={text}").status_code for text in HOSTILE}

    assert answers == ({404} if name == "before" else {422})


def test_fields_left_empty_do_not_stay_in_the_address(client, ana):
    response = client.get(URL, {"schedule": "", "state": "failed", "since": ""})

    assert response.url == f"{URL}?state=failed"


def test_more_runs_than_a_page_holds_follow_page_by_page(client, ana):
    schedule = schedule_row()
    Run.objects.bulk_create(
        Run(schedule=schedule, state="success", open=None) for _ in range(PAGE_RUNS + 2)
    )
    first = client.get(URL, {"state": "success"})
    older = first.context["page"].older
    second = client.get(URL, {"state": "success", "before": str(older)})

    assert (len(listed(first)), len(listed(second))) == (PAGE_RUNS, 2)
    assert not set(listed(first)) & set(listed(second))
    assert 'rel="next" href="?state=success&amp;before=' in text(first)
    assert 'rel="prev" href="?state=success">Newest' in text(second)


def test_a_place_that_cannot_be_is_not_found(client, ana):
    assert client.get(URL, {"before": "here"}).status_code == 404


def test_the_list_asks_again_soon_while_something_is_under_way(client, ana):
    schedule = schedule_row()
    run = run_row(schedule, "running")
    asks = 'hx-trigger="every 5s"'
    page = text(client.get(URL))
    assert asks in page

    part = client.get(URL, headers={"HX-Request": "true"})
    assert listed(part) == [run.pk]
    assert text(part).startswith('<section id="runs"')
    assert asks in text(part)

    Run.objects.update(state="success", open=None)
    assert 'hx-trigger="every 30s"' in text(client.get(URL))
