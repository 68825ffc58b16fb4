"""Messages to what apprise knows; its library runs in a process apart.

It loads for seconds, logs addresses, and cannot be told how long it may take.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import IO, TYPE_CHECKING, Any, cast

from django.conf import settings

from monitor.models import Delivery
from monitor.telling.outcome import ARRIVED, Outcome, failed

if TYPE_CHECKING:
    import queue

# Seconds to load the library, on a busy machine too, while somebody waits.
PATIENCE = 30.0
_SILENT = "The library that knows such addresses did not answer. Try again."
_COMMAND = (sys.executable, "-m", "monitor.telling.apprise_child")


def problem(address: str) -> str:
    """Why an address cannot be used; nothing if it can."""
    answers = [str(line["said"]) for line in _talk({"check": address}, PATIENCE)]
    return answers[0] if answers else _SILENT


def send(
    deliveries: Sequence[Delivery],
    results: "queue.SimpleQueue[tuple[Delivery, Outcome]]",
    within: float,
) -> None:
    """Send all of them from one process, which ends with its time."""
    by_number = {delivery.pk: delivery for delivery in deliveries}
    wanted = [
        {
            "id": delivery.pk,
            "address": delivery.channel.address,
            "title": delivery.subject,
            "body": delivery.text,
        }
        for delivery in deliveries
    ]
    for line in _talk({"send": wanted, "within": within}, within):
        delivery = by_number[line["id"]]
        words = line["said"] or "The receiver did not take it."
        outcome = ARRIVED if line["arrived"] else failed(words, delivery.channel)
        results.put((delivery, outcome))


def _talk(question: dict[str, Any], within: float) -> Iterator[dict[str, Any]]:
    """What the process answers, line by line, until it ends or is killed."""
    with subprocess.Popen(  # noqa: S603  # our own module
        _COMMAND,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as child:
        end = threading.Timer(within, child.kill)
        end.start()
        try:
            # By a pipe: arguments are seen by everybody on the machine.
            yield from _answers(child, json.dumps(question))
        finally:
            end.cancel()
            child.kill()


def _answers(child: "subprocess.Popen[str]", question: str) -> Iterator[dict[str, Any]]:
    given, told = cast("IO[str]", child.stdin), cast("IO[str]", child.stdout)
    try:
        given.write(question)
        given.close()
    except BrokenPipeError:
        return  # it was killed, or could not start
    for line in told:
        # What was cut off by the kill says nothing.
        if line.endswith("\n"):
            yield json.loads(line)
