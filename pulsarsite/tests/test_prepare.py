"""What happens to a site before it is used, with real databases in real files."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.crontab import block
from monitor.tests.hosts_cron import HostsCron
from pulsarsite import prepare

BASE = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 21, 10, 2, tzinfo=UTC)


class Site:
    """A site of its own, prepared by the command as bin/setup runs it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "var"
        self.config = folder / "site.yaml"
        self.config.write_text("")
        self.environ = os.environ | {"CONFIG_FILE": str(self.config)}

    def start(self, *argv: str, **environ: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *argv],
            cwd=BASE,
            env=self.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *argv: str, **environ: str) -> tuple[int, str]:
        process = self.start(*argv, **environ)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def ask(self, query: str, name: str = "default") -> list[tuple[object, ...]]:
        file = self.root / f"{name}.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            rows: list[tuple[object, ...]] = database.execute(query).fetchall()
            return rows


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def backups(site: Site) -> list[str]:
    folder = site.root / "backups"
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


@pytest.mark.slow
def test_the_first_time_makes_everything_and_the_second_touches_nothing(
    site: Site,
) -> None:
    code, said = site.run("prepare", "--admin")
    assert code == 0, said
    [line] = [line for line in said.splitlines() if "with the password" in line]
    assert line.startswith("Log in as admin with the password ")
    groups = {name for (name,) in site.ask("SELECT name FROM auth_group")}
    assert groups == {"researcher", "operator", "admin"}
    admin = "SELECT username, is_superuser, is_staff FROM accounts_user"
    assert site.ask(admin) == [("admin", 1, 1)]
    assert site.ask("SELECT count(*) FROM monitor_job") != [(0,)]
    assert site.ask("SELECT count(*) FROM monitor_rule") != [(0,)]
    assert site.ask("SELECT count(*) FROM monitor_event", "events") == [(0,)]

    password = site.ask("SELECT password FROM accounts_user")
    assert site.run("prepare", "--admin", PULSARSITE_ADMIN_PASSWORD="other") == (0, "")
    assert site.ask("SELECT password FROM accounts_user") == password
    assert backups(site) == []


@pytest.mark.slow
def test_a_password_that_is_given_is_used_and_never_printed(
    site: Site, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("a long pass phrase\n")
    named = {"PULSARSITE_ADMIN_PASSWORD_FILE": str(tmp_path / "password")}
    code, said = site.run("prepare", "--admin", **named)
    assert code == 0, said
    assert "pass" not in said
    question = (
        "from accounts.models import User; "
        "print(User.objects.get().check_password('a long pass phrase'))"
    )
    assert site.run("shell", "--no-imports", "-c", question) == (0, "True\n")


@pytest.mark.slow
def test_two_at_once_wait_for_each_other(site: Site) -> None:
    both = [site.start("prepare", "--admin") for _ in range(2)]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("with the password" in text for text in said) == 1
    assert site.ask("SELECT count(*) FROM accounts_user") == [(1,)]


@pytest.mark.slow
def test_a_database_is_copied_before_it_is_migrated(site: Site) -> None:
    assert site.run("prepare", "--admin")[0] == 0
    assert site.run("migrate", "sessions", "zero", "-v0") == (0, "")
    code, said = site.run("prepare")
    [copy] = backups(site)
    assert (code, said.splitlines()) == (
        0,
        [
            f"default: a copy is in {site.root / 'backups' / copy}",
            "default: applying 1 migrations",
        ],
    )
    tables = "SELECT name FROM sqlite_master WHERE name = 'django_session'"
    assert site.ask(tables) == [("django_session",)]
    assert site.ask(tables, f"backups/{copy.removesuffix('.sqlite3')}") == []
    users = "SELECT username FROM accounts_user"
    assert site.ask(users, f"backups/{copy.removesuffix('.sqlite3')}") == [("admin",)]


@pytest.mark.slow
def test_a_site_comes_up_without_its_events(site: Site) -> None:
    pytest.importorskip("MySQLdb")
    # A port of this machine at which nobody listens.
    site.config.write_text("databases: {events: {url: 'mysql://me@127.0.0.1:9/e'}}")
    code, said = site.run("prepare", "--admin")
    assert code == 0, said
    assert "events: cannot be reached now" in said
    assert site.ask("SELECT username FROM accounts_user") == [("admin",)]


@pytest.mark.slow
def test_a_default_database_that_is_away_is_told_in_a_line(site: Site) -> None:
    pytest.importorskip("MySQLdb")
    site.config.write_text("databases: {default: {url: 'mysql://me@127.0.0.1:9/d'}}")
    code, said = site.run("prepare")
    assert code == 1
    assert len(said.splitlines()) == 1
    assert said.startswith("CommandError: The site cannot be prepared: ")


def test_only_the_newest_copies_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "live.sqlite3"
    with closing(sqlite3.connect(file)) as live:
        live.execute("CREATE TABLE t AS SELECT 4711 AS n")
    database = type("Database", (), {"settings_dict": {"NAME": file}})
    monkeypatch.setattr(
        prepare, "connections", {"default": database, "events": database}
    )
    folder = tmp_path / "backups"
    prepare.back_up("events", folder, AT)
    (folder / "default.part").write_text("of a set-up that was killed")
    for minute in range(7):
        newest = prepare.back_up("default", folder, AT + timedelta(minutes=minute))
    assert sorted(copy.name for copy in folder.iterdir()) == [
        *(f"default-20261121T100{minute}00000000Z.sqlite3" for minute in range(4, 9)),
        "events-20261121T100200000000Z.sqlite3",
    ]
    with closing(sqlite3.connect(newest)) as copy:
        assert copy.execute("SELECT n FROM t").fetchall() == [(4711,)]


@pytest.mark.slow
def test_the_hosts_cron_learns_of_the_jobs_of_a_new_version(
    site: Site, tmp_path: Path
) -> None:
    cron = HostsCron(tmp_path)
    path = f"{tmp_path}:{os.environ['PATH']}"
    site.config.write_text("scheduler: {mode: host}\n")
    assert "\ncrontab: " not in site.run("prepare", PATH=path)[1]
    assert cron.holds() == b""  # nothing is there before cron_install
    cron.table.write_bytes(block.put(b"mine\n", site.root, "# off # job prune\n"))
    site.run("prepare", PATH=path)
    prune, *others = (block.find(cron.holds(), site.root) or "").splitlines()
    assert prune == "# off # job prune"
    assert [line.rpartition("# job ")[2] for line in others] == [
        *("audit_sample", "night_report", "prune_runs", "prune_trainings", "seal_cases")
    ]
    cron.meddle('[ "$1" = -l ] || exit 1')
    cron.table.write_bytes(block.put(b"mine\n", site.root, ""))
    assert "\ncrontab: The crontab was not changed" in site.run("prepare", PATH=path)[1]
