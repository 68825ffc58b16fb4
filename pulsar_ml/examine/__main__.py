"""Examine a model from elsewhere: `python -m pulsar_ml.examine FOLDER [--complete]`.

Standard output has one JSON object a line: ``{"begins": name}`` and
``{"finding": {...}}`` for each check; with `--complete`, as a step of a training.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pulsar_ml.examine import alone, limits, order

# Exit codes: it does not hold, or cannot be done; no network of its own; no memory.
REFUSED, NOT_ALONE, NO_MEMORY = 2, 5, 4
_NETWORK = "network"


def main(arguments: Sequence[str] | None = None) -> int:
    """Shut this process in, and only then look at what came.

    Parameters
    ----------
    arguments : sequence of str, optional
        Of the command line, without the program's name.

    Returns
    -------
    int
        0 if all holds, 2 if not, 4 without memory, 5 where it was to be alone and is
        not; any other end is a fault of what came.
    """
    options = _parser().parse_args(arguments)
    folder = options.folder.resolve()
    asked = order.read(folder)
    is_alone = alone.leave()
    if asked.must_be_alone and not is_alone:
        return NOT_ALONE
    limits.settle(folder)
    limits.lay(
        memory=asked.memory_bytes,
        seconds=asked.seconds,
        size=asked.max_bytes,
        # What it takes to judge a model, takes threads.
        processes=None if options.complete else 0,
    )
    try:
        if options.complete:
            return _complete(folder)
        return _examine(folder, is_alone=is_alone)
    except MemoryError:
        return NO_MEMORY


def _examine(folder: Path, *, is_alone: bool) -> int:
    # Libraries are loaded when the limits are there.
    from pulsar_ml.examine import checks  # noqa: PLC0415
    from pulsar_ml.examine.finding import Finding, Findings  # noqa: PLC0415

    def tell(finding: Finding) -> None:
        _tell({"finding": finding._asdict()})

    findings = Findings(lambda name: _tell({"begins": name}), tell)
    where = "no network" if is_alone else "the network of this machine"
    findings.look(_NETWORK, lambda: f"Opened by a process with {where}.")
    checks.run(folder, findings)
    checks.report(folder, findings)
    return 0 if findings.all_hold else REFUSED


def _complete(folder: Path) -> int:
    from pulsar_ml.errors import PulsarError  # noqa: PLC0415
    from pulsar_ml.examine import complete  # noqa: PLC0415

    def say(done: int, of: int, words: str) -> None:
        _tell({"done": done, "of": of, "words": words})

    try:
        complete.run(folder, say)
    except PulsarError as error:
        _tell({"refused": str(error)})
        return REFUSED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulsar_ml.examine",
        description="Open a model from elsewhere, and believe nothing of it.",
    )
    parser.add_argument("folder", type=Path, help="with order.json and the file")
    parser.add_argument(
        "--complete", action="store_true", help="make an artefact of what passed"
    )
    return parser


def _tell(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
