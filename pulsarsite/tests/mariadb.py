"""A throw-away MariaDB from the installed binaries, never the system's service."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from conftest import eventually, free_port, program

PASSWORD = "geheim"

# Read at each start, so it may be there already.
_INIT = f"""
CREATE USER IF NOT EXISTS pulsar@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO pulsar@'%' WITH GRANT OPTION;
CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY '{PASSWORD}';
GRANT SELECT ON *.* TO reader@'%';
"""


class Server:
    """One server with data of its own; it may be stopped, frozen and started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        (folder / "init.sql").write_text(_INIT)
        # It refuses to be root without being told so.
        self._user = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(
            [
                program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={folder / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                *self._user,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    program("mariadbd"),
                    "--no-defaults",
                    f"--datadir={self.folder / 'data'}",
                    f"--socket={self.folder / 'socket'}",
                    f"--init-file={self.folder / 'init.sql'}",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    # What is committed outlives a kill, and need not a power cut.
                    "--innodb-flush-log-at-trx-commit=2",
                    "--innodb-buffer-pool-size=32M",
                    "--skip-log-bin",
                    *self._user,
                ],
                stdout=log,
                stderr=log,
            )
        eventually(self._answers)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return self.sql("SELECT 1", check=False) == "1\n"

    def kill(self) -> None:
        """Take it away without a good-bye."""
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        """Let it hang: connections stay open and nothing answers."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def sql(self, statements: str, *, check: bool = True) -> str:
        """What a client prints who is asked to run this."""
        return subprocess.run(
            [
                program("mariadb"),
                "--no-defaults",
                f"--socket={self.folder / 'socket'}",
                "--user=pulsar",
                f"--password={PASSWORD}",
                "--skip-column-names",
                f"--execute={statements}",
            ],
            check=check,
            capture_output=True,
            text=True,
        ).stdout

    def url(self, database: str) -> str:
        return f"mysql://pulsar@127.0.0.1:{self.port}/{database}"


def remove(server: Server) -> None:
    """End it and leave nothing behind."""
    if server.process:
        server.process.kill()
        server.process.wait()
    shutil.rmtree(server.folder, ignore_errors=True)
