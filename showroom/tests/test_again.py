"""The same files once more: known when they are brought, classified by any version."""

import os

import pytest
from django.urls import reverse

from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.features import FEATURES
from registry.models import Alias, Version
from showroom.again import again, obstacle
from showroom.case import classify_case
from showroom.errors import ShowroomError
from showroom.models import Batch, BatchFile
from showroom.start import start
from showroom.storage import orphans
from showroom.tests.conftest import as_csv, simulate, stored, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(champion) -> Version:
    """A version that is not the champion."""
    return Version.objects.exclude(pk=champion.pk).get()


def bring(client, *files, **fields):
    sent = {"files": [upload(name, content) for name, content in files], **fields}
    return client.post(reverse("showroom:index"), sent)


def address(batch):
    return reverse("showroom:batch-again", args=[batch.pk])


def ask(client, batch, version, **fields):
    return client.post(address(batch), {"version": version.pk, **fields})


def offered(answer):
    """The groups of versions that a page lets one choose among."""
    choices = answer.context["again"].fields["version"].widget.choices
    return {group: [pk for pk, _ in versions] for group, versions in choices}


@pytest.fixture
def two():
    """Two files as they are brought, one of them with a reject."""
    return ("a.csv", as_csv(simulate(20))), ("b.csv", as_csv(simulate(7)) + b"1,2,3\n")


def test_known_bytes_are_not_classified_but_asked_about(ana, champion, other, two):
    bring(ana, *two)
    first = Batch.objects.get()
    answer = bring(ana, *two, private="on")

    assert answer.url == f"{address(first)}?same=1&private=1"
    assert Batch.objects.get() == first
    page = ana.get(answer.url)
    text = page.content.decode()
    assert f"These are the same bytes as batch {first.pk}" in text
    assert f'<a class="button primary" href="{first.get_absolute_url()}">' in text
    assert text.count("button primary") == 1
    assert "a.csv and 1 more, brought by ana" in text
    assert offered(page) == {
        "not used on these files yet": [other.pk],
        "used already": [champion.pk],
    }
    assert f'<option value="{other.pk}" selected>' in text
    assert page.context["again"]["private"].value() is True


def test_known_bytes_under_another_name_go_by_the_first(ana, champion, other):
    content = as_csv(simulate(5))
    bring(ana, ("sky.csv", content))
    answer = bring(ana, ("moon.csv", content))
    assert "they go by the names" in ana.get(answer.url).content.decode()

    ask(ana, Batch.objects.get(), other)
    titles = Batch.objects.order_by("pk").values_list("title", "files__name")
    assert list(titles) == [("sky.csv", "sky.csv")] * 2


def test_other_files_or_another_order_are_something_new(ana, champion, two):
    bring(ana, *two)
    several = [(1, 0), (0,), (0, 1, 1), (0, 0)]
    for places in several:
        bring(ana, *(two[place] for place in places))

    assert Batch.objects.count() == 1 + len(several)


def test_the_newest_batch_of_the_bytes_is_told(ana, champion, other, two):
    bring(ana, *two)
    ask(ana, Batch.objects.get(), other)
    newest = Batch.objects.latest("pk")

    assert bring(ana, *two).url == f"{address(newest)}?same=1"
    Batch.objects.filter(pk=newest.pk).update(deleted_at=newest.created_at)
    assert bring(ana, *two).url == f"{address(Batch.objects.earliest('pk'))}?same=1"


@pytest.mark.parametrize(
    ("who", "known"), [("researcher", False), ("operator", False), ("admin", True)]
)
def test_somebody_s_private_batch_is_known_to_those_alone_who_see_it(
    client, champion, researcher, person, who, known
):
    content = as_csv(simulate(5))
    start([stored("secret.csv", content)], owner=researcher, private=True)
    client.force_login(person(who))
    answer = bring(client, ("sky.csv", content))

    assert ("again" in answer.url) == known
    assert Batch.objects.count() == (1 if known else 2)
    if not known:
        assert b"secret" not in client.get(answer.url).content
        assert client.get(address(Batch.objects.earliest("pk"))).status_code == 404


def test_a_known_batch_that_did_not_end_well_says_so(ana, batch):
    found = batch(5)
    under_way = "has not come to its end yet: its page shows how far it is"
    open_it = f'<a class="button primary" href="{found.get_absolute_url()}">'
    do_it = '<button class="button primary">Classify again'
    for state, words, main in (
        (State.RUNNING, under_way, open_it),
        (State.QUEUED, under_way, open_it),
        (State.FAILED, "stopped: The disk is full.", do_it),
        (State.CANCELLED, "stopped: The disk is full.", do_it),
    ):
        changed = {"state": state, "reason": "The disk is full."}
        Batch.objects.filter(pk=found.pk).update(**changed)
        answer = bring(ana, ("sky.csv", as_csv(simulate(5))))
        assert answer.url == f"{address(found)}?same=1"
        page = ana.get(answer.url).content.decode()
        assert words in page
        assert main in page
        assert page.count("button primary") == 1


def test_classified_again_it_is_another_batch_of_the_same_files(
    ana, champion, other, researcher, two
):
    bring(ana, *two)
    first = Batch.objects.get()
    Outbox.objects.all().delete()
    answer = ask(ana, first, other)

    second = Batch.objects.latest("pk")
    assert answer.url == second.get_absolute_url()
    assert (second.version, second.again_of, second.owner, second.private) == (
        other,
        first,
        researcher,
        False,
    )
    kept = ("state", "title", "input_sha256", "n_rows", "n_rejected", "bytes_total")
    assert [getattr(second, name) for name in kept] == [
        getattr(first, name) for name in kept
    ]
    assert second.state == State.SUCCESS
    files = [
        list(batch.files.order_by("position").values_list("name", "sha256", "size"))
        for batch in (first, second)
    ]
    assert files[0] == files[1]
    collected, scored = Outbox.objects.order_by("pk")
    assert (collected.kind, scored.kind) == ("batch.collected", "batch.scored")
    assert collected.detail == {
        "files": 2,
        "bytes": first.bytes_total,
        "version": str(other),
        "again_of": str(first),
    }


def test_it_may_be_done_any_number_of_times_with_the_same_version(
    ana, batch, champion, other
):
    first = batch(5)
    for version in (other, champion, champion):
        ask(ana, first, version)

    page = ana.get(first.get_absolute_url())
    (group,) = offered(page).items()
    assert (group[0], set(group[1])) == ("used already", {champion.pk, other.pk})
    assert [b.version for b in page.context["siblings"]] == [champion, champion, other]
    for sibling in page.context["siblings"]:
        against = reverse("showroom:batch-against", args=[first.pk, sibling.pk])
        assert f'href="{against}"' in page.content.decode()


def test_a_version_that_was_not_used_yet_is_offered_first(ana, batch, other, champion):
    page = ana.get(batch(5).get_absolute_url())

    assert list(offered(page)) == ["not used on these files yet", "used already"]
    assert f'<option value="{other.pk}" selected>' in page.content.decode()
    assert f"{champion} (Production)" in page.content.decode()


def test_where_others_used_every_version_the_champion_is_preset(
    ana, batch, other, champion
):
    first = batch(5)
    for brought in ("", "?same=1"):
        page = ana.get(address(first) + brought).content.decode()
        assert f'<option value="{other.pk}" selected>' in page
    ask(ana, first, other)
    for found in (first, Batch.objects.latest("pk")):
        page = ana.get(f"{address(found)}?same=1").content.decode()
        assert f'<option value="{champion.pk}" selected>' in page


def test_a_champion_too_old_to_be_listed_is_offered_all_the_same(
    ana, champion, researcher, monkeypatch
):
    monkeypatch.setattr("showroom.again._OFFERED", 1)
    oldest, newest = Version.objects.order_by("number")
    Alias.objects.filter(name="champion").update(version=oldest)
    files = [stored("sky.csv", as_csv(simulate(5)))]
    found = start(files, owner=researcher, version=newest)

    assert offered(ana.get(address(found))) == {
        "not used on these files yet": [oldest.pk],
        "used already": [newest.pk],
    }


def test_what_is_large_waits_for_a_worker(ana, batch, other, settings, mailbox):
    found = batch(5)
    limits = {"inline_rows": 0, "interactive_bytes": 10}
    showroom = settings.PULSAR.showroom.model_copy(update=limits)
    settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})
    ask(ana, found, other)

    second = Batch.objects.latest("pk")
    assert (second.state, mailbox()) == (State.QUEUED, [(second.pk, "heavy")])


@pytest.mark.parametrize(
    ("of_private", "wish", "is_private"),
    [(False, False, False), (False, True, True), (True, False, True)],
)
def test_what_was_private_stays_so_and_more_may_be(
    ana, champion, other, researcher, of_private, wish, is_private
):
    files = [stored("sky.csv", as_csv(simulate(5)))]
    first = start(files, owner=researcher, private=of_private)
    ask(ana, first, other, **({"private": "on"} if wish else {}))

    assert Batch.objects.latest("pk").private == is_private


def test_files_that_are_gone_are_not_offered_and_come_back_with_an_upload(
    ana, champion, other, researcher, two
):
    bring(ana, *two)
    first = Batch.objects.get()
    for file in first.files.all():
        file.path.unlink()
    first.files.update(removed_at=first.created_at)
    words = (
        "The site no longer has a.csv and 1 more. To classify this again, upload it "
        "again."
    )

    assert obstacle(first) == words
    page = ana.get(first.get_absolute_url()).content.decode()
    assert words in page
    assert f'action="{address(first)}"' not in page
    answer = ask(ana, first, other)
    assert (answer.status_code, Batch.objects.count()) == (503, 1)
    with pytest.raises(ShowroomError, match="The site no longer has"):
        again(first, other, by=researcher)

    ana.get(bring(ana, *two).url)
    ask(ana, first, other)
    assert Batch.objects.latest("pk").state == State.SUCCESS


def test_no_prune_takes_old_bytes_before_the_new_batch_names_them(
    batch, other, researcher, monkeypatch
):
    found = batch(5)
    path = found.files.get().path
    os.utime(path, (0, 0))
    found.files.update(removed_at=found.created_at)
    needed = BatchFile.objects.filter(removed_at=None)

    def pruned(*args, **kwargs):
        assert orphans.remove(found.created_at, needed, dry_run=False) == []
        return start(*args, **kwargs)

    monkeypatch.setattr("showroom.again.start", pruned)
    second = again(found, other, by=researcher)

    assert second.state == State.SUCCESS
    assert path.exists()


def test_without_room_it_says_so(ana, batch, other, settings):
    found = batch(5)
    storage = settings.PULSAR.storage.model_copy(update={"reserve_bytes": 2**60})
    settings.PULSAR = settings.PULSAR.model_copy(update={"storage": storage})
    answer = ask(ana, found, other)

    assert (answer.status_code, Batch.objects.count()) == (503, 1)
    assert "The disk is full" in answer.content.decode()


def test_a_day_s_cases_have_no_files(ana, champion, researcher):
    case = dict(zip(FEATURES, map(float, simulate(1)[0]), strict=True))
    day = classify_case(case, by=researcher).batch

    page = ana.get(day.get_absolute_url()).content.decode()
    assert "Other classifications" not in page
    assert "Single cases have no files" in ana.get(address(day)).content.decode()
    assert ask(ana, day, champion).status_code == 503
    assert Batch.objects.count() == 1


def test_a_version_that_there_is_not_is_sent_back_with_words(ana, batch):
    found = batch(5)
    for version in ("", "0", "x"):
        answer = ana.post(address(found), {"version": version})
        assert (answer.status_code, Batch.objects.count()) == (422, 1)
        assert "field-error" in answer.content.decode()


def test_who_may_only_look_is_not_offered_it(client, batch, person, champion):
    found = batch(5)
    guest = person("researcher", "guest")
    guest.groups.clear()
    client.force_login(guest)

    assert client.get(address(found)).status_code == 403
    assert ask(client, found, champion).status_code == 403
    assert Batch.objects.count() == 1


def test_another_s_private_sibling_is_not_listed(client, batch, person, other):
    found = batch(5)
    client.force_login(person("admin"))
    ask(client, found, other, private="on")
    hidden = Batch.objects.latest("pk")
    assert (
        hidden.get_absolute_url()
        in client.get(found.get_absolute_url()).content.decode()
    )

    client.force_login(person("operator"))
    page = client.get(found.get_absolute_url())
    assert page.context["siblings"] == []
    # Which version was used on it in secret is nobody's business either.
    assert other.pk in offered(page)["not used on these files yet"]
