"""manage.py as a process: a bad configuration is told in lines, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

BASE = Path(__file__).resolve().parents[2]


def manage(config: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *argv],
        cwd=BASE,
        env=os.environ | {"CONFIG_FILE": str(config), "MAIL_PASSWORD": "geheim"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "bad.yaml"
    file.write_text("web: {workers: two}\nsite: {nmae: x}\n")
    return file


@pytest.mark.slow
@pytest.mark.parametrize("command", ["config_check", "check", "help", "supervise"])
def test_every_command_lists_the_mistakes_and_ends(command: str, bad: Path) -> None:
    run = manage(bad, command)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.splitlines() == [
        f"{bad} cannot be used:",
        "  site.nmae: there is no such key",
        "  web.workers: must be a whole number from 1 to 64 (found 'two')",
    ]


@pytest.mark.slow
def test_config_check_prints_what_is_in_force(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text("web: {workers: 3}\nmail: {password_env: MAIL_PASSWORD}\n")
    run = manage(file, "config_check")
    assert (run.returncode, run.stderr) == (0, "")
    shown = {
        line.split()[0]: line.split(maxsplit=1)[1]
        for line in run.stdout.split("\n")
        if line
    }
    assert run.stdout.startswith(f"# {file}\n")
    assert shown["web.workers"] == "3  (file)"
    assert shown["web.threads"] == "4  (default)"
    assert shown["mail.password_env"] == "MAIL_PASSWORD = ******  (environment)"
    assert "geheim" not in run.stdout


@pytest.mark.slow
@pytest.mark.parametrize("form", [["--config", "{}"], ["--config={}"]])
def test_the_site_is_chosen_before_the_command(form: list[str], tmp_path: Path) -> None:
    (tmp_path / "a site.yaml").write_text("web: {workers: 7}\n")
    words = [word.format("a site.yaml") for word in form]
    run = subprocess.run(
        [sys.executable, BASE / "manage.py", *words, "config_check"],
        cwd=tmp_path,
        env=os.environ | {"CONFIG_FILE": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"# {tmp_path / 'a site.yaml'}\n")
    assert "web.workers" in run.stdout
    assert "7  (file)" in run.stdout


@pytest.mark.parametrize("words", [["--config"], ["--config="], ["--config=", "check"]])
def test_a_choice_without_a_file_is_refused(words: list[str], bad: Path) -> None:
    run = manage(bad, *words)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "--config wants the path of a file, before the command.\n"


@pytest.mark.slow
def test_a_site_with_https_passes_the_deployment_checks(tmp_path: Path) -> None:
    file = tmp_path / "good.yaml"
    file.write_text("site: {address: 'https://a.example', behind_proxy: true}\n")
    run = manage(file, "check", "--deploy", "--fail-level", "WARNING")
    assert (run.returncode, run.stderr) == (0, "")


def test_config_docs_writes_both_files(settings, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    settings.BASE_DIR = tmp_path
    call_command("config_docs", verbosity=0)
    for name in ("config.yaml", "docs/config.md"):
        assert (tmp_path / name).read_text() == (BASE / name).read_text()
