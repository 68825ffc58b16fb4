"""The clock as a process: what it starts, when it stops, whom it makes way for."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import connect

import pytest
from django.conf import settings

from conftest import eventually
from monitor.crontab import block, command
from monitor.tests.hosts_cron import HostsCron

pytestmark = pytest.mark.slow

# The real command; only the time of day is another. Its imports are over before: on
# a busy machine they last longer than the seconds before the minute.
AT = """
import sys, time_machine
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "check"])
with time_machine.travel(sys.argv[1], tick=True):
    execute_from_command_line(["manage.py", "scheduler"])
"""

HOLDER = "SELECT by FROM monitor_ping WHERE slug='clock' AND by > ''"


class Site:
    """A site of the test's own, looked at from outside."""

    def __init__(self, folder: Path, sections: str = "") -> None:
        self.root = folder / "var"
        self.config = folder / "config.yaml"
        self.config.write_text(f"storage: {{root: var}}\n{sections}")

    def environ(self) -> dict[str, str]:
        return os.environ | {"CONFIG_FILE": str(self.config)}

    def manage(self, *args: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=settings.BASE_DIR,
            env=self.environ(),
            check=True,
        )

    def query(self, sql: str, database: str = "default") -> list[tuple]:
        file = self.root / f"{database}.sqlite3"
        with closing(connect(file, timeout=20, isolation_level=None)) as opened:
            return opened.execute(sql).fetchall()

    @contextmanager
    def clock(self, at: str) -> Iterator[subprocess.Popen[bytes]]:
        """A running clock for which it is this time now; stopped in the end."""
        process = subprocess.Popen(
            [sys.executable, "-c", AT, at],
            cwd=settings.BASE_DIR,
            env=self.environ() | {"DJANGO_SETTINGS_MODULE": "pulsarsite.settings"},
            stderr=subprocess.PIPE,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Site:
    """A site with its tables, for all tests of this module."""
    site = Site(
        tmp_path_factory.mktemp("site"), "scheduler: {resend_seconds: 0.3, zone: UTC}\n"
    )
    site.manage("migrate", "-v", "0")
    site.manage("migrate", "monitor", "-v", "0", "--database", "events")
    return site


@pytest.fixture
def site(made: Site) -> Site:
    made.query("DELETE FROM monitor_ping")
    (made.root / "crontab").unlink(missing_ok=True)
    return made


def test_the_clock_starts_the_tick_at_the_minute_and_stops_when_told(site: Site):
    with site.clock("2026-06-01T11:59:57Z") as clock:
        [(by,)] = eventually(lambda: site.query(HOLDER))
        mode, _, pid, root = by.split(" ", 3)
        assert (mode, int(pid), root) == ("embedded", clock.pid, str(site.root))
        # Its own start is in the log long before the minute: it pumps in between.
        eventually(
            lambda: (
                ("clock.started",)
                in site.query("SELECT kind FROM monitor_event", "events")
            )
        )
        ticked = "SELECT 1 FROM monitor_ping WHERE slug='tick' AND succeeded_at > ''"
        eventually(lambda: site.query(ticked))
        served = "SELECT started_at FROM monitor_ping WHERE slug='clock'"
        assert site.query(served) == [("2026-06-01 12:00:00",)]
        clock.send_signal(signal.SIGTERM)
        assert clock.wait(timeout=5) == 0
    assert site.query("SELECT by FROM monitor_ping WHERE slug='clock'") == [("",)]


def test_a_line_runs_as_cron_would_run_it_and_ends_with_the_clock(site: Site):
    said, slow = site.root / "said", site.root / "slow"
    (site.root / "crontab").write_text(
        f"* * * * * echo '50\\% of it' > '{said}'; exit 3\n"
        f"0 12 * * * echo $$ > '{slow}'; exec sleep 600\n"
        "30 13 * * * touch never\n"
    )
    with site.clock("2026-06-01T11:59:58Z") as clock:
        eventually(said.exists)
        pid = int(eventually(lambda: slow.exists() and slow.read_text()))
        clock.send_signal(signal.SIGTERM)
        _, stderr = clock.communicate(timeout=10)
    assert said.read_text() == "50% of it\n"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    lines = [json.loads(line) for line in stderr.splitlines()]
    commands = [line for line in lines if line.get("command", "").startswith("echo")]
    ended = {line["command"]: line["message"] for line in commands}
    assert ended == {
        f"echo '50% of it' > '{said}'; exit 3": "A line of the crontab ended with 3",
        f"echo $$ > '{slow}'; exec sleep 600": "A line of the crontab ended with -15",
    }


def test_a_clock_refuses_to_start_beside_another(site: Site):
    site.query(
        "INSERT INTO monitor_ping (slug, by, succeeded_at, detail, failing)"
        " VALUES ('clock', 'host elsewhere 5 /var', '2026-06-01 11:59:00', '', 0)"
    )
    with site.clock("2026-06-01T12:00:10Z") as clock:
        _, stderr = clock.communicate(timeout=30)
    assert clock.returncode == 1
    assert b"Another clock (host, process 5 on elsewhere, /var)" in stderr


def test_the_lines_of_an_older_version_start_nothing_twice(site: Site):
    old = "python manage.py crontab run 5333ad43a757830862e7efb432b906a0"
    (site.root / "crontab").write_text(
        f"* * * * * cd /x && CONFIG_FILE=/x/c {old} # pulsarsite {site.root}\n"
        "0 * * * * cd /x && CONFIG_FILE=/x/c seal # job seal_cases\n"
        "# 30 * * * * off by hand # job prune\n"
    )
    with site.clock("2026-06-01T12:00:10Z"):
        eventually(lambda: site.query(HOLDER))
        eventually(lambda: "/x" not in (site.root / "crontab").read_text())
    tick, *rest = (site.root / "crontab").read_text().splitlines()
    manage = f"{settings.BASE_DIR}/manage.py --config {site.config}"
    assert f"{manage} crontab run " in tick
    assert rest[:2] == [
        f"0 * * * * {command.interpreter()} {manage} seal_cases # job seal_cases",
        "# 30 * * * * off by hand # job prune",
    ]
    assert not [line for line in rest if "crontab run" in line]


def test_a_clock_refuses_to_start_beside_lines_in_the_hosts_crontab(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cron = HostsCron(tmp_path)
    cron.table.write_bytes(block.put(b"", site.root, ""))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with site.clock("2026-06-01T12:00:10Z") as clock:
        _, stderr = clock.communicate(timeout=30)
    assert clock.returncode == 1
    assert b"The host's crontab holds this site's lines" in stderr
    assert not (site.root / "crontab").exists()


def test_a_killed_clock_is_followed_at_once_and_no_minute_runs_twice(site: Site):
    count = site.root / "count"
    (site.root / "crontab").write_text(f"* * * * * echo x >> '{count}'\n")
    with site.clock("2026-06-01T11:59:58Z") as first:
        eventually(count.exists)
        first.kill()
    served = "SELECT started_at FROM monitor_ping WHERE slug='clock'"
    with site.clock("2026-06-01T12:00:58Z"):
        eventually(lambda: site.query(served) == [("2026-06-01 12:01:00",)])
        eventually(lambda: count.read_text() == "x\nx\n")


def test_where_the_hosts_cron_keeps_time_there_is_no_second_clock(tmp_path: Path):
    site = Site(tmp_path, "scheduler: {mode: host}\n")
    with site.clock("2026-06-01T12:00:00Z") as clock:
        _, stderr = clock.communicate(timeout=30)
    assert clock.returncode == 1
    assert stderr.endswith(
        b"CommandError: scheduler.mode says that the host's cron keeps time.\n"
    )
