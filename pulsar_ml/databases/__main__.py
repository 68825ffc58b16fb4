"""Do one thing with a database: `python -m pulsar_ml.databases PARENT`.

Standard input has the order, one JSON object in a line; standard output has the
answers, one a line. A process of its own, since a driver may hang or crash, and what
hangs in one must be ended from outside.
"""

import ctypes
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from pulsar_ml.errors import DatabaseFault, PulsarError

_PR_SET_PDEATHSIG = 1
Tell = Callable[[Mapping[str, Any]], None]


def main() -> int:
    """Do what the first line of the input says.

    Returns
    -------
    int
        0, also where the database refused: it was told in words.
    """
    _die_with(int(sys.argv[1]))
    tell = _teller()
    order = json.loads(sys.stdin.readline())
    try:
        _do(order, tell)
    except DatabaseFault as error:
        tell({"failed": str(error), "passing": error.passing})
    except PulsarError as error:
        tell({"failed": str(error), "passing": False})
    except MemoryError:
        tell({"failed": "There was not enough memory for a page.", "passing": True})
    except OSError as error:
        words = f"What was read cannot be kept: {error.strerror or error}."
        tell({"failed": words, "passing": True})
    return 0


def _do(order: Mapping[str, Any], tell: Tell) -> None:
    verb = order["verb"]
    if verb == "write":
        from pulsar_ml.databases import write  # noqa: PLC0415  # slow: pandas

        write.write(order, _lines(sys.stdin), tell)
        return
    threading.Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()
    _VERBS[verb](order, tell)


def _look(order: Mapping[str, Any], tell: Tell) -> None:
    from pulsar_ml.databases import look  # noqa: PLC0415  # each verb loads its own

    look.look(order, tell)


def _tables(order: Mapping[str, Any], tell: Tell) -> None:
    from pulsar_ml.databases import tables  # noqa: PLC0415

    tables.tables(order, tell)


def _columns(order: Mapping[str, Any], tell: Tell) -> None:
    from pulsar_ml.databases import tables  # noqa: PLC0415

    tables.columns(order, tell)


def _read(order: Mapping[str, Any], tell: Tell) -> None:
    from pulsar_ml.databases import read  # noqa: PLC0415

    # Rows make no circles; to look for some takes a quarter of all the time.
    gc.disable()
    read.read(order, tell)


def _make(order: Mapping[str, Any], tell: Tell) -> None:
    from pulsar_ml.databases import make  # noqa: PLC0415

    make.make(order, tell)


def _check(order: Mapping[str, Any], tell: Tell) -> None:
    from pulsar_ml.databases import make  # noqa: PLC0415

    make.check(order, tell)


_VERBS: Mapping[str, Callable[[Mapping[str, Any], Tell], None]] = {
    "look": _look,
    "tables": _tables,
    "columns": _columns,
    "read": _read,
    "make": _make,
    "check": _check,
}


def _teller() -> Tell:
    # What a driver prints goes where errors go: the answers are ours alone.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(line: Mapping[str, Any]) -> None:
        answers.write(json.dumps(line) + "\n")
        answers.flush()

    return tell


def _lines(stream: IO[str]) -> Iterator[dict[str, Any]]:
    for line in stream:
        yield json.loads(line)


def _end_with(stream: IO[str]) -> None:
    """End this process when nobody is there any more who asked."""
    stream.read()
    os._exit(1)


def _die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, even one killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
