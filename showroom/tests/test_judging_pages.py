"""Where one judges besides the queue: a row's page, several opened, the shortlist."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Preference
from registry.labels.withdraw import withdraw
from registry.models import Label
from showroom import catalogue
from showroom.tests.said import post, say
from showroom.tests.test_row import KNOWN
from showroom.verdicts.of_row import of_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(batch):
    """Five rows, of which the last is seen beside B0329+54."""
    catalogue.bring_in(KNOWN, source="test")
    far, near = ["0"] * 4, ["0.714519699", "26.76", "53.2475", "54.5786"]
    columns = zip(far, far, far, far, near, strict=True)
    extra = dict(zip(("period_s", "dm", "ra_deg", "dec_deg"), columns, strict=False))
    named = {name: list(values) for name, values in extra.items()}
    return batch(5, **named)


def row_page(client, batch, row):
    return client.get(reverse("showroom:row", args=[batch.pk, row]))


def test_the_form_offers_six_words_with_the_persons_keys(ana, researcher, batch):
    made = batch(2)
    Preference.objects.create(user=researcher, keys={"own": {"RFI": "F"}})
    page = row_page(ana, made, 1)
    choices = page.context["judging"].choices
    assert [(choice.word, choice.key) for choice in choices] == [
        ("T1_CAND", "I"),
        ("T2_CAND", "O"),
        ("KNOWN_PSR", "P"),
        ("NB_PSR", "L"),
        ("RFI", "F"),
        ("NOISE", "U"),
    ]
    html = page.content.decode()
    assert html.count('data-key="F"') == 1
    assert "Nobody has judged this row yet." in html
    # To keep the note is what the enter key does, and that needs a word.
    assert html.index(">Keep the note<") < html.index('value="T1_CAND"')


def test_the_page_says_what_is_said_and_what_became_of_it(
    ana, researcher, person, batch
):
    made, ben = batch(2), person("researcher", "ben")
    say(made, 1, "T1_CAND", researcher)
    say(made, 1, "KNOWN_PSR", researcher, note="<b>x</b>", pulsar="J0332+5434")
    say(made, 1, "RFI", ben)
    html = row_page(ana, made, 1).content.decode()
    assert "<q>&lt;b&gt;x&lt;/b&gt;</q>" in html
    assert "It is a label, from which versions may learn." in html
    assert "Earlier (1)" in html
    assert f"Undo: KNOWN_PSR on row 1 of batch {made.pk}" in html
    withdraw(Label.objects.current().get(person=researcher), by=researcher)
    assert "was withdrawn on the Labels page" in of_row(made, 1, researcher).became
    assert [v.person for v in of_row(made, 1, researcher).others] == [ben]


def test_a_known_pulsar_is_filled_in_where_the_catalogue_has_one(ana, five):
    judging = row_page(ana, five, 5).context["judging"]
    assert (judging.pulsars, judging.pulsar) == (["J0332+5434"], "J0332+5434")
    post(ana, five, 5, "KNOWN_PSR", pulsar="B0329+54")
    judging = row_page(ana, five, 5).context["judging"]
    assert (judging.pulsars, judging.pulsar) == (["J0332+5434"], "B0329+54")
    assert row_page(ana, five, 1).context["judging"].pulsar == ""


def test_several_are_judged_one_below_the_other(ana, researcher, five):
    say(five, 2, "RFI", researcher)
    address = reverse("showroom:batch-open", args=[five.pk])
    page = ana.get(address, {"row": [2, 5]})
    judgings = page.context["judgings"]
    assert [(row, bool(one.own), one.pulsar) for row, one in judgings.items()] == [
        (2, True, ""),
        (5, False, "J0332+5434"),
    ]
    assert judgings[5].next == f"{address}?row=2&row=5#row-5"
    assert post(ana, five, 5, "NOISE", next=judgings[5].next).url == judgings[5].next
    listed = ana.get(reverse("showroom:batch-shortlist", args=[five.pk]))
    said = {row: verdict.word for row, verdict in listed.context["own"].items()}
    assert said == {2: "RFI", 5: "NOISE"}


def test_who_may_not_judge_reads_what_is_said_and_has_no_form(
    client, person, researcher, batch
):
    made = batch(2)
    say(made, 1, "RFI", researcher)
    reader = person("researcher", "reader")
    reader.groups.clear()
    reader.user_permissions.add(Permission.objects.get(codename="view_batch"))
    client.force_login(reader)
    html = row_page(client, made, 1).content.decode()
    assert "word-rfi" in html
    assert "/verdict/" not in html
    assert "data-undo" not in html
