"""Hold two versions against each other, in a worker."""

from collections.abc import Callable

from registry.models import Comparison


def work(comparison: Comparison, stopping: Callable[[], bool] = lambda: False) -> None:
    """Judge both, and say whether the candidate may take the other's place."""
    raise NotImplementedError
