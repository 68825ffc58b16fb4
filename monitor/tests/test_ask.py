"""ask(): a look that somebody wants now is started once, by a process of its own."""

import os
import signal
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from django.utils import timezone

from conftest import eventually
from monitor.checks.ask import ask, ask_all
from monitor.models import Check
from monitor.processes import detached


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """The commands that are started instead of ours, which would see no test."""
    commands = []

    def note(argv, environ=None) -> int:
        commands.append(argv)
        return 1

    monkeypatch.setattr(detached, "start", note)
    return commands


@pytest.fixture
def check(db) -> Check:
    return Check.objects.create(slug="broker", kind="broker", name="Broker")


def asked(check: Check) -> object:
    return Check.objects.get(pk=check.pk).asked_at


def test_a_look_is_started_and_noted(check, started, person):
    before = timezone.now()
    assert ask(check, person("operator"))
    assert started == [["look", "broker"]]
    assert before <= asked(check) <= timezone.now()


def test_while_it_is_under_way_it_is_not_started_again(check, started):
    assert ask(check, None)
    first = asked(check)
    assert not ask(check, None)
    assert started == [["look", "broker"]]
    assert asked(check) == first


def test_one_that_never_answered_may_be_asked_for_again(check, started):
    deadline = timedelta(seconds=settings.PULSAR.monitor.deadline_seconds)
    Check.objects.update(asked_at=timezone.now() - deadline - timedelta(seconds=6))
    assert ask(check, None)
    assert started == [["look", "broker"]]


def test_one_asked_for_by_a_clock_that_was_put_back_is_no_obstacle(check, started):
    Check.objects.update(asked_at=timezone.now() + timedelta(hours=1))
    assert ask(check, None)


def test_everything_is_asked_for_by_one_process(check, started):
    Check.objects.create(slug="clock", kind="clock", name="Clock")
    assert ask_all(None)
    assert started == [["look"]]
    assert not Check.objects.filter(asked_at=None).exists()
    assert not ask_all(None)
    assert not ask(check, None)
    assert started == [["look"]]


def test_a_command_is_started_as_the_crontab_would_and_leaves_nothing(tmp_path):
    said = tmp_path / "said"
    code = f"import os; open({str(said)!r}, 'w').write(f'{{os.getsid(0)}}')"
    pid = detached.start(["shell", "-v0", "-c", code])
    process = psutil.Process(pid)
    words = process.cmdline()
    assert words[1:] == [
        str(settings.BASE_DIR / "manage.py"),
        "--config",
        str(settings.CONFIG_FILE),
        *["shell", "-v0", "-c", code],
    ]
    eventually(lambda: not psutil.pid_exists(pid))
    # In a session of its own: what ends us does not end it.
    assert said.read_text() == str(pid)


def test_a_process_that_was_killed_does_not_stay_as_a_zombie():
    pid = detached.start(["shell", "-v0", "-c", "import signal; signal.pause()"])
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: not psutil.pid_exists(pid))
