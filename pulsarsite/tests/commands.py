"""A site by its configuration alone, whose commands are processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Self

from django.conf import settings

# A start of Python takes longer than most of the commands: each is forked from one.
FORKED = """
import json, os, sys, traceback
from contextlib import redirect_stderr, redirect_stdout
from django.core.management import CommandError, call_command
from django.db import connections
for line in sys.stdin:
    point, *command = json.loads(line)
    connections.close_all()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.environ["PULSARSITE_CRASH_AT"] = point
        os.close(read)
        ended = 1
        with open(write, "w") as said, redirect_stdout(said), redirect_stderr(said):
            try:
                call_command(*command)
                ended = 0
            except CommandError as error:
                print(error)
            except BaseException:
                traceback.print_exc()
        connections.close_all()
        os._exit(ended)
    os.close(write)
    with open(read) as said:
        words = said.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(json.dumps([ended, words]), flush=True)
"""


class Site:
    """A site in a folder; nothing of it runs."""

    def __init__(self, folder: Path, config: str = "{}", **environ: str) -> None:
        folder.mkdir(exist_ok=True)
        self.config, self.root = folder / "site.yaml", folder / "var"
        self.config.write_text(config)
        self.environ = os.environ | {"CONFIG_FILE": str(self.config)} | environ
        self.forking = self._start("shell", "-v0", "-c", FORKED)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.forking.communicate(timeout=60)

    def run(self, *words: object) -> tuple[int, str]:
        """Run a command as one types it; how it ended, and what it said."""
        process = self._start(*map(str, words))
        said, _ = process.communicate(timeout=300)
        return process.returncode, said

    def forked(self, *words: object, point: str = "") -> tuple[int, str]:
        """Run a command that costs little; it dies at that point."""
        self.forking.stdin.write(json.dumps([point, *map(str, words)]) + "\n")
        self.forking.stdin.flush()
        ended, said = json.loads(self.forking.stdout.readline())
        return ended, said.strip()

    def shell(self, code: str) -> str:
        """Have lines of Python run; what they printed last."""
        ended, said = self.forked("shell", "-v0", "-c", code)
        assert ended == 0, said
        return said.rpartition("\n")[2]

    def refuses(self, *words: object) -> str:
        """Why a command did not end well."""
        ended, said = self.forked(*words)
        assert ended == 1, said
        return said

    def _start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
