"""The first steps of a group: what is done, what comes next, and when they go."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from dispatch.tests.rows import NOON, schedule_row
from registry import serving
from registry.ship import register_shipped
from registry.tests.run_rows import dataset_row, run_row
from showroom.models import Batch, Candidate, Catalogue, Verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def champion():
    serving._at_alias.cache_clear()
    register_shipped()
    return serving.champion().version


def state_of(page) -> dict[str, str]:
    return {step.title: state for state, step in page.context["steps"]}


def batch_row(champion, **values: object) -> Batch:
    return Batch.objects.create(title="batch", version=champion, **values)


def judge(batch: Batch, user) -> None:
    candidate = Candidate.objects.create(
        batch=batch, row=1, probability=0.5, predicted=True, margin=0.4
    )
    Verdict.objects.create(
        candidate=candidate,
        person=user,
        word="RFI",
        drawn="picked",
        at=timezone.now(),
        act=uuid4(),
    )


def test_a_new_group_is_led_to_a_judged_candidate_and_on(client, person, champion):
    admin = person("admin")
    client.force_login(admin)

    page = client.get("/")

    assert state_of(page) == {
        "Classify something": "next",
        "Look at a candidate": "later",
        "Judge it": "later",
        "Bring in the known pulsars": "later",
        "Invite colleagues": "later",
        "Let the clock do it": "later",
        "Train on your own": "later",
    }
    shown = page.content.decode()
    assert '<a class="button primary" href="/showroom/#cases-title">' in shown
    assert shown.count("button primary") == 1
    assert "manage.py catalogue_import" in shown
    for url in ("/admin/accounts/user/add/", "/dispatch/new/", "/registry/datasets/"):
        assert f'<a class="button" href="{url}' in shown


def test_each_step_is_done_by_what_people_did(client, person, champion):
    admin = person("admin")
    client.force_login(admin)

    def upcoming() -> tuple[str, str, str]:
        steps = client.get("/").context["steps"]
        return next((s.title, s.button, s.url) for state, s in steps if state == "next")

    batch = batch_row(champion, state="success")
    there = batch.get_absolute_url()
    assert upcoming() == ("Look at a candidate", "Open the newest batch", there)
    Batch.objects.update(shown_at=timezone.now())
    assert upcoming() == ("Judge it", "Judge candidates", there)
    judge(batch, admin)
    assert upcoming() == ("Bring in the known pulsars", "", "")
    Candidate.objects.update(shortlisted="high")
    steps = {s.title: s.url for _, s in client.get("/").context["steps"]}
    assert steps["Judge it"] == "/showroom/vet/"
    Catalogue.objects.create(sha256="0", active=True)
    assert upcoming()[0] == "Invite colleagues"
    person("researcher", "rex")
    assert upcoming()[0] == "Let the clock do it"
    schedule_row()
    data = "/registry/datasets/import/"
    assert upcoming() == ("Train on your own", "Import a dataset", data)
    dataset = dataset_row()
    form = "/registry/training/new/"
    assert upcoming() == ("Train on your own", "Train a model", form)
    run_row(dataset=dataset)

    page = client.get("/")
    assert page.context["steps"] == []
    assert "First steps" not in page.content.decode()


def test_a_single_case_is_looked_at_at_once(client, person, champion):
    client.force_login(person("researcher"))
    batch_row(champion, day=NOON.date(), source=Batch.Source.CASES)

    assert state_of(client.get("/")) == {
        "Classify something": "done",
        "Look at a candidate": "done",
        "Judge it": "next",
    }


def test_what_others_keep_private_is_no_step_of_mine(client, person, champion):
    ana, rex = person("researcher", "ana"), person("researcher", "rex")
    judge(batch_row(champion, owner=ana, private=True, shown_at=NOON), ana)

    client.force_login(rex)
    assert set(state_of(client.get("/")).values()) == {"next", "later"}
    client.force_login(ana)
    assert client.get("/").context["steps"] == []


def test_after_a_month_nobody_is_told_of_first_steps(client, person, champion):
    client.force_login(person("researcher"))
    batch_row(champion)
    month = timedelta(days=30)

    Batch.objects.update(created_at=timezone.now() - month + timedelta(hours=1))
    assert client.get("/").context["steps"] != []
    Batch.objects.update(created_at=timezone.now() - month)
    assert client.get("/").context["steps"] == []
