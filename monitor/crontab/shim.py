"""What django-crontab takes for `crontab`: a draft of its own line, no real table.

No Django in here: it starts twice at each `crontab add`.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.crontab.command import quoted
from monitor.crontab.table import File


def shim(base: Path, draft: Path, config: Path) -> str:
    """The value of CRONTAB_EXECUTABLE: this very module as a program."""
    words = [
        sys.executable,
        "-P",
        "-m",
        "monitor.crontab.shim",
        str(draft),
        str(config),
    ]
    return f"PYTHONPATH={shlex.quote(str(base))} {shlex.join(words)}"


def main(argv: Sequence[str]) -> None:
    """Understand what django-crontab says to a crontab: `-l`, or a file to install."""
    draft, config, wanted = argv
    if wanted == "-l":
        sys.stdout.buffer.write(File(Path(draft)).read())
        return
    # It wants to see that file, and so cannot quote its name itself.
    bare, safe = (f" {word} crontab run ".encode() for word in (config, quoted(config)))
    File(Path(draft)).write(Path(wanted).read_bytes().replace(bare, safe))


if __name__ == "__main__":
    main(sys.argv[1:])
