"""What may be set of each algorithm, in words; known without scikit-learn."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pulsar_ml.errors import BadInput

Number = int | float


class Parameter(NamedTuple):
    """One setting of an algorithm.

    Attributes
    ----------
    name : str
        As scikit-learn has it.
    default : int or float
        What it is when nothing is said; its type is that of all values.
    low, high : int or float
        The least and the largest value.
    words : str
        What it does.
    """

    name: str
    default: Number
    low: Number
    high: Number
    words: str

    @property
    def _is_whole(self) -> bool:
        """Whether only whole numbers make sense."""
        return isinstance(self.default, int)

    def read(self, text: str) -> Number:
        """Read a value that somebody has typed.

        Parameters
        ----------
        text : str
            A number.

        Returns
        -------
        int or float
            Its value.

        Raises
        ------
        BadInput
            If it is no number, or none that may be.
        """
        try:
            return self.check(int(text) if self._is_whole else float(text))
        except ValueError as error:
            raise BadInput(self._refusal(text.strip())) from error

    def check(self, value: object) -> Number:
        """Take a value that may be, and nothing else.

        Parameters
        ----------
        value : object
            What was asked for.

        Returns
        -------
        int or float
            The same.

        Raises
        ------
        BadInput
            If it is no number, or none that may be.
        """
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadInput(self._refusal(value))
        fits = isinstance(value, int) or not self._is_whole
        if not fits or not self.low <= value <= self.high:
            raise BadInput(self._refusal(value))
        return value if self._is_whole else float(value)

    def _refusal(self, value: object) -> str:
        kind = "a whole number" if self._is_whole else "a number"
        return (
            f"{self.name} is {kind} from {self.low:g} to {self.high:g},"
            f" not {value!r:.60}."
        )


# The defaults were found by cross-validation grouped by pointing, the hold-out left
# aside.
PARAMETERS: Mapping[str, tuple[Parameter, ...]] = {
    "random_forest": (
        Parameter("n_estimators", 150, 10, 2000, "Trees: more are slower and steadier"),
        Parameter(
            "min_samples_leaf", 5, 1, 1000, "Rows of a leaf: more make it smoother"
        ),
        Parameter("max_features", 4, 1, 8, "Features among which each split chooses"),
    ),
    "gradient_boosting": (
        Parameter("learning_rate", 0.03, 0.001, 1.0, "How much each tree may correct"),
        Parameter("max_iter", 300, 10, 2000, "Trees, one after the other"),
        Parameter("max_leaf_nodes", 6, 2, 255, "Leaves of each tree"),
        Parameter(
            "min_samples_leaf", 50, 1, 1000, "Rows of a leaf: more make it smoother"
        ),
        Parameter(
            "l2_regularization", 5.0, 0.0, 1000.0, "Pull of each leaf towards nothing"
        ),
    ),
    "logistic_regression": (
        Parameter("C", 0.3, 1e-4, 1e4, "Freedom: less keeps coefficients smaller"),
    ),
}


def of(algorithm: str, name: str) -> Parameter:
    """Find a parameter by its name.

    Parameters
    ----------
    algorithm : str
        One of `PARAMETERS`.
    name : str
        As scikit-learn has it.

    Returns
    -------
    Parameter
        What is known of it.

    Raises
    ------
    BadInput
        If the algorithm has no such parameter.
    """
    for parameter in PARAMETERS[algorithm]:
        if parameter.name == name:
            return parameter
    known = ", ".join(parameter.name for parameter in PARAMETERS[algorithm])
    raise BadInput(f"{algorithm} has no parameter {name!r}, but {known}.")


def candidates(search: Mapping[str, Sequence[Number]]) -> int:
    """Count the sets of parameters that a search would try.

    Parameters
    ----------
    search : mapping of str to sequence
        Values by parameter.

    Returns
    -------
    int
        Each with each; 1 where nothing is searched.
    """
    return math.prod(len(values) for values in search.values())
