"""A site by its configuration alone, whose commands are processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

# Each start of Python takes as long as most of the commands.
SEVERAL = """
import io, json, sys
from django.core.management import CommandError, call_command
said = []
for command in json.load(sys.stdin):
    words = io.StringIO()
    try:
        call_command(*command, stdout=words, stderr=words)
    except CommandError as error:
        words.write(str(error))
    said.append(words.getvalue())
print(json.dumps(said))
"""


class Site:
    """A site in a folder; nothing of it runs."""

    def __init__(self, folder: Path, config: str = "{}", **environ: str) -> None:
        folder.mkdir(exist_ok=True)
        self.config, self.root = folder / "site.yaml", folder / "var"
        self.config.write_text(config)
        self.environ = os.environ | {"CONFIG_FILE": str(self.config)} | environ

    def start(self, *words: str, **options: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )

    def run(self, *words: object, told: str = "", **options: object) -> tuple[int, str]:
        process = self.start(*map(str, words), **options)
        said, _ = process.communicate(told, timeout=300)
        return process.returncode, said

    def shell(self, code: str, told: str = "") -> str:
        """Have a line of Python run; what it printed last."""
        ended, said = self.run("shell", "-v0", "-c", code, told=told)
        assert ended == 0, said
        return said.strip().rpartition("\n")[2]

    def each(self, *commands: list[object]) -> list[str]:
        """Run commands in one process; what each said, or why it did not end well."""
        wanted = [list(map(str, command)) for command in commands]
        return json.loads(self.shell(SEVERAL, json.dumps(wanted)))
