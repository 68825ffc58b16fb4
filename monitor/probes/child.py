"""Looks in processes of their own, side by side: whatever hangs is killed in time."""

import json
import logging
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from django.db import Error as DatabaseFailed
from django.db import connections

from monitor.models import Check
from monitor.probes.reading import Reading
from monitor.probes.scrub import words
from monitor.probes.steps import tell, to_parent
from monitor.processes.supervise import die_with

logger = logging.getLogger(__name__)

# How long a killed process may take to go.
GOES_WITHIN = 0.2
_CHUNK = 65536
# In a child, what its parent has open: given up, it would be closed for both.
_inherited: list[object] = []


@dataclass(frozen=True)
class Task:
    """What one process looks at."""

    slugs: Sequence[str]
    look: Callable[[], Iterable[tuple[str, Reading]]]
    # Seconds.
    deadline: float


@dataclass
class _Child:
    """One process, and what it has said so far."""

    task: Task
    pid: int
    pipe: int
    begun: float
    said: bytearray = field(default_factory=bytearray)
    took: float = 0.0
    # It has said all that it will ever say.
    ended: bool = False
    exit: int | None = None

    @property
    def left(self) -> float:
        """Seconds until it is killed."""
        return self.begun + self.task.deadline - time.monotonic()


def run(tasks: Iterable[Task]) -> dict[str, Reading]:
    """Look at everything at once; every slug has a reading, whatever became of it."""
    children: list[_Child] = []
    try:
        for task in tasks:
            children.append(_fork(task, [child.pipe for child in children]))
        _listen(children)
    finally:
        _end(children)
    readings = [_readings(child) for child in children]
    return {slug: one for found in readings for slug, one in found.items()}


def _fork(task: Task, others: Iterable[int]) -> _Child:
    ours, its = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if not pid:
        _be_the_child(task, its, parent, [ours, *others])
    os.close(its)
    os.set_blocking(ours, False)
    return _Child(task, pid, ours, time.monotonic())


def _be_the_child(task: Task, pipe: int, parent: int, foreign: list[int]) -> NoReturn:
    """Look, tell and go: nothing of the parent's may run in here, not even its end."""
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        die_with(parent)
        for file in foreign:
            os.close(file)
        to_parent.set(pipe)
        _connect_anew()
        _look(task)
        connections.close_all()
    finally:
        os._exit(0)


def _connect_anew() -> None:
    """On the wires of the parent, two would speak at once."""
    for connection in connections.all(initialized_only=True):
        _inherited.append(connection)
        del connections[connection.alias]


def _look(task: Task) -> None:
    begun = time.monotonic()
    try:
        for slug, reading in task.look():
            took = reading.took or round(time.monotonic() - begun, 4)
            tell({"slug": slug, "reading": asdict(reading) | {"took": took}})
    except DatabaseFailed as error:
        # Told of the database's own check; of the others it is enough to say so.
        tell({"failed": f"A database does not answer: {words(error)}"})
    # The door of the process: what it could not do is itself what was found.
    except Exception as error:
        logger.exception("A look failed", extra={"checks": task.slugs})
        failed = f"The look failed: {type(error).__name__}: {words(error)}"
        tell({"failed": failed})


def _listen(children: Sequence[_Child]) -> None:
    """Read what they say until each has ended or its time is up."""
    with selectors.DefaultSelector() as selector:
        for child in children:
            selector.register(child.pipe, selectors.EVENT_READ, child)
        while selector.get_map():
            first = min(key.data.left for key in selector.get_map().values())
            for key, _ in selector.select(max(0.0, first)):
                if not _hear(key.data):
                    selector.unregister(key.fd)
            for key in list(selector.get_map().values()):
                if key.data.left <= 0:
                    key.data.took = key.data.task.deadline
                    selector.unregister(key.fd)


def _hear(child: _Child) -> bool:
    """Take in what it has said; False at the end."""
    said = os.read(child.pipe, _CHUNK)
    child.said += said
    child.took = round(time.monotonic() - child.begun, 4)
    child.ended = not said
    return bool(said)


def _end(children: Sequence[_Child]) -> None:
    """Leave nothing of them; only what is in the hands of the kernel may stay."""
    for child in children:
        os.close(child.pipe)
        if not child.ended:
            os.kill(child.pid, signal.SIGKILL)
    end = time.monotonic() + GOES_WITHIN
    for child in children:
        while not _is_gone(child):
            if time.monotonic() > end:
                logger.warning("A look at %s cannot be ended", child.task.slugs)
                break
            time.sleep(0.002)


def _is_gone(child: _Child) -> bool:
    pid, status = os.waitpid(child.pid, os.WNOHANG)
    if pid:
        child.exit = os.waitstatus_to_exitcode(status)
    return bool(pid)


def _readings(child: _Child) -> dict[str, Reading]:
    """What it has found; for what it owes, why it does."""
    # What follows the last line was cut off.
    lines = [json.loads(line) for line in child.said.split(b"\n")[:-1]]
    found = {
        said["slug"]: _reading(said["reading"]) for said in lines if "slug" in said
    }
    steps = [said["steps"] for said in lines if "steps" in said][-1:]
    failed = [said["failed"] for said in lines if "failed" in said]
    owed = Reading(
        Check.State.DOWN,
        failed[0] if failed else _why(child, *steps),
        detail={"steps": steps[0]} if steps else {},
        took=child.took,
    )
    return {slug: found.get(slug, owed) for slug in child.task.slugs}


def _reading(said: dict[str, Any]) -> Reading:
    since = said["since"] and datetime.fromisoformat(said["since"])
    return Reading(**said | {"state": Check.State(said["state"]), "since": since})


def _why(child: _Child, steps: Sequence[Mapping[str, Any]] = ()) -> str:
    """Why there is no reading, and which step it was that hung."""
    if child.ended:
        code = child.exit or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"The look ended without an answer ({how})."
    silence = f"No answer within {child.task.deadline:g} s"
    if not steps:
        return f"{silence}."
    last = steps[-1]
    when = "at" if last["seconds"] is None else "after"
    return f"{silence}, {when} the step {last['step']}."
