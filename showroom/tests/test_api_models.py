"""Inference: rows in, probabilities out, and each answer kept under an id."""

import errno
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from accounts.models import User
from accounts.tokens import find
from monitor.metrics import tally
from monitor.models import Outbox, Tally
from monitor.work import State
from pulsar_ml.features import FEATURES
from registry import serving
from registry.models import Model, TrainingRun, Version
from registry.move_alias import move_alias
from registry.tests.run_rows import run_row
from showroom.forms import RowsForm
from showroom.models import Batch, Prediction
from showroom.predictions import keep as keeping
from showroom.predictions.answer import answer
from showroom.tests.conftest import every, simulate

pytestmark = pytest.mark.django_db
PRODUCTION = "/api/models/production/pulsar"


@pytest.fixture
def ask(caller, champion):
    """Ask as Ana's program: ask(rows), ask(rows, "/api/models/staging/pulsar")."""
    program = caller("researcher", "ana")

    def send(rows, where=PRODUCTION, **besides):
        data = rows.tolist() if isinstance(rows, np.ndarray) else rows
        body = {"data": data, **besides}
        return program.post(where, body, content_type="application/json")

    return send


def detail(response):
    assert response["Content-Type"] == "application/problem+json"
    return response.status_code, response.json()["detail"]


def test_up_to_a_hundred_rows_are_predictions_of_the_day(ask, champion):
    rows = simulate(100)
    first, second = ask(rows[8:10]), ask(rows)

    scorer = serving.serve(champion).scorer
    scores = scorer.score(rows)
    batch = Batch.objects.get()
    assert first.status_code == 200
    assert first.json() == {
        "model": "pulsar",
        "model_version": str(champion),
        "threshold": scorer.threshold,
        "batch": batch.pk,
        "predictions": [
            {
                "id": f"{batch.pk}-{row}",
                "probability": float(scores[7 + row]),
                "predicted": int(row == 2),
                "warnings": list(filter(None, codes.split(";"))),
            }
            for row, codes in enumerate(scorer.warnings(rows[8:10]), 1)
        ],
    }
    ids = [one["id"] for one in second.json()["predictions"]]
    assert ids == [f"{batch.pk}-{row}" for row in range(3, 103)]
    assert (batch.source, batch.day, batch.state, batch.n_rows) == (
        Batch.Source.CASES,
        now().date(),
        State.RUNNING,
        102,
    )
    assert {case.by.username for case in Prediction.objects.all()} == {"ana"}
    assert Prediction.objects.get(row=102).features == dict(
        zip(FEATURES, rows[99].tolist(), strict=True)
    )


def test_calls_are_counted_and_make_no_event(ask):
    ask(simulate(3))

    tally.flush()
    assert not Outbox.objects.filter(kind="case.classified").exists()
    counted = Tally.objects.get(name="inference_rows")
    assert ('"source": "api"' in counted.labels, counted.value) == (True, 3)


def test_a_call_asks_the_database_for_nothing_but_what_it_keeps(ask, monkeypatch):
    # Who asks, and what answers, is known for a second, which may just end.
    monkeypatch.setattr(serving, "ALIAS_SECONDS", 1e9)
    monkeypatch.setattr(find, "SECONDS", 1e9)
    ask(simulate(1))
    with CaptureQueriesContext(connection) as asked:
        ask(simulate(20))

    said = [query["sql"].removeprefix("20 times: ") for query in asked]
    verbs = [sql.split()[0].lower() for sql in said]
    assert verbs == ["savepoint", "update", "select", "insert", "release"]


def test_more_rows_are_a_batch_at_once_with_every_digit_kept(ask):
    rows = simulate(101) + 1 / 3
    response = ask(rows)

    told = response.json()
    batch = Batch.objects.get()
    assert response.status_code == 200
    assert (batch.source, batch.state, str(batch.owner), batch.n_scored) == (
        Batch.Source.API,
        State.SUCCESS,
        "ana",
        101,
    )
    form = RowsForm({"sort": "row"})
    assert form.is_valid()
    listed = every(batch, form.cleaned_data)
    assert [[row[name] for name in FEATURES] for row in listed] == rows.tolist()
    assert told["batch"] == batch.pk
    assert told["predictions"] == [
        {
            "id": f"{batch.pk}-{row['row']}",
            "probability": row["probability"],
            "predicted": row["predicted"],
            "warnings": list(filter(None, row["warnings"].split(";"))),
        }
        for row in listed
    ]
    assert len(batch.sha256) == 64
    assert Outbox.objects.filter(kind="batch.scored", about=str(batch)).exists()


def test_a_batch_may_be_private_and_a_prediction_may_not(ask, caller):
    private = ask(simulate(101), private=True)
    refused = ask(simulate(100), private=True)

    batch = Batch.objects.get()
    assert (private.status_code, batch.private) == (200, True)
    other = caller("researcher", "ben")
    assert other.get(f"/api/v1/predictions/{batch.pk}-1").status_code == 404
    assert detail(refused)[0] == 409
    assert "predictions of the day, which everybody sees" in detail(refused)[1]


def test_staging_is_the_challenger(ask, champion):
    where = "/api/models/staging/pulsar"
    assert detail(ask(simulate(1), where)) == (
        404,
        "There is no version pulsar@challenger.",
    )

    other = Version.objects.exclude(pk=champion.pk).first()
    move_alias("challenger", other, expected=None, reason="try it")
    serving._at_alias.cache_clear()
    assert ask(simulate(1), where).json()["model_version"] == str(other)


def test_a_run_answers_by_the_version_it_made(ask, champion):
    other = Version.objects.exclude(pk=champion.pk).first()
    run = run_row(version=other)

    told = ask(simulate(1), f"/api/models/runs/{run.pk}").json()
    assert told["model_version"] == str(other)


def test_what_cannot_answer_says_why(ask, champion):
    row = simulate(1)
    other = Version.objects.exclude(pk=champion.pk).first()
    run = run_row("failed")
    where = f"/api/models/runs/{run.pk}"
    assert detail(ask(row, "/api/models/production/comet")) == (
        404,
        "There is no version comet@champion.",
    )
    assert detail(ask(row, f"/api/models/runs/{2**70}"))[0] == 404
    assert detail(ask(row, where)) == (
        409,
        f"Training {run.pk} has made no version: it is failed.",
    )

    TrainingRun.objects.update(version=other)
    Version.objects.filter(pk=other.pk).update(
        registration=Version.Registration.QUARANTINED, reason="It is odd."
    )
    assert detail(ask(row, where)) == (
        409,
        f"{other} is quarantined and never loaded: It is odd.",
    )
    for file in champion.folder.iterdir():
        file.unlink()
    serving._scorer.cache_clear()
    serving._at_alias.cache_clear()
    assert ask(row).status_code == 409


def test_a_model_that_classifies_nothing_is_not_asked(ask, champion):
    Model.objects.update(kind=Model.Kind.NOVELTY)
    serving._at_alias.cache_clear()

    assert detail(ask(simulate(1))) == (
        409,
        f"{champion} is a novelty model: it classifies nothing.",
    )
    assert not Prediction.objects.exists()


GOOD = simulate(1)[0].tolist()


WRONG = [
    ([], [["body", "said", "data"]]),
    ([GOOD[:7]], [["body", "said", "data", 0]]),
    ([[*GOOD[:7], None]], [["body", "said", "data", 0, 7]]),
    ([[*GOOD[:7], "1"]], [["body", "said", "data", 0, 7]]),
    ([[*GOOD[:7], True]], [["body", "said", "data", 0, 7]]),
    ([[*GOOD[:7], float("nan")]], [["body", "said", "data", 0, 7]]),
    ([[*GOOD[:7], 10**400]], [["body", "said", "data", 0, 7]]),
    ([GOOD] * 10_001, [["body", "said", "data"]]),
    (
        [GOOD, [0, 0, *GOOD[2:]], [*GOOD[:7], 1e39]],
        [["body", "data", 1, "prof_std"], ["body", "data", 2, "dm_exkurt"]],
    ),
]


def test_what_cannot_be_judged_is_refused_with_its_places(ask):
    for rows, places in WRONG:
        response = ask(rows)
        assert response.status_code == 422
        assert [one["loc"] for one in response.json()["errors"]] == places
    assert not Batch.objects.exists()


def test_a_word_that_is_not_known_is_no_wish_that_was_heard(ask):
    assert ask(simulate(101), privat=True).status_code == 422


def test_a_batch_that_could_not_be_scored_is_named(ask, monkeypatch):
    monkeypatch.setattr("showroom.predictions.at_once.classify", lambda _: None)
    response = ask(simulate(101))

    batch = Batch.objects.get()
    assert detail(response) == (
        409,
        f"Batch {batch.pk} is queued: Look there what comes of it.",
    )
    # Its worker finds it, as it finds each that was brought.
    assert list(Batch.objects.under_way()) == [batch]


def lost(*_):
    raise OSError(errno.EIO, "Input/output error")


LOOK = "Look there what comes of it."
REFUSED = f"was made, but the storage refused: Input/output error. {LOOK}"


@pytest.mark.parametrize(
    ("where", "instead", "words"),
    [
        ("at_once.classify", lambda _: None, f"is queued: {LOOK}"),
        ("at_once.look_again", lost, REFUSED),
        ("answer.rows", SimpleNamespace(scores=lost), REFUSED),
    ],
)
def test_a_batch_that_was_made_is_not_made_again_under_its_key(
    caller, champion, monkeypatch, where, instead, words
):
    program = caller("researcher", "ana")
    monkeypatch.setattr(f"showroom.predictions.{where}", instead)
    body = {"data": simulate(101).tolist()}
    key = {"Idempotency-Key": "night-7"}
    first, second = (
        program.post(PRODUCTION, body, "application/json", headers=key) for _ in "12"
    )

    told = 409, f"Batch {Batch.objects.get().pk} {words}"
    assert detail(first) == detail(second) == told
    assert second["Idempotent-Replayed"] == "true"


def test_without_room_many_rows_are_not_taken_and_few_are(ask, reconfigured):
    reconfigured("storage", reserve_bytes=2**62)
    status, why = detail(ask(simulate(101)))

    assert (status, why[:18]) == (507, "The disk is full: ")
    assert not Batch.objects.exists()
    assert ask(simulate(100)).status_code == 200


def test_where_the_storage_refuses_it_is_said(ask, storage):
    (storage / "tmp").write_text("This is no folder.")

    assert detail(ask(simulate(101))) == (503, "The storage refused: File exists.")


def test_who_may_not_ask_is_refused(caller, client, champion):
    body = {"data": simulate(1).tolist()}
    reads = caller("researcher", "ana", read_only=True)
    for program, status in ((client, 401), (reads, 403)):
        answered = program.post(PRODUCTION, body, content_type="application/json")
        assert answered.status_code == status
    assert not Prediction.objects.exists()


def test_a_batch_that_begins_between_counting_and_looking_gives_no_number(
    champion, researcher, monkeypatch
):
    """As another process may begin the day: what was not counted has no number."""
    answer(serving.champion(), simulate(1), by=researcher)
    monkeypatch.setattr(keeping, "_COUNT", f"{keeping._COUNT} and 1 = 0")
    day = Batch.objects.get().day
    assert keeping._count(champion, day, [True]) is None


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_calls_at_once_leave_no_number_out_and_give_none_twice(champion, researcher):
    served, rows = serving.champion(), simulate(20)
    ids: list[str] = []

    def calls() -> None:
        by = User.objects.get(pk=researcher.pk)
        for n in range(5):
            told = answer(served, rows[: n + 1], by=by)
            ids.extend(one.id for one in told.predictions)
        connection.close()

    threads = [threading.Thread(target=calls) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    batch = Batch.objects.get()
    assert sorted(ids) == sorted(f"{batch.pk}-{row}" for row in range(1, 61))
    assert (batch.n_rows, batch.n_scored) == (60, 60)
    assert sorted(str(case) for case in Prediction.objects.all()) == sorted(ids)
