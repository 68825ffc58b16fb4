"""The other engines: MariaDB for the event log alone, and for everything."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from django.conf import settings

from conftest import eventually, program, require
from monitor.telling.last_memory import alone
from monitor.tests.receivers import SECRET, bodies, receiver, told
from pulsarsite.tests.mariadb import PASSWORD, Server, remove
from pulsarsite.tests.upgraded import RELEASES, THEIRS, unpacked

try:
    import MySQLdb
except ImportError:
    MySQLdb = None

pytestmark = pytest.mark.slow

RECORD = """
from monitor.events import record
for number in range({0}, {0} + {1}):
    record("batch.scored", about=f"batch {{number}} 😀")
"""


UPLOAD = """
from accounts.models import User
from django.core.files.base import ContentFile
from django.test import Client
from showroom.models import Batch
ana, _ = User.objects.get_or_create(username="ana", is_superuser=True)
browser = Client(SERVER_NAME="localhost")
browser.force_login(ana)
# Never the same bytes: the site would ask what to do with those.
row = f"50,38,3.1,15,50,55,2.5,{10 + Batch.objects.count()}\\n"
table = ContentFile(row.encode() * 3, name="sky.csv")
page = browser.post("/showroom/", {"files": [table]}, follow=True)
print(page.status_code, Batch.objects.latest("pk").n_scored)
"""

WATCH = """
from monitor.models import Channel, Rule
Channel.objects.create(name="A program", kind="webhook", address={!r}, secret={!r})
for kind in ("database", "outbox"):
    Rule.objects.create(name=f"{{kind}} is down", condition="down", kind=kind)
"""


@pytest.fixture(scope="module")
def mariadb() -> Iterator[Server]:
    """A server that runs for all tests of this file and is theirs alone."""
    require(MySQLdb, "mysqlclient is not installed")
    # Not pytest's own folder: its path may be too long for a socket.
    server = Server(Path(tempfile.mkdtemp(prefix="mariadb-")))
    try:
        server.start()
        yield server
    finally:
        remove(server)


class Site:
    """A site by its configuration alone; its commands are processes of their own."""

    def __init__(self, folder: Path, server: Server, names: dict[str, str]) -> None:
        self.server, self.names = server, names
        self.config = folder / "config.yaml"
        self.root = folder / "var"
        databases = "".join(
            f"  {alias}: {{url: '{server.url(name)}', password_env: DB_PASSWORD}}\n"
            for alias, name in names.items()
        )
        # Each tick waits so long for what hangs.
        soon = "monitor: {deadline_seconds: 4}\n"
        storage = "storage: {root: var}\n"
        self.config.write_text(f"{storage}{soon}databases:\n{databases}")
        for name in names.values():
            server.sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")

    @property
    def environ(self) -> dict[str, str]:
        return os.environ | {
            "CONFIG_FILE": str(self.config),
            "PULSARSITE_TEST_CONFIG": str(self.config),
            "DB_PASSWORD": PASSWORD,
        }

    def start(self, *command: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=self.environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *command: str) -> str:
        """Run one command to its good end; what it said."""
        process = self.start(*command)
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
        return said

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def record(self, first: int, count: int) -> None:
        self.manage("shell", "-v0", "-c", RECORD.format(first, count))

    def logged(self) -> list[str]:
        """What the event log holds, in the order of its arrival."""
        name = self.names["events"]
        return self.server.sql(
            f"SET NAMES utf8mb4; SELECT about FROM {name}.monitor_event"
            " WHERE kind = 'batch.scored' ORDER BY id"
        ).splitlines()

    def waiting(self) -> int:
        """How many of our events wait in the outbox of the SQLite database."""
        ours = "SELECT count(*) FROM monitor_outbox WHERE kind = 'batch.scored'"
        [(count,)] = self.ask(ours)
        return count

    def ask(self, question: str) -> list[tuple]:
        """Ask the SQLite database, or change it."""
        with closing(connect(self.root / "default.sqlite3", timeout=20)) as opened:
            found = opened.execute(question).fetchall()
            opened.commit()
        return found


def batches(count: int) -> list[str]:
    return [f"batch {number} 😀" for number in range(count)]


def make(folder: Path, server: Server, names: dict[str, str]) -> Site:
    """A site with its tables."""
    site = Site(folder, server, names)
    site.manage("migrate", "-v", "0")
    site.manage("migrate", "monitor", "-v", "0", "--database", "events")
    return site


@pytest.fixture(scope="module")
def split(mariadb, tmp_path_factory) -> Site:
    """A site as the source document has it: SQLite, and the log in MariaDB."""
    return make(tmp_path_factory.mktemp("split"), mariadb, {"events": "split_events"})


@pytest.fixture(scope="module")
def whole(mariadb, tmp_path_factory) -> Site:
    """A site that has both its databases in MariaDB."""
    names = {"default": "whole_default", "events": "whole_events"}
    return make(tmp_path_factory.mktemp("whole"), mariadb, names)


@pytest.mark.parametrize("arrangement", ["split", "whole"])
def test_a_site_is_made_from_nothing_without_a_warning(request, arrangement):
    request.getfixturevalue(arrangement).manage(
        *("check", "--fail-level", "WARNING"),
        *("--database", "default", "--database", "events"),
    )


@pytest.mark.parametrize("arrangement", ["split", "whole"])
def test_what_databases_must_hold_holds_here_too(request, arrangement):
    apps = ("accounts", "dispatch", "monitor", "registry", "showroom", "pulsarsite")
    site = request.getfixturevalue(arrangement)
    said = site.run("-m", "pytest", "-q", "-m", "engines", *apps)
    assert " passed" in said
    assert " skipped" not in said


@pytest.fixture
def site(split: Site) -> Site:
    split.server.sql("DELETE FROM split_events.monitor_event")
    return split


def test_work_goes_on_without_the_log_and_its_events_arrive_later(mariadb, site):
    site.record(0, 2)
    site.manage("tick")
    mariadb.kill()
    site.record(2, 2)
    said = site.manage("tick")
    assert said.count("Events wait for the event log") == 1
    assert site.waiting() == 2
    mariadb.start()
    site.record(4, 1)
    site.manage("tick")
    assert site.logged() == batches(5)
    assert site.waiting() == 0


def test_uploads_go_on_without_the_log(mariadb, site):
    site.manage("registry_ship")
    site.manage("tick")
    mariadb.sql("DELETE FROM split_events.monitor_event")
    mariadb.kill()
    try:
        said = [site.manage("shell", "-v0", "-c", UPLOAD) for _ in range(2)]
    finally:
        mariadb.start()
    assert [answer.split()[-2:] for answer in said] == [["200", "3"], ["200", "3"]]
    site.manage("tick")

    logged = mariadb.sql(
        "SELECT kind FROM split_events.monitor_event"
        " WHERE kind LIKE 'batch.%' ORDER BY id"
    )
    kinds = ["batch.collected", "batch.scored", "batch.shown"]
    assert logged.split() == [*kinds, *kinds]


def test_a_log_that_hangs_holds_nobody_up(mariadb, site):
    site.record(0, 1)
    mariadb.freeze()
    try:
        began = time.monotonic()
        site.record(1, 1)
        said = site.manage("tick")
        took = time.monotonic() - began
    finally:
        mariadb.thaw()
    assert said.count("Events wait for the event log") == 1
    # Two starts of Python, and time-outs of two seconds.
    assert took < 20
    site.manage("tick")
    assert site.logged() == batches(2)


def test_a_pump_killed_at_its_work_leaves_each_event_once_and_in_order(mariadb, site):
    count = 4000
    site.record(0, count)
    pumping = site.start("manage.py", "tick")
    try:
        eventually(site.logged)
    finally:
        pumping.kill()
        pumping.communicate()
    # Its lease is only as long as it may hold: made short here, not waited for.
    site.ask("UPDATE monitor_lease SET until = '2026-01-01 00:00:00'")
    assert site.waiting() > 0
    site.manage("tick")
    assert site.logged() == batches(count)


ALERTS = (
    "SELECT alert.cause, alert.state, root.cause, alert.told_at IS NOT NULL"
    " FROM monitor_alert alert"
    " LEFT JOIN monitor_alert root ON root.id = alert.because_id ORDER BY alert.id"
)
STATES = "SELECT state FROM monitor_check WHERE slug IN ('database-events', 'outbox')"


def test_a_log_that_is_down_is_told_once_and_so_is_its_return(mariadb, site):
    opened, closed = (f"alert.{how} database-events" for how in ("opened", "closed"))
    with receiver() as program:
        site.manage("shell", "-v0", "-c", WATCH.format(program.url, SECRET))
        site.manage("tick")
        assert site.ask(STATES) == [("up",), ("up",)]
        mariadb.kill()
        try:
            site.record(0, 2)
            # It waits for long: that the log is away is then trouble twice over.
            site.ask("UPDATE monitor_outbox SET at = '2026-01-01 00:00:00'")
            for _ in range(2):
                site.manage("tick")
                assert site.ask(STATES) == [("down",), ("down",)]
                assert site.ask(ALERTS) == [
                    ("database-events", "open", None, True),
                    ("outbox", "open", "database-events", False),
                ]
                assert told(program) == [opened]
        finally:
            mariadb.start()
        site.manage("tick")
        assert site.logged() == batches(2)
        assert site.ask(STATES) == [("up",), ("up",)]
        assert told(program) == [opened]
        # Only what has been well for a while is over.
        site.ask("UPDATE monitor_check SET since = '2026-01-01 00:00:00'")
        for _ in range(2):
            site.manage("tick")
            assert site.ask(ALERTS) == [
                ("database-events", "closed", None, True),
                ("outbox", "closed", "database-events", False),
            ]
            assert told(program) == [opened, closed]
    assert site.waiting() == 0


PROGRAM = """
from monitor.models import Channel
Channel.objects.create(name="A program", kind="webhook", address={!r}, secret={!r})
"""


def ticks_in_vain(site: Site) -> str:
    """What a tick says that could not do its work."""
    ticking = site.start("manage.py", "tick")
    said, _ = ticking.communicate(timeout=300)
    assert ticking.returncode == 1, said
    return said


def let_two_minutes_pass(site: Site) -> None:
    """What was found last has been so for long: not waited for."""
    with alone(site.root) as memory:
        memory.state.run.since.up -= 120
        if memory.state.told:
            memory.state.told.tried.up -= 120
        memory.save()


FLIPS = (
    "SELECT flip.state FROM whole_default.monitor_flip flip"
    " JOIN whole_default.monitor_check subject ON subject.id = flip.subject_id"
    " WHERE subject.slug = 'database-default' ORDER BY flip.id"
)


def test_that_the_database_itself_is_gone_is_told_and_so_is_its_return(mariadb, whole):
    opened, closed = (f"alert.{how} database-default" for how in ("opened", "closed"))
    with receiver() as program:
        whole.manage("shell", "-v0", "-c", PROGRAM.format(program.url, SECRET))
        whole.manage("tick")
        mariadb.kill()
        try:
            said = ticks_in_vain(whole)
            assert told(program) == []
            let_two_minutes_pass(whole)
            said += ticks_in_vain(whole)
            assert told(program) == [opened]
        finally:
            mariadb.start()
        whole.manage("tick")
        assert told(program) == [opened]
        let_two_minutes_pass(whole)
        whole.manage("tick")
        assert told(program) == [opened, closed]
    why = bodies(program)[0]["data"]["evidence"]["rule"]
    assert "connect to server on '127.0.0.1'" in why
    assert said.count(f"The database does not answer: {why}") == 2
    assert PASSWORD not in said + why
    assert mariadb.sql(FLIPS).split() == ["up", "down", "up"]


def upgraded(site: Site, release: Path, folder: Path) -> dict:
    """What is lost of a kept release, and how its pages answer."""
    before = unpacked(release, folder)
    code = f"from pulsarsite.tests import upgraded; upgraded.loaded('{before}')"
    return json.loads(site.manage("shell", "-v0", "-c", code).splitlines()[-1])


@pytest.fixture
def spied(tmp_path, monkeypatch) -> Path:
    """Where the client programs leave what they were told."""
    said = tmp_path / "said"
    for name in ("mariadb-dump", "mariadb"):
        spy = tmp_path / "bin" / name
        spy.parent.mkdir(exist_ok=True)
        spy.write_text(f'#!/bin/sh\necho "$@" >>{said}\nexec {program(name)} "$@"\n')
        spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    return said


def sums(server: Server, name: str) -> dict[str, str]:
    """A checksum over the rows of each table that a restore leaves as it was."""
    tables = server.sql(f"SHOW TABLES FROM {name}").split()
    kept = [f"{name}.{table}" for table in tables if table not in THEIRS]
    lines = server.sql(f"CHECKSUM TABLE {', '.join(kept)}").splitlines()
    return dict(line.removeprefix(f"{name}.").split() for line in lines)


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_an_earlier_release_is_brought_here_backed_up_and_brought_back(
    mariadb, tmp_path, spied, release
):
    sites = []
    for which in ("later", "back"):
        names = {alias: f"{which}_{alias}" for alias in ("default", "events")}
        (tmp_path / which).mkdir()
        sites.append(Site(tmp_path / which, mariadb, names))
    later, back = sites
    said = upgraded(later, release, tmp_path)
    assert said["lost"] == []
    assert said["file"]
    assert {page: code for page, code in said["pages"].items() if code != 200} == {}

    made = tmp_path / "made"
    # Of what is made up there is no file, which it says at its end.
    telling = later.start("manage.py", "backup", str(made))
    assert "The back-up is made" in telling.communicate(timeout=300)[0]
    back.manage("restore", str(made))
    for alias in ("default", "events"):
        before, after = (sums(mariadb, site.names[alias]) for site in sites)
        assert before == after
        assert len(before) > 0
    rows = json.loads((made / "manifest.json").read_text())["databases"]["events"]
    assert rows["engine"] == "mysql"
    assert rows["rows"]["monitor_event"] > 0
    # What is there is dumped before it is replaced; and nobody could read the password.
    back.manage("restore", "--replace", str(made))
    [aside] = back.root.glob("replaced-*")
    assert {path.name for path in aside.glob("*.sql")} == {"default.sql", "events.sql"}
    assert sums(mariadb, "back_default") == sums(mariadb, "later_default")
    # Other lines are of this test's own questions.
    told = [line for line in spied.read_text().splitlines() if "--socket" not in line]
    assert [line for line in told if "--single-transaction" in line]
    assert [line for line in told if "--binary-mode" in line]
    assert not [line for line in told if PASSWORD in line]
    left = [path for place in (made, back.root) for path in place.rglob("*")]
    assert not [path for path in left if path.is_file() and holds_password(path)]


def holds_password(path: Path) -> bool:
    return PASSWORD.encode() in path.read_bytes()


def test_a_site_of_two_engines_is_backed_up_and_brought_back(mariadb, tmp_path, site):
    site.record(0, 3)
    site.manage("tick")
    site.record(3, 1)
    made = str(tmp_path / "made")
    site.manage("backup", made)
    back = Site(tmp_path, mariadb, {"events": "split_back"})
    back.manage("restore", made)
    back.manage("tick")
    # What was on its way in both, and what came with the restore, arrives once.
    told = "SELECT about FROM split_back.monitor_event WHERE kind = {} ORDER BY id"
    scored = mariadb.sql(f"SET NAMES utf8mb4; {told.format(repr('batch.scored'))}")
    assert scored.splitlines() == batches(4)
    assert mariadb.sql(told.format("'backup.restored'")) == "made\n"
