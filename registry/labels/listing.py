"""Labels, newest first, page after page."""

from typing import NamedTuple

from monitor.place import Place
from registry.models import Label
from registry.models.label import LabelQuerySet


class Page(NamedTuple):
    """Some labels, and where the next ones begin."""

    labels: list[Label]
    older: Place | None


def page(labels: LabelQuerySet, before: Place | None, size: int) -> Page:
    """The newest of these, or the newest before a place."""
    if before:
        # Both parts on purpose: an index finds the first, the second is cheap.
        labels = labels.filter(at__lte=before.at)
        labels = labels.exclude(at=before.at, id__gte=before.id)
    newest = labels.select_related("person", "build").order_by("-at", "-pk")
    found = list(newest[: size + 1])
    shown = found[:size]
    more = len(found) > size
    return Page(shown, Place(shown[-1].at, shown[-1].pk) if more else None)
