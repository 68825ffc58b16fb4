"""Who sees and may change which batch."""

import pytest
from django.urls import reverse

from monitor.work import State
from showroom.models import Batch
from showroom.start import start
from showroom.tests.conftest import as_csv, simulate, stored

pytestmark = pytest.mark.django_db

PAGES = ["batch", "batch-progress", "batch-scores", "batch-rejects"]
ACTIONS = ["batch-cancel", "batch-resume"]


@pytest.fixture
def private(champion, researcher):
    content = as_csv(simulate(5))
    return start([stored("secret.csv", content)], owner=researcher, private=True)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("operator", 404), ("researcher", 404)],
)
def test_a_private_batch_is_there_for_its_owner_and_admins_alone(
    client, private, person, researcher, name, who, status
):
    client.force_login(researcher if who == "owner" else person(who))

    answer = client.get(reverse(f"showroom:{name}", args=[private.pk]))
    assert answer.status_code == status


@pytest.mark.parametrize("name", ACTIONS)
@pytest.mark.parametrize("who", ["operator", "researcher"])
def test_nobody_else_can_touch_a_private_batch(client, private, person, name, who):
    client.force_login(person(who))

    answer = client.post(reverse(f"showroom:{name}", args=[private.pk]))
    assert answer.status_code == 404


def test_lists_leave_a_private_batch_out(client, private, person):
    client.force_login(person("researcher"))

    assert "secret.csv" not in client.get(reverse("showroom:index")).content.decode()
    assert "secret.csv" not in client.get(reverse("home")).content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 302), ("operator", 302), ("researcher", 403)]
)
@pytest.mark.parametrize("name", ACTIONS)
def test_an_open_batch_is_stopped_by_its_owner_or_an_operator(
    client, batch, person, researcher, name, who, status
):
    client.force_login(researcher if who == "owner" else person(who))

    answer = client.post(reverse(f"showroom:{name}", args=[batch(5).pk]))
    assert answer.status_code == status


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_not_taken_by_following_a_link(ana, batch, name):
    answer = ana.get(reverse(f"showroom:{name}", args=[batch(5).pk]))

    assert answer.status_code == 405


@pytest.mark.parametrize("name", [*PAGES, *ACTIONS])
def test_a_stranger_is_sent_to_the_log_in(client, batch, name):
    address = reverse(f"showroom:{name}", args=[batch(5).pk])

    answer = client.get(address)
    assert answer.url == f"{reverse('accounts:login')}?next={address}"


def test_progress_asks_for_the_whole_page_when_the_work_has_ended(ana, batch):
    done = batch(5)
    address = reverse("showroom:batch-progress", args=[done.pk])
    assert ana.get(address)["HX-Refresh"] == "true"

    Batch.objects.filter(pk=done.pk).update(state=State.RUNNING)
    assert "HX-Refresh" not in ana.get(address)


def test_the_list_can_be_of_one_version(ana, batch, champion):
    batch(5)
    listed = ana.get(reverse("showroom:index"), {"version": champion.pk})
    other = ana.get(reverse("showroom:index"), {"version": champion.pk + 100})

    assert "sky.csv" in listed.content.decode()
    assert "Nothing has been classified yet." in other.content.decode()


def test_a_batch_that_is_not_there_is_404(ana, db):
    assert ana.get("/showroom/batches/999999999999999999999/").status_code == 404
