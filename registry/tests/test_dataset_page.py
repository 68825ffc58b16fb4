"""The page of one dataset."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.models import Outbox
from pulsar_ml.datasets import describe
from pulsar_ml.datasets.treatments import offered, parse, treat
from pulsar_ml.tests import simulated
from registry.models import Build, Dataset, Experiment, TrainingRun
from registry.tests import made

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def observed():
    table = simulated.table(400)
    period = 10 ** np.random.default_rng(0).uniform(-3, 1, 400)
    beam = np.arange(400.0) % 13 + 1
    return replace(table, observed={"beam": beam, "period": period})


def described(table, frozen_from=None, **values):
    dataset = made.dataset(table, **values)
    describe.write(dataset.folder, table, frozen_from)
    return dataset


@pytest.fixture
def dataset(storage):
    return described(observed(), name="Mine", recipe={"notes": ["A note."]})


@pytest.fixture
def child(dataset, person):
    ana = person("operator", "ana")
    table, record = treat(
        observed(),
        [
            *offered(),
            parse("ranges:column=period,max=1"),
            parse("weights:rule=balanced"),
        ],
    )
    return described(
        table,
        observed(),
        name="Treated",
        parent=dataset,
        source=Dataset.Source.FREEZE,
        recipe={
            "treatments": record,
            "labels": {"surveys": ["HTRU", "SMART"], "rows": 0, "people": [ana.pk, 99]},
        },
    )


def page(client, address, **asked):
    response = client.get(address, asked)
    assert response.status_code == 200
    return response.content.decode()


def test_it_shows_counts_hold_out_and_every_column(client, person, dataset):
    client.force_login(person("researcher"))
    response = client.get(dataset.get_absolute_url())

    text = response.content.decode()
    assert f"{dataset.n_holdout_pulsars} pulsars" in text
    assert f"{100 * dataset.n_holdout / 400:.1f} % of the rows" in text
    assert "10.0 % of the rows" in text
    for column in dataset.columns:
        assert f"<code>{column['name']}</code>" in text
        assert column["meaning"].replace("'", "&#x27;") in text
    drawn = response.context["histograms"]
    assert [one.name for one in drawn][-2:] == ["dm_exkurt", "period"]
    assert [part.name for part in response.context["parts"]] == [
        "Year of the pointing",
        "beam",
    ]
    assert "period (s)" in text
    assert "A note." in text
    assert "no treatment" in text


def test_the_treatments_stand_in_their_order_with_the_rows_they_left(
    client, person, child
):
    client.force_login(person("researcher"))
    response = client.get(child.get_absolute_url())

    steps = response.context["steps"]
    assert [step.name for step in steps] == [
        *("weak", "conflicts", "deduplicate", "ranges", "weights")
    ]
    lost = 400 - child.n_rows
    assert lost > 0
    assert [step.n_lost for step in steps] == [0, 0, 0, lost, 0]
    text = response.content.decode()
    assert "Rows whose period is above 1 are left out." in text
    assert f"<small>−{lost}</small>" in text
    assert [(fact.name, fact.values) for fact in response.context["facts"]] == [
        ("Rows from labels", ["0"]),
        ("Of the surveys", ["HTRU", "SMART"]),
        ("Given by", ["ana", "somebody who was erased"]),
    ]


def test_a_treatment_that_is_known_no_longer_is_still_told(client, person, dataset):
    counts = {"rows_in": 9, "rows_out": 8, "pulsars_in": 1, "pulsars_out": 1}
    dataset.recipe = {
        "treatments": [{"name": "polish", "options": {"how": "well"}, **counts}]
    }
    dataset.save()
    client.force_login(person("researcher"))
    text = page(client, dataset.get_absolute_url())
    assert "<td>polish</td><td>how well</td>" in text


def test_it_shows_the_difference_to_its_parent(client, person, child):
    client.force_login(person("researcher"))
    response = client.get(child.get_absolute_url())

    difference = response.context["difference"]
    assert difference["removed"]["rows"] == 400 - child.n_rows
    assert difference["added"]["rows"] == 0
    assert response.context["shifts"][0]["label"] == "period (s)"
    assert response.context["shifts"][0]["distance"] > 0.1
    assert "Difference to" in response.content.decode()


def test_it_says_that_its_hold_out_is_another_than_its_parents(client, person, child):
    client.force_login(person("researcher"))
    held = f"{child.n_holdout} rows with {child.n_holdout_pulsars} pulsars; there"
    assert f"Its hold-out is another: {held}" in page(client, child.get_absolute_url())

    Dataset.objects.filter(pk=child.parent_id).update(
        n_holdout=child.n_holdout, n_holdout_pulsars=child.n_holdout_pulsars
    )
    assert "Its hold-out is another" not in page(client, child.get_absolute_url())


def test_with_too_few_rows_to_learn_from_it_does_not_offer_training(
    client, person, storage
):
    client.force_login(person("admin"))
    table = simulated.table(400)
    others = described(table.take(np.flatnonzero(table.labels == 0)))

    text = page(client, others.get_absolute_url())
    assert f"trained on it yet. Dataset {others.number} has 0 pulsars and" in text
    assert "Train on it" not in text


def test_a_parent_leads_to_its_children_and_trainings(client, person, dataset, child):
    experiment = Experiment.objects.create(name="First")
    run = TrainingRun.objects.create(dataset=dataset, experiment=experiment)
    client.force_login(person("researcher"))
    text = page(client, dataset.get_absolute_url())
    assert f'<a href="{child.get_absolute_url()}">dataset {child.number}</a>' in text
    assert f'<a href="{run.get_absolute_url()}">{run.pk}</a>' in text


def test_rejected_rows_lead_to_the_build_that_refused_them(client, person, dataset):
    build = Build.objects.create(kind=Build.Kind.IMPORT, dataset=dataset, n_rejected=2)
    client.force_login(person("researcher"))
    text = page(client, dataset.get_absolute_url())
    assert f'<a href="{build.get_absolute_url()}">which, and why</a>' in text


def test_two_columns_are_drawn_against_each_other(client, person, dataset):
    client.force_login(person("researcher"))
    response = client.get(
        dataset.get_absolute_url(), {"x": "period", "y": "dm_mean"}, headers=HTMX
    )

    text = response.content.decode()
    assert text.lstrip().startswith('<section id="plane"')
    scene = response.context["scene"]
    assert (len(scene.others), len(scene.pulsars), scene.beyond) == (360, 40, 0)
    assert (scene.x.scale, scene.y.scale) == ("log", "asinh")
    # A dot or a diamond for each, for pages without JavaScript.
    assert response.context["drawing"].others.count("M") == 360
    assert response.context["drawing"].pulsars.count("M") == 40
    table = observed()
    point = scene.pulsars[0]
    row = point.row - 1
    assert table.labels[row] == 1
    expected = (table.observed["period"][row], table.features[row, 4])
    assert point.values == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"x": "nonsense", "y": "beam"},
        {"x": "dm_skew"},
        {"x": "dm_mean", "y": "dm_mean"},
        {"y": "prof_exkurt"},
    ],
)
def test_columns_that_cannot_be_drawn_give_way_to_usual_ones(
    client, person, dataset, asked
):
    client.force_login(person("researcher"))
    response = client.get(dataset.get_absolute_url(), asked)
    x, y = response.context["x"], response.context["y"]
    assert x != y
    known = {name for name, _ in response.context["axes"]}
    assert {x, y} <= known
    assert all(asked[side] in {x, y} for side in asked if asked[side] in known)


def test_correlations_come_by_rank_or_linear(client, person, dataset):
    client.force_login(person("researcher"))
    address = dataset.get_absolute_url()
    by_rank = client.get(address).context["correlations"]
    linear = client.get(address, {"correlation": "pearson"}).context["correlations"]
    assert (by_rank.method, linear.method) == ("spearman", "pearson")
    assert by_rank.lines[0].cells[0] == (1.0, "with-5")
    assert by_rank.lines != linear.lines
    assert {len(line.cells) for line in by_rank.lines} == {9}


def test_without_its_summary_the_page_says_what_is_missing(client, person, dataset):
    (dataset.folder / describe.SUMMARY).unlink()
    client.force_login(person("researcher"))
    text = page(client, dataset.get_absolute_url())
    assert "not where it was stored" in text
    assert str(dataset.folder) in text
    assert client.get(dataset.get_absolute_url(), headers=HTMX).status_code == 200


def test_only_an_admin_trains_freezes_and_notes(client, person, dataset):
    number = dataset.number
    Dataset.objects.update(n_pulsars=100, n_holdout=80, n_holdout_pulsars=40)
    doors = (
        f"/registry/training/new/?dataset={number}",
        f"/registry/datasets/freeze/?parent={number}",
        f"/registry/datasets/{number}/note/",
    )
    client.force_login(person("researcher"))
    text = page(client, dataset.get_absolute_url())
    assert not any(door in text for door in doors)
    assert client.post(doors[2], {"note": "x"}).status_code == 403

    client.force_login(person("admin"))
    text = page(client, dataset.get_absolute_url())
    assert all(door in text for door in doors)


def test_a_note_is_kept_and_recorded_once(client, person, dataset):
    admin = person("admin")
    client.force_login(admin)
    address = f"{dataset.get_absolute_url()}note/"
    for _ in range(2):
        response = client.post(address, {"note": "Beam 4 was\nnoisy."})
        assert response.url == dataset.get_absolute_url()
    dataset.refresh_from_db()
    assert dataset.note == "Beam 4 was\nnoisy."
    events = Outbox.objects.filter(kind="dataset.noted")
    assert [(e.about, e.who) for e in events] == [("dataset 1", str(admin.pk))]

    client.force_login(person("researcher"))
    assert "<p>Beam 4 was<br>noisy.</p>" in page(client, dataset.get_absolute_url())


def test_a_note_that_is_too_long_is_refused_in_place(client, person, dataset):
    client.force_login(person("admin"))
    response = client.post(f"{dataset.get_absolute_url()}note/", {"note": "x" * 5001})
    assert response.status_code == 422
    assert "at most 5000 characters" in response.content.decode()
    dataset.refresh_from_db()
    assert dataset.note == ""


def test_a_dataset_that_is_not_there_is_404(client, person):
    client.force_login(person("researcher"))
    assert client.get("/registry/datasets/9/").status_code == 404
