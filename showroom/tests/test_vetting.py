"""One candidate after the other: which comes next, and what the page says of it."""

import re

import pytest
from django.http import QueryDict
from django.utils.timezone import now

from registry.models import Label
from showroom.models import Batch, Candidate, Verdict
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged
from showroom.verdicts.undo import undo
from showroom.vetting import listed
from showroom.vetting.asked import asked
from showroom.vetting.listed import Listed
from showroom.vetting.place import Left, Place, ahead

pytestmark = pytest.mark.django_db


@pytest.fixture
def forty(batch) -> Batch:
    """Forty scored rows, all of them on the shortlist."""
    return batch(40)


def say(batch: Batch, row: int, person, word: str = "RFI") -> None:
    give([judged(batch, [row])[row]], Said(word), by=person)


def every(queue, most: int = 3) -> list[int]:
    """The rows of a queue, as one meets them who leaves all for later."""
    found, place = [], None
    while coming := queue.following(place, most):
        found += [one.row for one in coming]
        place = coming[-1]
    return found


def rows_by(*order: str) -> list[int]:
    return list(Candidate.objects.order_by(*order).values_list("row", flat=True))


def table(user, batch: Batch, query: str):
    """The queue of a table's address."""
    return asked(user, QueryDict(f"order=table&batch={batch.pk}&{query}")).queue(user)


def test_both_orders_are_walked_by_key_forwards_and_back(forty, researcher):
    # Two that are level are told apart by their number.
    Candidate.objects.filter(row__in=[3, 4, 5]).update(margin=0.01, probability=0.5)
    for order, columns in (
        ("uncertain", ("margin", "pk")),
        ("score", ("-probability", "pk")),
    ):
        queue, expected = Listed(researcher, order), rows_by(*columns)
        assert every(queue) == expected
        places = [Place(forty.pk, row) for row in expected]
        assert [queue.preceding(one) for one in places] == [None, *places[:-1]]


def test_what_one_judged_is_passed_over_wherever_it_stands(batch, person, researcher):
    first, second = batch(40), batch(40)
    ben = person("researcher", "ben")
    say(first, 10, researcher)
    mine = [(p.batch, p.row) for p in Listed(researcher, "score").following(None, 100)]
    assert len(mine) == 78
    assert not {(first.pk, 10), (second.pk, 10)} & set(mine)
    assert len(Listed(ben, "score").following(None, 100)) == 80
    undo(researcher)
    assert len(Listed(researcher, "score").following(None, 100)) == 80


def test_only_batches_that_one_may_see_are_asked_about(batch, person, researcher):
    private, deleted, seen = batch(20), batch(20), batch(20)
    ben = person("researcher", "ben")
    Batch.objects.filter(pk=private.pk).update(private=True)
    Batch.objects.filter(pk=deleted.pk).update(deleted_at=now())
    assert {p.batch for p in Listed(ben, "score").following(None, 99)} == {seen.pk}
    both = {p.batch for p in Listed(researcher, "score").following(None, 99)}
    assert both == {private.pk, seen.pk}
    of_one = Listed(researcher, "score", private).following(None, 99)
    assert {p.batch for p in of_one} == {private.pk}


def test_what_was_left_for_later_comes_again_at_the_end(forty, researcher):
    queue = Listed(researcher, "score")
    rows = every(queue)
    for row in rows[2:-1]:
        say(forty, row, researcher)
    last = Place(forty.pk, rows[-1])
    assert [p.row for p in ahead(queue, None, 5).places] == [*rows[:2], rows[-1]]
    coming = ahead(queue, last, 5)
    assert ([p.row for p in coming.places], coming.again) == ([*rows[:2], rows[-1]], 1)


def test_more_than_a_page_would_count_is_only_said(forty, researcher, monkeypatch):
    assert listed.count(researcher) == Left(40)
    monkeypatch.setattr(listed, "COUNTED", 30)
    assert listed.count(researcher) == Left(30, more=True)


def test_a_table_is_walked_in_its_order_and_within_its_filter(batch, researcher):
    first, elsewhere = batch(40), batch(40)
    queue = table(researcher, first, "sort=-prof_mean&dm_mean_from=3.1")
    whole = every(queue, most=15)
    assert 5 < len(whole) < 35
    assert queue.left() == Left(len(whole))
    outside = next(row for row in range(1, 41) if row not in whole)
    say(first, whole[0], researcher)
    say(first, outside, researcher)
    say(elsewhere, whole[2], researcher)
    assert every(queue, most=25) == [whole[1], *whole[3:]]
    assert queue.left() == Left(len(whole) - 1)
    after = Place(first.pk, whole[1])
    assert queue.following(after, 1) == [Place(first.pk, whole[3])]
    assert queue.preceding(after) == Place(first.pk, whole[0])
    assert queue.preceding(Place(first.pk, whole[0])) is None


def test_a_table_reads_on_where_a_page_was_judged_elsewhere(batch, researcher):
    first, elsewhere = batch(40), batch(40)
    found = judged(elsewhere, range(1, 31))
    give(list(found.values()), Said("NOISE"), by=researcher)
    queue = table(researcher, first, "sort=row")
    assert [one.row for one in queue.following(None, 3)] == [31, 32, 33]


def test_without_a_script_a_verdict_leads_to_the_next_one(forty, ana, researcher):
    rows = rows_by("margin", "pk")
    page = ana.get("/showroom/vet/", follow=True)
    assert page.redirect_chain[-1][0].endswith(f"&at={forty.pk}-{rows[0]}")
    form = page.context["shown"]["judging"]
    said = {"word": "T1_CAND", "next": form.next, "order": form.order, "note": "ah"}
    address = f"/showroom/batches/{forty.pk}/rows/{rows[0]}/verdict/"
    page = ana.post(address, said, follow=True)
    assert page.redirect_chain[-1][0].endswith(f"&at={forty.pk}-{rows[1]}")
    verdict = Verdict.objects.get()
    assert (verdict.candidate.row, verdict.note) == (rows[0], "ah")
    assert (verdict.drawn, verdict.order) == ("queue", "uncertain")
    assert Label.objects.get().drawn == "queue"
    text = re.sub(r"<[^>]+>|\s+", " ", page.content.decode())
    assert re.search(r"1 +judged this session, +39 +to go", text)
    undoing = page.context["stepping"][0]
    page = ana.post(undoing.url, {"next": undoing.next}, follow=True)
    assert page.redirect_chain[-1][0].endswith(f"&at={forty.pk}-{rows[0]}")
    # Later, and back to the one before.
    page = ana.get(page.context["shown"]["onward"], follow=True)
    assert page.redirect_chain[-1][0].endswith(f"&at={forty.pk}-{rows[1]}")
    page = ana.get(page.context["shown"]["back"], follow=True)
    assert page.redirect_chain[-1][0].endswith(f"&at={forty.pk}-{rows[0]}")


def test_one_stays_who_does_not_want_to_be_led_on(forty, ana):
    page = ana.get("/showroom/vet/", follow=True)
    here = page.redirect_chain[-1][0]
    query = here.partition("?")[2]
    page = ana.post(f"/showroom/vet/advance/?{query}", {"advance": "0"}, follow=True)
    assert page.redirect_chain[-1][0] == here
    assert page.context["shown"]["judging"].next == here
    assert 'data-advance="0"' in page.content.decode()


def test_the_next_three_come_as_they_will_be_shown(forty, ana):
    rows = rows_by("-probability", "pk")
    asked_for = f"/showroom/vet/next/?order=score&after={forty.pk}-{rows[1]}"
    found = ana.get(asked_for).content.decode()
    ids = re.findall(r'data-card="([^"]+)"', found)
    assert ids == [f"{forty.pk}-{row}" for row in rows[2:5]]
    assert found.count("data-verdict") == 3
    assert found.count('class="strips"') == 3
    one = ana.get(f"/showroom/vet/next/?order=score&before={forty.pk}-{rows[1]}")
    assert re.findall(r'data-card="([^"]+)"', one.content.decode()) == [
        f"{forty.pk}-{rows[0]}"
    ]


def test_others_words_are_shown_as_the_batch_allows(forty, ana, person, researcher):
    ben = person("researcher", "ben")
    give([judged(forty, [7])[7]], Said("NOISE", note="a bump"), by=ben)
    address = f"/showroom/vet/?order=score&at={forty.pk}-7"
    assert "a bump" in ana.get(address).content.decode()
    Batch.objects.update(blind=True)
    hidden = ana.get(address).content.decode()
    assert "a bump" not in hidden
    assert "1 said something" in hidden
    say(forty, 7, researcher)
    assert "a bump" in ana.get(address).content.decode()


def test_an_end_says_what_to_do_next(batch, ana, researcher):
    small = batch(10)
    found = judged(small, range(1, 11))
    give(list(found.values()), Said("NOISE"), by=researcher)
    page = ana.get("/showroom/vet/")
    assert "Nothing is left to judge." in page.content.decode()
    assert "Go to the batches" in page.content.decode()
    of_one = ana.get(f"/showroom/vet/?batch={small.pk}").content.decode()
    assert "Judge all shortlists" in of_one
    assert "Which table?" in ana.get("/showroom/vet/?order=table").content.decode()


def test_a_candidate_whose_row_is_missing_does_not_bar_the_way(forty, ana):
    first, second = rows_by("margin", "pk")[:2]
    # On the shortlist, and in no part.
    Candidate.objects.filter(row=first).update(row=99)
    page = ana.get("/showroom/vet/", follow=True)
    assert page.redirect_chain[-1][0].endswith(f"&at={forty.pk}-99")
    assert page.status_code == 200
    text = page.content.decode()
    assert "It cannot be shown: the scores of its batch have no such row." in text
    assert "data-verdict" not in text
    onward = page.context["shown"]["onward"]
    assert text.count(onward.replace("&", "&amp;")) == 3
    page = ana.get(onward, follow=True)
    assert page.redirect_chain[-1][0].endswith(f"&at={forty.pk}-{second}")
    coming = ana.get("/showroom/vet/next/?order=uncertain").content.decode()
    assert re.findall(r'data-card="([^"]+)"', coming)[:2] == [
        f"{forty.pk}-99",
        f"{forty.pk}-{second}",
    ]


def test_an_address_that_leads_nowhere_is_answered_in_words(forty, ana, person, client):
    of_table = f"/showroom/vet/?order=table&batch={forty.pk}"
    for query, status in {
        "/showroom/vet/?order=x": 400,
        "/showroom/vet/?batch=x": 400,
        "/showroom/vet/?batch=99": 404,
        "/showroom/vet/?at=x": 400,
        f"/showroom/vet/?at={forty.pk}-99": 404,
        "/showroom/vet/?at=99-1": 404,
        f"{of_table}&sort=x": 400,
        f"{of_table}&sort=row&after={forty.pk}-7": 302,
        f"{of_table}&sort=row&after=99-1": 302,
        "/showroom/vet/next/?after=-": 400,
    }.items():
        assert (query, ana.get(query).status_code) == (query, status)
    Batch.objects.update(private=True)
    client.force_login(person("researcher", "ben"))
    for query in (f"batch={forty.pk}", f"at={forty.pk}-1"):
        assert client.get(f"/showroom/vet/?{query}").status_code == 404
    found = client.get(f"/showroom/vet/next/?at={forty.pk}-1").content.decode()
    assert "data-card" not in found
