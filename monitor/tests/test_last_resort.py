"""The database itself is gone: it is told past it, once, and so is its return."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from monitor import watchman
from monitor.alerts.watch import watch as watch_alerts
from monitor.models import Alert, Channel, Check, Delivery, Flip, Outbox
from monitor.telling import last_copy, last_memory
from monitor.telling.last_memory import alone
from monitor.telling.last_resort import Away, look
from monitor.tests.alerted import rule
from monitor.tests.debian_cron import at
from monitor.tests.machine import Machine
from monitor.tests.receivers import bodies, receiver, webhook
from monitor.tests.test_watchman import Rounds

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at("2026-06-07 02:10")
MINUTE = timedelta(minutes=1)


class Site:
    """Somebody looks after it, on a machine with clocks of its own."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.wall = machine, NOW

    def looks(self, *passed: float, step: float = 0) -> list[bool]:
        """Look again after so many seconds, each time; whether it answered."""
        return [self._look(seconds, step) for seconds in passed]

    def _look(self, passed: float, step: float) -> bool:
        self.wall += timedelta(seconds=passed + step)
        with self.machine.shows(self.wall, passed):
            try:
                look()
            except Away:
                return False
            return True


@pytest.fixture
def site(monkeypatch) -> Site:
    machine = Machine()
    machine.patch(monkeypatch)
    return Site(machine)


@contextmanager
def gone() -> Iterator[Path]:
    """The file of the database is another by now, and no database."""
    file = Path(connection.settings_dict["NAME"])
    kept = file.with_suffix(".kept")
    # The tests' own connection does not end by itself.
    BaseDatabaseWrapper.close(connection)
    file.rename(kept)
    try:
        file.write_bytes(b"not a database " * 500)
        yield file
    finally:
        BaseDatabaseWrapper.close(connection)
        kept.replace(file)


def is_up() -> None:
    """The check of the database, as it was found before."""
    Check.objects.create(
        slug="database-default",
        kind="database",
        name="Database default",
        state="up",
        since=NOW - MINUTE,
        looked_at=NOW - MINUTE,
    )


def told(there) -> list[tuple[str, str]]:
    return [(body["type"], body["data"]["begun_at"]) for body in bodies(there)]


def test_what_lasts_is_told_once_and_so_is_its_return(site, storage):
    rule(kind="database", severity="critical", for_seconds=60)
    is_up()
    since = (NOW + 2 * MINUTE).isoformat()
    with receiver() as there:
        webhook(there.url, least="critical")
        webhook(there.url, "Another", on=False)
        assert site.looks(60) == [True]
        with gone():
            assert site.looks(60, 60) == [False, False]
            assert there.heard == []
            assert site.looks(60, 60, 60) == [False, False, False]
            assert told(there) == [("alert.opened", since)]
        assert site.looks(60, 60) == [True, True]
        assert len(there.heard) == 1
        watch_alerts(site.wall)
        assert site.looks(60, 60) == [True, True]
        assert told(there)[1:] == [("alert.closed", since)]

    # The other machinery knows that it was away, and tells nobody a second time.
    watch_alerts(site.wall)
    assert not Alert.objects.exists()
    assert not Delivery.objects.exists()
    assert list(Flip.objects.order_by("pk").values_list("state", "at")) == [
        ("down", NOW + 2 * MINUTE),
        ("up", NOW + 7 * MINUTE),
    ]
    kinds = Outbox.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["check.went_down", "check.recovered"]
    memory = (storage / last_memory.NAME).read_text().strip()
    assert memory == '{"run":null,"told":null}'


def test_it_says_what_is_wrong_in_the_words_of_the_driver(site):
    with receiver() as there:
        webhook(there.url)
        site.looks(60)
        with gone():
            site.looks(60, 60, 60)
        site.looks(60, 60, 60)
    lost, back = (body["data"] for body in bodies(there))
    assert lost == {
        "id": None,
        "title": "The database does not answer",
        "cause": "database-default",
        "severity": "critical",
        "state": "open",
        "begun_at": (NOW + 2 * MINUTE).isoformat(),
        "opened_at": (NOW + 4 * MINUTE).isoformat(),
        "closed_at": None,
        "evidence": {"rule": "connect: file is not a database"},
        "url": "http://localhost:8000/monitor/",
    }
    over = {"state": "closed", "closed_at": (NOW + 5 * MINUTE).isoformat()}
    assert back == {**lost, **over, "evidence": {}}


def test_a_database_whose_file_was_taken_is_not_made_anew(site):
    site.looks(60)
    with gone() as file:
        file.unlink()
        with pytest.raises(CommandError, match=f"there is no file {file}"):
            call_command("tick")
        assert not file.exists()


def test_one_bad_moment_is_no_alarm(site):
    is_up()
    with receiver() as there:
        webhook(there.url)
        for _ in range(3):
            site.looks(60)
            with gone():
                site.looks(60, 59)
        site.looks(60, 60, 60)
    assert there.heard == []
    assert not Flip.objects.exists()


@pytest.mark.parametrize(
    ("passed", "step"),
    [
        # The clock on the wall is put on by a day, or back.
        ((60, 59), 86_400),
        ((60, 59), -86_400),
        # It slept; nobody knows what was meanwhile.
        ((28_800, 60), 0),
    ],
)
def test_neither_sleep_nor_a_step_of_the_clock_is_two_minutes(site, passed, step):
    with receiver() as there:
        webhook(there.url)
        site.looks(60)
        with gone():
            site.looks(60)
            site.looks(*passed, step=step)
            assert there.heard == []
            site.looks(60)
    assert len(there.heard) == 1


def test_a_machine_that_begins_anew_gives_its_database_time(site):
    with receiver() as there:
        webhook(there.url)
        site.looks(60)
        with gone():
            site.looks(60, 60)
            site.machine.boot, site.machine.up = "b", 0
            site.looks(60, 60)
            assert there.heard == []
            site.looks(60)
    assert len(there.heard) == 1


def test_what_lasts_for_a_day_is_told_again(site):
    with receiver() as there:
        webhook(there.url)
        site.looks(60)
        with gone():
            site.looks(60, 60, 60)
            site.looks(23 * 3600, 60, 60)
            assert len(there.heard) == 1
            site.looks(3600, 60, 60, 60)
            assert len(there.heard) == 2
    assert len({heard.headers["webhook-id"] for heard in there.heard}) == 2
    assert len(set(told(there))) == 1


def test_whoever_was_not_reached_is_tried_again_by_the_same_message(site, caplog):
    with receiver(500, 500) as there, receiver() as other:
        webhook(f"{there.url}/s3cret-path")
        webhook(other.url, "Another")
        site.looks(60)
        with gone():
            site.looks(60, 60, 60)
            # Not each time that one of many looks.
            site.looks(30)
            assert len(there.heard) == 1
            site.looks(30, 60, 60)
            assert len(there.heard) == 3
        site.looks(60, 60, 60, 60)
    lost = [heard.headers["webhook-id"] for heard in there.heard[:3]]
    assert len(set(lost)) == 1
    types = [kind for kind, _ in told(there)]
    assert types == [*["alert.opened"] * 3, "alert.closed"]
    assert [kind for kind, _ in told(other)] == ["alert.opened", "alert.closed"]
    assert "“Hook” could not be told: It answered 500" in caplog.text
    assert "s3cret" not in caplog.text


def test_of_many_who_look_at_once_one_tells(site):
    with receiver() as there:
        webhook(there.url)
        site.looks(60)
        with gone():
            site.looks(60, 60, 59)
            begin = threading.Barrier(6)

            def one() -> None:
                begin.wait()
                with pytest.raises(Away):
                    look()

            with site.machine.shows(site.wall + MINUTE):
                threads = [threading.Thread(target=one) for _ in range(6)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join(30)
    assert len(there.heard) == 1


def test_while_somebody_else_is_at_it_nobody_waits(site, storage):
    with receiver() as there:
        webhook(there.url)
        site.looks(60)
        with gone():
            site.looks(60, 60)
            with alone(storage):
                assert site.looks(60) == [False]
            assert there.heard == []
            site.looks(60)
    assert len(there.heard) == 1


def test_its_files_are_its_owners_alone_and_written_when_something_changed(
    site, storage
):
    copy, memory = storage / last_copy.NAME, storage / last_memory.NAME
    hook = webhook("http://127.0.0.1:1/")
    site.looks(60)
    assert {file.stat().st_mode & 0o777 for file in (copy, memory)} == {0o600}
    first, taken = copy.stat(), memory.stat()
    site.looks(60)
    assert (copy.stat().st_ino, copy.stat().st_mtime_ns) == (
        first.st_ino,
        first.st_mtime_ns,
    )
    Channel.objects.filter(pk=hook.pk).update(address="http://127.0.0.1:2/")
    site.looks(60)
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [one.address for one in last_copy.channels(storage)] == [
        "http://127.0.0.1:2/"
    ]
    # On a full disk it can only be written where it is.
    with gone():
        site.looks(60, 60, 60)
    now = memory.stat()
    assert (now.st_ino, now.st_size) == (taken.st_ino, taken.st_size)
    left = sorted(file.name for file in storage.glob("last_resort*"))
    assert left == [copy.name, memory.name]


def test_what_was_cut_off_by_a_crash_is_begun_anew(site, storage):
    site.looks(60)
    with gone():
        site.looks(60)
        (storage / last_memory.NAME).write_text('{"run":{"since":{"bo')
        assert site.looks(60, 60) == [False, False]
    with alone(storage) as memory:
        assert memory.state.told is None


def test_without_a_place_for_its_files_the_site_goes_on(site, storage, caplog):
    (storage / last_memory.NAME).mkdir()
    assert site.looks(60) == [True]
    assert "The last resort is not at hand" in caplog.text


def test_another_user_leaves_no_files(site, storage, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: storage.stat().st_uid + 1)
    with gone():
        assert site.looks(60) == [True]
    assert list(storage.iterdir()) == []


def test_the_web_process_tells_it_though_nothing_ticks(site, caplog):
    def minute() -> None:
        site.machine.up += 60

    with receiver() as there:
        webhook(there.url)
        site.looks(60)
        with gone():
            watchman.run(Rounds(*[minute] * 4))
            assert [kind for kind, _ in told(there)] == ["alert.opened"]
        watchman.run(Rounds(*[minute] * 4))
    assert [kind for kind, _ in told(there)] == ["alert.opened", "alert.closed"]
    # As long as it was away no clock could sign, so none is called dead.
    assert not Check.objects.exists()
    assert "The database does not answer" in caplog.text
