"""Blind batches: nobody sees what others said of a row before having judged it."""

import pytest
from django.urls import reverse

from monitor.models import Outbox
from registry.models import Label
from showroom.models import Batch
from showroom.tests.conftest import as_csv, simulate, upload
from showroom.tests.said import post, say
from showroom.verdicts.counting import counted
from showroom.verdicts.of_row import of_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(person):
    return person("researcher", "ben")


@pytest.fixture
def hidden(listed, ben):
    """A blind batch on whose second row Ben has changed his mind."""
    Batch.objects.filter(pk=listed.pk).update(blind=True)
    listed.refresh_from_db()
    say(listed, 2, "T1_CAND", ben, note="a secret note")
    say(listed, 2, "RFI", ben, note="a secret note")
    say(listed, 4, "RFI", ben)
    return listed


def test_a_row_hides_others_words_until_one_has_judged_it(hidden, researcher, ben):
    before = of_row(hidden, 2, researcher)
    assert (before.own, before.others, before.hidden, before.earlier) == (
        None,
        [],
        1,
        [],
    )
    say(hidden, 2, "NOISE", researcher)
    after = of_row(hidden, 2, researcher)
    assert [verdict.word for verdict in after.others] == ["RFI"]
    assert [verdict.word for verdict in after.earlier] == ["T1_CAND"]
    assert after.hidden == 0
    # Whoever takes it back is where they were.
    say(hidden, 2, "", researcher)
    assert (of_row(hidden, 2, researcher).others) == []
    assert [v.word for v in of_row(hidden, 2, ben).earlier] == ["", "NOISE", "T1_CAND"]


def test_counts_and_list_are_over_what_is_shown(ana, hidden, researcher):
    seen = counted(hidden, researcher)
    assert (seen.n, seen.hidden, seen.words, seen.people) == (0, 2, [], [])
    assert (seen.listed, seen.judged, seen.judged_by_me) == (10, 2, 0)
    page = ana.get(reverse("showroom:batch-verdicts", args=[hidden.pk]))
    assert page.context["page"].verdicts == []
    assert "secret" not in page.content.decode()
    post(ana, hidden, 2, "NOISE")
    seen = counted(hidden, researcher)
    assert (seen.n, seen.hidden) == (2, 1)
    assert [(line.label, line.n) for line in seen.words] == [("RFI", 1), ("NOISE", 1)]
    page = ana.get(reverse("showroom:batch-verdicts", args=[hidden.pk]), {"earlier": 1})
    assert len(page.context["page"].verdicts) == 3


@pytest.mark.engines
def test_the_labels_page_hides_them_too(ana, hidden, researcher):
    def shown() -> tuple[int, list[int]]:
        context = ana.get("/registry/labels/").context
        return context["filed"].n, [label.row for label in context["page"].labels]

    assert shown() == (0, [])
    say(hidden, 2, "NOISE", researcher)
    assert shown() == (2, [2, 2])
    assert ana.get("/registry/labels/").context["filed"].n_pulsars == 0


@pytest.mark.engines
def test_the_switch_is_its_owners_and_an_operators_and_hides_the_labels(
    ana, client, person, hidden, ben
):
    address = reverse("showroom:batch-blind", args=[hidden.pk])
    assert ana.post(address, {"blind": "0"}).url == hidden.get_absolute_url()
    hidden.refresh_from_db()
    assert (hidden.blind, Label.objects.filter(blind=True).count()) == (False, 0)
    client.force_login(ben)
    assert client.post(address, {"blind": "1"}).status_code == 403
    client.force_login(person("operator"))
    client.post(address, {"blind": "1"})
    client.post(address, {"blind": "1"})
    assert Label.objects.filter(blind=True).count() == 3
    kinds = Outbox.objects.filter(about=str(hidden)).order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        "batch.unblinded",
        "batch.blinded",
    ]
    assert client.get(address).status_code == 405


def test_the_tick_at_the_upload_makes_it_blind(ana, champion):
    content = as_csv(simulate(5))
    answer = ana.post("/showroom/", {"files": [upload("a.csv", content)], "blind": "1"})
    assert Batch.objects.get().blind
    assert answer.url == Batch.objects.get().get_absolute_url()
    # The same bytes once more: the question keeps the tick.
    again = ana.post("/showroom/", {"files": [upload("a.csv", content)], "blind": "1"})
    assert "blind=1" in again.url
    form = ana.get(again.url).context["again"]
    assert form["blind"].initial is True
    ana.post(again.url, {"version": champion.pk, "blind": "on"})
    assert Batch.objects.latest("pk").blind
