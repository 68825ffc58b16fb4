"""Freezing: a dataset and chosen labels, through treatments in order, on record."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from monitor.work import State
from pulsar_ml.datasets.treatments import parse
from pulsar_ml.errors import BadInput
from registry.datasets.freeze import ask_for
from registry.models import Build, Dataset, Label
from registry.tests.labels import digest, features
from registry.tests.tables import asked, ended, table, told
from registry.tests.test_build import rows

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def base(tmp_path) -> Dataset:
    """Forty imported rows."""
    dataset = ended(asked(table(tmp_path / "sky.csv"))).dataset
    assert dataset
    return dataset


def label(n: int, verdict: str, person, **values: object) -> Label:
    wanted = {
        "name": f"J{n:04}",
        "hash": digest(n),
        "features": features(n),
        "verdict": verdict,
        "drawn": Label.Drawn.AUDIT,
        "survey": "HTRU-S",
        "person": person,
        "at": NOON + timedelta(minutes=n),
    }
    return Label.objects.create(**wanted | values)


def frozen(base: Dataset, labels: dict | None, *steps: str) -> Build:
    return ended(
        ask_for(
            base,
            labels=labels,
            steps=[parse(step) for step in steps],
            by=None,
            send_it=False,
        )
    )


def test_labels_are_rows_behind_those_of_the_dataset(base, person):
    ana, ben = person("researcher", "ana"), person("researcher", "ben")
    label(1, "T1_CAND", ana, observed={"beam": 4, "note": "bright"})
    label(2, "RFI", ana, pointing="2011-01-01T00:00:00Z", observed={"beam": 5})
    label(3, "NOISE", ben)
    label(4, "RFI", ana, current=None)
    build = frozen(base, {"people": [ana.pk]})

    dataset = build.dataset
    held = rows(dataset)
    assert (build.state, dataset.number, dataset.parent) == (State.SUCCESS, 2, base)
    assert (len(held), held.names.tolist()[40:]) == (42, ["J0001", "J0002"])
    assert held.labels.tolist()[40:] == [1, 0]
    assert held.hashes.tolist()[40:] == [digest(1), digest(2)]
    assert held.pointings.tolist()[40:] == ["", "2011-01-01T00:00:00Z"]
    shown = {name: values.tolist()[40:] for name, values in held.observed.items()}
    assert shown == {
        "beam": [4.0, 5.0],
        "note": ["bright", ""],
        "verdict": ["T1_CAND", "RFI"],
        "survey": ["HTRU-S", "HTRU-S"],
        "drawn": ["audit", "audit"],
    }
    assert held.holdout.tolist()[:40] == rows(base).holdout.tolist()
    assert dataset.recipe == {
        "labels": {"people": [ana.pk], "rows": 2},
        "treatments": [],
    }
    assert told("dataset.frozen") == [("dataset.frozen", "dataset 2")]


def test_treatments_are_done_in_their_order_and_their_counts_are_on_record(
    base, person
):
    ana, ben = person("researcher", "ana"), person("researcher", "ben")
    label(1, "T1_CAND", ana)
    label(1, "RFI", ben, at=NOON + timedelta(days=1))
    label(2, "T2_CAND", ana)
    build = frozen(base, {}, "weak", "conflicts:rule=newest", "deduplicate")

    held = rows(build.dataset)
    assert (len(held), held.labels.tolist()[40:]) == (41, [0])
    record = build.dataset.recipe["treatments"]
    assert [(s["name"], s["rows_in"], s["rows_out"]) for s in record] == [
        ("weak", 43, 42),
        ("conflicts", 42, 41),
        ("deduplicate", 41, 41),
    ]


def test_filters_choose_by_survey_label_date_and_how_it_was_drawn(base, person):
    ana = person("researcher", "ana")
    label(1, "RFI", ana)
    label(2, "RFI", ana, survey="SUPERB")
    label(3, "NOISE", ana)
    label(4, "RFI", ana, drawn=Label.Drawn.QUEUE)
    label(5, "RFI", ana, at=NOON + timedelta(days=3))
    wanted = {
        "surveys": ["HTRU-S"],
        "verdicts": ["RFI"],
        "drawn": ["audit"],
        "since": NOON,
        "until": NOON + timedelta(days=1),
    }
    build = frozen(base, wanted)

    assert rows(build.dataset).names.tolist()[40:] == ["J0001"]
    assert build.dataset.recipe["labels"]["until"] == "2026-05-02T12:00:00+00:00"


def test_what_changes_no_row_is_the_same_dataset(base):
    build = frozen(base, {"surveys": ["nowhere"]})

    assert (build.state, build.dataset) == (State.SUCCESS, base)
    assert build.notes == ["These very rows are dataset 1 already."]


def test_a_treatment_that_cannot_be_done_fails_in_words(base):
    build = frozen(base, None, "nulls:columns=beam")

    assert (build.state, build.dataset) == (State.FAILED, None)
    assert build.reason.startswith("Treatment nulls: nothing called 'beam' was obser")
    with pytest.raises(BadInput, match="There is no treatment 'magic'"):
        ask_for(base, labels=None, steps=[{"name": "magic"}], by=None)


def test_a_clipped_row_stays_on_its_side_of_the_hold_out(base):
    build = frozen(base, None, "ranges:column=prof_mean,max=100,how=clip")

    held = rows(build.dataset)
    assert held.features[:, 0].max() == 100
    assert held.holdout.tolist() == rows(base).holdout.tolist()
    assert held.hashes.tolist() == rows(base).hashes.tolist()


def test_the_command_freezes_and_tells(base, person, capsys):
    label(1, "RFI", person("researcher", "ana"))
    call_command(
        "registry_freeze",
        *("--parent", "1", "--person", "ana", "--since", "2026-05-01"),
        *("--treat", "weights:rule=balanced", "--name", "Weighted", "--json"),
    )
    told_as = json.loads(capsys.readouterr().out)
    assert told_as["dataset"]["name"] == "Weighted"
    assert told_as["dataset"]["rows"] == 41
    made = Dataset.objects.get(number=2)
    assert [step["name"] for step in made.recipe["treatments"]] == ["weights"]

    call_command("registry_freeze", "--parent", "1")
    assert "These very rows are dataset 1 already." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--parent", "9"], "There is no dataset 9."),
        (["--parent", "1", "--person", "eve"], "There is no user eve."),
        (["--parent", "1", "--since", "May"], "--since: Enter a valid date."),
        (["--parent", "1", "--treat", "magic"], "There is no treatment 'magic'"),
    ],
)
def test_the_command_refuses_in_words(base, arguments, words):
    with pytest.raises(CommandError) as refusal:
        call_command("registry_freeze", *arguments)

    assert str(refusal.value).startswith(words)
    assert Dataset.objects.count() == 1
