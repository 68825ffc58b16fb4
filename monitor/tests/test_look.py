"""look(): everything at once, kept; and `manage.py look`, which prints it."""

import json
import re
import signal
import socket
import threading
from contextlib import closing, contextmanager
from datetime import timedelta
from io import StringIO

import psutil
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from conftest import free_port
from monitor import jobs
from monitor.checks.gather import gather
from monitor.checks.look import NotKept, look
from monitor.models import Check, Flip, Outbox, Sample
from monitor.probes import reading
from monitor.probes.child import Task, run
from monitor.probes.reading import Probe, Reading
from pulsarsite.schema import Host

pytestmark = pytest.mark.django_db(transaction=True)

UP, DOWN = Check.State.UP, Check.State.DOWN
OWN = [
    *("database-default", "database-events", "broker", "workers", "clock"),
    *("tick", "outbox", "storage", "machine"),
]


@pytest.fixture(autouse=True)
def left_behind(site):
    """The children it has and had not before: a server of other tests may stay."""
    before = psutil.Process().children()
    return lambda: [one for one in psutil.Process().children() if one not in before]


@pytest.fixture(autouse=True)
def site(settings, monkeypatch):
    """A site with these hosts, where no other app has something to look at."""
    monkeypatch.setattr(reading, "declared", {})
    monkeypatch.setattr("monitor.checks.gather.declared", reading.declared)
    monkeypatch.setattr(jobs, "declared", {})

    def watching(*hosts: Host, deadline: float = 20) -> None:
        changes = {"hosts": hosts, "deadline_seconds": deadline}
        monitor = settings.PULSAR.monitor.model_copy(update=changes)
        settings.PULSAR = settings.PULSAR.model_copy(update={"monitor": monitor})

    watching()
    return watching


def local(name: str, port: int) -> Host:
    return Host(name=name, address="127.0.0.1", port=port)


def states() -> dict[str, str]:
    return dict(Check.objects.values_list("slug", "state"))


@contextmanager
def listening():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def test_everything_is_looked_at_and_kept(site, left_behind):
    with listening() as port:
        site(local("here", port), local("gone", free_port()))
        found = look()
    assert [one.subject.slug for one in found] == ["host-here", "host-gone", *OWN]
    assert states() == {
        "host-here": "up",
        "host-gone": "down",
        **dict.fromkeys(OWN, "up"),
        **dict.fromkeys(("workers", "clock", "tick"), "new"),
    }
    assert Check.objects.get(slug="host-gone").summary == "refused"
    figures = Sample.objects.order_by("name").values_list("name", flat=True)
    assert list(figures) == [
        *("machine.cpu", "machine.load", "machine.memory"),
        *("outbox.age", "outbox.waiting", "storage.free", "storage.used"),
        *("workers.active", "workers.count", "workers.queued"),
    ]
    assert left_behind() == []


def test_a_reading_is_of_the_time_at_which_the_look_began():
    at = timezone.now() - timedelta(minutes=5)
    look(at=at)
    assert set(Check.objects.values_list("looked_at", flat=True)) == {at}


def test_what_is_named_is_looked_at_alone(site):
    site(local("gone", free_port()))
    look(["clock", "host-gone"])
    assert states() == {"clock": "new", "host-gone": "down"}


def test_what_has_gone_from_the_configuration_loses_its_row(site):
    site(local("gone", free_port()))
    look()
    Check.objects.create(slug="job-prune", kind="job", name="prune")
    site()
    look(["clock"])
    assert "host-gone" in states()
    look()
    assert set(states()) == {*OWN, "job-prune"}
    assert not Flip.objects.filter(subject__slug="host-gone").exists()


def test_what_another_app_has_declared_is_looked_at_too():
    def see() -> Reading:
        return Reading(UP, "version 3", figures={"champion.age": 5.0})

    reading.declare(Probe("champion", Check.Kind.MODEL, "Champion", see, ("storage",)))
    look(["champion"])
    row = Check.objects.values("slug", "kind", "name", "state", "summary", "depends")
    assert row.get() == {
        "slug": "champion",
        "kind": "model",
        "name": "Champion",
        "state": "up",
        "summary": "version 3",
        "depends": ["storage"],
    }
    assert Sample.objects.get().name == "champion.age"


def test_what_hangs_is_down_and_stops_nothing_else(site, left_behind):
    site(deadline=0.5)

    def hang() -> Reading:
        threading.Event().wait()
        raise AssertionError

    reading.declare(Probe("champion", Check.Kind.MODEL, "Champion", hang))
    look(["champion", "storage"])
    assert states() == {"champion": "down", "storage": "up"}
    words = "No answer within 0.5 s."
    assert Check.objects.get(slug="champion").summary == words
    assert left_behind() == []


def test_two_who_look_at_once_leave_one_flip_each(site, left_behind):
    site(local("gone", free_port()))
    look(["host-gone", "storage"])
    Check.objects.update(state=Check.State.NEW)
    Flip.objects.all().delete()
    Outbox.objects.all().delete()

    def again() -> Reading:
        look(["storage"])
        return Reading(UP, "kept", took=1)

    # Three processes of their own, as the tick and two who have asked.
    lookers = [Task([name], lambda name=name: [(name, again())], 20) for name in "abc"]
    assert {one.summary for one in run(lookers).values()} == {"kept"}
    assert list(Flip.objects.values_list("subject__slug", "state")) == [
        ("storage", "up")
    ]
    assert left_behind() == []


def depends() -> dict[str, list[str]]:
    subjects = gather().subjects()
    return {slug: one.depends for slug, one in subjects.items() if one.depends}


def test_what_has_no_server_depends_on_no_host(site):
    site(local("here", 22))
    assert depends() == {
        "workers": ["broker", "database-default"],
        "tick": ["clock"],
        "outbox": ["database-events", "clock"],
    }


def test_what_is_on_a_host_depends_on_its_checks(site, settings):
    site(
        Host(name="db", address="DB.example.org.", port=3306),
        Host(name="db-ssh", address="db.example.org", port=22),
        Host(name="six", address="2001:db8::7", port=22),
    )
    settings.DATABASES["events"] = settings.DATABASES["events"] | {
        "HOST": "db.example.org"
    }
    broker = settings.PULSAR.broker.model_copy(
        update={"url": "redis://[2001:db8::7]:6379/0"}
    )
    settings.PULSAR = settings.PULSAR.model_copy(update={"broker": broker})
    found = depends()
    del settings.DATABASES["events"]["HOST"]
    assert found == {
        "database-events": ["host-db", "host-db-ssh"],
        "broker": ["host-six"],
        "workers": ["broker", "database-default"],
        "tick": ["clock"],
        "outbox": ["database-events", "clock"],
    }


@pytest.fixture
def nowhere(tmp_path):
    """The database `default` is gone."""
    kept = connections["default"]
    kept.close()
    connections["default"] = connections.create_connection("default")
    settings_dict = connections["default"].settings_dict
    name = settings_dict["NAME"]
    settings_dict["NAME"] = str(tmp_path / "gone.sqlite3")
    yield
    connections["default"].close()
    settings_dict["NAME"] = name
    connections["default"] = kept


def test_without_the_database_that_keeps_them_readings_are_told_all_the_same(nowhere):
    with pytest.raises(NotKept, match=r"kept: Database default: connect: there is no"):
        look()
    out = StringIO()
    with pytest.raises(CommandError, match="could not be kept"):
        call_command("look", stdout=out)
    told = [line.split()[:2] for line in out.getvalue().splitlines()]
    assert ["database-default", "down"] in told
    assert ["database-events", "up"] in told
    assert ["storage", "down"] in told  # its history is in there
    with pytest.raises(CommandError, match="The readings could not be kept"):
        call_command("look", "storage", stdout=out)


def printed(*words: str) -> tuple[int, list[str]]:
    """How the command ends and what it prints, but for what it took."""
    out = StringIO()
    code = 0
    try:
        call_command("look", *words, stdout=out)
    except SystemExit as error:
        code = error.code
    return code, out.getvalue().splitlines()


def test_the_command_prints_a_line_each_and_ends_with_1_if_something_is_down(site):
    with listening() as port:
        site(local("here", port), local("gone", free_port()))
        code, lines = printed("host-here", "host-gone")
        assert code == 1
        for line, (slug, state, words) in zip(
            lines,
            [("host-here", "up", "up"), ("host-gone", "down", "refused")],
            strict=True,
        ):
            assert re.fullmatch(rf"{slug} +{state} +\d+\.\d{{3}} s  {words}", line)
        assert printed("host-here")[0] == 0


def test_the_command_prints_objects_too():
    code, [line] = printed("--json", "clock")
    told = json.loads(line)
    assert 0 < told.pop("took") < 20
    words = "No clock has given a sign of life yet."
    assert (code, told) == (
        0,
        {"slug": "clock", "state": "new", "summary": words, "detail": {}},
    )


def test_the_command_looks_at_jobs_as_well():
    jobs.declare("hourly", cron="0 * * * *", argv=["prune"], page="/")
    jobs.sync()
    code, lines = printed()
    assert code == 0
    assert [line.split()[0] for line in lines] == [*OWN, "job-hourly"]
    assert [line.split()[:2] for line in printed("job-hourly")[1]] == [
        ["job-hourly", "new"]
    ]


@pytest.mark.parametrize("slug", ["nothing", "job-nothing"])
def test_the_command_knows_only_what_there_is(slug):
    with pytest.raises(CommandError, match=f"of the name {slug}|by the name {slug}"):
        call_command("look", slug)


def test_a_look_that_is_ended_leaves_no_process_behind(site, left_behind):
    site(deadline=20)

    def hang() -> Reading:
        signal.pause()
        raise AssertionError

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    reading.declare(Probe("champion", Check.Kind.MODEL, "Champion", hang))
    kept = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(KeyboardInterrupt):
            look(["champion"])
    finally:
        signal.signal(signal.SIGALRM, kept)
    assert left_behind() == []
    assert states() == {}
