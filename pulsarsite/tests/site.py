"""A real site for the tests that drive it: started as a person starts it."""

import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import yaml
from playwright.sync_api import Page, expect, sync_playwright

from conftest import eventually, program

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "the stars look very different"
# Milliseconds for whatever a page does: other tests keep all cores busy meanwhile.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    """The browser; rather the one that needs no screen, and a fifth less for itself."""
    return shutil.which("chromium-headless-shell") or program("chromium")


class Site(NamedTuple):
    """A running site: its address, its configuration and its supervisor."""

    url: str
    config: Path
    process: subprocess.Popen
    # What each of its commands begins with, where it is not to see all of the machine.
    inside: tuple[str, ...] = ()

    def manage(self, *arguments: str) -> str:
        """Run a command of this site, as its owner would beside it."""
        done = subprocess.run(
            [*self.inside, sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | {"CONFIG_FILE": str(self.config)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def person(self, name: str, role: str) -> None:
        """Make a person with a role."""
        self.manage(
            "shell",
            "-v0",
            "-c",
            "from accounts.models import User\n"
            "from django.contrib.auth.models import Group\n"
            f"user = User.objects.create_user({name!r}, password={PASSWORD!r})\n"
            f"user.groups.add(Group.objects.get(name={role!r}))",
        )

    def ask(self, question: str) -> list[tuple]:
        """Ask the site's database; quicker than any page."""
        file = self.config.parent / "var" / "default.sqlite3"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return database.execute(question).fetchall()

    def workers(self, queue: str) -> list[psutil.Process]:
        """The processes that work on a queue."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        living = [p for p in children if p.status() != psutil.STATUS_ZOMBIE]
        return [p for p in living if f"{queue}@%h" in p.cmdline()]


@contextmanager
def running_site(
    folder: Path, port: int, *, inside: tuple[str, ...] = (), **config: dict
) -> Iterator[Site]:
    """Start a site by bin/serve with a storage of its own, and stop it after."""
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump({"storage": {"root": "var"}, **config}))
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*inside, "bin/serve", "--port", str(port), "--config", str(file)],
            cwd=ROOT,
            env=os.environ | {"PULSARSITE_ADMIN_PASSWORD": PASSWORD},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(url, process, log), within=120)
        yield Site(url, file, process, inside)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _answers(url: str, process: subprocess.Popen, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:  # noqa: S310
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def browser(site: Site, *, forgiven: str = "", **context: bool) -> Iterator[Page]:
    """A page of a real Chromium; whatever it complains about fails the test.

    Forgiven is what a test does to it on purpose.
    """
    complaints: list[str] = []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=chromium(), args=_CHROMIUM
        )
        # What moves while a page waits would take half a core from what it waits for.
        opened = launched.new_context(
            base_url=site.url,
            accept_downloads=True,
            reduced_motion="reduce",
            **context,
        )
        opened.set_default_timeout(PATIENCE)
        page = opened.new_page()
        page.on(
            "console",
            lambda said: said.type == "error" and complaints.append(said.text),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        yield page
        launched.close()
    assert [c for c in complaints if not forgiven or forgiven not in c] == []


def log_in(page: Page, name: str) -> None:
    """Log in as a person does."""
    page.goto("/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
