"""What was looked at, whether it held, and what to say of it."""

from collections.abc import Callable
from typing import NamedTuple

from pulsar_ml.errors import PulsarError


class Failed(PulsarError):
    """A check does not hold; the message is meant for the owner of the file."""


class Finding(NamedTuple):
    """One check.

    Attributes
    ----------
    name : str
        What was looked at.
    ok : bool
        Whether it held.
    words : str
        What was found.
    """

    name: str
    ok: bool
    words: str


# Is told that a check begins, and what it found.
Begin = Callable[[str], object]
Tell = Callable[[Finding], object]


class Findings(list[Finding]):
    """The checks so far, each told as it ends.

    Parameters
    ----------
    begin, tell : callable
        Are told the name of a check that begins, and the finding at its end.
    """

    def __init__(self, begin: Begin, tell: Tell) -> None:
        super().__init__()
        self._begin = begin
        self._tell = tell

    @property
    def all_hold(self) -> bool:
        """Whether nothing has failed.

        Returns
        -------
        bool
            True also before the first check.
        """
        return all(finding.ok for finding in self)

    def look(self, name: str, check: Callable[[], str]) -> None:
        """Make a check.

        Parameters
        ----------
        name : str
            What is looked at.
        check : callable
            Gives what it found in words; raises `Failed` where it does not hold.
        """
        self._begin(name)
        try:
            finding = Finding(name, ok=True, words=check())
        except Failed as failed:
            finding = Finding(name, ok=False, words=str(failed))
        self.append(finding)
        self._tell(finding)
