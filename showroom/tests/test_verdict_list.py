"""All that is said of a batch: newest first, by word and person, page after page."""

import pytest
from django.urls import reverse

from showroom.metrics import collect
from showroom.tests.said import say
from showroom.verdicts import listing
from showroom.verdicts.counting import counted
from showroom.verdicts.undo import undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(listed, researcher, person):
    """Ana changes her mind on row 1, Ben judges rows 1 and 2 and undoes one."""
    ben = person("researcher", "ben")
    say(listed, 1, "RFI", researcher, note="first")
    say(listed, 1, "T1_CAND", researcher, note="second")
    say(listed, 1, "RFI", ben)
    say(listed, 2, "NOISE", ben)
    undo(ben)
    return listed


def lines(client, batch, **query) -> list[tuple[int, str, str]]:
    page = client.get(reverse("showroom:batch-verdicts", args=[batch.pk]), query)
    assert page.status_code == 200
    return [
        (verdict.candidate.row, str(verdict.person), verdict.word)
        for verdict in page.context["page"].verdicts
    ]


def test_what_holds_is_listed_and_if_asked_for_what_does_not(ana, said, person):
    assert lines(ana, said) == [(1, "ben", "RFI"), (1, "ana", "T1_CAND")]
    assert lines(ana, said, earlier="on") == [
        (2, "ben", "NOISE"),
        (1, "ben", "RFI"),
        (1, "ana", "T1_CAND"),
        (1, "ana", "RFI"),
    ]
    assert lines(ana, said, verdict="RFI") == [(1, "ben", "RFI")]
    assert lines(ana, said, judge="me", earlier="on")[1] == (1, "ana", "RFI")
    assert lines(ana, said, judge="999") == []


def test_pages_follow_each_other_without_a_gap(ana, said, monkeypatch):
    monkeypatch.setattr(listing, "PAGE", 3)
    address = reverse("showroom:batch-verdicts", args=[said.pk])
    first = ana.get(address, {"earlier": "on"}).context["page"]
    rest = ana.get(address, {"earlier": "on", "before": first.older}).context["page"]
    assert (len(first.verdicts), len(rest.verdicts), rest.older) == (3, 1, None)
    assert rest.verdicts[0].word == "RFI"
    for wrong in ("x", "0", "-1", str(2**63), "9" * 30):
        assert ana.get(address, {"before": wrong}).status_code == 400


def test_the_batch_counts_by_word_and_person_and_leads_to_the_rows(
    ana, said, researcher
):
    seen = counted(said, researcher)
    assert seen.words == [("T1_CAND", 1, "verdict=T1_CAND"), ("RFI", 1, "verdict=RFI")]
    ben = seen.people[1]
    assert sorted(line.label for line in seen.people) == ["ana", "ben"]
    assert ben.n == 1
    assert (seen.listed, seen.judged, seen.judged_by_me, seen.left) == (10, 1, 1, 9)


def test_what_nobody_has_judged_is_counted_for_machines(said):
    [metric] = collect()
    [sample] = metric.samples
    assert (sample.name, sample.value) == ("pulsarsite_label_queue_size", 9)
