"""Our block: read and replaced whole, by us and, through us, by django-crontab."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from monitor import crontab
from monitor.clock import enabled

TICK = "* * * * * cd /x && run tick # pulsarsite /x"


def test_a_block_that_is_not_there_yet_is_empty(tmp_path: Path):
    assert crontab.read(tmp_path / "crontab") == ""


def test_a_block_is_replaced_whole_and_is_the_owners_alone(tmp_path: Path):
    file = tmp_path / "var" / "crontab"
    file.parent.mkdir()
    for text in ("one\ntwo\n", "three\nthree\n# four 😀\n"):
        crontab.install(file, text)
    assert file.read_text() == "three\n# four 😀\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_each_declared_job_has_its_line_and_what_a_person_did_stays():
    before = f"""{TICK}
# a remark
1 1 * * * old way # job seal
2 2 * * * gone # job gone
# 3 3 * * * off by hand # job report
MAILTO=ana
"""
    wanted = {
        "seal": "17 * * * * new way # job seal",
        "report": "4 4 * * * on # job report",
        "fresh": "5 5 * * * fresh # job fresh",
    }
    after = f"""{TICK}
# a remark
17 * * * * new way # job seal
# 3 3 * * * off by hand # job report
MAILTO=ana
5 5 * * * fresh # job fresh
"""
    assert crontab.with_jobs(before, wanted) == after
    assert crontab.with_jobs(after, wanted) == after


def test_the_line_of_a_job_reaches_the_shell_as_it_was_meant(tmp_path: Path):
    odd = tmp_path / "50% of #1's $HOME"
    odd.mkdir()
    (odd / "manage.py").write_text(
        "import os, sys; print(os.environ['CONFIG_FILE'], sys.argv)"
    )
    config = odd / "config.yaml"
    line = crontab.job_line("x", "1 2 3 4 5", odd, config, ["say", "a b%"])
    [found] = enabled(line)
    said = subprocess.check_output(["/bin/sh", "-c", found.command], text=True)
    assert found.cron == "1 2 3 4 5"
    assert said == f"{config} ['manage.py', 'say', 'a b%']\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose folder has a name that shells and crontabs find hard."""
    folder = tmp_path / "our site, 50%"
    folder.mkdir()
    (folder / "config.yaml").write_text("storage: {root: var}\n")
    return folder


def manage(site: Path, *args: str) -> str:
    """One command of ours for that site, as a process of its own."""
    return subprocess.check_output(
        [sys.executable, "manage.py", *args],
        cwd=settings.BASE_DIR,
        env=os.environ | {"CONFIG_FILE": str(site / "config.yaml")},
        text=True,
    )


@pytest.mark.slow
def test_django_crontab_sees_and_writes_our_block_alone(site: Path):
    block = site / "var" / "crontab"
    block.parent.mkdir()
    block.write_text("17 * * * * seal # job seal\n")
    for _ in range(2):
        assert manage(site, "crontab", "add", "-v", "0") == ""
        seal, tick = block.read_text().splitlines()
    assert seal == "17 * * * * seal # job seal"
    [_, line] = enabled(block.read_text())
    assert line.cron == "* * * * *"
    cd, _, run = line.command.partition(" && ")
    assert shlex.split(cd) == ["cd", str(settings.BASE_DIR)]
    assert shlex.split(run)[:5] == [
        f"CONFIG_FILE={site / 'config.yaml'}",
        sys.executable,
        "manage.py",
        "crontab",
        "run",
    ]
    assert tick.endswith(f" # pulsarsite {site / 'var'}")
    assert "monitor.tick.tick" in manage(site, "crontab", "show")
    manage(site, "crontab", "remove", "-v", "0")
    assert block.read_text() == "17 * * * * seal # job seal\n"
