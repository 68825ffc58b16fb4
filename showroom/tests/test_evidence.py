"""Some batches are never deleted, and say why."""

import pytest

from registry.models import Version
from registry.move_alias import move_alias
from showroom.models import Batch
from showroom.start import start
from showroom.storage.evidence import free, why_kept
from showroom.tests.conftest import as_csv, simulate, stored
from showroom.tests.said import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(champion):
    """A version that is not champion."""
    return Version.objects.exclude(pk=champion.pk).get()


@pytest.fixture
def scored_by(researcher):
    def make(version):
        table = stored("sky.csv", as_csv(simulate(5)))
        return start([table], owner=researcher, version=version)

    return make


def promote(version, before):
    move_alias("champion", version, expected=before, reason="It was better.")


def test_what_spoke_for_a_champion_is_kept(champion, other, scored_by):
    trial = scored_by(other)
    assert why_kept(trial) == ""

    promote(other, before=champion)
    sentence = f"These scores are what {other} was chosen by before it became champion."
    assert why_kept(trial) == sentence
    # What the champion has scored since is everyday work, also when it comes back.
    everyday = scored_by(other)
    promote(champion, before=other)
    promote(other, before=champion)
    assert (why_kept(everyday), why_kept(trial)) == ("", sentence)


def test_a_day_s_single_cases_belong_to_everybody(champion):
    cases = Batch.objects.create(
        source=Batch.Source.CASES, version=champion, day="2026-11-21"
    )

    assert why_kept(cases) == (
        "A day's single cases belong to everybody who typed one in."
    )


def test_what_people_judged_is_kept_until_they_take_it_back(listed, researcher, person):
    def is_free() -> bool:
        return free(Batch.objects.filter(pk=listed.pk)).exists()

    assert (why_kept(listed), is_free()) == ("", True)
    say(listed, 1, "RFI", researcher)
    assert why_kept(listed) == (
        "1 verdict rests on its rows; the batch can be deleted when it is taken back."
    )
    ben = person("researcher", "ben")
    say(listed, 1, "NOISE", ben)
    assert why_kept(listed).startswith("2 verdicts rest on its rows")
    assert not is_free()
    say(listed, 1, "", researcher)
    say(listed, 1, "", ben)
    assert (why_kept(listed), is_free()) == ("", True)
