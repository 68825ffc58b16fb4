"""Put known pulsars under the sentinels: from then on no training may use them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from accounts.models import User
from monitor.events import record
from registry.models import Sentinel


class Known(NamedTuple):
    """A known pulsar: its row as a file or a dataset has it, and where that is."""

    name: str
    hash: str
    features: list[float]
    pointing: str = ""
    origin: str = ""


class Added(NamedTuple):
    """Names of those that are new, that came back, and that had been there."""

    new: list[str]
    back: list[str]
    there: list[str]

    def __str__(self) -> str:
        parts = (
            (self.new, "came under the sentinels"),
            (self.back, "put back"),
            (self.there, "there already"),
        )
        return ", ".join(f"{len(names):,} {what}" for names, what in parts if names)


def add(pulsars: Sequence[Known], *, note: str = "", by: User | None) -> Added:
    """Add these; whoever adds the same at the same time adds it once."""
    added = Added([], [], [])
    for pulsar in pulsars:
        where = _add(pulsar, note, by)
        added[("new", "back", "there").index(where)].append(pulsar.name)
    return added


@transaction.atomic
def _add(pulsar: Known, note: str, by: User | None) -> str:
    sentinel, is_new = Sentinel.objects.get_or_create(
        hash=pulsar.hash,
        defaults={
            "name": pulsar.name[:100],
            "features": pulsar.features,
            "pointing": pulsar.pointing,
            "origin": pulsar.origin[:200],
            "note": note,
            "added_by": by,
        },
    )
    if is_new:
        record("sentinel.added", about=sentinel.name, who=by, origin=sentinel.origin)
        return "new"
    return "back" if put_back(sentinel, by=by) else "there"


@transaction.atomic
def put_back(sentinel: Sentinel, *, by: User | None) -> bool:
    """Add one again that was taken out."""
    removed = Sentinel.objects.filter(pk=sentinel.pk, removed_at__isnull=False)
    is_back = removed.update(removed_at=None) == 1
    if is_back:
        record("sentinel.added", about=sentinel.name, who=by, how="put back")
    return is_back
