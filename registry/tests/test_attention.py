"""What the first page tells of trainings."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from registry.attention import SHOWN, attention
from registry.tests.run_rows import run_row

pytestmark = pytest.mark.django_db


def test_what_is_under_way_and_what_failed_lately_is_told_newest_first():
    at = now()
    run_row()
    run_row("cancelled", finished_at=at)
    run_row("failed", finished_at=at - timedelta(days=4))
    failed = run_row("failed", finished_at=at - timedelta(days=2))
    queued = run_row("queued")
    running = run_row("running")

    told = attention(at)

    assert (told.open, told.failed) == ([running, queued], [failed])
    assert told.is_needed


def test_more_than_a_few_stand_behind_the_link():
    runs = [run_row("queued") for _ in range(SHOWN + 1)]

    assert attention(now()).open == runs[:0:-1]


def test_where_all_is_done_nothing_is_told(client, person):
    run_row()
    assert not attention(now()).is_needed
    client.force_login(person("researcher"))
    assert 'id="training-title"' not in client.get("/").text
    run = run_row("failed", finished_at=now(), reason="No pulsars are left.")
    shown = " ".join(client.get("/").text.split())
    assert (
        f'<a href="{run.get_absolute_url()}">Training {run.pk}, Random Forest' in shown
    )
    assert "No pulsars are left.</small>" in shown


def test_who_may_not_see_runs_is_told_nothing(client, django_user_model):
    run_row("running")
    client.force_login(django_user_model.objects.create_user("newt"))

    assert 'id="training-title"' not in client.get("/").text
