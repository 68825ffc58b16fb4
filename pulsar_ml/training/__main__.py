"""Do one step of a training: `python -m pulsar_ml.training STEP FOLDER`.

Standard output has one JSON object a line: ``{"done": n, "of": m, "words": "..."}`` as
it goes on, and ``{"refused": "..."}`` at the end where the rows or the plan do not
allow it. Where standard input is a pipe, the step ends when that is closed.
"""

import argparse
import errno
import fcntl
import json
import os
import stat
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from pulsar_ml.errors import PulsarError
from pulsar_ml.training import steps

# Exit codes: what the rows do not allow; what the machine lacked.
REFUSED, NO_ROOM, NO_MEMORY = 2, 3, 4
_LACKING = {
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
    errno.ENOMEM: NO_MEMORY,
}
_STDIN = 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one step.

    Parameters
    ----------
    arguments : sequence of str, optional
        Of the command line, without the program's name.

    Returns
    -------
    int
        0 if it is done, 2 if it was refused, 3 if the disk is full, 4 if there is too
        little memory; any other fault is an exception.
    """
    options = _parser().parse_args(arguments)
    if stat.S_ISFIFO(os.fstat(_STDIN).st_mode):
        Thread(target=_end_with_parent, daemon=True).start()
    step = steps.BY_NAME[options.step]
    try:
        with _alone(options.folder):
            if not steps.is_done(options.folder, step):
                step.run(options.folder, _say)
    except PulsarError as error:
        _tell({"refused": str(error)})
        return REFUSED
    except MemoryError:
        traceback.print_exc()
        return NO_MEMORY
    except OSError as error:
        if error.errno not in _LACKING:
            raise
        traceback.print_exc()
        return _LACKING[error.errno]
    return 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for the step of a worker that slept while another took its training."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulsar_ml.training", description="Do one step of a training."
    )
    parser.add_argument("step", choices=steps.BY_NAME, help="see steps.py")
    parser.add_argument("folder", type=Path, help="of the training, with plan.json")
    return parser


def _end_with_parent() -> None:
    """Who started this step holds its standard input open as long as it lives."""
    while os.read(_STDIN, 1):
        pass
    os._exit(1)


def _say(done: int, of: int, words: str) -> None:
    _tell({"done": done, "of": of, "words": words})


def _tell(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
