"""Open a foreign model, in a worker's child."""

from collections.abc import Callable

from registry.models import Push


def work(push: Push, stopping: Callable[[], bool] = lambda: False) -> None:
    """Examine it; then it is a version, or quarantined with its reason."""
    raise NotImplementedError
