"""note(): steps of the clock, and times in which nobody kept time."""

from datetime import timedelta

import pytest

from monitor.clock import step
from monitor.models import Sample
from monitor.tests.debian_cron import at
from monitor.tests.machine import Machine

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

NOW = at("2026-06-07 02:10")


@pytest.fixture
def machine(monkeypatch) -> Machine:
    machine = Machine()
    machine.patch(monkeypatch)
    machine.passes(NOW)
    return machine


@pytest.mark.parametrize(
    ("wall", "passed", "found"),
    [
        (60, 60, []),
        (90, 90, []),
        (120, 60, []),
        (121, 60, [("clock.step", 61)]),
        (-1, 60, [("clock.step", -61)]),
        (3660, 60, [("clock.step", 3600)]),
        (60 - 86_400, 60, [("clock.step", -86_400)]),
        (28_800, 28_800, [("clock.gap", 28_800)]),
        (28_800, 14_400, [("clock.step", 14_400), ("clock.gap", 14_400)]),
    ],
)
def test_what_has_happened_between_two_looks(machine, wall, passed, found):
    after = NOW + timedelta(seconds=wall)
    machine.passes(after, passed)
    samples = Sample.objects.order_by("pk")
    assert [(s.name, round(s.value)) for s in samples] == found
    assert {s.at for s in samples} <= {after}


@pytest.mark.parametrize(("wall", "found"), [(80, []), (7200, [7200]), (-7200, [])])
def test_a_machine_that_was_off_knows_no_steps(machine, wall, found):
    machine.boot = "b"
    machine.passes(NOW + timedelta(seconds=wall), -900)
    assert list(Sample.objects.values_list("value", flat=True)) == found
    assert not Sample.objects.exclude(name="clock.gap").exists()


def test_the_clocks_of_this_machine_only_grow():
    before = step.up()
    assert 0 < before <= step.up()
