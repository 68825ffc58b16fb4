"""What the night report says of what was classified."""

from datetime import timedelta

import pytest
from django.utils import timezone

from monitor.report.night import Night
from pulsar_ml.features import FEATURES
from showroom import night
from showroom.models import Batch, Candidate
from showroom.night import candidates, rejects
from showroom.start import start
from showroom.tests.conftest import as_csv, simulate, stored

pytestmark = pytest.mark.django_db

NOW = timezone.now()
NIGHT = Night(NOW - timedelta(hours=1), NOW + timedelta(hours=23))


@pytest.fixture
def scored(champion, researcher):
    """Make a batch that has ended now: scored(n_pulsars=2)."""

    def make(**values: object) -> Batch:
        wanted = {
            "owner": researcher,
            "title": "sky.csv",
            "version": champion,
            "state": "success",
            "finished_at": timezone.now(),
            "n_scored": 10,
        }
        return Batch.objects.create(**(wanted | values))

    return make


def listed(batch: Batch, *scores: float, reason: str = "high") -> None:
    first = batch.candidates.count() + 1
    for row, score in enumerate(scores, first):
        Candidate.objects.create(
            batch=batch,
            row=row,
            name=f"archive/J{row}.pfd",
            probability=score,
            predicted=score > 0.5,
            margin=abs(score - 0.5),
            shortlisted=reason,
        )


def values(section) -> list[tuple[object, ...]]:
    rows = section.table.rows if section.table else []
    return [tuple(cell.value for cell in row) for row in rows]


def test_what_ended_in_a_night_is_found_by_its_time(db):
    plan = night._ended(NIGHT).explain()
    assert "INDEX batch_ended (state=? AND finished_at>? AND finished_at<?)" in plan


def test_batches_rows_and_the_highest_new_candidates_are_told(scored):
    one, two = scored(n_pulsars=2), scored(n_pulsars=1, n_scored=5)
    listed(one, 0.9, 0.4)
    listed(one, 0.99, reason="")
    listed(two, 0.95, reason="raw")

    section = candidates(NIGHT)

    assert section.facts == (
        ("Batches", 2),
        ("Rows scored", 15),
        ("Above the threshold", 3),
        ("New on shortlists", 3),
        ("Verdicts given", 0),
    )
    assert values(section) == [
        ("J1.pfd", "0.9500", str(two.pk), "raw candidate"),
        ("J1.pfd", "0.9000", str(one.pk), "high score"),
        ("J2.pfd", "0.4000", str(one.pk), "high score"),
    ]
    assert section.table.rows[0][0].url == f"/showroom/batches/{two.pk}/rows/1/"
    assert section.told == "3 new candidates"
    assert section.table.more == ""


def test_of_many_candidates_the_rest_is_counted(scored):
    listed(scored(), *(0.6 + n / 100 for n in range(9)))
    table = candidates(NIGHT).table
    assert [row[1].value for row in table.rows][:2] == ["0.6800", "0.6700"]
    assert (len(table.rows), table.more) == (night.SHOWN, "and 3 more on shortlists")


def test_what_is_private_deleted_of_another_night_or_not_at_its_end_is_no_part(scored):
    for values_ in (
        {"private": True},
        {"deleted_at": timezone.now()},
        {"finished_at": NIGHT.since - timedelta(seconds=1)},
        {"finished_at": NIGHT.until},
        {"state": "failed"},
        {"state": "running", "finished_at": None},
    ):
        batch = scored(n_rejected=3, **values_)
        listed(batch, 0.9)
    section = candidates(NIGHT)
    assert dict(section.facts) == {
        "Batches": 0,
        "Rows scored": 0,
        "Above the threshold": 0,
        "New on shortlists": 0,
        "Verdicts given": 0,
    }
    assert (section.table, section.told) == (None, "nothing was classified")
    assert section.note.startswith("Private batches are not counted here")


def test_rejects_are_told_by_reason_the_commonest_first(researcher, champion):
    table = simulate(40)
    table[:3, FEATURES.index("prof_std")] = -1
    table[5, FEATURES.index("dm_mean")] = float("inf")
    for private in (False, True):
        start([stored("sky.csv", as_csv(table))], owner=researcher, private=private)
    lost = simulate(2)
    lost[:, FEATURES.index("prof_std")] = -1
    start([stored("lost.csv", as_csv(lost))], owner=researcher)
    assert list(Batch.objects.values_list("state", "n_rejected")) == [
        ("success", 4),
        ("success", 4),
        ("failed", 2),
    ]
    here = Night(NIGHT.since, timezone.now() + timedelta(seconds=1))

    section = rejects(here)

    assert section.facts == (("Rows", 6), ("Batches with some", 2))
    assert values(section) == [
        ("prof_std: is negative, which no standard deviation can be", 5),
        (
            "dm_mean: is infinite, or too large for the single precision of the models",
            1,
        ),
    ]
    assert section.note == ""


def test_files_of_rejects_that_are_gone_leave_the_counts(scored):
    batch = scored(n_rejected=3)
    batch.chunks.create(
        number=0,
        first_row=1,
        n_rows=3,
        n_scored=0,
        n_pulsars=0,
        histogram=[],
        rejects="gone.parquet",
    )
    section = rejects(NIGHT)
    assert section.facts == (("Rows", 3), ("Batches with some", 1))
    assert section.table is None
    assert section.note.startswith("The reasons cannot be read")


def test_of_very_many_batches_only_some_are_read_and_that_is_said(scored, monkeypatch):
    monkeypatch.setattr(night, "BATCHES_READ", 1)
    scored(n_rejected=3)
    scored(n_rejected=1)
    section = rejects(NIGHT)
    assert section.facts == (("Rows", 4), ("Batches with some", 2))
    assert section.note == "Reasons are those of the 1 batches with the most."


def test_a_night_without_rejects_says_so():
    section = rejects(NIGHT)
    assert (section.facts, section.table) == ((), None)
    assert section.empty == "Every row could be used."
