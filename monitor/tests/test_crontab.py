"""The crontab in bytes: read, replaced whole, and by one at a time."""

import os
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings

from conftest import program, require
from monitor.clock.due import enabled
from monitor.crontab import command, entries, table
from monitor.crontab.errors import CrontabError, LostRace, Unfit
from monitor.crontab.table import File, Program, alone, install
from monitor.tests.hosts_cron import HostsCron


@pytest.fixture
def cron(tmp_path: Path) -> HostsCron:
    return HostsCron(tmp_path)


def test_a_file_that_is_not_there_yet_is_an_empty_table(tmp_path: Path):
    assert File(tmp_path / "crontab").read() == b""


def test_a_file_is_replaced_whole_and_is_the_owners_alone(tmp_path: Path):
    file = tmp_path / "var" / "crontab"
    file.parent.mkdir()
    for content in (b"one\ntwo\n", b"three\r\n\xe9"):
        File(file).write(content)
    assert file.read_bytes() == b"three\r\n\xe9"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path):
    File(tmp_path / "crontab").write(b"old")
    code = """
import resource, signal, sys
from pathlib import Path
from monitor.crontab.table import File
from monitor.crontab.errors import CrontabError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
without = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, without[1]))
try:
    File(Path(sys.argv[1])).write(b"x" * 100)
except CrontabError as error:
    print(error)
# Whoever measures this process wants to write, too.
resource.setrlimit(resource.RLIMIT_FSIZE, without)
"""
    said = subprocess.check_output(
        [sys.executable, "-c", code, tmp_path / "crontab"],
        cwd=settings.BASE_DIR,
        text=True,
    )
    assert said == f"{tmp_path / 'crontab'} cannot be written: File too large.\n"
    assert File(tmp_path / "crontab").read() == b"old"
    assert not list(tmp_path.glob("*.part"))


def test_the_program_shows_and_replaces_bytes(cron: HostsCron):
    assert Program(str(cron.program)).read() == b""
    Program(str(cron.program)).write(b"\xff\r\n%")
    assert Program(str(cron.program)).read() == b"\xff\r\n%"


def test_a_program_that_refuses_is_quoted_and_nothing_has_changed(cron: HostsCron):
    cron.table.write_bytes(b"old\n")
    cron.meddle('[ "$1" = -l ] || { echo "line 3: bad  minute" >&2; exit 1; }')
    with pytest.raises(CrontabError) as error:
        install(Program(str(cron.program)), b"new\n", b"old\n")
    assert str(error.value) == "The crontab was not changed: line 3: bad minute"
    assert cron.holds() == b"old\n"


def test_without_room_for_a_draft_nothing_changes(cron: HostsCron, monkeypatch):
    monkeypatch.setattr(table.tempfile, "tempdir", str(cron.folder / "none"))
    with pytest.raises(CrontabError, match="no room for a draft"):
        Program(str(cron.program)).write(b"new\n")
    assert cron.holds() == b""


def test_a_user_who_may_have_no_crontab_is_told_so(cron: HostsCron):
    cron.meddle('echo "You are not allowed to use this program" >&2; exit 1')
    with pytest.raises(CrontabError, match="cannot be read: You are not allowed"):
        Program(str(cron.program)).read()


def test_a_program_that_fails_without_a_word_is_told_by_its_exit(cron: HostsCron):
    cron.meddle("exit 7")
    with pytest.raises(CrontabError, match="cannot be read: exit 7"):
        Program(str(cron.program)).read()


def test_a_program_that_cannot_be_started_is_told(tmp_path: Path):
    with pytest.raises(CrontabError, match="The crontab program failed"):
        Program(str(tmp_path / "none")).read()


def test_a_machine_without_cron_is_told_what_to_install(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CrontabError, match="apt-get install cron"):
        Program.found()


def test_who_changes_the_table_before_us_keeps_the_change(cron: HostsCron):
    cron.table.write_bytes(b"old\n")
    was = Program(str(cron.program)).read()
    cron.at_call(1, 'echo theirs >> "$here/table"')
    with pytest.raises(LostRace, match="nothing of ours was written"):
        install(Program(str(cron.program)), b"old\nours\n", was)
    assert cron.holds() == b"old\ntheirs\n"


def test_who_changes_the_table_right_after_us_keeps_the_change(cron: HostsCron):
    cron.table.write_bytes(b"old\n")
    cron.at_call(3, 'echo theirs > "$here/table"')
    with pytest.raises(LostRace, match="it is left as they made it"):
        install(Program(str(cron.program)), b"old\nours\n", b"old\n")
    assert cron.holds() == b"theirs\n"


def test_a_program_that_keeps_nothing_is_found_out(cron: HostsCron):
    cron.table.write_bytes(b"old\n")
    cron.meddle('[ "$1" = -l ] || exit 0')
    with pytest.raises(CrontabError, match="did not keep it"):
        install(Program(str(cron.program)), b"new\n", b"old\n")


def test_our_own_processes_wait_for_one_another(cron: HostsCron, tmp_path: Path):
    cron_table = Program(str(cron.program))

    def add(number: int) -> None:
        with alone(tmp_path):
            was = cron_table.read()
            install(cron_table, was + b"%d\n" % number, was)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))
    assert sorted(map(int, cron.holds().split())) == list(range(16))


def test_debians_own_crontab_keeps_what_others_wrote(tmp_path: Path):
    """With its table in a room of its own: the machine's is never touched."""
    program("crontab")
    require(os.geteuid() == 0, "a room of its own for the crontab wants root")
    room = """
mount -t tmpfs tmpfs /var/spool/cron/crontabs || exit 99
chgrp crontab /var/spool/cron/crontabs && chmod 1730 /var/spool/cron/crontabs
exec "$@"
"""
    code = """
import sys
from pathlib import Path
from monitor.crontab import block, command
from monitor.crontab.errors import CrontabError
from monitor.crontab.table import Program, install
table, root = Program.found(), Path("/srv/a b/var")
assert table.read() == b"", "not a room of its own"
foreign = [
    b"", b"# one\\n# two\\n# three\\n# four\\n", b"# caf\\xe9\\nFOO = bar\\n\\n",
    b"1 1 * * 0-7 date +\\\\%F%in%put\\r\\n@reboot\\tx\\n", b"1 1 * * * x\\n" * 1000,
]
longest = command.job_line("x" * 800, "1 1 * * *", "y" * (998 - 807))
for theirs in foreign:
    table.write(theirs)
    assert table.read() == theirs
    for text in (longest + "\\n", "# job x: off\\n"):
        was = table.read()
        install(table, block.put(was, root, text), was)
        assert table.read().startswith(theirs), table.read()
        assert block.find(table.read(), root) == text
    was = table.read()
    install(table, block.without(was, root), was)
    assert table.read() == theirs
try:
    install(table, b"61 * * * * x\\n", theirs)
except CrontabError as error:
    print(error)
assert table.read() == theirs
"""
    done = subprocess.run(
        [
            program("unshare"),
            "-m",
            "sh",
            "-c",
            room,
            "room",
            sys.executable,
            "-c",
            code,
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    require(done.returncode != 99, "no file system may be mounted here")
    assert (done.returncode, done.stderr) == (0, "")
    assert "The crontab was not changed:" in done.stdout
    assert "bad minute" in done.stdout


def test_the_line_of_a_job_reaches_the_shell_as_it_was_meant(tmp_path: Path):
    odd = tmp_path / "50% of #1's $HOME"
    odd.mkdir()
    (odd / "manage.py").write_text("import sys; print(sys.argv)")
    started = command.command(odd, odd / "config.yaml", ["say", "a b%"])
    [found] = enabled(command.job_line("x", "1 2 3 4 5", started))
    said = subprocess.check_output(
        ["/bin/sh", "-c", found.command], text=True, cwd="/", env={}
    )
    assert found.cron == "1 2 3 4 5"
    program = [str(odd / "manage.py"), "--config", str(odd / "config.yaml")]
    assert said == f"{[*program, 'say', 'a b%']}\n"


@pytest.mark.parametrize(
    ("cron", "started", "why"),
    [
        ("1 2 3 4", "x", "no time that a crontab takes: '1 2 3 4'"),
        ("* * * * *\n", "x", "no time"),
        ("* * * * * rm", "x", "no time"),
        ("* * * * #", "x", "no time"),
        ("@daily", "a\nb", "fits into no one line"),
        ("@daily", "a\u2028b", "fits into no one line"),
        ("@daily", "a\udce9b", "fits into no one line"),
        ("1 1 * * *", "x" * 991, "a command of 999 bytes, and cron takes 998"),
    ],
)
def test_a_job_that_no_line_can_hold_is_refused(cron: str, started: str, why: str):
    with pytest.raises(Unfit, match=why):
        command.job_line("j", cron, started)


def test_the_longest_line_is_taken():
    line = command.job_line("j", "1 1 * * *", "x" * 990)
    assert len(line) == len("1 1 * * * ") + command.LONGEST_COMMAND


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose folder has a name that shells and crontabs find hard."""
    folder = tmp_path / "our #1 site, 50%"
    folder.mkdir()
    (folder / "config.yaml").write_text("storage: {root: var}\n")
    return folder


def manage(site: Path, *args: str) -> str:
    """One command of ours for that site, as a process of its own."""
    return subprocess.check_output(
        [sys.executable, "manage.py", *args, "--skip-checks"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"CONFIG_FILE": str(site / "config.yaml")},
        text=True,
    )


@pytest.mark.slow
def test_django_crontab_sees_and_writes_a_draft_alone(site: Path):
    draft = site / "var" / "crontab.draft"
    assert manage(site, "crontab", "add", "-v", "0") == ""
    line = entries.tick(draft.read_text())
    assert draft.read_text() == f"{line}\n"
    assert line.endswith(f" # pulsarsite {site / 'var'}")
    [found] = enabled(line)
    assert found.cron == "* * * * *"
    python, *words = shlex.split(found.command)
    assert Path(python).samefile(sys.executable)
    assert words[:5] == [
        str(settings.BASE_DIR / "manage.py"),
        "--config",
        str(site / "config.yaml"),
        "crontab",
        "run",
    ]
    assert words[6:] == ["--skip-checks"]
    assert not (site / "var" / "crontab").exists()


def test_python_has_one_name_whoever_started_the_process(monkeypatch, tmp_path: Path):
    wanted = Path(sys.prefix, "bin", "python")
    monkeypatch.setattr(sys, "executable", str(wanted.with_name("python3")))
    assert command.interpreter() == wanted
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert command.interpreter() == wanted.with_name("python3")
