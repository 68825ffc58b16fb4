"""`manage.py registry_versions`: for people, and for programs."""

import json

import pytest
from django.core.management import call_command
from django.utils.timezone import now

from registry.models import Version
from registry.ship import register_shipped
from registry.tests.made import dataset
from registry.training.ask import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def champion() -> Version:
    """The shipped one; a training made it too."""
    register_shipped()
    version = Version.objects.get(aliases__name="champion")
    run = ask(dataset=dataset(), at_once=False)
    run.version = version
    run.save(update_fields=["version"])
    return version


def test_each_version_is_a_line_the_latest_first(champion, capsys):
    call_command("registry_versions")

    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines] == ["pulsar/2", "pulsar/1"]
    found = {line[0]: line[1:] for line in lines}[str(champion)]
    holdout = champion.card["metrics"]["holdout"]
    figures = [f"{n} {holdout[n]['value']:.3f}" for n in ("recall", "precision", "f1")]
    assert found == [
        "Production",
        champion.algorithm,
        "HTRU_2.csv",
        ", ".join(figures),
    ]


def test_programs_get_all_of_it(champion, capsys):
    call_command("registry_versions", "--json")

    told = {one["version"]: one for one in json.loads(capsys.readouterr().out)}
    holdout = champion.card["metrics"]["holdout"]
    names = ("recall", "precision", "f1", "fpr", "average_precision")
    assert set(told) == {"pulsar/1", "pulsar/2"}
    assert told[str(champion)] == {
        "version": str(champion),
        "stages": ["Production"],
        "algorithm": champion.card["algorithm"],
        "dataset": "HTRU_2.csv",
        "trainings": [run.pk for run in champion.training_runs.all()],
        "created": champion.created_at.isoformat(),
        "threshold": champion.card["threshold"],
        "holdout": {name: holdout[name]["value"] for name in names},
        "registration": "READY",
        "reason": "",
        "source": "shipped",
        "damaged": None,
        "sha256": champion.sha256,
        "page": champion.get_absolute_url(),
    }


def test_what_was_put_aside_or_is_damaged_says_so(champion, capsys):
    aside = Version.objects.exclude(pk=champion.pk).get()
    aside.card |= {"metrics": {}, "algorithm": "unknown"}
    aside.registration, aside.reason = "QUARANTINED", "It has a loop."
    aside.save()
    Version.objects.filter(pk=champion.pk).update(damaged_at=now())
    call_command("registry_versions")

    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    found = {line[0]: line[1:] for line in lines}
    assert found[str(champion)][0] == "Production, damaged"
    assert found[str(aside)] == ["quarantined", "unknown", "HTRU_2.csv", "no figures"]


def test_where_there_is_none_it_says_nothing(capsys):
    call_command("registry_versions")
    call_command("registry_versions", "--json")

    assert capsys.readouterr().out == "[]\n"
