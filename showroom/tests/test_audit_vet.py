"""The audit sample as a queue: blind, shared, and marked on each label."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from registry.models import Label
from showroom.audits.draw import draw
from showroom.models import Batch, DrawnRow, Verdict
from showroom.verdicts.give import Said, give
from showroom.verdicts.undo import undo
from showroom.vetting.listed import Listed, count
from showroom.vetting.place import Left, Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def sampled(batch, reconfigured) -> Batch:
    """A scored batch of which about every second row is drawn."""
    reconfigured("audit", share=0.5)
    made = batch(40)
    draw()
    return made


def by_place():
    """The rows as chance has put them."""
    found = DrawnRow.objects.order_by("place", "candidate")
    return list(found.values_list("candidate__row", flat=True))


def seen_by(user):
    return [one.row for one in Listed(user, "audit").following(None, 100)]


def verdict_address(batch, row):
    return f"/showroom/batches/{batch.pk}/rows/{row}/verdict/"


def test_drawn_rows_come_in_the_order_of_their_lots_forwards_and_back(
    sampled, researcher
):
    rows, queue = by_place(), Listed(researcher, "audit")
    assert rows != sorted(rows)
    assert seen_by(researcher) == rows
    places = [Place(sampled.pk, row) for row in rows]
    assert queue.following(places[2], 2) == places[3:5]
    assert queue.preceding(places[2]) == places[1]
    assert queue.left() == count(researcher, order="audit") == Left(len(rows))


def test_behind_a_row_that_was_not_drawn_the_queue_begins_anew(
    sampled, ana, caller, researcher
):
    rows, queue = by_place(), Listed(researcher, "audit")
    other = sampled.candidates.exclude(row__in=rows).first()
    place = Place(sampled.pk, other.row)
    assert [one.row for one in queue.following(place, 100)] == rows
    assert queue.preceding(place) is None

    page = ana.get(f"/showroom/vet/?order=audit&after={place}")
    assert page.url.endswith(f"&at={sampled.pk}-{rows[0]}")
    program = caller("researcher", "ana")
    told = program.get(f"/api/v1/verdicts/next?order=audit&after={place}&n=2")
    assert [one["row"] for one in told.json()["results"]] == rows[:2]


def test_one_word_of_anybody_is_enough_and_taken_back_it_waits_again(
    sampled, researcher, person
):
    first, *rest = by_place()
    candidate = sampled.candidates.get(row=first)
    give([candidate], Said("RFI"), by=person("researcher", "ben"))
    assert seen_by(researcher) == rest
    undo(Verdict.objects.get().person)
    assert seen_by(researcher) == [first, *rest]


def test_only_what_one_may_see_and_what_counts_is_asked_about(
    sampled, researcher, person
):
    ben = person("researcher", "ben")
    assert seen_by(ben) == by_place()
    for values in (
        {"private": True},
        {"deleted_at": now()},
        {"finished_at": now() - timedelta(days=31)},
    ):
        Batch.objects.update(**values)
        assert seen_by(ben) == seen_by(researcher) == []
        Batch.objects.update(private=False, deleted_at=None, finished_at=now())


def test_the_score_is_hidden_until_one_has_judged(sampled, ana, person):
    page = ana.get("/showroom/vet/?order=audit", follow=True)
    row = by_place()[0]
    assert page.redirect_chain[-1][0].endswith(f"&at={sampled.pk}-{row}")
    shown = page.content.decode()
    assert f"{len(by_place())} wait for one word each" in shown
    assert "you see it when you have judged" in shown
    for telling in ("looks like", "threshold", "everything about it"):
        assert telling not in shown
    candidate = sampled.candidates.get(row=row)
    give([candidate], Said("RFI", note="a bump"), by=person("researcher", "ben"))
    here = f"/showroom/vet/?order=audit&at={sampled.pk}-{row}"
    assert "a bump" not in ana.get(here).content.decode()
    ahead = ana.get(f"/showroom/vet/next/?order=audit&after={sampled.pk}-{row}")
    assert "looks like" not in ahead.content.decode()

    ana.post(verdict_address(sampled, row), {"word": "NOISE", "order": "audit"})

    told = ana.get(here).content.decode()
    assert "looks like" in told
    assert "a bump" in told
    # In any other order it is a row like others.
    other = by_place()[1]
    page = ana.get(f"/showroom/vet/?order=score&at={sampled.pk}-{other}")
    assert "looks like" in page.content.decode()


def test_a_verdict_from_it_is_a_label_with_the_chance_of_its_row(sampled, ana):
    drawn = DrawnRow.objects.order_by("place").first()
    row = drawn.candidate.row

    ana.post(verdict_address(sampled, row), {"word": "RFI", "order": "audit"})

    verdict, label = Verdict.objects.get(), Label.objects.get()
    assert (verdict.drawn, verdict.order) == ("audit", "audit")
    assert (label.drawn, label.probability) == ("audit", drawn.chance)


def test_a_row_that_chance_has_not_picked_does_not_become_one(sampled, ana):
    other = sampled.candidates.exclude(row__in=by_place()).first()

    ana.post(verdict_address(sampled, other.row), {"word": "RFI", "order": "audit"})

    verdict, label = Verdict.objects.get(), Label.objects.get()
    assert (verdict.drawn, verdict.order) == ("picked", "")
    assert (label.drawn, label.probability) == ("picked", None)


def test_a_drawn_row_judged_in_another_order_says_so_on_its_label(sampled, ana):
    row = by_place()[0]

    ana.post(verdict_address(sampled, row), {"word": "RFI", "order": "score"})

    assert (Label.objects.get().drawn, Label.objects.get().probability) == (
        "queue",
        None,
    )


def test_the_page_of_every_queue_says_that_rows_wait(sampled, ana):
    page = ana.get("/showroom/vet/", follow=True).content.decode()
    text = re.sub(r"<[^>]+>|\s+", " ", page)
    n = len(by_place())
    assert f"{n} rows that chance has picked wait to be judged" in text
    DrawnRow.objects.all().delete()
    assert (
        "chance has picked"
        not in ana.get("/showroom/vet/?order=score").content.decode()
    )


def test_where_all_are_judged_the_page_says_when_new_ones_come(sampled, ana):
    DrawnRow.objects.all().delete()
    page = ana.get("/showroom/vet/?order=audit").content.decode()
    assert "Every row of the audit sample has a word." in page


def test_a_program_is_told_what_waits_too(sampled, caller):
    told = caller("researcher", "ana").get("/api/v1/verdicts/next?order=audit&n=2")
    assert [one["row"] for one in told.json()["results"]] == by_place()[:2]
