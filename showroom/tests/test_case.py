"""A single case by its eight values, and what becomes of it."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils.timezone import now

from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.features import FEATURES
from showroom import rows
from showroom.case import classify_case
from showroom.forms import RowsForm
from showroom.models import Batch, Chunk, Prediction
from showroom.seal import seal
from showroom.tests.conftest import every, simulate

pytestmark = pytest.mark.django_db


def values(row=9):
    return dict(zip(FEATURES, map(float, simulate(10)[row]), strict=True))


def listed(batch):
    form = RowsForm({"sort": "row"})
    assert form.is_valid()
    return every(batch, form.cleaned_data)


def test_eight_values_are_scored_and_the_answer_has_a_number(ana, champion, researcher):
    response = ana.post(reverse("showroom:case"), values() | {"name": "J0000"})

    case = Prediction.objects.get()
    assert response.status_code == 200
    assert "Looks like a pulsar" in response.content.decode()
    assert str(case) == f"{case.batch.pk}-1"
    assert (case.name, case.by, case.predicted) == ("J0000", researcher, True)
    assert case.features == values()
    assert case.probability > champion.card["threshold"]
    event = Outbox.objects.get(kind="case.classified")
    assert (event.about, event.who) == (str(case), str(researcher.pk))


def test_the_form_keeps_the_values_so_that_they_can_be_changed(ana, champion):
    noise = values(0)
    page = ana.post(reverse("showroom:case"), noise).content.decode()

    assert "Does not look like a pulsar" in page
    for feature in FEATURES:
        assert f'name="{feature}" value="{noise[feature]}"' in page
    ana.post(reverse("showroom:case"), noise | {"prof_skew": "3"})
    assert [case.row for case in Prediction.objects.order_by("row")] == [1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"prof_mean": "bright"}, "Enter a number."),
        ({"prof_mean": ""}, "This field is required."),
        ({"prof_mean": "nan"}, "Enter a number."),
        ({"prof_mean": "1e400"}, "Enter a number."),
        ({"prof_std": "0"}, "This value is zero: the profile is constant"),
        ({"dm_std": "-1"}, "This value is negative"),
        ({"prof_mean": "1e39"}, "This value is infinite, or too large"),
    ],
)
def test_a_value_that_cannot_be_is_sent_back_with_words(ana, champion, change, words):
    response = ana.post(reverse("showroom:case"), values() | change)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Prediction.objects.exists()


@pytest.mark.engines
def test_cases_of_one_day_and_version_share_a_batch_without_a_gap(champion, researcher):
    cases = [classify_case(values(n), by=researcher) for n in range(5)]

    (batch,) = Batch.objects.all()
    assert [case.row for case in cases] == [1, 2, 3, 4, 5]
    assert (batch.source, batch.day, batch.version, batch.owner) == (
        Batch.Source.CASES,
        now().date(),
        champion,
        None,
    )
    found = sum(case.predicted for case in cases)
    assert (batch.n_rows, batch.n_scored, batch.n_pulsars) == (5, 5, found)


def test_for_one_case_of_a_day_no_other_is_read(champion, researcher):
    batch = [classify_case(values(n), by=researcher) for n in (0, 9, 1)][-1].batch
    with rows.scores(batch, [2]) as connection:
        found = connection.execute("select row, prof_mean from scores").fetchall()
    assert found == [(2, values(9)["prof_mean"])]
    with rows.scores(batch) as connection:
        found = connection.execute("select row from scores order by row").fetchall()
    assert found == [(1,), (2,), (3,)]


def test_the_day_s_table_shows_cases_before_and_after_they_are_sealed(
    ana, champion, researcher
):
    batch = [classify_case(values(n), by=researcher) for n in (0, 9)][-1].batch
    before = listed(batch)
    assert seal() == 2
    classify_case(values(1), by=researcher, name="late")

    assert listed(batch)[:2] == before
    assert [(row["row"], row["name"]) for row in listed(batch)] == [
        (1, f"{batch.pk}-1"),
        (2, f"{batch.pk}-2"),
        (3, "late"),
    ]
    assert Prediction.objects.count() == 1
    assert sum(sum(c.histogram) for c in batch.chunks.all()) == 2
    page = ana.get(batch.get_absolute_url())
    assert sum(bar.n for bar in page.context["bars"]) == 3


def test_a_day_ends_with_its_hash_and_one_event(champion, researcher):
    batch = classify_case(values(), by=researcher).batch
    seal(now())
    batch.refresh_from_db()
    assert batch.state == State.RUNNING

    for _ in range(2):
        seal(now() + timedelta(days=1, hours=1))
    batch.refresh_from_db()
    assert (batch.state, len(batch.sha256)) == (State.SUCCESS, 64)
    assert Outbox.objects.filter(kind="batch.scored", about=str(batch)).count() == 1


def test_a_sealing_that_was_killed_before_its_ledger_line_is_done_again(
    champion, researcher, monkeypatch
):
    batch = classify_case(values(), by=researcher).batch
    before = listed(batch)

    class Killed(BaseException):
        pass

    def killed(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Chunk.objects, "create", killed)
        with pytest.raises(Killed):
            seal()
    assert listed(batch) == before

    assert seal() == 1
    assert listed(batch) == before


def test_nothing_to_seal_is_said(db, capsys):
    call_command("seal_cases")

    assert capsys.readouterr().out == "sealed 0 cases\n"


def test_who_may_not_ask_is_refused(client, db, django_user_model, champion):
    client.force_login(django_user_model.objects.create_user("guest"))

    assert client.get(reverse("showroom:case")).status_code == 403
    assert client.post(reverse("showroom:case"), values()).status_code == 403


def test_without_a_champion_the_page_says_so(ana):
    response = ana.post(reverse("showroom:case"), values())

    assert response.status_code == 503
    assert "There is no version pulsar@champion." in response.content.decode()
