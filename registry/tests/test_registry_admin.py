"""The registry's records under /admin/: to be looked at, by admins."""

import pytest
from django.apps import apps
from django.contrib import admin as django_admin
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import now

from pulsar_ml.tests import simulated
from registry.admin import ReadOnly
from registry.models import (
    AliasMove,
    Comparison,
    Decision,
    Export,
    Label,
    Push,
    Retraining,
    Sentinel,
    TrainingRun,
    Trigger,
    Version,
)
from registry.ship import register_shipped
from registry.tests.labels import digest, features
from registry.tests.made import dataset
from registry.tests.run_rows import run_row

pytestmark = pytest.mark.django_db

RECORDS = [
    model
    for model, shown in django_admin.site._registry.items()
    if isinstance(shown, ReadOnly)
]


@pytest.fixture
def rows(person):
    """One of each."""
    ana = person("admin", "ana")
    one, two = register_shipped()
    held = dataset(simulated.table(200), created_by=ana)
    run_row(dataset=held, by=ana)
    TrainingRun.objects.update(version=two)
    AliasMove.objects.create(
        model=one.model, alias="champion", before=one, after=two, by=ana, reason="r"
    )
    judged = Comparison.objects.create(
        candidate=two, champion=one, dataset=held, by=ana
    )
    Push.objects.create(name="a.onnx", sha256="0" * 64, size=1, version=two, by=ana)
    Export.objects.create(model=one.model, number=1, by=ana)
    Label.objects.create(
        person=ana,
        hash=digest(1),
        features=features(1),
        verdict="RFI",
        drawn=Label.Drawn.IMPORT,
        at=now(),
    )
    Sentinel.objects.create(hash=digest(2), features=features(2), name="J1")
    trigger = Trigger.objects.create(name="weekly", kind="schedule", since=now())
    looked = Decision.objects.create(
        trigger=trigger, at=now(), last_at=now(), outcome="fired", reason="due"
    )
    Retraining.objects.create(
        trigger=trigger,
        decision=looked,
        model="pulsar",
        policy="notify",
        version=two,
        comparison=judged,
        by=ana,
    )
    return ana


def address(model, page, *args):
    return reverse(f"admin:registry_{model._meta.model_name}_{page}", args=args)


def test_all_that_is_kept_of_models_is_there():
    # Shown with what they belong to.
    parts = {"Build", "Experiment", "Exported", "TrainingStep"}
    kept = {model.__name__ for model in apps.get_app_config("registry").get_models()}
    assert {model.__name__ for model in RECORDS} == kept - parts


def test_an_admin_sees_a_list_and_each_row_and_can_change_nothing(client, rows):
    client.force_login(rows)
    for model in RECORDS:
        row = model.objects.latest("pk")
        page = address(model, "change", row.pk)
        found = client.get(address(model, "changelist"), {"q": "1"})
        assert found.status_code == 200, model
        listed = client.get(address(model, "changelist")).context["cl"]
        assert list(listed.result_list) == list(listed.queryset) != []
        text = client.get(page).content.decode()
        assert 'name="_save"' not in text
        for field in model._meta.concrete_fields:
            assert f"field-{field.name}" in text

        assert client.post(page, {"_save": "Save"}).status_code == 403
        assert client.get(address(model, "history", row.pk)).status_code == 200
        for gone, where in (("add", []), ("delete", [row.pk])):
            with pytest.raises(NoReverseMatch):
                address(model, gone, *where)


def test_a_long_list_asks_as_often_as_a_short_one_and_reads_nothing_long(
    client, rows, django_assert_max_num_queries
):
    client.force_login(rows)
    _more()
    for model in RECORDS:
        with django_assert_max_num_queries(12) as asked:
            assert client.get(address(model, "changelist")).status_code == 200
        for query in asked.captured_queries:
            for long in ("card", "findings", "features", "recipe", "metrics"):
                assert long not in query["sql"]


def _more() -> None:
    """Ten more of those whose lines name others."""
    for model in (Version, AliasMove, Comparison, TrainingRun, Decision):
        last = model.objects.latest("pk")
        for n in range(10):
            last.pk, last._state.adding = None, True
            if model is Version:
                last.number, last.sha256 = 10 + n, f"{n:064}"
            last.save()


def test_what_others_said_in_a_blind_batch_is_not_read_here(client, rows, person):
    ben = person("researcher", "ben")
    Label.objects.update(person=ben, blind=True)
    label = Label.objects.get()
    client.force_login(rows)
    assert not client.get(address(Label, "changelist")).context["cl"].result_list
    assert client.get(address(Label, "change", label.pk)).status_code == 302

    Label.objects.update(blind=False)
    assert client.get(address(Label, "change", label.pk)).status_code == 200


@pytest.mark.parametrize("role", ["researcher", "operator"])
def test_others_are_refused(client, person, role):
    client.force_login(person(role))
    for model in RECORDS:
        response = client.get(address(model, "changelist"), follow=True)
        assert response.status_code == 403
