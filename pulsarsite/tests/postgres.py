"""A throw-away PostgreSQL from the installed binaries, never the system's service."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from conftest import eventually, free_port, program, require

PASSWORD = "geheim"

_READER = f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_read_all_data"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # What is committed outlives a kill, and need not a power cut.
    "fsync": "off",
    "shared_buffers": "16MB",
    # Nothing outlives its folder.
    "dynamic_shared_memory_type": "mmap",
}


class Server:
    """One server with data of its own; it may be stopped, frozen and started."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._bin = _binaries()
        # It refuses to be root, and the folders of tests are closed to anybody else.
        self.folder = Path(tempfile.mkdtemp(prefix="pulsarsite-postgres-"))
        self._user = {}
        if os.geteuid() == 0:
            self._user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(self.folder, "nobody", "nogroup")
        (self.folder / "password").write_text(PASSWORD)
        subprocess.run(
            [
                self._bin / "initdb",
                f"--pgdata={self.folder / 'data'}",
                f"--pwfile={self.folder / 'password'}",
                "--username=pulsar",
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self._user,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = {**_SETTINGS, "unix_socket_directories": self.folder}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self._bin / "postgres",
                    "-D",
                    self.folder / "data",
                    f"--port={self.port}",
                    *(f"--{name}={value}" for name, value in settings.items()),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._user,
            )
        eventually(self._answers)
        if not self.sql("SELECT 1 FROM pg_roles WHERE rolname = 'reader'"):
            self.sql(_READER)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return self.sql("SELECT 1", check=False) == "1\n"

    def kill(self) -> None:
        """Take it away without a good-bye."""
        self._signal(signal.SIGKILL)
        self.process.wait()
        # It would ask who holds its memory, and be told the number of somebody else.
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)

    def freeze(self) -> None:
        """Let it hang: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def sql(
        self, statements: str, *, database: str = "postgres", check: bool = True
    ) -> str:
        """What a client prints who is asked to run this."""
        return subprocess.run(
            [
                self._bin / "psql",
                f"--host={self.folder}",
                f"--port={self.port}",
                "--username=pulsar",
                "--no-psqlrc",
                "--quiet",
                "--tuples-only",
                "--no-align",
                f"--command={statements}",
                database,
            ],
            check=check,
            capture_output=True,
            text=True,
        ).stdout

    def _signal(self, number: signal.Signals) -> None:
        # Each connection is a process of its own; none is added any more.
        self.process.send_signal(signal.SIGSTOP)
        for child in _children(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(child, number)
        self.process.send_signal(number)


def remove(server: Server) -> None:
    """End it and leave nothing behind."""
    if server.process and server.process.poll() is None:
        server.thaw()
        server.kill()
    shutil.rmtree(server.folder, ignore_errors=True)


def _binaries() -> Path:
    """Debian keeps them off the path, by version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        return Path(program("initdb")).parent
    newest = folders[-1].parent
    require((newest / "psql").exists(), "psql is not installed")
    return newest


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(child) for child in listed.split()]
