"""Which rows chance picks, and that a killed look changes none of it."""

from datetime import timedelta

import numpy as np
import pytest
from django.core.management import call_command
from django.db import IntegrityError
from django.utils.timezone import now

from monitor import leases
from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.evaluation.audit import chances, lots, strata
from pulsar_ml.features import FEATURES
from showroom import rows
from showroom.audits import draw as module
from showroom.audits.draw import draw
from showroom.case import classify_case
from showroom.models import Batch, Candidate, Draw, DrawnRow
from showroom.seal import seal
from showroom.storage.delete import delete, restore
from showroom.tests.conftest import simulate
from showroom.verdicts.visibility import open_to_all

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """A process that is gone from one line to the next."""


@pytest.fixture
def half(reconfigured):
    """Every second row, that a few of them are enough."""
    reconfigured("audit", share=0.5)


def drawn_of(batch):
    """Row, stratum and chance of what was drawn."""
    found = DrawnRow.objects.filter(draw__batch=batch).order_by("candidate__row")
    return list(found.values_list("candidate__row", "stratum", "chance"))


def lose(batch):
    """Leave nothing of its scores."""
    for part in batch.folder.iterdir():
        part.unlink()


def expected(batch, share):
    """The same, reckoned by the science at once over all rows."""
    with rows.scores(batch) as connection:
        found = connection.execute(
            "select row, probability from scores order by row"
        ).fetchall()
    numbers, scores = zip(*found, strict=True)
    of = strata(np.array(scores), batch.version.card["threshold"])
    chance = chances(of, np.array(scores), share)[of]
    lot = lots([f"{batch.pk}-{number}" for number in numbers])
    every = zip(numbers, of.tolist(), chance, lot, strict=True)
    return [(row, s, pytest.approx(p)) for row, s, p, x in every if x < p]


@pytest.mark.usefixtures("half")
def test_rows_of_an_ended_batch_are_drawn_by_their_lots_with_what_they_need(batch):
    made = batch(60)

    n = draw()

    assert drawn_of(made) == expected(made, 0.5)
    assert n == len(drawn_of(made)) > 10
    one = Draw.objects.get()
    assert (sum(one.rows), one.complete) == (60, True)
    assert one.wanted == pytest.approx(30, abs=5)
    candidate = Candidate.objects.filter(drawn__isnull=False).first()
    assert len(candidate.features) == 8
    told = Outbox.objects.get(kind="audit.drawn")
    assert (told.about, told.detail) == (str(made), {"rows": n})


@pytest.mark.usefixtures("half")
def test_the_pieces_in_which_rows_are_read_change_nothing(batch, monkeypatch):
    made = batch(60)
    monkeypatch.setattr(module, "_READ", 7)
    monkeypatch.setattr(module, "_AT_ONCE", 3)

    draw()

    assert drawn_of(made) == expected(made, 0.5)


@pytest.mark.usefixtures("half")
def test_a_second_look_draws_nothing_again(batch):
    made = batch(60)
    draw()
    before = drawn_of(made)

    assert draw() == 0
    assert drawn_of(made) == before
    assert Draw.objects.count() == 1


@pytest.mark.usefixtures("half")
def test_while_another_look_is_under_way_nothing_is_drawn(batch):
    batch(20)
    with leases.hold("audit_sample", 60):
        assert draw() == 0
    assert not Draw.objects.exists()


@pytest.mark.usefixtures("half")
@pytest.mark.parametrize("step", ["audit.decided", "audit.block"])
def test_a_look_that_was_killed_is_ended_by_the_next_with_the_same_rows(
    batch, monkeypatch, reconfigured, step
):
    made = batch(60)
    monkeypatch.setattr(module, "_AT_ONCE", 3)

    def die(at: str) -> None:
        if at == step:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module.crash, "at", die)
        with pytest.raises(Killed):
            draw()
    assert len(drawn_of(made)) == (3 if step == "audit.block" else 0)
    assert Draw.objects.counted(now() - timedelta(days=1)).count() == 0

    # What somebody has changed since is for batches to come.
    reconfigured("audit", share=0.1)
    draw()

    assert drawn_of(made) == expected(made, 0.5)
    assert Draw.objects.counted(now() - timedelta(days=1)).count() == 1


@pytest.mark.usefixtures("half")
def test_private_deleted_old_and_unfinished_batches_are_not_drawn_from(batch):
    made = batch(20)
    there = Batch.objects.filter(pk=made.pk)
    for values in (
        {"private": True},
        {"deleted_at": now()},
        {"state": State.RUNNING},
        {"finished_at": now() - timedelta(days=31)},
    ):
        there.update(**values)
        assert draw() == 0
        assert not Draw.objects.exists()
        there.update(
            private=False, deleted_at=None, state=State.SUCCESS, finished_at=now()
        )
    there.update(blind=True)

    assert draw() > 0


@pytest.mark.usefixtures("half")
def test_what_is_opened_or_brought_back_is_drawn_from_then(batch, researcher):
    private, deleted = batch(20), batch(20)
    Batch.objects.filter(pk=private.pk).update(private=True)
    delete(deleted, by=researcher)
    assert draw() == 0
    open_to_all(private, by=researcher)
    deleted.refresh_from_db()
    restore(deleted)

    draw()

    assert drawn_of(private) == expected(private, 0.5)
    assert drawn_of(deleted) == expected(deleted, 0.5)


@pytest.mark.usefixtures("half")
def test_a_draw_that_was_begun_stops_where_its_batch_is_deleted(
    batch, researcher, monkeypatch
):
    made = batch(20)

    def die(at: str) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module.crash, "at", die)
        with pytest.raises(Killed):
            draw()
    delete(made, by=researcher)

    assert draw() == 0
    assert drawn_of(made) == []


def test_where_the_share_is_nothing_nothing_is_drawn(batch, reconfigured):
    batch(20)
    reconfigured("audit", share=0)

    assert draw() == 0
    assert not Draw.objects.exists()


def test_the_share_is_lowered_to_what_a_day_may_ask_for(batch, reconfigured):
    reconfigured("audit", share=0.5, most_a_day=10)
    one, other = batch(60), batch(20)

    draw()

    first, second = Draw.objects.order_by("pk")
    assert (first.batch, second.batch) == (one, other)
    # 80 rows share the ten alike.
    assert first.wanted == pytest.approx(7.5, abs=1)
    assert second.wanted == pytest.approx(2.5, abs=1)
    assert drawn_of(one) == expected(one, 0.125)


def test_what_has_no_room_in_a_day_waits_for_the_next(batch, reconfigured):
    reconfigured("audit", share=0.5, most_a_day=12)
    batch(20)
    noon = now().replace(hour=12, minute=0)
    draw(noon)
    later = batch(20)

    draw(noon + timedelta(hours=11))
    assert not Draw.objects.filter(batch=later).exists()
    draw(noon + timedelta(hours=13))

    assert drawn_of(later) == expected(later, 0.5)


@pytest.mark.usefixtures("half")
def test_a_days_cases_are_drawn_from_when_the_day_has_ended(champion, researcher):
    for values in simulate(12):
        features = dict(zip(FEATURES, values.tolist(), strict=True))
        case = classify_case(features, by=researcher)
    assert draw() == 0
    tomorrow = now() + timedelta(days=1, hours=2)
    seal(tomorrow)

    draw(tomorrow)

    assert drawn_of(case.batch) == expected(case.batch, 0.5)


@pytest.mark.usefixtures("half")
def test_a_batch_whose_scores_are_lost_keeps_no_other_from_being_drawn(batch, caplog):
    lost, good = batch(20), batch(20)
    lose(lost)

    draw()

    assert "cannot be counted" in caplog.text
    assert [one.batch for one in Draw.objects.all()] == [good]


def test_a_batch_whose_scores_are_lost_takes_nothing_from_what_a_day_may_ask_for(
    batch, reconfigured
):
    reconfigured("audit", share=0.5, most_a_day=12)
    lost, good, later = batch(60), batch(10), batch(10)
    lose(lost)
    Batch.objects.filter(pk=later.pk).update(private=True)
    draw()
    Batch.objects.filter(pk=later.pk).update(private=False)
    draw()

    assert drawn_of(good) == expected(good, 0.5)
    assert drawn_of(later) == expected(later, 0.5)


def test_where_not_even_the_least_has_room_no_scores_are_read(
    batch, reconfigured, caplog
):
    reconfigured("audit", share=0.5, most_a_day=12)
    batch(20)
    noon = now().replace(hour=12, minute=0)
    draw(noon)
    unread = batch(20)
    lose(unread)

    assert draw(noon + timedelta(hours=1)) == 0
    assert "cannot be counted" not in caplog.text


@pytest.mark.usefixtures("half")
def test_the_database_holds_one_draw_a_batch_and_no_impossible_chance(batch):
    made = batch(20)
    draw()
    row = DrawnRow.objects.first()
    candidate = Candidate.objects.exclude(drawn__isnull=False).first()
    for values in ({"chance": 0}, {"chance": 1.5}, {"stratum": 5}):
        values = {"stratum": 0, "chance": 0.5, **values}
        with pytest.raises(IntegrityError), module.transaction.atomic():
            DrawnRow.objects.create(
                draw=row.draw, candidate=candidate, place=0.5, **values
            )
    with pytest.raises(IntegrityError), module.transaction.atomic():
        Draw.objects.create(batch=made, at=now(), rows=[], chances=[])


@pytest.mark.usefixtures("half")
def test_the_command_draws_and_measures(batch, capsys):
    batch(20)
    call_command("audit_sample")

    n = DrawnRow.objects.count()
    assert capsys.readouterr().out == f"drew {n} rows, measured 1 versions\n"
