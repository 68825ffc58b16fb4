"""The champion's probe: it loads what lies there, and has it score."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from monitor.models import Check
from monitor.probes import reading
from registry import health, serving
from registry.models import Alias, AliasMove
from registry.ship import register_shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def champion():
    register_shipped()
    return serving.find("pulsar@champion")


def test_it_is_declared_as_a_model_that_is_looked_at():
    probe = reading.declared["champion"]
    assert (probe.kind, probe.look) == (Check.Kind.MODEL, health.look)


def test_a_champion_that_scores_is_up_and_tells_its_age(champion):
    AliasMove.objects.all().delete()
    with time_machine.travel(champion.created_at + timedelta(hours=3), tick=False):
        found = health.look()
    assert found.state == Check.State.UP
    assert found.summary == f"{champion} for 3 h 00 min"
    assert found.figures == {"champion.age": 3 * 3600}
    score = found.detail.pop("score")
    assert 0 <= score <= 1
    assert found.detail == {
        "version": str(champion),
        "address": champion.get_absolute_url(),
        "sha256": champion.sha256,
        "age": 3 * 3600,
    }


def test_the_age_is_counted_from_the_last_promotion(champion):
    move = AliasMove.objects.create(
        model=champion.model, alias="champion", after=champion, reason="Better."
    )
    at = timezone.now() - timedelta(days=1)
    AliasMove.objects.filter(pk=move.pk).update(at=at)
    AliasMove.objects.exclude(pk=move.pk).delete()
    assert health.look().figures["champion.age"] == pytest.approx(86_400, abs=60)


def test_without_a_champion_it_is_down(champion):
    Alias.objects.filter(name="champion").delete()
    found = health.look()
    assert (found.state, found.summary, found.figures) == (
        Check.State.DOWN,
        "There is no version pulsar@champion.",
        {},
    )


def test_a_champion_whose_file_was_changed_is_down_though_a_process_has_it_loaded(
    champion,
):
    assert health.look().state == Check.State.UP
    model = champion.folder / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"\0")
    found = health.look()
    assert found.state == Check.State.DOWN
    assert "model.onnx" in found.summary


def test_a_champion_whose_files_are_gone_is_down(champion):
    for file in champion.folder.iterdir():
        file.unlink()
    found = health.look()
    assert found.state == Check.State.DOWN
    assert found.summary
