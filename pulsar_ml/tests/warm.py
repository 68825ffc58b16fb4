"""A process that has its libraries loaded, and examines each folder in a fork.

What `python -m pulsar_ml.examine` does is done by its own `main`; only that nothing
needs to be imported a hundred times over.
"""

import json
import os
import sys
from pathlib import Path

import onnxruntime  # noqa: F401  # so that forks have it
from onnxruntime.capi import onnxruntime_pybind11_state  # noqa: F401

from pulsar_ml.examine import checks  # noqa: F401
from pulsar_ml.examine.__main__ import main


def examine(folder: Path) -> dict[str, object]:
    """How it ended, what it took, and whether anything of it still lives."""
    pid = os.fork()
    if pid == 0:
        os.setsid()
        said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1)
        os.dup2(said, 2)
        os._exit(main([str(folder)]))
    _, status, used = os.wait4(pid, 0)
    try:
        os.killpg(pid, 0)
        left = True
    except ProcessLookupError:
        left = False
    return {
        "code": os.waitstatus_to_exitcode(status),
        "left": left,
        "seconds": used.ru_utime + used.ru_stime,
        "mb": used.ru_maxrss // 1024,
    }


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(examine(Path(line.strip()))) + "\n")
        sys.stdout.flush()
