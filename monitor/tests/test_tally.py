"""tally: counted in the process, stored within a second, right over all processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing

import pytest
from billiard.context import ForkContext
from django.db import connection, connections

from conftest import eventually
from monitor.metrics import tally
from monitor.metrics.add import add
from monitor.models import Tally

# A process of the site's: it counts, says so, and goes on until it is ended.
_COUNTER = """
import sys
import django
django.setup()
from django.conf import settings
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from monitor.metrics import tally
tally.EVERY = float(sys.argv[3])
for _ in range(int(sys.argv[2])):
    tally.count("laps", 1, track="north")
print("counted", flush=True)
sys.stdin.readline()
"""


def tallied() -> dict[tuple[str, str], float]:
    found = Tally.objects.values_list("name", "labels", "value")
    return {(name, labels): value for name, labels, value in found}


@pytest.mark.engines
@pytest.mark.django_db
def test_what_was_counted_adds_up_by_name_and_labels():
    tally.count("laps", 2, track="north", car="a")
    tally.flush()
    tally.count("laps", 1, car="a", track="north")
    tally.count("laps", 5, track="south")
    tally.flush()
    assert tallied() == {
        ("laps", '{"car": "a", "track": "north"}'): 3,
        ("laps", '{"track": "south"}'): 5,
    }


@pytest.mark.engines
@pytest.mark.django_db
def test_nothing_is_stored_before_it_is_flushed_and_nothing_twice():
    tally.count("laps")
    assert tallied() == {}
    tally.flush()
    tally.flush()
    assert tallied() == {("laps", "{}"): 1}


@pytest.mark.engines
@pytest.mark.django_db
def test_a_time_counts_in_its_bucket_and_in_the_sum():
    for seconds in (0.001, 0.0011, 99):
        tally.observe("lap", seconds, track="north")
    tally.flush()
    assert tallied() == {
        ("lap_bucket", '{"le": "+Inf", "track": "north"}'): 1,
        ("lap_bucket", '{"le": "0.001", "track": "north"}'): 1,
        ("lap_bucket", '{"le": "0.0025", "track": "north"}'): 1,
        ("lap_sum", '{"track": "north"}'): pytest.approx(99.0021),
    }


@pytest.mark.engines
@pytest.mark.django_db
def test_more_lines_than_one_transaction_takes_are_all_stored(monkeypatch):
    monkeypatch.setattr(tally, "_AT_ONCE", 3)
    for number in range(8):
        tally.count("laps", 1, track=str(number))
    tally.flush()
    assert sorted(tallied().values()) == [1] * 8


@pytest.mark.engines
@pytest.mark.django_db
def test_lines_beyond_the_limit_are_given_up_and_known_ones_go_on(monkeypatch):
    monkeypatch.setattr(tally, "_MOST", 2)
    for track in ("a", "b", "c", "a"):
        tally.count("laps", 1, track=track)
    tally.flush()
    assert tallied() == {
        ("laps", '{"track": "a"}'): 2,
        ("laps", '{"track": "b"}'): 1,
    }


@pytest.mark.engines
@pytest.mark.django_db
def test_an_addition_goes_with_its_transaction():
    add("runs", 2, state="failed")
    add("runs", state="failed")
    assert tallied() == {("runs", '{"state": "failed"}'): 3}


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_locked_what_was_counted_is_kept():
    if connection.vendor != "sqlite":
        pytest.skip("SQLite alone is locked as a whole")
    tally.count("laps", 3)
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("begin immediate")
        with connection.cursor() as cursor:
            cursor.execute("pragma busy_timeout = 50")
        tally.flush()
        tally.count("laps", 4)
        other.rollback()
    tally.flush()
    assert tallied() == {("laps", "{}"): 7}
    connection.close()


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_a_thread_stores_it_soon_and_threads_lose_nothing(monkeypatch):
    monkeypatch.setattr(tally, "EVERY", 0.05)

    def counts() -> None:
        for _ in range(500):
            tally.count("laps")

    threads = [threading.Thread(target=counts) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: tallied() == {("laps", "{}"): 2000})


@pytest.mark.django_db(transaction=True)
def test_a_forked_child_counts_its_own_and_nothing_of_its_parents():
    def counts() -> None:
        tally.EVERY = 60
        tally.count("laps", 10)

    tally.count("laps", 1, who="parent")
    connections.close_all()
    # A worker of Celery's, which leaves without the good-byes of atexit.
    child = ForkContext().Process(target=counts)
    child.start()
    child.join(30)
    assert tallied() == {("laps", "{}"): 10}
    tally.flush()
    assert tallied() == {("laps", "{}"): 10, ("laps", '{"who": "parent"}'): 1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_several_processes_add_up_though_one_is_killed():
    if connection.vendor != "sqlite":
        pytest.skip("the processes are told a file")
    command = [sys.executable, "-c", _COUNTER, str(connection.settings_dict["NAME"])]
    counters = [
        subprocess.Popen(
            [*command, times, every],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        for times, every in (("100", "0.5"), ("200", "0.5"), ("400", "60"))
    ]
    for counter in counters:
        assert counter.stdout.readline() == "counted\n"
    line = ("laps", '{"track": "north"}')
    # The third has not come to it yet; what the others have stored no kill takes away.
    eventually(lambda: tallied() == {line: 300})
    counters[0].send_signal(signal.SIGKILL)
    for counter in counters:
        counter.communicate(timeout=30)
    # Who leaves in order stores what is left.
    assert tallied() == {line: 700}
