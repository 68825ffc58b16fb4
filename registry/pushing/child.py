"""The child that opens a foreign model: what it says is taken, and nothing more."""

import json
import logging
import signal
from pathlib import Path
from typing import Any

from pulsar_ml.examine import __main__ as ends
from registry.errors import CannotPush, StepTimedOut
from registry.pushing.beat import Beat
from registry.training import process

logger = logging.getLogger(__name__)

# A child that was broken into could say anything, and for ever.
_MOST_FINDINGS, _MOST_NAME, _MOST_WORDS = 40, 60, 1000
_OUT_OF_TIME = {signal.SIGXCPU}


class Listener:
    """Hears a child, by lines."""

    def __init__(self, beat: Beat) -> None:
        self.beat = beat
        self.refused = ""
        self.last_words = ""

    def facts(self, line: str) -> None:
        """A line of facts; what is none is words."""
        try:
            told = json.loads(line)
            if "finding" in told:
                self._find(told["finding"])
            self.refused = str(told.get("refused", self.refused))[:_MOST_WORDS]
            doing = told.get("begins") or told.get("words") or ""
        except (ValueError, AttributeError, TypeError, KeyError, RecursionError):
            self.words(line)
        else:
            self.beat.doing = str(doing)[:_MOST_NAME] or self.beat.doing

    def words(self, line: str) -> None:
        """What goes to its standard error is for the log alone."""
        self.last_words = line[:_MOST_WORDS]
        logger.info("%s: %s", self.beat.work, self.last_words)

    def _find(self, found: dict[str, Any]) -> None:
        if len(self.beat.findings) < _MOST_FINDINGS:
            self.beat.findings.append(
                {
                    "name": str(found["name"])[:_MOST_NAME],
                    "ok": found["ok"] is True,
                    "words": str(found["words"])[:_MOST_WORDS],
                }
            )


def examine(folder: Path, beat: Beat, seconds: float) -> bool:
    """Whether all checks hold; each is with the beat, the one it died over too."""
    listener = Listener(beat)
    try:
        code = _run(folder, listener, seconds)
    except StepTimedOut:
        return _died(beat, f"It took longer than {seconds:g} seconds (push.seconds).")
    if code == ends.NOT_ALONE:
        raise CannotPush("The machine gave the child no network of its own any more.")
    if code == 0 and beat.findings and all(f["ok"] for f in beat.findings):
        return True
    if code == ends.REFUSED and not all(f["ok"] for f in beat.findings):
        return False
    return _died(beat, _why(code, seconds))


def complete(folder: Path, beat: Beat, seconds: float) -> None:
    """Have the artefact made of what has passed; raises CannotPush if it cannot be."""
    listener = Listener(beat)
    try:
        code = _run(folder, listener, seconds, "--complete")
    except StepTimedOut as error:
        raise CannotPush(
            f"To judge it {str(error)[0].lower()}{str(error)[1:]}"
        ) from error
    if code:
        said = listener.refused or listener.last_words or f"it ended with {code}"
        raise CannotPush(f"It passed, and no version could be made of it: {said}")


def _run(folder: Path, listener: Listener, seconds: float, *flags: str) -> int:
    wanted = ["pulsar_ml.examine", str(folder), *flags]
    heard = listener.facts, listener.words
    # No environment: no password, no path, no proxy.
    with process.running(wanted, *heard, environ={}) as started:
        return started.wait(listener.beat, seconds)


def _died(beat: Beat, words: str) -> bool:
    name = beat.doing or "beginning"
    beat.findings.append({"name": name, "ok": False, "words": words})
    return False


def _why(code: int, seconds: float) -> str:
    if code == ends.NO_MEMORY:
        return "It needs more memory than allowed (push.memory_mb)."
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        return (
            f"The process that opened it was ended: it took more than {seconds:g} "
            "seconds of the processor (push.seconds), or the machine's memory."
        )
    if code < 0:
        return f"The process that opened it died of it ({_name(-code)})."
    return f"The process that opened it failed over it, and ended with {code}."


def _name(number: int) -> str:
    known = {
        signal.SIGABRT,
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGILL,
    }
    return signal.Signals(number).name if number in known else f"signal {number}"
