"""Files are dropped on the Showroom."""

import pytest
from django.urls import reverse

from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.features import FEATURES
from showroom.models import Batch
from showroom.tests.conftest import as_csv, simulate, upload

pytestmark = pytest.mark.django_db


def send(client, *files, **fields):
    return client.post(reverse("showroom:index"), {"files": list(files), **fields})


def test_a_small_table_is_scored_in_the_request(ana, champion, researcher):
    response = send(ana, upload("sky.csv", as_csv(simulate(40))))

    batch = Batch.objects.get()
    assert response.url == f"/showroom/batches/{batch.pk}/"
    assert (batch.state, batch.owner, batch.version, batch.title) == (
        State.SUCCESS,
        researcher,
        champion,
        "sky.csv",
    )
    assert (batch.n_rows, batch.n_scored, batch.n_pulsars, batch.n_rejected) == (
        40,
        40,
        4,
        0,
    )
    assert batch.bytes_read == batch.bytes_total == batch.files.get().size
    assert len(batch.sha256) == 64
    assert (batch.holder, batch.lease_until, batch.reason) == ("", None, "")


def test_a_batch_of_a_file_with_a_blank_name_is_called_something(ana, champion):
    send(ana, upload(" ", as_csv(simulate(3))))
    send(ana, upload(" ", as_csv(simulate(4))), upload("b.csv", as_csv(simulate(5))))

    titles = list(Batch.objects.order_by("pk").values_list("title", flat=True))
    assert titles == ["unnamed", "unnamed and 1 more"]


def test_the_log_tells_what_happened_in_order_under_one_request(ana, champion):
    Outbox.objects.all().delete()
    send(ana, upload("sky.csv", as_csv(simulate(40))))
    ana.get(Batch.objects.get().get_absolute_url())
    ana.get(Batch.objects.get().get_absolute_url())

    events = list(Outbox.objects.order_by("pk"))
    assert [event.kind for event in events] == [
        "batch.collected",
        "batch.scored",
        "batch.shown",
    ]
    collected, scored, _ = events
    assert collected.request_id == scored.request_id != ""
    assert collected.detail["version"] == str(champion)
    assert scored.detail == {
        "rows": 40,
        "scored": 40,
        "pulsars": 4,
        "rejected": 0,
    }


def test_a_bad_row_is_explained_and_the_good_ones_are_scored(ana, champion):
    values = as_csv(simulate(3)).decode().splitlines()
    values[2] = values[2].replace(values[2].split(",")[0], "bright", 1)
    response = send(ana, upload("sky.csv", "\n".join(values).encode()))

    page = ana.get(response.url)
    batch = Batch.objects.get()
    assert (batch.n_rows, batch.n_scored, batch.n_rejected) == (3, 2, 1)
    (reject,) = page.context["rejects"]
    assert (reject["row"], reject["line"], reject["column"], reject["value"]) == (
        2,
        3,
        FEATURES[0],
        "bright",
    )
    assert [row["row"] for row in page.context["page"].rows] in ([1, 3], [3, 1])


def test_many_files_become_one_batch_and_a_broken_one_is_one_reject(ana, champion):
    table = as_csv(simulate(5))
    response = send(
        ana,
        upload("a.csv", table),
        upload("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0"),
        upload("b.csv", table),
    )

    batch = Batch.objects.get()
    page = ana.get(response.url)
    assert batch.title == "a.csv and 2 more"
    assert (batch.n_rows, batch.n_scored, batch.n_rejected) == (11, 10, 1)
    assert [reject["file"] for reject in page.context["rejects"]] == ["picture.png"]
    assert sorted(row["row"] for row in page.context["page"].rows) == [
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        9,
        10,
        11,
    ]


def test_a_file_without_a_single_usable_row_fails_with_its_reason(ana, champion):
    response = send(ana, upload("notes.csv", b"dear diary\ntoday was cloudy\n"))

    page = ana.get(response.url)
    assert Batch.objects.get().state == State.FAILED
    assert "No row could be used" in page.content.decode()
    # All of it was read: there is nothing to go on with.
    assert "Go on where it stopped" not in page.content.decode()
    assert page.context["rejects"]


def test_a_large_table_is_queued_for_a_worker(ana, champion, settings, mailbox):
    response = send(ana, upload("sky.csv", as_csv(simulate(5001))))

    batch = Batch.objects.get()
    page = ana.get(response.url)
    assert (batch.state, batch.queue, mailbox()) == (
        State.QUEUED,
        "interactive",
        [(batch.pk, "interactive")],
    )
    assert "Waiting for a worker" in page.content.decode()
    # The state stands where it changes with the progress.
    part = ana.get(f"{response.url}progress/")
    for answer in (page, part):
        assert answer.content.decode().count('<span class="badge queued">') == 1


def test_what_was_cancelled_on_request_is_no_error(ana, champion):
    send(ana, upload("sky.csv", as_csv(simulate(10))))
    batch = Batch.objects.get()
    for state, notice in (
        (State.CANCELLED, '<div class="notice info">'),
        (State.FAILED, '<div class="notice error" role="alert">'),
    ):
        read = {"bytes_read": 67, "bytes_total": 100, "reason": "Stopped."}
        Batch.objects.filter(pk=batch.pk).update(state=state, **read)
        page = ana.get(batch.get_absolute_url()).content.decode()
        assert notice in page
        assert "67 % of the input was read.\n" in page
        batch.candidates.update(shortlisted="")
        page = ana.get(batch.get_absolute_url()).content.decode()
        assert "67 % of the input was read; no shortlist was made." in page
        batch.candidates.update(shortlisted="high")


def test_a_very_large_upload_queues_apart(ana, champion, settings, mailbox):
    showroom = settings.PULSAR.showroom.model_copy(update={"interactive_bytes": 1000})
    settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})
    send(ana, upload("sky.csv", as_csv(simulate(5001))))

    assert mailbox() == [(Batch.objects.get().pk, "heavy")]


def test_the_same_bytes_are_kept_once(ana, champion, storage):
    for more in ((), (upload("more.csv", as_csv(simulate(4))),)):
        send(ana, upload("sky.csv", as_csv(simulate(5))), *more)

    assert Batch.objects.count() == 2
    assert len(list((storage / "uploads").iterdir())) == 2


@pytest.mark.engines
def test_a_name_may_hold_any_letter_but_no_control_character(ana, champion):
    send(ana, upload("süd\N{GLOWING STAR}\x1b[31m.csv", as_csv(simulate(5))))

    # Django itself takes away what does not print.
    assert Batch.objects.get().title == "süd\N{GLOWING STAR}[31m.csv"


def test_an_empty_form_is_sent_back_with_words(ana, champion):
    response = ana.post(reverse("showroom:index"), {})

    assert response.status_code == 422
    assert "Choose at least one file." in response.content.decode()


def test_too_many_files_are_sent_back_with_words(ana, champion, settings):
    showroom = settings.PULSAR.showroom.model_copy(update={"max_files": 1})
    settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})
    table = as_csv(simulate(5))
    response = send(ana, upload("a.csv", table), upload("b.csv", table))

    assert response.status_code == 422
    assert "At most 1 files go into one batch." in response.content.decode()
    assert not Batch.objects.exists()


def test_who_may_not_upload_is_refused(client, db, django_user_model, champion):
    client.force_login(django_user_model.objects.create_user("guest"))

    assert send(client, upload("a.csv", as_csv(simulate(5)))).status_code == 403
    assert not Batch.objects.exists()


def test_without_a_champion_the_page_says_so(ana):
    response = send(ana, upload("a.csv", as_csv(simulate(5))))

    assert response.status_code == 503
    assert "There is no version pulsar@champion." in response.content.decode()
    assert not Batch.objects.exists()
