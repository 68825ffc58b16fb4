"""What a treatment can be told, and how its words are read."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

from pulsar_ml.errors import BadInput

_YES = frozenset({"true", "yes", "on", "1", "in"})
_NO = frozenset({"false", "no", "off", "0", "out"})


class Option(NamedTuple):
    """One thing that a treatment can be told.

    Attributes
    ----------
    name : str
        As it is written in commands and recipes.
    kind : str
        What its value is: a flag, a number (or none), a word, or several words.
    default : bool, float, str, list of str or None
        Its value where nothing is said.
    words : str
        What it decides, for people.
    choices : tuple of str
        The only values that it may have; empty where any may be.
    """

    name: str
    kind: Literal["flag", "number", "word", "words"]
    default: bool | float | str | list[str] | None
    words: str
    choices: tuple[str, ...] = ()

    def read(self, value: object) -> Any:
        """Understand a value, be it typed or text.

        Parameters
        ----------
        value : object
            From a form, a command or a recipe.

        Returns
        -------
        bool, float, str, list of str or None
            The value, of the option's kind; its default for an empty one.

        Raises
        ------
        BadInput
            If it is none that the option can have.
        """
        if value is None or value == "":
            return self.default
        try:
            found = _READ[self.kind](value)
        except ValueError as error:
            raise BadInput(f"{self.name} is {value!r}, not a {self.kind}.") from error
        if self.choices and found not in self.choices:
            raise BadInput(
                f"{self.name} is {value!r}; it can be {', '.join(self.choices)}."
            )
        return found


def read_all(options: Iterable[Option], given: Mapping[str, object]) -> dict[str, Any]:
    """Understand everything that was said, and fill in what was not.

    Parameters
    ----------
    options : iterable of Option
        What can be told.
    given : mapping
        Values by name.

    Returns
    -------
    dict
        A value for each option, in the options' order.

    Raises
    ------
    BadInput
        If a name is unknown, or a value is none that its option can have.
    """
    by_name = {option.name: option for option in options}
    if unknown := sorted(set(given) - set(by_name)):
        raise BadInput(
            f"There is no option {unknown[0]!r}; there is {', '.join(by_name)}."
        )
    return {name: option.read(given.get(name)) for name, option in by_name.items()}


def _flag(value: object) -> bool:
    word = str(value).strip().lower()
    if word in _YES | _NO:
        return word in _YES
    raise ValueError(word)


def _number(value: object) -> float:
    number = float(str(value))
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _words(value: object) -> list[str]:
    # Commas part options from each other in commands, so that names are parted by +.
    if isinstance(value, str):
        return value.replace("+", " ").replace(",", " ").split()
    if isinstance(value, Iterable):
        return [str(word) for word in value]
    raise ValueError(value)


_READ: Mapping[str, Callable[[object], Any]] = {
    "flag": _flag,
    "number": _number,
    "word": str,
    "words": _words,
}
