"""Debian's own cron daemon over a table that nothing outside of it sees."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

from conftest import eventually, program, require
from pulsarsite.tests.site import ROOT

# What is mounted is gone with the last process in here: no table of this machine is
# read or written, none of its own jobs starts, and a cron it runs is not in the way.
_ALONE = """
mount -t tmpfs -o mode=1730,gid=crontab tmpfs /var/spool/cron/crontabs
mount -t tmpfs tmpfs /etc/cron.d
mount -t tmpfs -o mode=755 tmpfs /run
: >/run/crontab
mount --bind /run/crontab /etc/crontab
exec cron -f
"""


class Cron(NamedTuple):
    """A running cron; what belongs to it is started `inside`."""

    process: subprocess.Popen

    @property
    def inside(self) -> tuple[str, ...]:
        """What a command begins with that shall see this cron's table."""
        here = f"--wdns={ROOT}"
        return "nsenter", f"--target={self.process.pid}", "--mount", here

    def install(self, table: bytes) -> None:
        """Install a table, as a person does."""
        subprocess.run([*self.inside, "crontab", "-"], input=table, check=True)

    def table(self) -> bytes:
        """The table as cron reads it, less the three lines that the program adds."""
        # Not by `crontab -l`: it shows a carriage return as two characters.
        root = Path("/proc", str(self.process.pid), "root")
        spooled = root / "var/spool/cron/crontabs/root"
        return spooled.read_bytes().split(b"\n", 3)[3]


@contextmanager
def running_cron() -> Iterator[Cron]:
    """Start a cron, and stop it and what it started after."""
    _require_all()
    process = subprocess.Popen(["unshare", "--mount", "sh", "-ec", _ALONE])
    try:
        eventually(lambda: _is_there(process))
        yield Cron(process)
    finally:
        started = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait(timeout=10)
        for job in started:
            if job.is_running():
                job.kill()


def _require_all() -> None:
    for name in ("cron", "crontab", "unshare", "nsenter"):
        program(name)
    require(os.geteuid() == 0, "only root can start a cron with a table of its own")
    alone = subprocess.run(["unshare", "--mount", "true"], capture_output=True)
    require(alone.returncode == 0, f"no mounts of one's own: {alone.stderr.decode()}")


def _is_there(process: subprocess.Popen) -> bool:
    assert process.poll() is None, "cron has ended"
    return psutil.Process(process.pid).name() == "cron"
