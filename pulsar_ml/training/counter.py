"""How far a step is, and where its time went."""

import time

from pulsar_ml.training.steps import Say


class Counter:
    """Counts pieces of work that are begun one after the other.

    Parameters
    ----------
    of : int
        How many there will be.
    say : callable
        See `pulsar_ml.training.steps`.

    Attributes
    ----------
    seconds : mapping of str to float
        How long the pieces took, by their words.
    """

    def __init__(self, of: int, say: Say) -> None:
        self.of = of
        self.say = say
        self.begun = 0
        self.seconds: dict[str, float] = {}
        self._last = ""
        self._since = 0.0

    def begin(self, words: str) -> None:
        """Say what is at work now; what was before is done.

        Parameters
        ----------
        words : str
            What it is.
        """
        self.end()
        self._last, self._since = words, time.monotonic()
        self.say(self.begun, self.of, words)
        self.begun += 1

    def end(self) -> None:
        """Note that the last piece is done."""
        if self._last:
            before = self.seconds.get(self._last, 0.0)
            self.seconds[self._last] = before + time.monotonic() - self._since
        self._last = ""
