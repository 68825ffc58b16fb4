"""Stop a build."""

from accounts.models import User
from monitor.stop import stop
from registry.datasets.build import tidy
from registry.models import Build


def cancel(build: Build, by: User | None) -> None:
    """Ask for the end: at once if it waits, else at its worker's next beat."""
    if stop(build, "build.cancelled", by=by, name=build.name):
        tidy(build)
