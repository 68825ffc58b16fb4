"""Labelled tables as people bring them, and builds of these that have ended."""

from pathlib import Path

from monitor.models import Outbox
from pulsar_ml.tests import simulated
from registry.datasets import bring_in
from registry.datasets.ask import Brought, ask
from registry.datasets.build import build as work_on
from registry.models import Build


def table(path: Path, n: int = 40, *, seed: int = 0) -> Path:
    """Simulated candidates with labels, and their pointings beside."""
    return simulated.write(path, simulated.table(n, seed=seed))


def asked(path: Path, beside: Path | None = None, **order: object) -> Build:
    """The import of a file that nobody works on yet."""
    files = {bring_in.TABLE: Brought(path.name, path)}
    if beside:
        files[bring_in.BESIDE] = Brought(beside.name, beside)
    return ask(
        Build.Kind.IMPORT,
        name=path.name,
        order=order,
        files=files,
        by=None,
        send_it=False,
    )


def ended(build: Build) -> Build:
    """It, when it was worked on."""
    work_on(Build.objects.get(pk=build.pk))
    return Build.objects.select_related("dataset").get(pk=build.pk)


def told(*kinds: str) -> list[tuple[str, str]]:
    """Kind and thing of what was recorded of these kinds."""
    found = Outbox.objects.filter(kind__in=kinds).order_by("pk")
    return list(found.values_list("kind", "about"))


def files(folder: Path) -> list[str]:
    """What lies in a folder and below, hidden files too."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
