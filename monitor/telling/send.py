"""Send many messages side by side, each within its time, and none longer."""

import queue
import threading
import time
from collections.abc import Iterator, Sequence

from monitor.models import Channel, Delivery
from monitor.telling import apprise_address, mail, webhook
from monitor.telling.outcome import Outcome, failed

# Of name resolution, connecting and answer together.
WITHIN = 10.0

Result = tuple[Delivery, Outcome]
_WAYS = {Channel.Kind.MAIL: mail.send, Channel.Kind.WEBHOOK: webhook.send}


def send(deliveries: Sequence[Delivery], within: float) -> Iterator[Result]:
    """Send all at once and yield each as it ends; who is silent then has failed."""
    end = time.monotonic() + within
    waiting = {delivery.pk: delivery for delivery in deliveries}
    results: queue.SimpleQueue[Result] = queue.SimpleQueue()
    _begin(deliveries, results, within)
    while waiting:
        try:
            result = results.get(timeout=max(0, end - time.monotonic()))
        except queue.Empty:
            break
        del waiting[result[0].pk]
        yield result
    for delivery in waiting.values():
        words = f"No answer within {within:g} s."
        yield delivery, failed(words, delivery.channel)


def _begin(
    deliveries: Sequence[Delivery], results: queue.SimpleQueue[Result], within: float
) -> None:
    """A thread each; one that hangs is left behind, and ends with the process."""
    by_apprise = []
    for delivery in deliveries:
        kind = delivery.channel.kind
        if kind == Channel.Kind.APPRISE:
            by_apprise.append(delivery)
        else:
            _thread(_one, delivery, results, within)
    # The library is slow to load, so all of them share one process.
    if by_apprise:
        _thread(apprise_address.send, by_apprise, results, within)


def _thread(target: object, *arguments: object) -> None:
    threading.Thread(target=target, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def _one(delivery: Delivery, results: queue.SimpleQueue[Result], within: float) -> None:
    outcome = failed("It broke off.", delivery.channel)
    try:
        outcome = _WAYS[Channel.Kind(delivery.channel.kind)](delivery, within)
    finally:
        results.put((delivery, outcome))
