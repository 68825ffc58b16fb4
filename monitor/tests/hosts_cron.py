"""A crontab program that keeps its table in a file of the test."""

import os
from pathlib import Path
from typing import Any

# As Debian's: `-l` shows the table, though not quite as it is, `-e` gives it to an
# editor, a file replaces it. `meddle` is somebody else who has a hand in the table just
# before each other call.
PROGRAM = r"""#!/bin/sh
here=${0%/*}
[ "$1" != -e ] || exec "$VISUAL" "$here/table"
[ ! -e "$here/meddle" ] || . "$here/meddle"
[ "$1" = -l ] || exec cp -- "$1" "$here/table"
[ ! -e "$here/table" ] || exec sed 's/\r/\\r/g; s/\x08/\\b/g' "$here/table"
echo "no crontab for somebody" >&2
exit 1
"""


class HostsCron:
    """A host's crontab of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = folder / "crontab"
        self.table = folder / "table"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o700)

    def holds(self) -> bytes:
        return self.table.read_bytes() if self.table.exists() else b""

    def meddle(self, script: str) -> None:
        """Have a piece of shell done before each call of the program but -e."""
        (self.folder / "meddle").write_text(script)

    def at_call(self, number: int, script: str) -> None:
        """Have it done before one call only."""
        self.meddle(
            'echo x >> "$here/calls"\n'
            f'[ "$(wc -l < "$here/calls")" -ne {number} ] || {{ {script}; }}\n'
        )

    def serve(self, settings: Any, monkeypatch: Any) -> None:
        """Be what this process, in mode host, finds as `crontab`."""
        scheduler = settings.PULSAR.scheduler.model_copy(update={"mode": "host"})
        settings.PULSAR = settings.PULSAR.model_copy(update={"scheduler": scheduler})
        monkeypatch.setenv("PATH", f"{self.folder}:{os.environ['PATH']}")
