"""A private batch is opened to everybody, and what was said of it becomes labels."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from conftest import require
from monitor.models import Outbox
from registry.models import Label
from showroom.models import Batch, Verdict
from showroom.tests.said import say, says, taught
from showroom.verdicts import settle, visibility
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged
from showroom.verdicts.of_row import of_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(listed, researcher):
    """A private batch of Ana's with three verdicts, of which she took one back."""
    Batch.objects.filter(pk=listed.pk).update(private=True)
    listed.refresh_from_db()
    for row, word in ((1, "RFI"), (2, "T1_CAND"), (3, "NOISE"), (3, "")):
        say(listed, row, word, researcher)
    return listed


def opened(client, batch):
    return client.post(reverse("showroom:batch-publish", args=[batch.pk]))


@pytest.mark.engines
def test_its_standing_verdicts_become_labels(ana, secret, researcher):
    assert "private" in of_row(secret, 1, researcher).became
    assert (taught(researcher), len(says(researcher))) == ([], 2)
    assert opened(ana, secret).url == secret.get_absolute_url()
    assert taught(researcher) == says(researcher) == [(1, "RFI"), (2, "T1_CAND")]
    secret.refresh_from_db()
    assert of_row(secret, 1, researcher).became.startswith("It is a label")
    [event] = Outbox.objects.filter(kind="batch.opened")
    assert (event.about, event.who) == (str(secret), str(researcher.pk))
    # Once more does nothing.
    told = [str(each) for each in opened(ana, secret).wsgi_request._messages]
    assert told[-1] == "The batch is open to everybody already."
    assert Label.objects.count() == 2


def test_what_was_broken_off_the_sweeper_brings_to_its_end(
    secret, researcher, monkeypatch, capsys
):
    monkeypatch.setattr(visibility, "settle", lambda: None)
    visibility.open_to_all(secret, by=researcher)
    secret.refresh_from_db()
    assert taught(researcher) == []
    assert "within minutes" in of_row(secret, 1, researcher).became
    call_command("sweep_batches")
    assert "made labels of 2 verdicts" in capsys.readouterr().out
    assert taught(researcher) == says(researcher)
    call_command("sweep_batches")
    assert "labels" not in capsys.readouterr().out


def test_very_many_labels_are_made_a_few_at_a_time(batch, researcher, monkeypatch):
    many = batch(70)
    Batch.objects.filter(pk=many.pk).update(private=True)
    give(list(judged(many, range(1, 61)).values()), Said("NOISE"), by=researcher)
    Batch.objects.filter(pk=many.pk).update(private=False)
    together = []
    do = settle._all
    monkeypatch.setattr(
        settle, "_all", lambda block: (together.append(len(block)), do(block))
    )
    assert settle.settle(40) == 40
    assert (together, Label.objects.count()) == ([25, 15], 40)
    assert [settle.settle(), settle.settle()] == [20, 0]
    assert taught(researcher) == says(researcher)


def test_what_lacks_a_label_is_found_by_the_candidate_s_own_index():
    require(connection.vendor == "sqlite", "the plan is told in SQLite's words")
    plan = settle._lacking().order_by("pk")[:25].explain()
    assert "INDEX verdict_same (person_id=? AND hash=? AND current=?" in plan


@pytest.mark.engines
def test_a_later_word_on_the_same_candidate_stays_the_label(
    secret, researcher, champion
):
    there = secret.candidates.get(row=1)
    other = Batch.objects.create(
        owner=researcher, title="again", version=champion, state="success"
    )
    there.pk, there.batch, there.row = None, other, 7
    there.save()
    say(other, 7, "KNOWN_PSR", researcher)
    visibility.open_to_all(secret, by=researcher)
    assert taught(researcher) == [(2, "T1_CAND"), (7, "KNOWN_PSR")]
    call_command("sweep_batches")
    assert Label.objects.count() == 2
    secret.refresh_from_db()
    assert "KNOWN_PSR: you said that later" in of_row(secret, 1, researcher).became
    # Its own comes when the later one is taken back.
    say(other, 7, "", researcher)
    assert taught(researcher) == [(1, "RFI"), (2, "T1_CAND")]
    assert Verdict.objects.filter(candidate__batch=secret, label=None).count() == 2


def test_only_the_owner_and_admins_may(client, person, secret):
    for role, status in (("researcher", 404), ("operator", 404), ("admin", 302)):
        client.force_login(person(role, f"a {role}"))
        assert opened(client, secret).status_code == status
        secret.refresh_from_db()
        assert secret.private == (status == 404)
    client.force_login(person("researcher", "ben"))
    assert opened(client, secret).status_code == 403
