"""The hit rate of a model, as far as anybody has said."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from monitor.work import State
from registry.models import Model
from showroom.corrections.correct import Expected, correct
from showroom.models import Batch
from showroom.tests.conftest import fill
from showroom.verdicts.judged import judged

pytestmark = pytest.mark.django_db

HEALTH = "/api/health/pulsar"


@pytest.fixture
def program(caller, researcher):
    return caller("researcher", "ana")


@pytest.fixture
def served(champion, researcher):
    """Ten rows that a program had classified."""
    made = Batch.objects.create(
        owner=researcher,
        title="sent",
        version=champion,
        source=Batch.Source.API,
        state=State.SUCCESS,
        n_rows=10,
        n_scored=10,
    )
    fill(made, 10)
    return made


def says(batch, row: int, person, expected: int) -> None:
    correct(judged(batch, [row])[row], Expected(bool(expected)), by=person)


# What is told where nobody has judged a drawn row.
UNAUDITED = {
    "n": 0,
    "drawn": 0,
    "hit_rate": None,
    "precision": None,
    "recall": None,
    "too_few": "Too few drawn rows are judged: 0, of at least 30.",
}


def test_where_nothing_was_served_nothing_is_claimed(program, champion):
    told = program.get(HEALTH).json()
    since = told.pop("since")
    assert told == {
        "model": "pulsar",
        "all": 0,
        "errors": 0,
        "assertivity": None,
        "audited": UNAUDITED,
        "versions": [
            {
                "version": str(champion),
                "since": since,
                "all": 0,
                "errors": 0,
                "assertivity": None,
                "audited": UNAUDITED,
            }
        ],
    }


def test_errors_are_what_was_corrected_to_the_opposite(program, served, researcher):
    says(served, 1, researcher, 1)
    says(served, 2, researcher, 1)
    says(served, 3, researcher, 0)  # as it was predicted
    told = program.get(HEALTH).json()
    assert (told["all"], told["errors"], told["assertivity"]) == (10, 2, 0.8)
    [version] = told["versions"]
    assert (version["all"], version["errors"], version["assertivity"]) == (10, 2, 0.8)


def test_of_each_row_the_last_correction_counts_once(
    program, served, researcher, person
):
    ben = person("researcher", "ben")
    says(served, 1, researcher, 1)
    says(served, 1, ben, 1)
    says(served, 2, researcher, 1)
    says(served, 2, researcher, 0)
    says(served, 3, researcher, 1)
    says(served, 3, ben, 0)
    assert program.get(HEALTH).json()["errors"] == 1


def test_uploads_and_what_was_never_in_production_do_not_count(
    program, served, listed, researcher, champion
):
    says(listed, 1, researcher, 1)
    other = Model.objects.create(name="other")
    trial = other.versions.create(number=1, sha256="0" * 64, card=champion.card)
    Batch.objects.filter(pk=served.pk).update(version=trial)
    assert program.get(HEALTH).json()["all"] == 0
    told = program.get("/api/health/other").json()
    assert (told["all"], told["since"], told["versions"]) == (0, None, [])
    assert told["audited"] is None
    assert program.get("/api/health/nowhere").status_code == 404


def test_a_deleted_batch_counts_no_more(program, served, researcher):
    says(served, 1, researcher, 1)
    Batch.objects.filter(pk=served.pk).update(deleted_at=now() - timedelta(hours=1))
    told = program.get(HEALTH).json()
    assert (told["all"], told["errors"]) == (0, 0)


@pytest.mark.parametrize("hidden", ["private", "blind"])
def test_what_not_everybody_may_look_at_is_in_neither_count(
    program, served, researcher, hidden
):
    says(served, 1, researcher, 1)
    Batch.objects.filter(pk=served.pk).update(**{hidden: True})
    told = program.get(HEALTH).json()
    assert (told["all"], told["errors"], told["assertivity"]) == (0, 0, None)
    Batch.objects.filter(pk=served.pk).update(**{hidden: False})
    told = program.get(HEALTH).json()
    assert (told["all"], told["errors"], told["assertivity"]) == (10, 1, 0.9)
