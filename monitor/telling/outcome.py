"""What became of one try."""

from typing import NamedTuple

from monitor.models import Channel
from monitor.probes import scrub
from monitor.telling import mask

LONGEST = 300


class Outcome(NamedTuple):
    """Whether a message arrived; if not, why, in words without secrets."""

    arrived: bool
    words: str = ""
    # It wants nothing more, ever.
    gone: bool = False


ARRIVED = Outcome(arrived=True)


def failed(words: str, channel: Channel, *, gone: bool = False) -> Outcome:
    """A try that failed; what a library said may quote the address."""
    plain = " ".join(scrub.scrub(mask.scrub(words, channel)).split())
    return Outcome(arrived=False, words=plain[:LONGEST], gone=gone)
