"""Let the labels of a file hold: all of them from one moment on, or none."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from monitor import claims, crash
from monitor.events import record
from monitor.work import ENDED, LeaseLost, State
from registry.labels.keep import AT_ONCE, patiently
from registry.models import Build, Label
from registry.models.label import LabelQuerySet, landed


def land(build: Build, came: dict[str, Any]) -> None:
    """End the build: in this moment its labels hold, however many they are.

    Readers know that by the build's row alone; the rows of the labels follow.
    """
    # Of two files of one person the earlier must be in its place.
    settle_all()
    n = build.labels.count()
    with transaction.atomic():
        if not claims.close(build, State.SUCCESS, n_done=0, n_of=n, **came):
            raise LeaseLost(f"Another worker has taken {build} over.")
        record(
            "labels.imported",
            about=str(build),
            who=build.by_id,
            survey=build.order["survey"],
            person=build.order["person"],
            rows=came["n_rows"] - came["n_rejected"],
            labels=n,
        )
    crash.at("labels.landed")
    settle_all()


def settle_all() -> None:
    """Put in their places the labels of each build that has landed."""
    for build in landed().order_by("finished_at", "pk"):
        for block in _blocks(build):
            _settle(build, block)
            crash.at("labels.settled")
        Build.objects.filter(pk=build.pk).update(n_done=F("n_of"))


def clear(build: Build) -> None:
    """Remove what came with a build and never held."""
    for block in _blocks(build):
        _coming(build).filter(pk__in=block).delete()


def clear_ended() -> None:
    """Remove what came with builds that were cancelled or failed."""
    ended = Build.objects.filter(kind=Build.Kind.LABELS, state__in=ENDED)
    left = Label.objects.filter(build=OuterRef("pk"), coming=True)
    for build in ended.exclude(state=State.SUCCESS).filter(Exists(left)):
        clear(build)


def _blocks(build: Build) -> Iterator[list[int]]:
    """Numbers of those that are coming, so many at once."""
    rows, last = _coming(build).order_by("pk").values_list("pk", flat=True), 0
    while block := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        yield block
        last = block[-1]


def _settle(build: Build, block: list[int]) -> None:
    def settle() -> None:
        # Locked: somebody else may be settling the same.
        coming = _coming(build).filter(pk__in=block).select_for_update()
        labels = list(coming.only("hash", "person"))
        words = Label.objects.filter(hash__in=[label.hash for label in labels])
        people = {label.person_id for label in labels}
        words.filter(current=True, person__in=people).update(current=None)
        coming.update(current=True, coming=None, held_at=build.finished_at)

    patiently(settle)


def _coming(build: Build) -> LabelQuerySet:
    return Label.objects.filter(build=build, coming=True)
