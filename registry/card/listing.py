"""Versions as a list shows them: with the run and the dataset of each."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator

from registry.models import Dataset, TrainingRun, Version


class Entry(NamedTuple):
    """One line of the list."""

    version: Version
    run: TrainingRun | None
    dataset: Dataset | None


def page(number: str | None, size: int) -> Page[Version]:
    """One page of all, each model's latest on top; the nearest to a number of none."""
    in_order = Version.objects.order_by("model__name", "-number")
    # Cards are long: sorted with them, all versions take ten times longer.
    pages: Paginator[Any] = Paginator(in_order.values_list("pk", flat=True), size)
    numbers = pages.get_page(number)
    known = Version.objects.newest_first().in_bulk(list(numbers.object_list))
    return Page([known[pk] for pk in numbers.object_list], numbers.number, pages)


def listed(versions: Iterable[Version]) -> list[Entry]:
    """Look up what belongs to all of them at once."""
    shown = list(versions)
    runs = TrainingRun.objects.filter(version__in=shown).select_related("experiment")
    # The first run that ended as a version made it; later ones only found it there.
    first = {run.version_id: run for run in runs.order_by("-pk")}
    hashes = {version.card["dataset"]["sha256"] for version in shown}
    datasets = {each.sha256: each for each in Dataset.objects.filter(sha256__in=hashes)}
    return [
        Entry(
            version,
            first.get(version.pk),
            datasets.get(version.card["dataset"]["sha256"]),
        )
        for version in shown
    ]
