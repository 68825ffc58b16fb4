"""The list of datasets."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import now

from monitor.work import State
from pulsar_ml.tests import simulated
from registry.models import Build, Dataset
from registry.tests import made

pytestmark = pytest.mark.django_db
ADDRESS = "/registry/datasets/"


def numbers(response):
    return [dataset.number for dataset in response.context["page"]]


@pytest.fixture
def three(storage):
    first = made.dataset(simulated.table(40), name="HTRU2")
    second = made.dataset(
        simulated.table(44), name="Smart", parent=first, source=Dataset.Source.FREEZE
    )
    return [first, second, made.dataset(simulated.table(48), name="Of the year 12")]


def test_the_newest_stands_first_with_its_counts_and_its_parent(client, person, three):
    client.force_login(person("researcher"))
    response = client.get(ADDRESS)

    assert numbers(response) == [3, 2, 1]
    page = response.content.decode()
    assert "3 datasets, the newest first." in page
    for dataset in three:
        assert f'<a href="{dataset.get_absolute_url()}">{dataset.number}</a>' in page
    assert 'frozen from <a href="/registry/datasets/1/">1</a>' in page


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"words": "htru"}, [1]),
        ({"words": "2"}, [2, 1, 3]),
        ({"words": "3"}, [3]),
        ({"source": "freeze"}, [2]),
        ({"words": "htru", "source": "freeze"}, []),
    ],
)
def test_a_dataset_is_found_by_name_number_or_source(
    client, person, three, asked, found
):
    client.force_login(person("researcher"))
    assert sorted(numbers(client.get(ADDRESS, asked))) == sorted(found)


def test_only_an_admin_is_offered_to_make_one(client, person, storage):
    client.force_login(person("researcher"))
    page = client.get(ADDRESS).content.decode()
    assert "There is no dataset yet." in page
    assert reverse("registry:dataset-import") not in page

    client.force_login(person("admin"))
    page = client.get(ADDRESS).content.decode()
    assert reverse("registry:dataset-import") in page
    assert reverse("registry:dataset-freeze") in page


def test_what_is_in_the_making_and_what_failed_lately_stands_above(
    client, person, storage
):
    def build(state, ended=None, kind=Build.Kind.IMPORT):
        return Build.objects.create(
            kind=kind, name="x", state=state, finished_at=ended and now() - ended
        )

    coming = build(State.RUNNING)
    failed = build(State.FAILED, timedelta(hours=1))
    build(State.FAILED, timedelta(days=2))
    build(State.SUCCESS, timedelta(hours=1))
    build(State.RUNNING, kind=Build.Kind.LABELS)
    client.force_login(person("researcher"))
    response = client.get(ADDRESS)

    assert response.context["builds"] == [failed, coming]
    # It looks again while something is in the making, and only then.
    assert "every 5s" in response.content.decode()
    coming.delete()
    assert "every 5s" not in client.get(ADDRESS).content.decode()


def test_the_list_alone_answers_htmx(client, person, three):
    client.force_login(person("researcher"))
    page = client.get(ADDRESS, headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith('<section id="datasets"')


def test_empty_fields_leave_the_address(client, person, three):
    client.force_login(person("researcher"))
    response = client.get(ADDRESS, {"words": "htru", "source": ""})
    assert response.url == f"{ADDRESS}?words=htru"


def test_datasets_are_for_those_who_may_see_them(client, django_user_model):
    assert client.get(ADDRESS).status_code == 302
    client.force_login(django_user_model.objects.create_user("guest"))
    assert client.get(ADDRESS).status_code == 403
