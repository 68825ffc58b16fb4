"""What may happen to a run from table to table; see soak_tables.py.

Each takes the ground and a case, disturbs the case's run, and undoes what it did.
"""

import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

from tables_ground import ROWS, Case, Ground, dispatch, go_on, insert, run_now

CRASHES = (
    "start.slot",
    "start.run",
    "run.claimed",
    "read.page",
    "collect.read",
    "collect.copied",
    "collect.listed",
    "infer.part",
    "infer.done",
    "write.deleted",
    "write.inserted",
    "write.committed",
    "sink.part",
    "sink.noted",
    "persist.noted",
    "run.closing",
)
_CRASHED = 137
_HOURS = 5
_FULL, _READ_ONLY = 1114, 1290


class NotHit(Exception):
    """The fault has not met the run, so that nothing is shown."""


def cut(point: str) -> Callable[[Ground, Case], None]:
    """End the process at a step, or the child that it asks, without a word."""

    def disturb(ground: Ground, case: Case) -> None:
        ended = ground.work(dispatch, case.slug, crash_at=point)
        if ended != _CRASHED and not ground.ask(_is_stopped, case):
            raise NotHit(point)

    return disturb


def stopped(ground: Ground, case: Case) -> None:
    """MariaDB is away."""
    ground.server.kill()
    ground.work(dispatch, case.slug)
    _must_have_stopped(ground, case)
    ground.server.start()


def gone(ground: Ground, case: Case) -> None:
    """The SQLite file is away."""
    file = ground.engines["sqlite"].file
    away = file.rename(file.with_suffix(".away"))
    ground.work(dispatch, case.slug)
    _must_have_stopped(ground, case)
    away.rename(file)


def killed(ground: Ground, case: Case) -> None:
    """MariaDB ends in the middle."""
    server = ground.server.process
    ground.work(
        _met, case.slug, _point(case), lambda: os.kill(server.pid, signal.SIGKILL)
    )
    server.wait()
    _must_have_stopped(ground, case)
    ground.server.start()


def frozen(ground: Ground, case: Case) -> None:
    """MariaDB hangs in the middle: what is open stays open, and nothing answers."""
    server = ground.server.process
    ground.work(
        _met, case.slug, _point(case), lambda: os.kill(server.pid, signal.SIGSTOP)
    )
    ground.server.thaw()
    _must_have_stopped(ground, case)


def orphaned(ground: Ground, case: Case) -> None:
    """The dispatcher is killed while its child is in the middle."""
    ended = ground.work(
        _met,
        case.slug,
        _point(case),
        lambda: os.kill(os.getppid(), signal.SIGKILL),
    )
    if ended != -signal.SIGKILL:
        raise NotHit(case.slug)


def closed(ground: Ground, case: Case) -> None:
    """MariaDB closes the connection in the middle."""
    engine = ground.engines["mariadb"]

    def close() -> None:
        with closing(engine.connect()) as own:
            mine = own.execute("SELECT connection_id()").fetchval()
            others = own.execute(
                "SELECT id FROM information_schema.processlist "
                "WHERE db = ? AND id <> ?",
                (engine.database, mine),
            ).fetchall()
            for (number,) in others:
                own.execute(f"KILL CONNECTION {number}")

    ground.work(_met, case.slug, _point(case), close)


def locked(ground: Ground, case: Case) -> None:
    """Somebody keeps the SQLite file to himself."""
    with closing(ground.engines["sqlite"].connect()) as own:
        own.execute("BEGIN EXCLUSIVE")
        ground.work(dispatch, case.slug)
        own.execute("ROLLBACK")
    _must_have_stopped(ground, case)


def full(ground: Ground, case: Case) -> None:
    """There is no room for more results."""
    _refused(ground, case, _FULL, "The table is full")


def read_only(ground: Ground, case: Case) -> None:
    """From some moment on nothing may be written."""
    _refused(ground, case, _READ_ONLY, "The server is read-only")


def _refused(ground: Ground, case: Case, number: int, words: str) -> None:
    engine, name = ground.engines[case.sink], f"refuse_{case.slug}"
    says = (
        f"SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = '{words}'"
        if case.sink == "mariadb"
        else f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )
    trigger = f"CREATE TRIGGER {name} BEFORE INSERT ON {case.results} FOR EACH ROW"
    ground.work(
        _met, case.slug, "sink.noted", lambda: engine.execute(f"{trigger} {says}")
    )
    _must_have_stopped(ground, case)
    ground.sql(case.sink, f"DROP TRIGGER {name}")


def dropped(ground: Ground, case: Case) -> None:
    """Somebody takes the table of results away."""
    engine = ground.engines[case.sink]
    ground.work(
        _met,
        case.slug,
        "sink.noted",
        lambda: engine.execute(f"DROP TABLE {case.results}"),
    )
    _must_have_stopped(ground, case)


def altered(ground: Ground, case: Case) -> None:
    """Somebody gives a column of the results another name, and regrets it."""
    engine = ground.engines[case.sink]
    rename = f"ALTER TABLE {case.results} RENAME COLUMN"
    ground.work(
        _met,
        case.slug,
        "sink.noted",
        lambda: engine.execute(f"{rename} warnings TO remarks"),
    )
    _must_have_stopped(ground, case)
    ground.sql(case.sink, f"{rename} remarks TO warnings")


def fewer_columns(ground: Ground, case: Case) -> None:
    """A column of the source is not there."""
    rename = f"ALTER TABLE {case.table} RENAME COLUMN"
    ground.sql(case.source, f"{rename} dm_kurt TO other")
    ground.work(dispatch, case.slug)
    _must_have_stopped(ground, case)
    ground.sql(case.source, f"{rename} other TO dm_kurt")


def other_types(ground: Ground, case: Case) -> None:
    """A column of numbers has become one of texts, and some are none."""
    if case.source == "mariadb":
        ground.sql(case.source, f"ALTER TABLE {case.table} MODIFY dm_std varchar(40)")
    ground.sql(
        case.source, f"UPDATE {case.table} SET dm_std = 'n/a' WHERE id IN (7, 57, 92)"
    )
    ground.work(dispatch, case.slug)


def emptied(ground: Ground, case: Case) -> None:
    """The source has no rows, and has them again later."""
    ground.sql(case.source, f"DELETE FROM {case.table}")
    ground.work(dispatch, case.slug)
    ground.do(insert, ground, case, 1, ROWS)
    ground.do(run_now, case)


def deleted(ground: Ground, case: Case) -> None:
    """Rows go while the table is read."""
    _changed(ground, case, f"DELETE FROM {case.table} WHERE id IN (3, 40, 70, 99)")


def updated(ground: Ground, case: Case) -> None:
    """Rows change while the table is read."""
    _changed(
        ground,
        case,
        f"UPDATE {case.table} SET ip_mean = ip_mean + 1, "
        "changed = '2026-11-02 00:00:00' WHERE id IN (3, 40, 70, 99)",
    )


def _changed(ground: Ground, case: Case, statement: str) -> None:
    engine = ground.engines[case.source]
    ground.work(_met, case.slug, "read.page", lambda: engine.execute(statement))


def rival(ground: Ground, case: Case) -> None:
    """Somebody else locks the same rows, in the other order."""
    ground.work(dispatch, case.slug, crash_at="sink.noted")
    other = ground.fork(_quarrel, ground, case)
    ground.work(go_on, case)
    os.kill(other, signal.SIGKILL)
    ground.wait(other)


def _quarrel(ground: Ground, case: Case) -> None:
    lock = "IMMEDIATE" if case.sink == "sqlite" else ""
    rows = f"UPDATE {case.results} SET warnings = warnings WHERE candidate_key = ?"
    while True:
        with closing(ground.engines[case.sink].connect()) as own:
            own.execute(f"BEGIN {lock}")
            for key in range(ROWS, 0, -1):
                own.execute(rows, (key,))
            own.execute("ROLLBACK")
        time.sleep(0.01)


def at_once(ground: Ground, case: Case) -> None:
    """Ten dispatchers start the same slot."""
    read, write = os.pipe()

    def wait_and_start(slug: str) -> None:
        os.close(write)
        os.read(read, 1)  # ends for all at once, when the pipe is closed
        dispatch(slug)

    children = [ground.fork(wait_and_start, case.slug) for _ in range(10)]
    os.close(read)
    os.close(write)
    for child in children:
        ground.wait(child)


def clock_ahead(ground: Ground, case: Case) -> None:
    """The host's clock is hours ahead, and is put right after."""
    ground.work(_at_another_time, case, _HOURS)


def clock_behind(ground: Ground, case: Case) -> None:
    """The host's clock is hours behind, and is put right after."""
    ground.work(_at_another_time, case, -_HOURS)


def _at_another_time(case: Case, hours: int) -> None:
    import time_machine
    from django.utils.timezone import now

    with time_machine.travel(now() + timedelta(hours=hours), tick=True):
        run_now(case)


def _point(case: Case) -> str:
    """In the middle of what MariaDB has to do in this case."""
    return "read.page" if case.source == "mariadb" else "write.inserted"


def _met(slug: str, point: str, happens: Callable[[], Any]) -> None:
    """Dispatch, and have something happen at a step, once; of the child too."""
    from monitor import crash
    from pulsar_ml.databases import crash as in_child
    from pulsarsite.tests import forked

    met = []

    def at(step: str) -> None:
        if step == point and not met:
            met.append(step)
            happens()

    crash.at = in_child.at = at
    # A child that was started anew would know nothing of this.
    with forked.children():
        dispatch(slug)


def _must_have_stopped(ground: Ground, case: Case) -> None:
    if not ground.ask(_is_stopped, case):
        raise NotHit(case.slug)


def _is_stopped(case: Case) -> bool:
    from dispatch.models import Run
    from monitor.work import State

    stopped = (State.UP_FOR_RETRY, State.FAILED)
    return Run.objects.filter(schedule__slug=case.slug, state__in=stopped).exists()


FAULTS: dict[str, Callable[[Ground, Case], None]] = {
    **{point: cut(point) for point in CRASHES},
    **{
        fault.__name__: fault
        for fault in (
            stopped,
            gone,
            killed,
            frozen,
            orphaned,
            closed,
            locked,
            full,
            read_only,
            dropped,
            altered,
            fewer_columns,
            other_types,
            emptied,
            deleted,
            updated,
            rival,
            at_once,
            clock_ahead,
            clock_behind,
        )
    },
}
# What changes the source: what must be there is told by a run over it as it is then.
CHANGING = ("other_types", "deleted", "updated")
