"""cron_install and cron_remove: shown, asked, kept, looked at, told."""

import io
import os
import pwd
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from monitor.clock import turn
from monitor.crontab import block, host, place
from monitor.crontab.change import Change
from monitor.management.agreed import agreed
from monitor.management.commands.supervise import warn_if_nothing_keeps_time
from monitor.models import Outbox, Ping
from monitor.tests.hosts_cron import HostsCron

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

THEIRS = b"# caf\xe9 \x1b[2J\r\nFOO = bar\n"
ME = pwd.getpwuid(os.geteuid()).pw_name


class Site:
    """A site with a crontab program of its own."""

    def __init__(self, settings: Any, root: Path, cron: HostsCron) -> None:
        self.settings = settings
        self.root = root
        self.cron = cron
        # The tick's line is made by a process that reads this.
        settings.CONFIG_FILE = root.parent / "config.yaml"
        settings.CONFIG_FILE.write_text(f"storage: {{root: {root}}}\n")

    def set_mode(self, mode: str) -> None:
        pulsar = self.settings.PULSAR
        scheduler = pulsar.scheduler.model_copy(update={"mode": mode})
        self.settings.PULSAR = pulsar.model_copy(update={"scheduler": scheduler})

    def call(self, command: str, *words: str) -> str:
        """What a command says, to which the answer is nothing."""
        said, warned = io.StringIO(), io.StringIO()
        call_command(command, *words, stdout=said, stderr=warned)
        self.warned = warned.getvalue()
        return said.getvalue()

    def refuses(self, command: str, *words: str) -> str:
        """Why a command changes nothing."""
        before = self.cron.holds()
        with pytest.raises(CommandError) as error:
            self.call(command, *words)
        assert self.cron.holds() == before
        return str(error.value)

    def backups(self) -> list[bytes]:
        found = sorted((self.root / "backups").glob("crontab-table-*"))
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in found)
        return [path.read_bytes() for path in found]


@pytest.fixture
def site(settings, monkeypatch, storage: Path, tmp_path: Path) -> Site:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    folder = tmp_path / "bin"
    folder.mkdir()
    cron = HostsCron(folder)
    cron.serve(settings, monkeypatch)
    cron.table.write_bytes(THEIRS)
    return Site(settings, storage, cron)


def events() -> list[tuple[str, object]]:
    return list(Outbox.objects.order_by("id").values_list("kind", "detail"))


def test_the_whole_way_in_and_out(site: Site, monkeypatch):
    monkeypatch.setattr(host.psutil, "process_iter", lambda _: [])
    shown = site.call("cron_install", "--dry-run")
    assert site.warned.startswith("No cron daemon is to be seen on this machine")
    assert shown.startswith(
        "--- the crontab now\n+++ the crontab then\n@@ -1,2 +1,11 @@\n"
        " # caf\\xe9 \\x1b[2J\\r\n FOO = bar\n"
        f"+# BEGIN pulsarsite {site.root}\n+* * * * * "
    )
    assert shown.endswith(
        f" # job seal_cases\n+# END pulsarsite {site.root}\nNothing was changed.\n"
    )
    assert (site.cron.holds(), site.backups(), events()) == (THEIRS, [], [])

    cron = SimpleNamespace(info={"name": "cron"})
    monkeypatch.setattr(host.psutil, "process_iter", lambda _: [cron])
    # What was switched off by the other clock stays so.
    place.file().write_text("# 0 * * * * off by hand # job seal_cases\n")
    done = site.call("cron_install", "--yes")
    assert site.warned == ""
    assert "Done. The crontab as it was: " in done
    assert "Next: (re)start the site with bin/serve" in done
    installed = site.cron.holds()
    assert installed.startswith(THEIRS + b"# BEGIN pulsarsite ")
    ours = block.find(installed, site.root)
    tick, seal, *others = ours.splitlines()
    (prune,) = (line for line in others if line.endswith("# job prune"))
    assert f" --config {site.settings.CONFIG_FILE} crontab run " in tick
    assert prune.endswith(" prune # job prune")
    assert seal == "# 0 * * * * off by hand # job seal_cases"
    assert site.backups() == [THEIRS]
    assert not place.file().exists()
    assert events() == [("crontab.installed", {"user": ME})]

    again = site.call("cron_install", "--yes")
    assert again == "The crontab holds this site's lines as it should.\n"
    assert (site.cron.holds(), len(site.backups())) == (installed, 1)

    host.keep_time(timezone.now())
    site.set_mode("embedded")
    with pytest.raises(turn.OtherClock, match="cron_remove"):
        host.refuse_if_entered()
    gone = site.call("cron_remove", "--yes")
    assert f"\n-# END pulsarsite {site.root}\nDone. The crontab as it was" in gone
    assert "Next: nothing keeps time until scheduler.mode is embedded" in gone
    assert site.cron.holds() == THEIRS
    assert site.backups() == [THEIRS, installed]
    assert place.text() == ours
    assert events()[2:] == [("crontab.removed", {"user": ME})]
    # The own clock need not wait for the other's silence.
    turn.take(turn.Holder.me(), timezone.now())
    host.refuse_if_entered()
    nothing = site.call("cron_remove", "--yes")
    assert nothing == "The crontab holds no lines of this site.\n"


def test_nobody_to_ask_means_no(site: Site):
    site.cron.table.write_bytes(block.put(THEIRS, site.root, ""))
    assert site.call("cron_remove").endswith("Nothing was changed.\n")
    assert site.cron.holds() != THEIRS


@pytest.mark.parametrize(
    ("answer", "expected"), [("y\n", True), (" Y\n", True), ("n\n", False), ("", False)]
)
def test_only_yes_is_yes(answer: str, expected: bool, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    said = io.StringIO()
    assert agreed(said, Change(b"", b"x"), yes=False, dry_run=False) is expected
    assert not agreed(said, Change(b"", b"x"), yes=True, dry_run=True)


def test_the_mode_comes_first(site: Site):
    site.set_mode("embedded")
    told = site.refuses("cron_install", "--yes")
    assert "set it to host in the configuration first" in told


def test_a_clock_that_lives_is_not_joined(site: Site):
    by = "embedded elsewhere 5 /var"
    ping = Ping.objects.create(slug="clock", by=by, succeeded_at=timezone.now())
    told = site.refuses("cron_install", "--yes")
    assert told.startswith("Another clock (embedded, process 5 on elsewhere, /var)")
    ping.succeeded_at -= timedelta(minutes=2)
    ping.save()
    assert "Done." in site.call("cron_install", "--yes")


def test_another_user_of_the_system_is_told_whose_crontab_it_is(
    site: Site, monkeypatch
):
    monkeypatch.setattr(os, "geteuid", lambda: 424_242)
    for command in ("cron_install", "cron_remove"):
        told = site.refuses(command, "--yes")
        assert told.startswith(f"{site.root} belongs to {ME}, and this is user 424242")
    assert "belongs to" in site.refuses("tick")
    assert not Ping.objects.exists()


def test_a_machine_without_cron_is_told_what_to_install(site: Site, monkeypatch):
    monkeypatch.setenv("PATH", str(site.root))
    assert "apt-get install cron" in site.refuses("cron_install", "--yes")
    site.set_mode("embedded")
    host.refuse_if_entered()


def test_a_lost_race_is_told_and_no_event_says_otherwise(site: Site):
    site.cron.at_call(2, 'echo theirs >> "$here/table"')
    with pytest.raises(CommandError, match="Somebody else changed the crontab"):
        site.call("cron_install", "--yes")
    assert (site.cron.holds(), events()) == (THEIRS + b"theirs\n", [])


def test_a_tick_too_long_for_cron_is_told_before_cron_refuses_it(
    site: Site, monkeypatch
):
    monkeypatch.setattr(host.lines, "tick_line", lambda: f"* * * * * {'x' * 999}")
    told = site.refuses("cron_install", "--yes")
    assert told.startswith("The line of the tick would hold a command of 999 bytes")


@pytest.mark.parametrize(
    ("in_the_way", "told"),
    [
        ("backups", "{}/backups cannot be made: File exists."),
        ("crontab.lock/x", "{}/crontab.lock cannot be written: Is a directory."),
    ],
)
def test_where_nothing_can_be_kept_nothing_is_changed(
    in_the_way: str, told: str, site: Site, monkeypatch
):
    monkeypatch.setattr(host.lines, "tick_line", lambda: "* * * * * tick")
    path = site.root / in_the_way
    path.parent.mkdir(exist_ok=True)
    path.touch()
    assert site.refuses("cron_install", "--yes") == told.format(site.root)


def test_a_copy_of_our_lines_goes_with_the_next_install(site: Site):
    ours = block.put(b"", site.root, "1 1 * * * x # job prune\n")
    site.cron.table.write_bytes(ours + THEIRS + ours)
    assert "Done." in site.call("cron_install", "--yes")
    assert site.cron.holds().count(b"# BEGIN pulsarsite ") == 1
    assert site.cron.holds().endswith(THEIRS)
    assert b"1 1 * * * x" not in site.cron.holds()


def test_a_mark_without_its_other_is_left_to_a_person(site: Site):
    table = block.put(THEIRS, site.root, "").rpartition(b"# END")[0]
    site.cron.table.write_bytes(table)
    for command in ("cron_install", "cron_remove"):
        assert "Put that right with crontab -e." in site.refuses(command, "--yes")
    site.set_mode("embedded")
    with pytest.raises(turn.OtherClock):
        host.refuse_if_entered()


def test_without_the_tables_of_the_site_nothing_is_entered(site: Site, monkeypatch):
    def none(*_: object) -> None:
        raise OperationalError("no such table: monitor_ping")

    monkeypatch.setattr(Ping.objects, "get_or_create", lambda **_: none())
    assert site.refuses("cron_install", "--yes") == (
        "The database is not ready (no such table: monitor_ping): start the site once, "
        "with bin/serve."
    )


def test_a_site_that_nothing_wakes_says_so_at_its_start(site: Site, caplog):
    warn_if_nothing_keeps_time()
    assert "does not hold this site's lines. manage.py cron_install" in caplog.text
    tick = f"* * * * * x crontab run {'0' * 32} # pulsarsite {site.root}\n"
    site.cron.table.write_bytes(block.put(THEIRS, site.root, f"# {tick}"))
    warn_if_nothing_keeps_time()
    assert "the line of the tick is off in the host's crontab" in caplog.text
    caplog.clear()
    site.cron.table.write_bytes(block.put(THEIRS, site.root, tick))
    warn_if_nothing_keeps_time()
    assert caplog.text == ""


def test_a_table_that_ends_without_an_end_is_shown_so():
    assert Change(b"a\n\nb", b"a\n\nb\nc\n").diff().splitlines()[3:] == [
        " a", " ", "-b  (no end of line)", "+b", "+c",
    ]  # fmt: skip
    assert Change(b"", "\x9bé\t\u202e\n".encode()).diff().splitlines()[3:] == [
        "+\\x9bé\t\\u202e"
    ]
