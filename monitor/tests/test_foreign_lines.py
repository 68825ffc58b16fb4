"""What others wrote into the crontab stays byte for byte, whatever we do to ours."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor import jobs
from monitor.crontab import block, host, lines, table
from monitor.crontab.remark import Remark
from monitor.crontab.table import Program, install
from monitor.jobs import Declared
from monitor.tests.hosts_cron import HostsCron

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TABLES = 500
NIGHT = Declared("0 3 * * *", ("dispatch_run", "night"), "/", False, 300, 3600)
REMARK = Remark("ana", datetime(2026, 11, 21, 10, 2, tzinfo=UTC), None, "why")
PIECES = [
    b"", b"# keep me", b"#", b"  # indented", b"FOO = bar", b"FOO=bar", b"MAILTO=x",
    b"CRON_TZ=Europe/Berlin", b"PATH=/bin:/usr/bin", b"SHELL = /bin/bash  ",
    b"1 1 * * * date +\\%F%in%put", b"*/5 0-7 * 1-12/3 mon-fri run", b"1 1 * * 0-7 x",
    b"0 0 31 2 *\tnever", b"\t1\t1\t*\t*\t*\tx\t", b"@reboot x", b"@daily\tx",
    b"@odd x", b"caf\xe9 = \xff\xfe", b"# \xe2\x80\xa8 \xc2\x85 \x0b \x0c",
    b"\xf0\x9f\x98", b"no line of any crontab", b"1 1 * * * x # job night",
    b"# 1 1 * * * x # job night",
    b"# job night: Paused by eve 2026-01-01 00:00Z: not ours", b"x\ry", b"\x1b[2J",
    b"* * * * * y crontab run 5333ad43a757830862e7efb432b906a0 # pulsarsite /srv/b",
    b"# BEGIN pulsarsite /srv/other/var", b"# END pulsarsite /srv/other/var",
    b"# BEGIN pulsarsite", b"echo # END pulsarsite", b"\x00",
    b"1 1 * * * " + b"z" * 900,
]  # fmt: skip
STEPS = [
    lines.sync,
    lambda: lines.put_on("night"),
    lambda: lines.put_off("night", REMARK),
]


def foreign(chance: random.Random, most: int = 12) -> bytes:
    """Lines of others, with ends of several kinds, and sometimes none at the last."""
    rows = chance.choices(PIECES, k=chance.randrange(most))
    ends = chance.choice([[b"\n"], [b"\r\n"], [b"\n", b"\r\n", b"\n\n"]])
    table = b"".join(row + chance.choice(ends) for row in rows)
    return table[:-1] if chance.random() < 0.2 else table


@pytest.fixture
def cron(settings, monkeypatch, tmp_path: Path) -> HostsCron:
    folder = tmp_path / "bin"
    folder.mkdir()
    cron = HostsCron(folder)
    cron.serve(settings, monkeypatch)
    return cron


def change(make) -> None:
    """Exchange the table of the host for what is made of it."""
    table = Program.found()
    was = table.read()
    install(table, make(was), was)


def through_everything(cron: HostsCron, root: Path, chance: random.Random) -> None:
    """Enter, switch on and off, leave; the bytes of others are looked at each time."""
    before, after = foreign(chance), foreign(chance, most=4)
    cron.table.write_bytes(before)
    change(lambda table: block.put(table, root, ""))
    cron.table.write_bytes(cron.holds() + after)
    for step in STEPS:
        step()
        assert cron.holds().startswith(before)
        assert cron.holds().endswith(after)
    assert lines.found()["night"].remark == REMARK
    change(lambda table: block.without(table, root))
    ended = b"\n" if after and before[-1:] not in (b"", b"\n") else b""
    assert cron.holds() == before + ended + after


def test_no_byte_of_others_changes_through_all_that_we_do(cron, storage, monkeypatch):
    # Without a process for each look at the table, which would take minutes, and
    # without waiting for the disk: here no power is cut.
    monkeypatch.setattr(Program, "found", lambda: table.File(cron.table))
    monkeypatch.setattr("os.fsync", lambda _: None)
    chance = random.Random(500)  # noqa: S311  # the same tables each time
    jobs.put("night", NIGHT)
    for _ in range(TABLES):
        through_everything(cron, storage, chance)


def test_no_byte_changes_on_its_way_through_the_program(cron, storage):
    chance = random.Random(20)  # noqa: S311  # the same tables each time
    jobs.put("night", NIGHT)
    for _ in range(20):
        through_everything(cron, storage, chance)


def test_a_table_of_a_thousand_lines_is_no_other(cron, storage):
    rows = b"".join(b"%d 1 * * * x\xe9%d\r\n" % (n % 60, n) for n in range(1000))
    cron.table.write_bytes(rows)
    jobs.put("night", NIGHT)
    change(lambda table: block.put(table, storage, ""))
    lines.sync()
    lines.put_off("night", REMARK)
    lines.put_on("night")
    assert cron.holds().startswith(rows)
    change(lambda table: host.leaving().wanted)
    assert cron.holds() == rows
