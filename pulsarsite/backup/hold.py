"""Keep out, while a back-up is made, what would take its files away."""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.timezone import now

from monitor import leases
from monitor.models import Lease
from pulsarsite.backup.errors import CannotBackUp

# Under this name prune takes its turn.
_PRUNE = "prune"
# So long a back-up that was killed keeps prune, and the next back-up, waiting.
_SECONDS = 180
_RENEW_SECONDS = 30


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Be the only back-up, or restore, of this storage; ends with the process."""
    with (root / "backup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotBackUp(
                "Another backup or restore of this site is under way."
            ) from None
        yield


class Turn:
    """That nothing is pruned; to be renewed as long as that should be so."""

    def __init__(self) -> None:
        self.until = Lease.objects.get(name=_PRUNE).until
        self.renewed = time.monotonic()

    def __call__(self) -> None:
        """Stay in turn; called wherever the work comes by."""
        if time.monotonic() - self.renewed >= _RENEW_SECONDS:
            self.renew(now())

    def renew(self, at: datetime) -> None:
        """Have it end later. Ended meanwhile, it is another's: what went is seen."""
        until = at + timedelta(seconds=_SECONDS)
        mine = Lease.objects.filter(name=_PRUNE, until=self.until)
        if mine.update(until=until):
            self.until = until
        self.renewed = time.monotonic()


@contextmanager
def no_prune(tell: Callable[[str], None]) -> Iterator[Turn]:
    """Wait for the one that is at work, and let no other begin."""
    told = False
    while True:
        with leases.hold(_PRUNE, _SECONDS) as held:
            if held:
                yield Turn()
                return
        if not told:
            tell("Waiting for manage.py prune, which is at work or was killed.")
            told = True
        time.sleep(1)
