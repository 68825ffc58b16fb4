"""The registry's list of versions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from registry.models import Dataset, Experiment, Model, TrainingRun, Version
from registry.ship import register_shipped
from registry.views.versions import PAGE_VERSIONS

pytestmark = pytest.mark.django_db


def test_the_list_shows_every_version_with_its_stage_and_history(client, person):
    versions = register_shipped()
    client.force_login(person("researcher"))
    page = client.get(reverse("registry:versions")).content.decode()

    for version in versions:
        assert f'href="{version.get_absolute_url()}"' in page
    assert page.count("Production") == 1
    assert "shipped as champion" in page
    assert "2 in all" in page


def test_versions_are_sorted_without_their_cards(client, person):
    register_shipped()
    client.force_login(person("researcher"))
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("registry:versions"))

    versions = [q["sql"] for q in asked if 'FROM "registry_version"' in q["sql"]]
    sorting = [sql for sql in versions if "LIMIT" in sql]
    assert len(sorting) == 1
    assert '"card"' not in sorting[0]


def test_an_empty_registry_says_what_to_do(client, person):
    client.force_login(person("researcher"))

    page = client.get(reverse("registry:versions")).content.decode()
    assert "manage.py registry_ship" in page


def test_a_version_is_listed_with_the_run_that_made_it_and_its_dataset(client, person):
    forest, _ = register_shipped()
    dataset = _dataset(forest.card["dataset"]["sha256"])
    made, _found_again = (_run(forest, dataset) for _ in range(2))
    client.force_login(person("researcher"))
    response = client.get(reverse("registry:versions"))

    lines = {entry.version: entry for entry in response.context["entries"]}
    assert lines[forest].run == made
    assert lines[forest].dataset == dataset
    page = response.content.decode()
    assert f'href="{made.get_absolute_url()}"' in page
    assert f'href="{dataset.get_absolute_url()}"' in page


def test_many_versions_are_shown_page_by_page(client, person):
    shipped, _ = register_shipped()
    Version.objects.bulk_create(
        Version(model=shipped.model, number=n, sha256=f"{n:064}", card=shipped.card)
        for n in range(3, PAGE_VERSIONS + 2)
    )
    client.force_login(person("researcher"))
    first = client.get(reverse("registry:versions"))
    second = client.get(reverse("registry:versions"), {"page": 2})

    numbers = [e.version.number for e in first.context["entries"]]
    assert numbers == list(range(PAGE_VERSIONS + 1, 1, -1))
    assert [e.version.number for e in second.context["entries"]] == [1]
    assert 'rel="next"' in first.content.decode()
    assert 'rel="prev"' in second.content.decode()


def test_the_list_asks_the_database_as_often_for_fifty_as_for_two(
    client, person, django_assert_max_num_queries
):
    shipped, _ = register_shipped()
    model = Model.objects.create(name="other")
    Version.objects.bulk_create(
        Version(model=model, number=n, sha256=f"{n:064}", card=shipped.card)
        for n in range(1, PAGE_VERSIONS)
    )
    client.force_login(person("researcher"))
    with django_assert_max_num_queries(20):
        assert client.get(reverse("registry:versions")).status_code == 200


def _dataset(sha256: str) -> Dataset:
    return Dataset.objects.create(
        number=1,
        name="HTRU2",
        source=Dataset.Source.IMPORT,
        sha256=sha256,
        size=1,
        n_rows=17_898,
        n_pulsars=1_639,
        n_holdout=3_458,
        n_holdout_pulsars=366,
    )


def _run(version: Version, dataset: Dataset) -> TrainingRun:
    experiment, _ = Experiment.objects.get_or_create(name="first")
    return TrainingRun.objects.create(
        experiment=experiment,
        dataset=dataset,
        version=version,
        state="success",
        finished_at=timezone.now(),
    )
