"""What a person should know of the files of a folder: few sentences for many files."""

import logging

from dispatch.sources.source import first

logger = logging.getLogger(__name__)


class Notes:
    """Names of files by what is said of them."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}
        self._said: list[str] = []

    def say(self, sentence: str) -> None:
        """Say something of no file in particular."""
        self._said.append(sentence)

    def add(self, what: str, name: str) -> None:
        """Say something of a file."""
        self._names.setdefault(what, []).append(printable(name))

    def sentences(self) -> list[str]:
        """What is to be said, one sentence for all files that it is said of."""
        of_files = (
            f"{what}: {first(sorted(names))}." for what, names in self._names.items()
        )
        return [*self._said, *of_files]

    def log(self) -> None:
        """Leave it in the run's log."""
        for sentence in self.sentences():
            logger.info("%s", sentence)


def printable(name: str) -> str:
    """A file's name on one line, in letters that every database takes."""
    return "".join(
        letter
        if letter.isprintable()
        else letter.encode("unicode_escape").decode("ascii")
        for letter in name
    )
